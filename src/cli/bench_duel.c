/* SPDX-License-Identifier: MIT */
/* Two programs, measured in turns: what was saved, and what is there now. */
#include "cli/bench_duel.h"

#include "cli/bench_before.h"
#include "cli/files.h"
#include "cli/table.h"

enum { REQUESTS, P50, P99, CPU, COMPARED };

static const struct {
	const char *name, *key, *more, *less;
} compared[COMPARED] = {
	{ "requests/s", "requests_per_s", "more", "fewer" },
	{ "p50 ms", "p50_ms", "slower", "faster" },
	{ "p99 ms", "p99_ms", "slower", "faster" },
	{ "CPU us", "server_cpu_us", "more", "less" },
};

/* Of both programs: index 0 is the one that was saved. */
struct duel {
	struct cor_bench_server servers[2];
	double values[COMPARED][2][COR_BENCH_ROUNDS_MAX];
	struct cor_load_result *result;
};

static int fight_round(const struct cor_bench *bench, struct duel *duel, size_t round, int who)
{
	struct cor_bench_figures figures;
	int rc = cor_bench_load(bench, &duel->servers[who], bench->seconds, duel->result, &figures);

	if (rc == COR_CLI_OK)
		rc = cor_bench_judge(bench->cli, &figures);
	if (rc != COR_CLI_OK)
		return rc;
	duel->values[REQUESTS][who][round] = figures.requests_per_s;
	duel->values[P50][who][round] = figures.ms[COR_BENCH_P50];
	duel->values[P99][who][round] = figures.ms[COR_BENCH_P99];
	duel->values[CPU][who][round] = figures.cpu_us;
	return COR_CLI_OK;
}

/* Who begins changes with each round: what the first one does to the machine counts for both. */
static int fight(const struct cor_bench *bench, struct duel *duel)
{
	int rc = COR_CLI_OK;

	for (int who = 0; rc == COR_CLI_OK && who < 2; who++)
		rc = cor_bench_prepare(bench, &duel->servers[who]);
	for (int who = 0; rc == COR_CLI_OK && who < 2; who++)
		rc = cor_bench_warm_up(bench, &duel->servers[who], duel->result);
	for (size_t round = 0; rc == COR_CLI_OK && round < (size_t)bench->rounds; round++) {
		rc = fight_round(bench, duel, round, (int)(round % 2));
		if (rc == COR_CLI_OK)
			rc = fight_round(bench, duel, round, 1 - (int)(round % 2));
	}
	return rc;
}

static double mean(const double *values, size_t len)
{
	double sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += values[i];
	return sum / (double)len;
}

static const char *verdict(
	const struct cor_cli *cli, const struct cor_bench_ratio *ratio, size_t what)
{
	double percent = 100 * (ratio->ratio - 1);

	if (!(ratio->ratio > 0))
		return "not measured in each round: --seconds makes it longer";
	if (!ratio->differs)
		return "no difference beyond the noise";
	return cor_cli_text(cli, "%.1f %% %s", percent < 0 ? -percent : percent,
		percent < 0 ? compared[what].less : compared[what].more);
}

static void write_duel(
	const struct cor_bench *bench, const struct duel *duel, struct cor_buffer *buffer)
{
	const struct cor_cli *cli = bench->cli;
	const char *heads[] = { "", cor_cli_value(cli, "--against"), "NOW", "RATIO", "95 %", "" };
	struct cor_table table = { .heads = heads, .columns = 6 };

	table.rows = cor_cli_alloc(cli, COMPARED * sizeof *table.rows);
	for (size_t i = 0; i < COMPARED; i++) {
		size_t rounds = (size_t)bench->rounds;
		const struct cor_bench_ratio ratio = cor_bench_compare(
			duel->values[i][0], duel->values[i][1], rounds);
		const char **row = table.rows[table.len++];
		row[0] = compared[i].name;
		row[1] = cor_cli_text(cli, "%.4g", mean(duel->values[i][0], rounds));
		row[2] = cor_cli_text(cli, "%.4g", mean(duel->values[i][1], rounds));
		bool has_ratio = ratio.ratio > 0;
		row[3] = has_ratio ? cor_cli_text(cli, "%.3f", ratio.ratio) : "-";
		row[4] = has_ratio ? cor_cli_text(cli, "%.3f to %.3f", ratio.low, ratio.high) : "-";
		row[5] = verdict(cli, &ratio, i);
	}
	cor_bench_write_head(bench, &duel->servers[1], buffer);
	cor_table_write(&table, buffer);
}

