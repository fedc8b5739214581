/* SPDX-License-Identifier: MIT */
/** What was found before and is known: a file of prints, for people who begin with findings. */
#ifndef CORACLE_LINT_BASELINE_H
#define CORACLE_LINT_BASELINE_H

#include "base/buffer.h"
#include "lint/findings.h"

/** Append the text of a baseline with all findings, a line each. */
void cor_baseline_write(const struct cor_findings *findings, struct cor_buffer *buffer);

/**
 * Mark those that a baseline has; *ret_gone is how many it has that are no more, of the tools that
 * ran (NULL behind the last). Returns 0, -ENOMEM, or -COR_ESYNTAX: it is no baseline.
 */
int cor_baseline_read(struct cor_findings *findings, const char *const *tools, struct cor_str text,
	size_t *ret_gone) COR_CHECKED;

#endif
