/* SPDX-License-Identifier: MIT */
#include "cli/dev_mistake.h"

#include <ctype.h>
#include <string.h>

#include "cli/dev_signature.h"

/* --- texts --- */

static bool has(const char *text, const char *part)
{
	return text && strstr(text, part);
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static size_t name_len(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '_')
		len++;
	return len;
}

/* gcc's quotes depend on the locale: here all are '. */
static char *with_plain_quotes(const struct cor_cli *cli, const char *text)
{
	char *copy = cor_cli_text(cli, "%s", text ? text : ""), *to = copy;

	for (const char *from = copy; *from; to++) {
		bool is_quote = starts_with(from, "\xe2\x80\x98") ||
				starts_with(from, "\xe2\x80\x99");
		*to = is_quote ? '\'' : *from;
		from += is_quote ? 3 : 1;
	}
	*to = '\0';
	return copy;
}

/* What stands in quotes behind the mark; NULL: nothing. */
static const char *quoted(const struct cor_cli *cli, const char *text, const char *mark)
{
	const char *at = text ? strstr(text, mark) : NULL;
	const char *open = at ? strchr(at + strlen(mark), '\'') : NULL;
	const char *close = open ? strchr(open + 1, '\'') : NULL;

	return close ? cor_cli_text(cli, "%.*s", (int)(close - open - 1), open + 1) : NULL;
}

/* "use_int32_t" is "use int32_t", "path_without_COR_PATH" is "path without COR_PATH". */
static const char *words(const struct cor_cli *cli, const char *name)
{
	char *text = cor_cli_text(cli, "%.*s", (int)name_len(name), name);

	for (char *at = strchr(text, '_'); at; at = strchr(at + 1, '_')) {
		bool is_of_constant = isupper((unsigned char)at[1]) && at > text &&
				      isupper((unsigned char)at[-1]);
		bool is_of_type = strcmp(at, "_t") == 0;
		if (!is_of_constant && !is_of_type)
			*at = ' ';
	}
	return text;
}

/* Macros take the address of what they look at: "struct price *" is of a "struct price". */
static const char *pointee(const struct cor_cli *cli, const char *type)
{
	const char *of_array = strstr(type, "(*)");
	size_t len = strlen(type);

	if (of_array)
		return cor_cli_text(cli, "%.*s%s", (int)(of_array - type), type, of_array + 3);
	if (len && type[len - 1] == '*')
		len--;
	while (len && type[len - 1] == ' ')
		len--;
	return cor_cli_text(cli, "%.*s", (int)len, type);
}

/* --- mistakes --- */

/* clang tells the condition, too. */
static const char *of_assertion(const struct cor_cli *cli, const struct cor_dev_mistake *mistake)
{
	const char *message = mistake->message, *end = strrchr(message, '"'), *from = end;

	if (!has(message, "static assertion failed") && !has(message, "static_assert failed"))
		return NULL;
	while (from && from > message && from[-1] != '"')
		from--;
	if (end && from > message)
		return cor_cli_text(cli, "%.*s", (int)(end - from), from);
	from = strstr(message, "': ");
	return from ? from + 3 : NULL;
}

static const char *of_function(const struct cor_cli *cli, const struct cor_dev_mistake *mistake)
{
	const char *demand = mistake->note ? of_assertion(cli, mistake) : NULL;

	return demand ? cor_dev_signature(cli, demand, mistake->note) : NULL;
}

/* Names of types and members that are advice. */
static const char *of_name(const struct cor_cli *cli, const struct cor_dev_mistake *mistake)
{
	const char *texts[] = { mistake->message, mistake->note };
	static const char kind[] = "struct cor_no_kind_", other[] = "struct cor_",
			  key[] = "->the_key_";

	for (size_t i = 0; i < 2 && texts[i]; i++) {
		const char *at = strstr(texts[i], kind);
		if (at)
			return cor_cli_text(cli, "no row can have this type: %s",
				words(cli, at + sizeof kind - 1));
		at = strstr(texts[i], key);
		if (at)
			return words(cli, at + 2);
		at = strstr(texts[i], other);
		const char *name = at ? words(cli, at + sizeof other - 1) : "";
		if (has(name, " without ") || starts_with(name, "output is "))
			return cor_cli_text(
				cli, "%s %s", starts_with(name, "output") ? "the" : "a", name);
	}
	return NULL;
}

static const char *of_another_struct(
	const struct cor_cli *cli, const struct cor_dev_mistake *mistake)
{
	const char *is, *wanted;

	if (has(mistake->message, "->the_schema_is_of_another_struct")) {
		wanted = quoted(cli, mistake->note, "expected ");
		is = quoted(cli, mistake->note, "argument is of type ");
	} else if (has(mistake->message, "'typeof (*(")) {
		wanted = quoted(cli, mistake->message, "(aka ");
		is = quoted(cli, mistake->message, "passing ");
	} else {
		return NULL;
	}
	if (!is || !wanted)
		return "the schema is of another struct";
	is += starts_with(is, "const ") ? strlen("const ") : 0;
	return cor_cli_text(cli, "the schema is that of a %s, and this is a %s", wanted, is);
}