static void write_duel_json(
	const struct cor_bench *bench, const struct duel *duel, struct cor_json_writer *writer)
{
	size_t rounds = (size_t)bench->rounds;

	cor_write_key(writer, "against");
	cor_write_string(writer, cor_cli_value(bench->cli, "--against"));
	cor_write_key(writer, "rounds");
	cor_write_uint64(writer, rounds);
	for (size_t i = 0; i < COMPARED; i++) {
		const struct cor_bench_ratio ratio = cor_bench_compare(
			duel->values[i][0], duel->values[i][1], rounds);
		bool has_ratio = ratio.ratio > 0;
		const double values[] = { mean(duel->values[i][0], rounds),
			mean(duel->values[i][1], rounds), ratio.ratio, ratio.low, ratio.high };
		static const char *const keys[] = { "then", "now", "ratio", "low", "high" };
		cor_write_key(writer, compared[i].key);
		cor_write_object(writer);
		for (size_t at = 0; at < sizeof keys / sizeof keys[0]; at++) {
			cor_write_key(writer, keys[at]);
			if (has_ratio || at < 2)
				cor_write_double(writer, values[at]);
			else
				cor_write_null(writer);
		}
		cor_write_key(writer, "differs");
		cor_write_bool(writer, ratio.differs);
		cor_write_end(writer);
	}
}

static int tell_duel(const struct cor_bench *bench, const struct duel *duel)
{
	const struct cor_cli *cli = bench->cli;
	struct cor_json_writer *writer = cor_write_begin(cli->arena, NULL);
	struct cor_buffer buffer = { 0 };
	struct cor_str json;
	int rc = COR_CLI_OK;

	if (cor_cli_has(cli, "--json")) {
		cor_bench_begin_json(bench, &duel->servers[1], writer);
		write_duel_json(bench, duel, writer);
		rc = cor_bench_finish_json(bench, writer, &json);
		if (rc == COR_CLI_OK)
			cor_buffer_append_str(&buffer, json);
	} else {
		write_duel(bench, duel, &buffer);
	}
	int printed = cor_cli_print(cli, &buffer);
	return rc == COR_CLI_OK ? printed : rc;
}

int cor_bench_compare_programs(const struct cor_bench *bench)
{
	struct cor_cli *cli = bench->cli;
	const char *name = cor_cli_value(cli, "--against");
	const char *other = cor_bench_saved(bench, name, "program");
	struct duel *duel = cor_cli_alloc(cli, sizeof *duel);

	duel->result = cor_cli_alloc(cli, sizeof *duel->result);
	if (!cor_cli_exists(cor_cli_path(cli, other)))
		return cor_cli_fail(cli, COR_CLI_INPUT,
			"nothing was saved as %s: coracle bench --save %s does it", name, name);
	int rc = cor_bench_start(cli, other, &duel->servers[0]);
	if (rc == COR_CLI_OK)
		rc = cor_bench_start(cli, bench->program, &duel->servers[1]);
	if (rc == COR_CLI_OK)
		rc = fight(bench, duel);
	bool stood = cor_bench_stop(cli, &duel->servers[0]);
	stood = cor_bench_stop(cli, &duel->servers[1]) && stood;
	if (rc == COR_CLI_OK && !stood)
		rc = COR_CLI_TOOL;
	return rc == COR_CLI_OK ? tell_duel(bench, duel) : rc;
}
