/* SPDX-License-Identifier: MIT */
/**
 * Our own rules: calls that a service's code should not make, and what to call instead.
 */
#ifndef CORACLE_LINT_MISUSE_H
#define CORACLE_LINT_MISUSE_H

#include "lint/findings.h"

/**
 * Add what is found in a source: calls by name, outside of comments and texts. A line with NOLINT
 * in it has none.
 */
void cor_misuse_find(struct cor_findings *findings, const char *path, struct cor_str source);

#endif
