/* SPDX-License-Identifier: MIT */
/* coracle top: what a running service does, now. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>

#include "cli/cli.h"
#include "cli/environment_file.h"
#include "cli/process.h"
#include "cli/project.h"
#include "cli/samples.h"
#include "cli/service.h"
#include "cli/table.h"
#include "control/client.h"
#include "json/writer.h"

#define ANSWER_MS 5000
#define ROWS_MAX  256

/* What was read at one moment. */
struct look {
	int64_t at_ns;
	struct cor_samples samples;
	struct cor_node *status;
};

/* A route or a function, between two looks. */
struct row {
	const char *name;
	double per_s, errors_per_s;
	double mean_ms, p99_ms;
	double thread_ms; /* of a function, on average */
	double total;     /* since the service has started */
};

struct view {
	const struct cor_cli *cli;
	const struct look *before, *now;
	double s; /* between them */
	struct row routes[ROWS_MAX], functions[ROWS_MAX];
	size_t routes_len, functions_len;
};

/* --- asking --- */

static int ask(
	const struct cor_cli *cli, const char *address, const char *path, struct cor_str *ret)
{
	const struct cor_control_question question = {
		.address = address, .method = "GET", .path = path, .timeout_ms = ANSWER_MS
	};
	struct cor_control_answer answer;
	int rc = cor_control_ask(&question, cli->arena, &answer);

	if (rc < 0)
		return cor_cli_fail(cli, COR_CLI_TOOL,
			"cannot reach the control process at %s: %s: does the service run with this --control?",
			address, cor_strerror(rc));
	if (answer.status != 200)
		return cor_cli_fail(cli, COR_CLI_TOOL,
			"%s answers with status %d: it is no control process of this version",
			address, answer.status);
	*ret = answer.body;
	return COR_CLI_OK;
}

static int look_at(const struct cor_cli *cli, const char *address, struct look *ret)
{
	struct cor_str figures = { "", 0 }, status = { "", 0 };
	int rc = ask(cli, address, "/metrics", &figures);

	if (rc == COR_CLI_OK)
		rc = ask(cli, address, "/status", &status);
	if (rc == COR_CLI_OK)
		rc = cor_cli_parse(cli, "/status", status, &ret->status);
	if (rc != COR_CLI_OK)
		return rc;
	ret->at_ns = cor_monotonic_ns();
	cor_samples_read(cli, figures, &ret->samples);
	return COR_CLI_OK;
}

/* Of the option, or of what the service of this folder would be started with. */
static int find_address(struct cor_cli *cli, const char **ret)
{
	struct cor_project project;
	struct cor_node *config;
	struct cor_str text;

	*ret = cor_cli_value(cli, "--control");
	if (*ret)
		return COR_CLI_OK;
	int rc = cor_project_open(cli, &project);
	if (rc == COR_CLI_OK)
		rc = cor_cli_read_environment(cli);
	if (rc != COR_CLI_OK)
		return rc;
	rc = cor_cli_ask(
		cli, (const char *const[]){ project.program, "--print-config", NULL }, &text);
	if (rc != 0 || cor_cli_parse(cli, "--print-config", text, &config) != COR_CLI_OK)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s --print-config failed", project.program);
	*ret = cor_cli_member(cli, cor_node_get(config, "control"), "value");
	if ((*ret)[0])
		return COR_CLI_OK;
	return cor_cli_fail(cli, COR_CLI_USAGE,
		"give --control ADDRESS, that of the service's --control; without one it shows nothing of itself");
}

/* --- between two looks --- */

static double grown(const struct view *view, const char *name, const char *labels)
{
	double more = cor_samples_value(&view->now->samples, name, labels) -
		      cor_samples_value(&view->before->samples, name, labels);

	return more > 0 ? more : 0;
}

