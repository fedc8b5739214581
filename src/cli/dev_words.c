/* SPDX-License-Identifier: MIT */
#include "cli/dev_words.h"

#include <ctype.h>
#include <string.h>

#include <coracle/json_node.h>

#include "cli/files.h"

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* --- the reason --- */

static const char *member(const struct cor_cli *cli, const struct cor_node *line, const char *key)
{
	struct cor_str text;

	if (cor_node_to_text(cor_node_get(line, key), &text) < 0)
		return "";
	return cor_cli_text(cli, "%.*s", (int)text.len, text.data);
}

/* {"time":...,"level":"error","process":"master","message":...} */
static const char *of_json(const struct cor_cli *cli, const char *text, bool *ret_is_of_master)
{
	struct cor_node *line;

	if (text[0] != '{' || cor_node_parse(cli->arena, cor_str(text), NULL, &line, NULL) < 0 ||
		strcmp(member(cli, line, "level"), "error") != 0)
		return NULL;
	*ret_is_of_master = strcmp(member(cli, line, "process"), "master") == 0;
	return member(cli, line, "message");
}

/* 2026-11-30T14:21:33.491Z error master[4834] ... */
static const char *of_text(const char *line, bool *ret_is_of_master)
{
	size_t len = strcspn(line, " ");

	if (!isdigit((unsigned char)line[0]) || !starts_with(line + len, " error "))
		return NULL;
	line += len + strlen(" error ");
	*ret_is_of_master = starts_with(line, "master[");
	if (*ret_is_of_master || starts_with(line, "worker["))
		line += strcspn(line, " ");
	return line + strspn(line, " ");
}

/* What it refuses before it has a log. */
static const char *of_plain(const char *line, const char *name)
{
	size_t len = strlen(name);
	bool is_its = starts_with(line, name) && starts_with(line + len, ": ");

	return is_its && !starts_with(line + len, ": warning: ") ? line + len + 2 : NULL;
}

const char *cor_dev_last_words(const struct cor_cli *cli, const char *name, const char *output)
{
	const char *last = NULL;
	bool is_in_a_row = false;

	for (size_t len; *output; output += len + (output[len] == '\n')) {
		len = strcspn(output, "\n");
		const char *line = cor_cli_text(cli, "%.*s", (int)len, output);
		const char *plain = of_plain(line, name);
		bool is_of_master = false;
		const char *logged = of_json(cli, line, &is_of_master);
		if (!logged)
			logged = of_text(line, &is_of_master);
		if (plain && !is_in_a_row)
			last = plain;
		is_in_a_row = plain != NULL;
		bool is_echo = is_of_master && logged &&
			       (starts_with(logged, "worker ") ||
				       starts_with(logged, "no worker came up"));
		if (logged && !is_echo)
			last = logged;
	}
	return last && last[0] ? last : NULL;
}

/* --- its place --- */

static bool is_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The next place of a word; `from` is in the text. */
static const char *find_word(const char *text, const char *from, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(from, word); at; at = strstr(at + 1, word)) {
		bool begins = at == text || !is_of_name(word[0]) || !is_of_name(at[-1]);
		if (begins && !(is_of_name(word[len - 1]) && is_of_name(at[len])))
			return at;
	}
	return NULL;
}

static bool has_part(const char *text, size_t len, const char *part)
{
	return memmem(text, len, part, strlen(part)) != NULL;
}

/*
 * COR_SCHEMA(book_schema, ...) and its kind define one; others only name it, as COR_SETTINGS() and
 * COR_MESSAGES() do, and COR_DECLARE_SCHEMA().
 */
static bool is_definition(const char *macro, size_t len, bool is_of_schema)
{
	if (len < 4 || !starts_with(macro, "COR_") || has_part(macro, len, "_DECLARE_"))
		return false;
	return !is_of_schema || (len > 7 && memcmp(macro + len - 7, "_SCHEMA", 7) == 0);
}

