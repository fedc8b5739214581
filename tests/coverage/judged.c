/* SPDX-License-Identifier: MIT */
/*
 * Figures for a judge: each line of standard input is a case, and gets a line on standard output.
 *   percent PRECISION STATEMENTS MISSED BRANCHES BRANCHES_MISSED
 *   under PRECISION WANTED PERCENT
 *   lines LAST STATEMENT ... / MISSING ...
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage/figures.h"

static void percent(char *text)
{
	char shown[COR_COVER_PERCENT_BYTES];
	unsigned precision = (unsigned)strtoul(text, &text, 10);
	struct cor_cover_figures figures = { 0 };

	figures.statements = strtoull(text, &text, 10);
	figures.missed = strtoull(text, &text, 10);
	figures.branches = strtoull(text, &text, 10);
	figures.branches_missed = strtoull(text, &text, 10);
	cor_cover_percent_print(cor_cover_percent(&figures, true), precision, shown);
	puts(shown);
}

static void under(char *text)
{
	unsigned precision = (unsigned)strtoul(text, &text, 10);
	double wanted = strtod(text, &text), all = strtod(text, &text);

	puts(cor_cover_is_under(all, wanted, precision) ? "True" : "False");
}

static void lines(char *text)
{
	size_t len = strtoul(text, &text, 10) + 1;
	struct cor_line_counts *counts = calloc(len, sizeof *counts);
	struct cor_file_counts file = { .lines = counts, .lines_len = len };
	struct cor_buffer buffer = { 0 };
	char *slash = strchr(text, '/'), *end;

	if (!counts || !slash)
		exit(1);
	for (size_t at = strtoul(text, &end, 10); end != text; at = strtoul(text, &end, 10)) {
		counts[at] = (struct cor_line_counts){ .is_statement = true, .count = 1 };
		text = end;
	}
	text = slash + 1;
	for (size_t at = strtoul(text, &end, 10); end != text; at = strtoul(text, &end, 10)) {
		counts[at].count = 0;
		text = end;
	}
	cor_cover_missing(&file, false, &buffer);
	printf("%.*s\n", (int)buffer.len, buffer.len ? buffer.data : "");
	cor_buffer_finish(&buffer);
	free(counts);
}

int main(void)
{
	static char line[65536];

	while (fgets(line, sizeof line, stdin)) {
		if (strncmp(line, "percent ", 8) == 0)
			percent(line + 8);
		else if (strncmp(line, "under ", 6) == 0)
			under(line + 6);
		else if (strncmp(line, "lines ", 6) == 0)
			lines(line + 6);
	}
	return 0;
}
