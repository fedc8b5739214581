/* SPDX-License-Identifier: MIT */
/** Reports of findings. Each is appended to a buffer, whose errors are sticky. */
#ifndef CORACLE_LINT_REPORTS_H
#define CORACLE_LINT_REPORTS_H

#include "base/buffer.h"
#include "lint/findings.h"

/** A line each, as compilers write them, of those that no baseline has. */
void cor_findings_text(const struct cor_findings *findings, struct cor_buffer *buffer);

/** All, with whether the baseline has them. */
void cor_findings_json(const struct cor_findings *findings, struct cor_buffer *buffer);

/** SARIF 2.1.0 (OASIS), a run for each of the tools, of which the last is NULL. */
void cor_findings_sarif(
	const struct cor_findings *findings, const char *const *tools, struct cor_buffer *buffer);

/** Sonar's generic issues (sonar.externalIssuesReportPaths), in the form of 10.3 and later. */
void cor_findings_sonar(const struct cor_findings *findings, struct cor_buffer *buffer);

#endif
