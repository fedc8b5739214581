/* SPDX-License-Identifier: MIT */
#include "cli/dev_signature.h"

#include <string.h>

#define ARGUMENTS_MAX 8 /* a fifth is more than any of our macros wants */

struct signature {
	const char *text;
	const char *result; /* with the name, if the text has one */
	const char *arguments[ARGUMENTS_MAX];
	size_t len;
};

/* What gcc and clang say before the two types. */
static const char *const wanted_marks[] = { "initialization of '", "initializing '" };
static const char *const actual_marks[] = { "incompatible pointer type '", "expression of type '" };

bool cor_dev_tells_types(const char *line)
{
	const char *type = strstr(line, "incompatible function pointer types initializing ");

	if (!type && strstr(line, "incompatible pointer type"))
		type = strstr(line, "initialization of ");
	return type && strstr(type, "_type_"); /* of our macro, and no pointer of the user's */
}

/* A type in quotes; what it is an alias of stands behind it: {aka '...'}, or (aka '...'). */
static const char *type_at(const struct cor_cli *cli, const char *text, const char *const *marks)
{
	const char *from = strstr(text, marks[0]);
	size_t mark_len = strlen(marks[from ? 0 : 1]);

	from = from ? from : strstr(text, marks[1]);
	if (!from)
		return NULL;
	from += mark_len;
	size_t len = strcspn(from, "'");
	if (strncmp(from + len, "' {aka '", 8) == 0 || strncmp(from + len, "' (aka '", 8) == 0) {
		from += len + 8;
		len = strcspn(from, "'");
	}
	return cor_cli_text(cli, "%.*s", (int)len, from);
}

static const char *trimmed(const struct cor_cli *cli, const char *from, const char *end)
{
	while (from < end && *from == ' ')
		from++;
	while (end > from && end[-1] == ' ')
		end--;
	return cor_cli_text(cli, "%.*s", (int)(end - from), from);
}

/* "int (*)(struct cor_ctx *, const struct ref *)", "int (void)" or "int get_book(...)". */
static bool split(const struct cor_cli *cli, const char *text, struct signature *ret)
{
	const char *open = text ? strchr(text, '(') : NULL, *from, *at;
	int depth = 0;

	*ret = (struct signature){ .text = text };
	if (!open)
		return false;
	ret->result = trimmed(cli, text, open);
	if (open[1] == '*' && !(open = strstr(open, ")(")))
		return false;
	from = open + (*open == ')') + 1;
	if (strncmp(from, "void)", 5) == 0)
		return true;
	for (at = from; *at && depth >= 0; at++) {
		depth += (*at == '(') - (*at == ')');
		if (depth > 0 || (depth == 0 && *at != ','))
			continue;
		if (ret->len == ARGUMENTS_MAX)
			return false;
		ret->arguments[ret->len++] = trimmed(cli, from, at);
		from = at + 1;
	}
	return depth < 0;
}

/* "const (the type of ref_schema) *": ", the type of ref_schema". */
static const char *origin(const struct cor_cli *cli, const char *argument)
{
	const char *from = strstr(argument, "(the type of ");

	return from ? cor_cli_text(cli, ", %.*s", (int)strcspn(from + 1, ")"), from + 1) : "";
}

static void add(const struct cor_cli *cli, const char **text, const char *more)
{
	*text = **text ? cor_cli_text(cli, "%s; %s", *text, more) : more;
}

/* Of arguments that are more or fewer, which one is wrong is not known. */
static void compare_arguments(const struct cor_cli *cli, const struct signature *actual,
	const struct signature *wanted, const struct signature *demand, const char **text)
{
	static const char *const ordinals[ARGUMENTS_MAX] = { "first", "second", "third", "fourth",
		"fifth", "sixth", "seventh", "eighth" };

	if (actual->len != wanted->len) {
		add(cli, text,
			cor_cli_text(cli, "it has %zu argument%s, and must have %zu: %s",
				actual->len, actual->len == 1 ? "" : "s", wanted->len,
				demand->text));
		return;
	}
	for (size_t i = 0; i < actual->len; i++) {
		if (strcmp(actual->arguments[i], wanted->arguments[i]) == 0)
			continue;
		add(cli, text,
			cor_cli_text(cli, "its %s argument is %s; it must be %s%s", ordinals[i],
				actual->arguments[i], wanted->arguments[i],
				i < demand->len ? origin(cli, demand->arguments[i]) : ""));
	}
}

const char *cor_dev_signature(const struct cor_cli *cli, const char *demand, const char *types)
{
	const char *must_be = strstr(demand, "must be "), *text = "";
	struct signature actual, wanted, spelt;

	if (!must_be || !split(cli, type_at(cli, types, wanted_marks), &wanted) ||
		!split(cli, type_at(cli, types, actual_marks), &actual) ||
		!split(cli, must_be + strlen("must be "), &spelt))
		return NULL;
	if (strcmp(actual.result, wanted.result) != 0)
		text = cor_cli_text(
			cli, "its result is %s; it must be %s", actual.result, wanted.result);
	compare_arguments(cli, &actual, &wanted, &spelt, &text);
	const char *name = strrchr(spelt.result, ' ');
	return name && text[0] ? cor_cli_text(cli, "%.*s%s: %s", (int)(must_be - demand), demand,
					 name + 1, text)
			       : NULL;
}
