/* SPDX-License-Identifier: MIT */
#include "cli/dev_report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/dev_page.h"
#include "cli/files.h"
#include "json/writer.h"

#define AROUND 5

void cor_dev_read_excerpt(
	const struct cor_cli *cli, const char *file, unsigned line, struct cor_dev_excerpt *ret)
{
	struct cor_str text;
	unsigned number = 1;

	*ret = (struct cor_dev_excerpt){ .first = line > AROUND ? line - AROUND : 1 };
	if (!file || !cor_cli_exists(file) || cor_cli_read_file(cli, file, &text) != COR_CLI_OK)
		return;
	const char *at = text.data, *all = text.data + text.len;
	for (; at < all && number <= line + AROUND; number++) {
		const char *end = memchr(at, '\n', (size_t)(all - at));
		if (!end)
			end = all;
		if (number >= ret->first)
			ret->lines[ret->len++] = cor_cli_text(cli, "%.*s", (int)(end - at), at);
		at = end + 1;
	}
	if (number <= line)
		ret->len = 0;
}

/* --- the terminal --- */

static void print_excerpt(const struct cor_cli *cli, const struct cor_dev_problem *problem)
{
	struct cor_dev_excerpt excerpt;

	cor_dev_read_excerpt(cli, problem->file, problem->line, &excerpt);
	for (size_t i = 0; i < excerpt.len; i++) {
		unsigned number = excerpt.first + (unsigned)i;
		bool is_marked = number == problem->line;
		if (number + 2 < problem->line || number > problem->line + 2)
			continue;
		fprintf(stderr, "%s%s %5u | %s%s\n", cli->has_colour && is_marked ? "\033[1m" : "",
			is_marked ? ">" : " ", number, excerpt.lines[i],
			cli->has_colour && is_marked ? "\033[0m" : "");
	}
}

/* The compiler has shown its lines itself; of a macro so many that the one that counts is lost. */
static void print(const struct cor_cli *cli, const struct cor_dev_report *report)
{
	const struct cor_dev_problems *problems = &report->problems;

	cor_cli_fail(cli, COR_CLI_NO, "%s", report->title);
	for (size_t i = 0; i < problems->len; i++) {
		const struct cor_dev_problem *problem = &problems->items[i];
		if (problem->file)
			fprintf(stderr, "  %s:%u: %s\n", problem->file, problem->line,
				problem->message);
		if (problem->command)
			fprintf(stderr, "    %s\n", problem->command);
		if (i == 0 && !problem->has_no_source &&
			(report->kind != COR_DEV_BUILD || problem->is_in_macro))
			print_excerpt(cli, problem);
	}
	if (report->stack)
		fputs(report->stack, stderr);
	cor_cli_say(cli, "%s", report->todo);
	if (report->serves)
		cor_cli_say(cli, "%s", report->serves);
}

/* --- the folder --- */

static const char *within(const struct cor_cli *cli, const char *folder, const char *name)
{
	return cor_cli_text(cli, "%s/%s", folder, name);
}

static const char *summary(const struct cor_cli *cli, const struct cor_dev_report *report)
{
	const struct cor_dev_problem *first = report->problems.items;

	if (report->problems.len == 0)
		return report->title;
	if (!first->file)
		return cor_cli_text(cli, "%s: %s", report->title, first->message);
	return cor_cli_text(
		cli, "%s: %s:%u: %s", report->title, first->file, first->line, first->message);
}

/* RFC 9457. */
static void write_problem(
	const struct cor_cli *cli, const struct cor_dev_report *report, struct cor_buffer *out)
{
	cor_buffer_literal(out, "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\","
				"\"status\":503,\"detail\":");
	cor_json_write_string(out, cor_str(summary(cli, report)));
	cor_buffer_literal(out, "}\n");
}

static void replace(const struct cor_cli *cli, const char *path, struct cor_buffer *text)
{
	(void)cor_cli_replace_file(cli, path, cor_cli_take(cli, text));
}

/* The state comes last: who sees it finds the page of it. */
void cor_dev_tell(
	const struct cor_cli *cli, const char *folder, const struct cor_dev_report *report)
{
	struct cor_buffer page = { 0 }, problem = { 0 }, state = { 0 };

	if (report->kind == COR_DEV_NOTHING) {
		unlink(within(cli, folder, "page.html"));
		unlink(within(cli, folder, "problem.json"));
	} else {
		print(cli, report);
		cor_dev_write_page(cli, report, &page);
		write_problem(cli, report, &problem);
		replace(cli, within(cli, folder, "page.html"), &page);
		replace(cli, within(cli, folder, "problem.json"), &problem);
	}
	cor_buffer_printf(&state, "{\"state\":%u}\n", report->state);
	replace(cli, within(cli, folder, "state.json"), &state);
}