/* So long took 99 in 100 of them, in seconds, by the buckets of a histogram. */
static double quantile(const struct view *view, const char *name, const char *labels, double count)
{
	const struct cor_samples *now = &view->now->samples;
	double low = 0, below = 0;

	for (size_t i = 0; i < now->len; i++) {
		const struct cor_sample *sample = &now->items[i];
		const char *le = strstr(sample->labels, ",le=\"");
		if (!le || strcmp(sample->name, name) != 0 ||
			strncmp(sample->labels, labels, strlen(labels)) != 0 ||
			le != sample->labels + strlen(labels))
			continue;
		double upper = strtod(le + 5, NULL), here = grown(view, name, sample->labels);
		if (here >= 0.99 * count && here > below)
			return isinf(upper) ? low
					    : low + (upper - low) * (0.99 * count - below) /
							      (here - below);
		low = upper;
		below = here;
	}
	return low;
}

static struct row *row_of(struct row *rows, size_t *len, const char *name)
{
	for (size_t i = 0; i < *len; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	if (*len == ROWS_MAX)
		return NULL;
	rows[*len] = (struct row){ .name = name };
	return &rows[(*len)++];
}

/* Of the library: the page that shows the document, and its forms. */
static bool is_documentation(const char *route)
{
	static const char *const paths[] = { "/docs", "/openapi.json", "/openapi-3.0.json",
		"/swagger.json", "/postman.json" };

	if (strncmp(route, "/docs/", 6) == 0)
		return true;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (strcmp(route, paths[i]) == 0)
			return true;
	return false;
}

static void add_requests(struct view *view, const struct cor_sample *sample)
{
	const struct cor_cli *cli = view->cli;
	const char *method = cor_sample_label(cli, sample, "method");
	const char *route = cor_sample_label(cli, sample, "route");
	if (is_documentation(route) && !cor_cli_has(cli, "--all"))
		return;
	struct row *row = row_of(
		view->routes, &view->routes_len, cor_cli_text(cli, "%s %s", method, route));
	double more = grown(view, sample->name, sample->labels) / view->s;

	if (!row)
		return;
	row->per_s += more;
	row->total += sample->value;
	if (strcmp(cor_sample_label(cli, sample, "class"), "5xx") == 0)
		row->errors_per_s += more;
}

static void add_times(struct view *view, const struct cor_sample *sample)
{
	const struct cor_cli *cli = view->cli;
	double count = grown(view, sample->name, sample->labels);
	if (is_documentation(cor_sample_label(cli, sample, "route")) && !cor_cli_has(cli, "--all"))
		return;
	double sum = grown(view, "coracle_request_duration_seconds_sum", sample->labels);
	struct row *row = row_of(view->routes, &view->routes_len,
		cor_cli_text(cli, "%s %s", cor_sample_label(cli, sample, "method"),
			cor_sample_label(cli, sample, "route")));

	if (!row || count == 0)
		return;
	row->mean_ms = 1000 * sum / count;
	row->p99_ms = 1000 * quantile(view, "coracle_request_duration_seconds_bucket",
				     sample->labels, count);
}

static void add_function(struct view *view, const struct cor_sample *sample)
{
	double count = grown(view, sample->name, sample->labels);
	struct row *row = row_of(view->functions, &view->functions_len,
		cor_sample_label(view->cli, sample, "function"));

	if (!row)
		return;
	row->total = sample->value;
	if (count == 0)
		return;
	row->per_s = count / view->s;
	row->errors_per_s = grown(view, "coracle_timed_errors_total", sample->labels) / view->s;
	row->mean_ms = 1000 * grown(view, "coracle_timed_seconds_sum", sample->labels) / count;
	row->thread_ms = 1000 * grown(view, "coracle_timed_thread_seconds_sum", sample->labels) /
			 count;
	row->p99_ms = 1000 * quantile(view, "coracle_timed_seconds_bucket", sample->labels, count);
}

static int busiest_first(const void *a, const void *b)
{
	const struct row *one = a, *other = b;

	if (one->per_s != other->per_s)
		return one->per_s < other->per_s ? 1 : -1;
	return strcmp(one->name, other->name);
}

static void compare(struct view *view)
{
	const struct cor_samples *now = &view->now->samples;

	view->s = (double)(view->now->at_ns - view->before->at_ns) / 1e9;
	for (size_t i = 0; i < now->len; i++) {
		const struct cor_sample *sample = &now->items[i];
		if (strcmp(sample->name, "coracle_requests_total") == 0)
			add_requests(view, sample);
		else if (strcmp(sample->name, "coracle_request_duration_seconds_count") == 0)
			add_times(view, sample);
		else if (strcmp(sample->name, "coracle_timed_seconds_count") == 0)
			add_function(view, sample);
	}
	qsort(view->routes, view->routes_len, sizeof view->routes[0], busiest_first);
	qsort(view->functions, view->functions_len, sizeof view->functions[0], busiest_first);
}

/* --- showing --- */

static const char *ms(const struct cor_cli *cli, double value)
{
	return value > 0 ? cor_cli_text(cli, value < 10 ? "%.3f ms" : "%.1f ms", value) : "";
}

static void write_rows(const struct cor_cli *cli, const struct row *rows, size_t len,
	const char *const *heads, bool is_function, struct cor_buffer *buffer)
{
	struct cor_table table = { .heads = heads, .columns = is_function ? 7 : 6, .len = len };

	table.rows = cor_cli_alloc(cli, (len + 1) * sizeof *table.rows);
	for (size_t i = 0; i < len; i++) {
		const char **cells = table.rows[i];
		cells[0] = rows[i].name;
		cells[1] = cor_cli_text(cli, "%.1f", rows[i].per_s);
		cells[2] = ms(cli, rows[i].mean_ms);
		cells[3] = ms(cli, rows[i].p99_ms);
		cells[4] = rows[i].errors_per_s > 0
				   ? cor_cli_text(cli, "%.1f", rows[i].errors_per_s)
				   : "";
		cells[5] = is_function ? ms(cli, rows[i].thread_ms) : "";
		cells[is_function ? 6 : 5] = cor_cli_text(cli, "%.0f", rows[i].total);
	}
	cor_table_write(&table, buffer);
}

static void write_view(const struct view *view, struct cor_buffer *buffer)
{
	static const char *const routes[] = { "ROUTE", "REQUESTS/S", "MEAN", "P99", "5XX/S",
		"TOTAL" };
	static const char *const functions[] = { "FUNCTION", "CALLS/S", "MEAN", "P99", "ERRORS/S",
		"ON THREAD", "TOTAL" };
	const struct cor_node *status = view->now->status;
	double open = cor_samples_value(&view->now->samples, "coracle_connections_open", "");
	double all = 0;

	for (size_t i = 0; i < view->routes_len; i++)
		all += view->routes[i].per_s;
	cor_buffer_printf(buffer,
		"%s %s: %" PRId64 " of %" PRId64
		" workers ready, %.1f requests/s, %.0f connection%s\n\n",
		cor_cli_member(view->cli, status, "service"),
		cor_cli_member(view->cli, status, "version"), cor_cli_number(status, "ready"),
		cor_cli_number(status, "wanted"), all, open, open == 1 ? "" : "s");
	write_rows(view->cli, view->routes, view->routes_len, routes, false, buffer);
	if (view->functions_len) {
		cor_buffer_byte(buffer, '\n');
		write_rows(
			view->cli, view->functions, view->functions_len, functions, true, buffer);
	}
}

static void write_json_rows(
	const struct row *rows, size_t len, bool is_function, struct cor_buffer *buffer)
{
	for (size_t i = 0; i < len; i++) {
		cor_buffer_append_str(buffer, i ? COR_STR(",{\"name\":") : COR_STR("{\"name\":"));
		cor_json_write_string(buffer, cor_str(rows[i].name));
		cor_buffer_printf(buffer,
			",\"total\":%.0f,\"per_s\":%.3f,\"mean_ms\":%.6f,\"p99_ms\":%.6f,\"errors_per_s\":%.3f",
			rows[i].total, rows[i].per_s, rows[i].mean_ms, rows[i].p99_ms,
			rows[i].errors_per_s);
		if (is_function)
			cor_buffer_printf(buffer, ",\"thread_ms\":%.6f", rows[i].thread_ms);
		cor_buffer_byte(buffer, '}');
	}
}

static void write_json(const struct view *view, struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer, "{\"seconds\":%.3f,\"routes\":[", view->s);
	write_json_rows(view->routes, view->routes_len, false, buffer);
	cor_buffer_append_str(buffer, COR_STR("],\"functions\":["));
	write_json_rows(view->functions, view->functions_len, true, buffer);
	cor_buffer_append_str(buffer, COR_STR("]}\n"));
}

