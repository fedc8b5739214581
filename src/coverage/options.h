/* SPDX-License-Identifier: MIT */
/** What all reports of a coverage are told. Each is appended to a buffer. */
#ifndef CORACLE_COVERAGE_OPTIONS_H
#define CORACLE_COVERAGE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct cor_cover_options {
	bool with_branches;
	bool skips_covered; /* files of which nothing is missing have no row */
	unsigned precision; /* decimals of percentages */
	const char *root;   /* the folder that paths start from; for Cobertura */
	int64_t time_s;     /* when it was measured */
};

#endif
