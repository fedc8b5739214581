/* SPDX-License-Identifier: MIT */
#include "cli/dev_failures.h"

#include <string.h>

#include "cli/test_contract.h"

#define NAME_MARGIN 2 /* of a failure's first line; what it says is twice as far in */

struct reading {
	const struct cor_cli *cli;
	struct cor_dev_problems *problems;
	const char *name;             /* of the test; NULL: no failure is read */
	struct cor_dev_problem place; /* that its first line names */
	size_t first;                 /* of its problems */
};

static size_t margin_of(const char *line)
{
	return strspn(line, " ");
}

/* A request that is kept in a file, or goes before: its place says all that a name would. */
static bool is_request(const char *file)
{
	size_t len = file ? strlen(file) : 0;

	return len > 5 && strcmp(file + len - 5, ".http") == 0;
}

static bool is_of_contract(const char *file)
{
	size_t len = file ? strlen(file) : 0;

	return len > 2 && strcmp(file + len - 2, ".c") == 0 && cor_test_is_contract(file);
}

/* "  GET /books/{id}[path id]  test/test_contract.c:8" */
static void begin_failure(struct reading *reading, const char *line)
{
	const char *rest, *end = strstr(line + NAME_MARGIN, "  "), *next;

	reading->name = NULL;
	while (end && (next = strstr(end + 2, "  ")) != NULL)
		end = next;
	if (!end || !cor_dev_find_place(reading->cli, end, &reading->place, &rest))
		return;
	reading->name = cor_cli_text(
		reading->cli, "%.*s", (int)(end - line - NAME_MARGIN), line + NAME_MARGIN);
	reading->first = reading->problems->len;
}

/* Two checks of a line are one place; of generated tests all have the same, and the first tells. */
static bool is_told(const struct reading *reading, const struct cor_dev_problem *one)
{
	for (size_t i = reading->first; i < reading->problems->len; i++) {
		const struct cor_dev_problem *known = &reading->problems->items[i];
		if (known->line == one->line && strcmp(known->file, one->file) == 0)
			return true;
	}
	return false;
}

/* "    (at maximum, 9) test/test_contract.c:8: the status 404 is not declared": what is before the
   place is of the row. */
static void read_text(struct reading *reading, const char *line)
{
	const struct cor_cli *cli = reading->cli;
	struct cor_dev_problems *problems = reading->problems;
	struct cor_dev_problem one = { 0 };
	const char *rest;

	line += margin_of(line);
	if (cor_dev_find_place(cli, line, &one, &rest)) {
		const char *row = line[0] == '(' ? strstr(line, ") ") : NULL;
		one.message = cor_cli_text(cli, "%.*s%s", row ? (int)(row - line) + 2 : 0, line,
			rest + strspn(rest, ": "));
	} else if (problems->len == reading->first) {
		one = reading->place;
		one.message = line;
	} else {
		return;
	}
	if (!is_request(one.file))
		one.message = cor_cli_text(cli, "%s: %s", reading->name, one.message);
	one.has_no_source = is_of_contract(one.file);
	if (!is_told(reading, &one) && problems->len < COR_DEV_PROBLEMS_MAX)
		problems->items[problems->len++] = one;
}

static void read_line(struct reading *reading, const char *line)
{
	struct cor_dev_problems *problems = reading->problems;
	size_t margin = margin_of(line);

	if (margin == NAME_MARGIN)
		begin_failure(reading, line);
	else if (margin < NAME_MARGIN || strncmp(line + margin, "--- ", 4) == 0)
		reading->name = NULL;
	else if (reading->name && margin == 2 * NAME_MARGIN)
		read_text(reading, line);
	else if (reading->name && strncmp(line + margin, "curl ", 5) == 0 &&
		 problems->len > reading->first && !problems->items[problems->len - 1].command)
		problems->items[problems->len - 1].command = line + margin;
}

void cor_dev_find_failures(
	const struct cor_cli *cli, const char *output, struct cor_dev_problems *ret)
{
	struct reading reading = { .cli = cli, .problems = ret };

	ret->len = 0;
	for (const char *at = output; *at; at += *at == '\n') {
		size_t len = strcspn(at, "\n");
		read_line(&reading, cor_cli_text(cli, "%.*s", (int)len, at));
		at += len;
	}
	if (ret->len == 0)
		cor_dev_find_places(cli, output, ret);
}

const char *cor_dev_failure_advice(const struct cor_cli *cli, const struct cor_dev_problem *problem)
{
	if (problem->has_no_source)
		return "Mend the operation, or its table. It is tested again when that is saved.";
	return cor_cli_text(cli,
		"Mend what it tests, or the test: %s, line %u. It runs again when that is saved.",
		problem->file, problem->line);
}
