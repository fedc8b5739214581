/* SPDX-License-Identifier: MIT */
#include "cli/bench_figures.h"

#include <inttypes.h>
#include <math.h>

#include <coracle/error.h>

#define BUSY         0.95 /* of its time: it had no more */
#define BEHIND_SHARE 0.01 /* of the requests, sent too late by the generator itself */

static const struct {
	double share;
	const char *name, *key;
} quantiles[COR_BENCH_MAX] = {
	{ 0.5, "p50", "p50" },
	{ 0.9, "p90", "p90" },
	{ 0.99, "p99", "p99" },
	{ 0.999, "p99.9", "p99.9" },
};

static uint64_t answers(const struct cor_load_result *result, bool with_good)
{
	uint64_t sum = 0;

	for (size_t status = 0; status < COR_LOAD_STATUSES; status++)
		if (with_good || status < 200 || status > 299)
			sum += result->statuses[status];
	return sum;
}

static uint64_t others(const struct cor_load_result *result)
{
	return answers(result, false);
}

static bool is_slow(const struct cor_load_result *result)
{
	return (double)result->behind > BEHIND_SHARE * (double)result->latencies.count ||
	       result->late > result->latencies.count / 2;
}

struct cor_bench_figures cor_bench_figures_of(
	const struct cor_load_result *result, double rate_per_s, int64_t cpu_ns)
{
	uint64_t all = answers(
		result, true); /* also those that came after the end: it computed them */
	struct cor_bench_figures figures = {
		.requests_per_s = (double)result->answers / result->seconds,
		.bytes_per_s = (double)result->bytes / result->seconds,
		.cpu_us = cpu_ns < 0 || all == 0 ? -1 : (double)cpu_ns / 1e3 / (double)all,
		.result = result,
	};

	for (size_t i = 0; i < COR_BENCH_MAX; i++)
		figures.ms[i] = (double)cor_latencies_quantile(
					&result->latencies, quantiles[i].share) /
				1e6;
	figures.ms[COR_BENCH_MAX] = (double)result->latencies.max_ns / 1e6;
	/* With a rate it spins while a connection is free: it may be busy, and in time. */
	figures.is_limit = result->own_busy >= BUSY && (rate_per_s <= 0 || is_slow(result));
	return figures;
}

void cor_bench_write(const struct cor_bench_figures *figures, struct cor_buffer *buffer)
{
	const struct cor_load_result *result = figures->result;

	cor_buffer_printf(buffer, "  requests/s  %.1f\n  latency    ", figures->requests_per_s);
	for (size_t i = 0; i < COR_BENCH_MAX; i++)
		cor_buffer_printf(buffer, " %s %.3f ms ", quantiles[i].name, figures->ms[i]);
	cor_buffer_printf(buffer, " max %.3f ms\n  received    %.2f MB/s\n",
		figures->ms[COR_BENCH_MAX], figures->bytes_per_s / 1e6);
	if (figures->cpu_us >= 0)
		cor_buffer_printf(buffer, "  server      %.2f us of a processor a request\n",
			figures->cpu_us);
	if (result->late)
		cor_buffer_printf(buffer,
			"  late        %" PRIu64 " request%s due while all connections waited\n",
			result->late, result->late == 1 ? " was" : "s were");
	if (result->behind)
		cor_buffer_printf(buffer,
			"  behind      %" PRIu64
			" request%s sent a millisecond late by the measuring itself\n",
			result->behind, result->behind == 1 ? " was" : "s were");
	cor_buffer_printf(buffer, "  errors      %" PRIu64 "\n  not 2xx     %" PRIu64 "\n",
		result->errors, others(result));
}

/* --- JSON --- */

static void write_number(struct cor_json_writer *writer, const char *key, double value)
{
	cor_write_key(writer, key);
	cor_write_double(writer, round(value * 1e4) / 1e4);
}

static void write_count(struct cor_json_writer *writer, const char *key, uint64_t value)
{
	cor_write_key(writer, key);
	cor_write_uint64(writer, value);
}