static int show(
	struct cor_cli *cli, const struct look *before, const struct look *now, bool is_live)
{
	struct view *view = cor_cli_alloc(cli, sizeof *view);
	struct cor_buffer buffer = { 0 };

	view->cli = cli;
	view->before = before;
	view->now = now;
	compare(view);
	if (is_live) /* from the top of an empty screen */
		cor_buffer_append_str(&buffer, COR_STR("\033[H\033[2J"));
	if (cor_cli_has(cli, "--json"))
		write_json(view, &buffer);
	else
		write_view(view, &buffer);
	return cor_cli_print(cli, &buffer);
}

static int read_interval(struct cor_cli *cli, double *ret)
{
	*ret = 1;
	return cor_cli_read_number(cli, "--every", 0.1, 3600, ret);
}

/* What a look has read is in one of two arenas: it may run for days. */
static int watch(struct cor_cli *cli, const char *address, double every_s, bool is_once)
{
	struct cor_arena arenas[2], *whole = cli->arena;
	struct look looks[2];
	int rc;

	for (size_t i = 0; i < 2; i++)
		cor_arena_init(&arenas[i], NULL, 0, 0);
	cli->arena = &arenas[0]; /* cppcheck-suppress autoVariables; it is put back below */
	rc = look_at(cli, address, &looks[0]);
	for (size_t at = 1; rc == COR_CLI_OK; at = 1 - at) {
		cor_ignore(cor_sleep_ms((int64_t)(1000 * every_s)));
		cor_arena_reset(&arenas[at]);
		cli->arena = &arenas[at]; /* cppcheck-suppress autoVariables; as above */
		rc = look_at(cli, address, &looks[at]);
		if (rc == COR_CLI_OK)
			rc = show(cli, &looks[1 - at], &looks[at], !is_once);
		if (is_once)
			break;
	}
	cli->arena = whole;
	for (size_t i = 0; i < 2; i++)
		cor_arena_finish(&arenas[i]);
	return rc;
}

