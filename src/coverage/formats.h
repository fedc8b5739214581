/* SPDX-License-Identifier: MIT */
/** Reports for other tools. */
#ifndef CORACLE_COVERAGE_FORMATS_H
#define CORACLE_COVERAGE_FORMATS_H

#include "base/buffer.h"
#include "coverage/counts.h"
#include "coverage/options.h"

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

#endif