/* By the start of the macro's name; the type stands between the two texts. */
static const struct {
	const char *macro, *before, *after;
} needs[] = {
	{ "COR_OBJECT", "the schema is not that of the member, which is a ", "" },
	{ "COR_OPT_OBJECT", "the schema is not that of the member, which is a ", "" },
	{ "COR_COMPUTED_OBJECT", "the schema is not that of the member, which is a ", "" },
	{ "COR_EMBED", "the schema is not that of the member, which is a ", "" },
	{ "COR_BRANCH", "the schema is not that of the member, which is a ", "" },
	{ "COR_ENUM", "", " is neither an enum nor a row of struct cor_enum_name" },
	{ "COR_OPT_ENUM", "", " is neither an enum nor a row of struct cor_enum_name" },
	{ "COR_FLAGS", "", " is neither an unsigned nor a row of struct cor_enum_name" },
	{ "COR_OPT_FLAGS", "", " is neither an unsigned nor a row of struct cor_enum_name" },
	{ "COR_SCHEMA", "the rows of a table are of struct cor_field, and these of ", "" },
	{ "COR_LOCAL_SCHEMA", "the rows of a table are of struct cor_field, and these of ", "" },
	{ "COR_UNION_SCHEMA", "a union has an enum and rows of COR_BRANCH(), and no ", "" },
	{ "COR_LOCAL_UNION_SCHEMA", "a union has an enum and rows of COR_BRANCH(), and no ", "" },
};

/* Rows of a kind that the C type chooses. */
static const char *of_no_kind(const struct cor_cli *cli, const char *type)
{
	if (starts_with(type, "struct "))
		return cor_cli_text(cli,
			"a %s needs its schema: COR_OBJECT() or COR_EMBED(), not COR_FIELD()",
			type);
	return cor_cli_text(
		cli, "no row can have the type %s: docs/schema.md lists those that can", type);
}

static const char *of_generic(const struct cor_cli *cli, const struct cor_dev_mistake *mistake)
{
	const char *type = quoted(cli, mistake->message, "_Generic' selector of type ");

	if (!type)
		type = quoted(cli, mistake->message, "controlling expression type ");
	if (!type)
		return NULL;
	if (starts_with(type, "typeof"))
		type = quoted(cli, mistake->message, "(aka ");
	if (!type || !mistake->macro)
		return NULL;
	type = pointee(cli, type);
	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
		if (starts_with(mistake->macro, needs[i].macro))
			return cor_cli_text(cli, "%s%s%s", needs[i].before, type, needs[i].after);
	if (has(mistake->macro, "FIELD") || starts_with(mistake->macro, "COR_ARRAY") ||
		starts_with(mistake->macro, "COR_DICT"))
		return of_no_kind(cli, type);
	return cor_cli_text(cli, "%s() does not take the type %s", mistake->macro, type);
}

/* Rows of members that a macro declares. */
static const char *of_member(const struct cor_cli *cli, const struct cor_dev_mistake *mistake)
{
	const char *macro = mistake->macro;
	bool is_meant = macro && starts_with(macro, "COR_") &&
			(has(mistake->message, "in something not a structure or union") ||
				has(mistake->message, "is not a structure or union") ||
				has(mistake->message, "offsetof requires struct"));
	const char *wanted = !is_meant              ? NULL
			     : has(macro, "_ARRAY") ? "cor_array"
			     : has(macro, "_DICT")  ? "cor_dict"
			     : has(macro, "_OPT_")  ? "cor_opt"
						    : NULL;

	return wanted ? cor_cli_text(cli, "%s() is for a member that is a %s()", macro, wanted)
		      : NULL;
}

static const char *of_undeclared(const struct cor_cli *cli, const struct cor_dev_mistake *mistake)
{
	const char *name = NULL;

	if (has(mistake->message, "has initializer but incomplete type"))
		name = quoted(cli, mistake->message, "variable ");
	else if (has(mistake->message, "incomplete definition of type 'union "))
		name = quoted(cli, mistake->message, "definition of type ");
	if (!name || !has(mistake->macro, "_SCHEMA"))
		return NULL;
	name += starts_with(name, "union ") ? strlen("union ") : 0;
	return cor_cli_text(cli,
		"%s is not declared: COR_DECLARE_SCHEMA(%s, struct ...) comes first, or COR_LOCAL_SCHEMA() "
		"in its place",
		name, name);
}

const char *cor_dev_sentence(const struct cor_cli *cli, const struct cor_dev_mistake *mistake)
{
	static const char *(*const known[])(
		const struct cor_cli *, const struct cor_dev_mistake *) = { of_function,
		of_assertion, of_name, of_another_struct, of_generic, of_member, of_undeclared };
	const struct cor_dev_mistake plain = {
		.message = with_plain_quotes(cli, mistake->message),
		.macro = mistake->macro,
		.note = with_plain_quotes(cli, mistake->note),
	};
	const char *sentence = NULL;

	for (size_t i = 0; i < sizeof known / sizeof known[0] && !sentence; i++)
		sentence = known[i](cli, &plain);
	return sentence ? sentence : mistake->message;
}