static int run(struct cor_cli *cli)
{
	bool is_once = cor_cli_has(cli, "--once") || cor_cli_has(cli, "--json") ||
		       !isatty(STDOUT_FILENO);
	const char *address;
	double every_s;
	int rc = read_interval(cli, &every_s);

	if (rc == COR_CLI_OK)
		rc = find_address(cli, &address);
	return rc == COR_CLI_OK ? watch(cli, address, every_s, is_once) : rc;
}

const struct cor_cli_verb cor_cli_top = {
	.name = "top",
	.arguments = "",
	.summary = "Show what a running service does now: routes and timed functions",
	.doc = "Reads the service's control listener each second, and shows what has happened since: requests a\n"
	       "second by route, how long they took, errors; for functions with cor_timed() the same, with the\n"
	       "time that they had their thread. The busiest come first. Ctrl-C ends it.",
	.options = {
		{ "--control", NULL, "ADDRESS", "Where the service's --control is; default: as .env and its settings say" },
		{ "--every", NULL, "SECONDS", "Between two looks; default 1" },
		{ "--once", NULL, NULL, "Print one table and end; also where standard output is no terminal" },
		{ "--all", NULL, NULL, "Also the routes of the documentation" },
		{ "--json", NULL, NULL, "The same as JSON" },
	},
	.run = run,
};