static void write_statuses(struct cor_json_writer *writer, const struct cor_load_result *result)
{
	cor_write_key(writer, "statuses");
	cor_write_object(writer);
	for (unsigned status = 100; status < COR_LOAD_STATUSES; status++) {
		const char key[4] = { (char)('0' + status / 100), (char)('0' + status / 10 % 10),
			(char)('0' + status % 10), '\0' };
		if (result->statuses[status])
			write_count(writer, key, result->statuses[status]);
	}
	cor_write_end(writer);
}

void cor_bench_write_json(const struct cor_bench_figures *figures, struct cor_json_writer *writer)
{
	const struct cor_load_result *result = figures->result;

	write_number(writer, "requests_per_s", figures->requests_per_s);
	cor_write_key(writer, "latency_ms");
	cor_write_object(writer);
	for (size_t i = 0; i < COR_BENCH_MAX; i++)
		write_number(writer, quantiles[i].key, figures->ms[i]);
	write_number(writer, "max", figures->ms[COR_BENCH_MAX]);
	cor_write_end(writer);
	write_number(writer, "bytes_per_s", figures->bytes_per_s);
	if (figures->cpu_us >= 0)
		write_number(writer, "server_cpu_us", figures->cpu_us);
	write_statuses(writer, result);
	write_count(writer, "not_2xx", others(result));
	write_count(writer, "errors", result->errors);
	write_count(writer, "late", result->late);
	write_count(writer, "behind", result->behind);
	write_number(writer, "generator_busy", result->own_busy);
	cor_write_key(writer, "generator_is_limit");
	cor_write_bool(writer, figures->is_limit);
}

/* --- what they are worth --- */

int cor_bench_judge(const struct cor_cli *cli, const struct cor_bench_figures *figures)
{
	const struct cor_load_result *result = figures->result;
	uint64_t bad = others(result);

	if (bad)
		cor_cli_say(cli,
			"%" PRIu64 " of %" PRIu64
			" answers are no 2xx, so this is no measure of the operation. The first is %d: %s",
			bad, answers(result, true), result->other_status, result->other);
	if (result->errors)
		cor_cli_say(cli,
			"%" PRIu64 " error%s, of which %" PRIu64
			" answer%s never came; the first: %s",
			result->errors, result->errors == 1 ? "" : "s", result->missing,
			result->missing == 1 ? "" : "s", cor_strerror(result->first_error));
	if (result->answers == 0 && answers(result, true))
		cor_cli_say(cli,
			"no answer came within the time that is measured: --seconds makes it longer");
	if (figures->is_limit)
		cor_cli_say(cli,
			"the measuring is the limit: it had no more of a processor (%.0f %% it computed, "
			"%.0f %% it waited for one), and the service may do more%s",
			100 * result->own_cpu, 100 * (result->own_busy - result->own_cpu),
			figures->cpu_us >= 0 ? ": compare what it takes of a processor" : "");
	return bad || result->errors ? COR_CLI_NO : COR_CLI_OK;
}

/* --- two programs --- */

/* Student's t for 95 %, two-sided, by the degrees of freedom; more than 29 do not occur. */
static const double student[COR_BENCH_ROUNDS_MAX] = { 0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447,
	2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093,
	2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045 };

struct cor_bench_ratio cor_bench_compare(const double *then, const double *now, size_t rounds)
{
	struct cor_bench_ratio ratio = { 0 };
	double mean = 0, squares = 0;

	for (size_t i = 0; i < rounds; i++) {
		if (!(then[i] > 0 && now[i] > 0))
			return ratio;
		mean += log(now[i] / then[i]) / (double)rounds;
	}
	for (size_t i = 0; i < rounds; i++)
		squares += pow(log(now[i] / then[i]) - mean, 2);
	double half = rounds < 2 ? INFINITY
				 : student[rounds - 1] *
					   sqrt(squares / (double)(rounds - 1) / (double)rounds);
	ratio.ratio = exp(mean);
	ratio.low = exp(mean - half);
	ratio.high = exp(mean + half);
	ratio.differs = ratio.low > 1 || ratio.high < 1;
	return ratio;
}
