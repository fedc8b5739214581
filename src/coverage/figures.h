/* SPDX-License-Identifier: MIT */
/**
 * What counts come to: percentages and missing lines, by the rules of Python's coverage, which its
 * users know: a figure is never rounded to 100 or to 0 unless it is that, and lines without code do
 * not end a range of missing ones.
 */
#ifndef CORACLE_COVERAGE_FIGURES_H
#define CORACLE_COVERAGE_FIGURES_H

#include "base/buffer.h"
#include "coverage/counts.h"

struct cor_cover_figures {
	uint64_t statements, missed;
	uint64_t branches, branches_missed;
	uint64_t partial; /* branches that were not taken of lines that ran */
};

/** Of a file; those of excluded lines do not count. */
struct cor_cover_figures cor_cover_figures_of(const struct cor_file_counts *file);

void cor_cover_figures_add(struct cor_cover_figures *sum, const struct cor_cover_figures *more);

/** In a hundred; branches count as statements do, where `with_branches`. 100 of nothing. */
double cor_cover_percent(const struct cor_cover_figures *figures, bool with_branches);

#define COR_COVER_PERCENT_BYTES 32

/** The same as it is shown, with that many decimals, 9 at most. */
void cor_cover_percent_print(double percent, unsigned precision, char out[COR_COVER_PERCENT_BYTES]);

/** Whether it is less than is wanted, as it is shown; to want 100 is to want all. */
bool cor_cover_is_under(double percent, double wanted, unsigned precision);

/**
 * Append what is missing: "1-2, 5-11, 13". Where `with_branches`, also lines that ran and whose
 * branches were not all taken, with how many of them were: "7 (1/2)".
 */
void cor_cover_missing(
	const struct cor_file_counts *file, bool with_branches, struct cor_buffer *buffer);

#endif
