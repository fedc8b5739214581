/* SPDX-License-Identifier: MIT */
#include "coverage/figures.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool counts(const struct cor_line_counts *line)
{
	return line->is_statement && !line->is_excluded;
}

static uint64_t untaken(const struct cor_line_counts *line)
{
	uint64_t untaken = 0;

	for (size_t i = 0; i < line->branches_len; i++)
		untaken += line->branches[i] == 0;
	return untaken;
}

struct cor_cover_figures cor_cover_figures_of(const struct cor_file_counts *file)
{
	struct cor_cover_figures figures = { 0 };

	for (size_t i = 0; i < file->lines_len; i++) {
		const struct cor_line_counts *line = &file->lines[i];
		if (!counts(line))
			continue;
		figures.statements++;
		figures.missed += line->count == 0;
		figures.branches += line->branches_len;
		figures.branches_missed += untaken(line);
		figures.partial += line->count ? untaken(line) : 0;
	}
	return figures;
}

void cor_cover_figures_add(struct cor_cover_figures *sum, const struct cor_cover_figures *more)
{
	sum->statements += more->statements;
	sum->missed += more->missed;
	sum->branches += more->branches;
	sum->branches_missed += more->branches_missed;
	sum->partial += more->partial;
}

double cor_cover_percent(const struct cor_cover_figures *figures, bool with_branches)
{
	uint64_t all = figures->statements + (with_branches ? figures->branches : 0);
	uint64_t missed = figures->missed + (with_branches ? figures->branches_missed : 0);

	return all == 0 ? 100 : 100 * (double)(all - missed) / (double)all;
}

/* To the nearest decimal, as it is printed. */
static double rounded(double percent, unsigned precision)
{
	char text[COR_COVER_PERCENT_BYTES];

	snprintf(text, sizeof text, "%.*f", (int)precision, percent);
	return strtod(text, NULL);
}

void cor_cover_percent_print(double percent, unsigned precision, char out[COR_COVER_PERCENT_BYTES])
{
	double least = pow(10, -(double)precision), shown = rounded(percent, precision);

	if (percent > 0 && shown < least)
		shown = least;
	if (percent < 100 && shown > 100 - least)
		shown = 100 - least;
	snprintf(out, COR_COVER_PERCENT_BYTES, "%.*f", (int)precision, shown);
}

bool cor_cover_is_under(double percent, double wanted, unsigned precision)
{
	if (wanted >= 100)
		return percent < 100;
	return rounded(percent, precision) < wanted;
}

static void comma(struct cor_buffer *buffer, size_t before)
{
	if (buffer->len > before)
		cor_buffer_append_str(buffer, COR_STR(", "));
}

void cor_cover_missing(
	const struct cor_file_counts *file, bool with_branches, struct cor_buffer *buffer)
{
	size_t begin = 0, end = 0, before = buffer->len;

	for (size_t i = 0; i <= file->lines_len; i++) {
		const struct cor_line_counts *line = i < file->lines_len ? &file->lines[i] : NULL;
		if (line && !counts(line))
			continue;
		if (line && line->count == 0) {
			begin = begin ? begin : i;
			end = i;
			continue;
		}
		if (begin) {
			comma(buffer, before);
			cor_buffer_printf(buffer, begin == end ? "%zu" : "%zu-%zu", begin, end);
			begin = 0;
		}
		if (line && with_branches && untaken(line)) {
			comma(buffer, before);
			cor_buffer_printf(buffer, "%zu (%" PRIu64 "/%zu)", i,
				line->branches_len - untaken(line), line->branches_len);
		}
	}
}
