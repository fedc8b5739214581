/* SPDX-License-Identifier: MIT */
/** The report for people. */
#ifndef CORACLE_COVERAGE_TABLE_H
#define CORACLE_COVERAGE_TABLE_H

#include "base/buffer.h"
#include "coverage/counts.h"
#include "coverage/options.h"

/** The table of pytest-cov's term-missing: Name, Stmts, Miss, Branch, BrPart, Cover, Missing. */
void cor_cover_table(const struct cor_coverage *coverage, const struct cor_cover_options *options,
	struct cor_buffer *buffer);

#endif