/* Our macro that defines the name. */
static const char *find_macro(const char *text, const char *name, bool is_of_schema)
{
	for (const char *at = find_word(text, text, name); at; at = find_word(text, at + 1, name)) {
		const char *open = at, *end;
		while (open > text && isspace((unsigned char)open[-1]))
			open--;
		if (open == text || *--open != '(')
			continue;
		for (end = open; open > text && is_of_name(open[-1]); open--)
			;
		if (is_definition(open, (size_t)(end - open), is_of_schema))
			return at;
	}
	return NULL;
}

/* A row, from here to the end of the table: by its member, or by its key. */
static const char *find_row(
	const struct cor_cli *cli, const char *text, const char *from, const char *row)
{
	const char *end = strstr(from, "\n};");
	const char *key = find_word(text, from, cor_cli_text(cli, "\"%s\"", row));

	for (const char *at = find_word(text, from, row); at && (!end || at < end);
		at = find_word(text, at + 1, row)) {
		const char *before = at;
		while (isspace((unsigned char)before[-1]))
			before--;
		if (before[-1] == ',' && strchr(",)", at[strlen(row)]))
			return at;
	}
	return key && (!end || key < end) ? key : NULL;
}

/* The rows of a table: one of the names that follow its own. */
static const char *find_rows(const struct cor_cli *cli, const char *text, const char *schema)
{
	for (const char *at = schema + strcspn(schema, ",);"); *at == ',';
		at += strcspn(at, ",);")) {
		at += 1 + strspn(at + 1, " \t\n");
		size_t len = strcspn(at, ",); ");
		const char *rows = strstr(text, cor_cli_text(cli, " %.*s[", (int)len, at));
		if (rows)
			return rows;
	}
	return NULL;
}

struct sought {
	const char *name, *row; /* row: "": none */
	bool is_schema;
};

/* Where a file declares it; *ret_label says what was found. */
static const char *find_in(const struct cor_cli *cli, const char *text, const struct sought *sought,
	const char **ret_label)
{
	const char *name = sought->name, *at;

	if (name[0] == '/')
		at = strstr(text, cor_cli_text(cli, "\"%s\"", name));
	else
		at = name[0] == '.' ? strstr(text, name)
				    : find_macro(text, name, sought->is_schema);
	const char *rows = at && sought->row[0] ? find_rows(cli, text, at) : NULL;
	const char *row = rows ? find_row(cli, text, rows, sought->row) : NULL;

	*ret_label = row ? cor_cli_text(cli, "row %s of %s", sought->row, name)
			 : cor_cli_text(cli, "%s", name);
	return row ? row : at;
}

static const char **list_sources(const struct cor_cli *cli)
{
	const char **paths;

	cor_cli_list_files(cli, cor_cli_exists("main") ? "main" : ".", "", ".c", &paths);
	return paths;
}

/* "": it cannot be read. */
static const char *read_source(const struct cor_cli *cli, const char *path)
{
	struct cor_str file;

	if (cor_cli_read_file(cli, path, &file) != COR_CLI_OK)
		return "";
	return cor_cli_text(cli, "%.*s", (int)file.len, file.data);
}

