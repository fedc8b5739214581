/* SPDX-License-Identifier: MIT */
/**
 * Lines that need not run, because the source says so:
 *
 *     abort(); // pragma: no cover
 *     if (is_broken) { // pragma: no cover: the whole block
 *
 * Also LCOV_EXCL_LINE, LCOV_EXCL_START and LCOV_EXCL_STOP, which other tools read, and
 * "pragma: no branch", which keeps a line and drops its branches.
 */
#ifndef CORACLE_COVERAGE_EXCLUSIONS_H
#define CORACLE_COVERAGE_EXCLUSIONS_H

#include <regex.h>

#include "coverage/counts.h"

/** Mark them by the file's text; also lines and blocks that `more` matches (NULL: none). */
void cor_cover_exclude(struct cor_file_counts *file, const regex_t *more);

/** Leave the statements of these lines alone, where `keeps` is true: of lines that changed, say. */
void cor_cover_keep(struct cor_file_counts *file, const bool *keeps, size_t len);

#endif
