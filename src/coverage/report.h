/* SPDX-License-Identifier: MIT */
/**
 * Reports of a coverage: for people, and in the formats that other tools read. Each is appended to a
 * buffer, whose errors are sticky. The coverage is sorted.
 */
#ifndef CORACLE_COVERAGE_REPORT_H
#define CORACLE_COVERAGE_REPORT_H

#include "base/buffer.h"
#include "coverage/counts.h"

struct cor_cover_options {
	bool with_branches;
	bool skips_covered; /* files of which nothing is missing have no row */
	unsigned precision; /* decimals of percentages */
	const char *root;   /* the folder that paths start from; for Cobertura */
	int64_t time_s;     /* when it was measured */
};

/** The table of pytest-cov's term-missing: Name, Stmts, Miss, Branch, BrPart, Cover, Missing. */
void cor_cover_table(const struct cor_coverage *coverage, const struct cor_cover_options *options,
	struct cor_buffer *buffer);

/** Percentages and missing lines of each file, and of all. */
void cor_cover_json(const struct cor_coverage *coverage, const struct cor_cover_options *options,
	struct cor_buffer *buffer);

/** lcov's tracefile (geninfo(1)), which many tools read. */
void cor_cover_lcov(const struct cor_coverage *coverage, struct cor_buffer *buffer);

/** Cobertura's XML (coverage-04.dtd). */
void cor_cover_cobertura(const struct cor_coverage *coverage,
	const struct cor_cover_options *options, struct cor_buffer *buffer);

/** Sonar's generic test coverage (sonar.coverageReportPaths). */
void cor_cover_sonar(const struct cor_coverage *coverage, struct cor_buffer *buffer);

/** The page of a file: its source, with what ran. `name` is that of the page of the table. */
void cor_cover_file_page(const struct cor_file_counts *file,
	const struct cor_cover_options *options, struct cor_buffer *buffer);

/** The page with the table, and the name of the page of a file: "main_service_shelf.c.html". */
void cor_cover_index_page(const struct cor_coverage *coverage,
	const struct cor_cover_options *options, struct cor_buffer *buffer);
void cor_cover_page_name(const struct cor_file_counts *file, struct cor_buffer *buffer);

#endif