static bool find_once(
	const struct cor_cli *cli, const struct sought *sought, struct cor_dev_problem *ret)
{
	for (const char **paths = list_sources(cli); *paths; paths++) {
		const char *text = read_source(cli, *paths);
		const char *at = find_in(cli, text, sought, &ret->message);
		if (!at)
			continue;
		ret->file = cor_dev_own_file(cli, *paths);
		ret->line = 1;
		for (const char *c = text; c < at; c++)
			ret->line += *c == '\n';
		return ret->file != NULL;
	}
	return false;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Its definition as a schema, wherever that is, before anything else that a macro of ours has. */
static bool find_in_files(
	const struct cor_cli *cli, const struct sought *sought, struct cor_dev_problem *ret)
{
	struct sought schema = *sought;

	schema.is_schema = true;
	if (is_of_name(sought->name[0]) && find_once(cli, &schema, ret))
		return true;
	return !ends_with(sought->name, "_schema") && find_once(cli, sought, ret);
}

/* A setting that .env has: SHOP_HTTP. */
static bool find_setting(const struct cor_cli *cli, const char *name, struct cor_dev_problem *ret)
{
	struct cor_str file;

	if (!cor_cli_exists(".env") || cor_cli_read_file(cli, ".env", &file) != COR_CLI_OK)
		return false;
	const char *text = cor_cli_text(cli, "\n%.*s", (int)file.len, file.data);
	const char *at = strstr(text, cor_cli_text(cli, "\n%s=", name));
	if (!at)
		return false;
	*ret = (struct cor_dev_problem){ .file = ".env", .message = name };
	for (const char *c = text; c <= at; c++)
		ret->line += *c == '\n';
	return true;
}

/*
 * "office_key is required: give it as ...": its row in the table of a service's settings, which
 * COR_SETTINGS() names.
 */
static bool find_required(
	const struct cor_cli *cli, const char *reason, struct cor_dev_problem *ret)
{
	static const char mark[] = "COR_SETTINGS(";
	const char *end = strstr(reason, " is required: give ");
	const char *key = end ? cor_cli_text(cli, "%.*s", (int)(end - reason), reason) : NULL;

	for (const char **paths = list_sources(cli); key && *paths; paths++) {
		const char *at = read_source(cli, *paths);
		while ((at = strstr(at, mark))) {
			at += strlen(mark);
			const char *name = cor_cli_text(cli, "%.*s", (int)strcspn(at, ")"), at);
			const struct sought sought = { .name = name, .row = key };
			if (find_in_files(cli, &sought, ret) && starts_with(ret->message, "row "))
				return true;
		}
	}
	return false;
}

/* A name, or a path; what stands between is passed. */
static const char *next_name(const struct cor_cli *cli, const char **at)
{
	size_t len = 0;

	while (**at && !is_of_name(**at) && **at != '/')
		++*at;
	if (**at == '/')
		len = strcspn(*at, " :,;\"");
	else
		while (is_of_name((*at)[len]))
			len++;
	const char *name = len ? cor_cli_text(cli, "%.*s", (int)len, *at) : NULL;
	*at += len;
	return name;
}

bool cor_dev_find_declared(
	const struct cor_cli *cli, const char *reason, struct cor_dev_problem *ret)
{
	const char *row = strstr(reason, "row "), *at = reason, *name;
	const char *hook = strstr(reason, "start hook") ? ".start = " : ".prepare = ";
	struct sought sought = { .row = "" };

	*ret = (struct cor_dev_problem){ 0 };
	if (find_required(cli, reason, ret))
		return true;
	*ret = (struct cor_dev_problem){ 0 };
	if (row)
		sought.row = cor_cli_text(cli, "%.*s", (int)strcspn(row + 4, " :,"), row + 4);
	while ((name = next_name(cli, &at))) {
		sought.name = name;
		if (find_setting(cli, name, ret) || find_in_files(cli, &sought, ret))
			return true;
	}
	sought = (struct sought){ .name = hook, .row = "" };
	return strstr(reason, " hook ") && find_in_files(cli, &sought, ret);
}

/*
 * "give it as --office-key, as SHOP_OFFICE_KEY, or as ...": the last one in capitals, since the
 * file of a secret comes before it.
 */
const char *cor_dev_required_variable(const struct cor_cli *cli, const char *reason)
{
	const char *at = strstr(reason, " is required: give "), *variable = NULL;

	while (at && (at = strstr(at, " as "))) {
		at += strlen(" as ");
		size_t len = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		if (len && at[len] == ',')
			variable = cor_cli_text(cli, "%.*s", (int)len, at);
	}
	return variable;
}
