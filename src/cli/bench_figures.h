/* SPDX-License-Identifier: MIT */
/** What came of loads: the figures that are told, and how those of two programs compare. */
#ifndef CORACLE_CLI_BENCH_FIGURES_H
#define CORACLE_CLI_BENCH_FIGURES_H

#include <coracle/json_write.h>

#include "cli/cli.h"
#include "cli/load.h"

/** Quantiles that are told. */
enum cor_bench_quantile {
	COR_BENCH_P50,
	COR_BENCH_P90,
	COR_BENCH_P99,
	COR_BENCH_P999,
	COR_BENCH_MAX,
	COR_BENCH_QUANTILES,
};

struct cor_bench_figures {
	double requests_per_s;
	double bytes_per_s;
	double ms[COR_BENCH_QUANTILES];
	double cpu_us; /* of the server, a request; negative: nobody knows */
	bool is_limit; /* the generator had no more time: the server could do more */
	const struct cor_load_result *result;
};

/** `cpu_ns` is what the server computed meanwhile; negative: nobody knows. */
struct cor_bench_figures cor_bench_figures_of(
	const struct cor_load_result *result, double rate_per_s, int64_t cpu_ns);

/** As lines for people. */
void cor_bench_write(const struct cor_bench_figures *figures, struct cor_buffer *buffer);

/** As members of an object. */
void cor_bench_write_json(const struct cor_bench_figures *figures, struct cor_json_writer *writer);

/**
 * Tell, on standard error, what makes the figures worth less: answers that are no 2xx, errors, a
 * generator that had no more time. Returns COR_CLI_OK, or COR_CLI_NO: they are of failures.
 */
int cor_bench_judge(const struct cor_cli *cli, const struct cor_bench_figures *figures);

/* --- two programs, in turns --- */

#define COR_BENCH_ROUNDS_MAX 30

/** Of one figure: how many times the first one the second is. */
struct cor_bench_ratio {
	double ratio;     /* the geometric mean over the rounds; 0: one of them has no figure */
	double low, high; /* where it is with 95 % confidence, by Student's t of its logarithm */
	bool differs;     /* 1 is not between them */
};

/** `then` and `now` are those of each round. */
struct cor_bench_ratio cor_bench_compare(const double *then, const double *now, size_t rounds);

#endif
