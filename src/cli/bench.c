/* SPDX-License-Identifier: MIT */
/* coracle bench: how fast an operation is, and whether it is faster than it was. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include <coracle/error.h>

#include "cli/bench.h"
#include "cli/bench_before.h"
#include "cli/bench_duel.h"
#include "cli/cli.h"
#include "cli/environment_file.h"
#include "cli/files.h"
#include "cli/process.h"
#include "cli/project_keys.h"
#include "cli/project.h"
#include "cli/service.h"

#define PATIENCE_MS 5000
#define SECONDS_MAX 3600

/* --- what was given --- */

static int read_options(struct cor_bench *bench)
{
	const struct cor_cli *cli = bench->cli;
	int rc = cor_cli_read_count(
		cli, "--connections", 1, COR_LOAD_CONNECTIONS_MAX, &bench->connections);

	if (rc == COR_CLI_OK)
		rc = cor_cli_read_number(cli, "--rate", 0.1, 1e7, &bench->rate_per_s);
	if (rc == COR_CLI_OK)
		rc = cor_cli_read_number(cli, "--seconds", 0.1, SECONDS_MAX, &bench->seconds);
	if (rc == COR_CLI_OK)
		rc = cor_cli_read_number(cli, "--warm-up", 0, SECONDS_MAX, &bench->warm_s);
	if (rc == COR_CLI_OK)
		rc = cor_cli_read_count(cli, "--rounds", 3, COR_BENCH_ROUNDS_MAX, &bench->rounds);
	if (rc == COR_CLI_OK && cor_cli_has(cli, "--url") &&
		(cor_cli_has(cli, "--save") || cor_cli_has(cli, "--against") || cli->rest_len))
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"--save, --against and options behind -- are for programs that are started here, not for --url");
	return rc;
}

static int check_name(const struct cor_cli *cli, const char *option)
{
	const char *name = cor_cli_value(cli, option);

	if (!name || (name[0] && name[0] != '.' && !strchr(name, '/')))
		return COR_CLI_OK;
	return cor_cli_fail(
		cli, COR_CLI_USAGE, "%s %s: must be the name of a folder", option, name);
}

/* --- the request --- */

/* "GET /books" of one word or two; a path alone is a GET. NULL: it is a name. */
static const char *path_of(const struct cor_cli *cli, const char *name, const char **ret_method)
{
	const char *blank = strchr(name, ' ');

	*ret_method = blank ? cor_cli_text(cli, "%.*s", (int)(blank - name), name) : "GET";
	return name[0] == '/' ? name : blank && blank[1] == '/' ? blank + 1 : NULL;
}

static int read_document(struct cor_bench *bench, struct cor_node **ret)
{
	const struct cor_cli *cli = bench->cli;
	struct cor_str text;
	int rc = cor_cli_ask(
		cli, (const char *const[]){ bench->program, "--print-openapi", NULL }, &text);

	if (rc != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s --print-openapi failed with status %d",
			bench->program, rc);
	return cor_cli_parse(cli, "--print-openapi", text, ret);
}

static int choose_operation(struct cor_bench *bench, const char *name)
{
	const struct cor_cli *cli = bench->cli;
	struct cor_node *document = NULL;

	bench->path = name ? path_of(cli, name, &bench->method) : NULL;
	if (bench->path && cor_cli_has(cli, "--url"))
		return COR_CLI_OK;
	int rc = read_document(bench, &document);
	if (rc != COR_CLI_OK)
		return rc;
	bench->document = document;
	bench->has_operation = name ? cor_asked_find(cli, document, name, &bench->operation)
				    : cor_asked_simplest(cli, document, &bench->operation);
	bench->like = bench->operation;
	if (bench->path && !bench->has_operation)
		(void)cor_asked_fits(cli, document, bench->method, bench->path, &bench->like);
	if (bench->has_operation || bench->path)
		return cor_cli_has(cli, "--url") ? COR_CLI_OK : cor_bench_read_before(bench);
	const char *near = name ? cor_asked_near(cli, document, name) : NULL;
	if (near)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"the document has no operation %s: did you mean %s?", name, near);
	return cor_cli_fail(cli, COR_CLI_USAGE,
		name ? "the document has no operation %s: coracle routes lists them"
		     : "no GET can do without a parameter: which operation%s?",
		name ? name : "");
}

/* One word or two. */
static int find_operation(struct cor_bench *bench)
{
	const struct cor_cli *cli = bench->cli;
	const char *name = cli->words[0];
	int rc = COR_CLI_OK;

	if (name && cli->words[1])
		name = cor_cli_text(cli, "%s %s", name, cli->words[1]);
	if (!cor_cli_has(cli, "--url") || !name || (name[0] != '/' && !strstr(name, " /"))) {
		rc = cor_project_open(cli, &bench->project);
		if (rc == COR_CLI_OK)
			rc = cor_project_make(cli, &bench->project, "release", NULL);
		if (rc == COR_CLI_OK)
			rc = cor_cli_read_environment(cli);
		if (rc == COR_CLI_OK)
			cor_cli_give_cookie_keys(cli);
		bench->program = rc == COR_CLI_OK ? cor_cli_text(cli, "build/release/%s",
							    bench->project.name)
						  : NULL;
	}
	return rc == COR_CLI_OK ? choose_operation(bench, name) : rc;
}

static struct cor_str request_to(
	const struct cor_bench *bench, const struct cor_bench_server *server)
{
	const struct cor_asked *asked = &server->asked;
	struct cor_buffer text = { 0 };

	cor_buffer_printf(&text, "%s %s%s HTTP/1.1\r\nHost: %s\r\n", asked->method, server->prefix,
		asked->target, server->host);
	cor_buffer_append_str(&text, asked->headers);
	if (asked->has_body)
		cor_buffer_printf(&text, "Content-Length: %zu\r\n", asked->body.len);
	cor_buffer_literal(&text, "\r\n");
	cor_buffer_append_str(&text, asked->body);
	return cor_cli_take(bench->cli, &text);
}

/* --- a load --- */

int cor_bench_load(const struct cor_bench *bench, const struct cor_bench_server *server,
	double seconds, struct cor_load_result *result, struct cor_bench_figures *ret)
{
	const struct cor_load options = {
		.address = server->address,
		.request = request_to(bench, server),
		.is_head = strcmp(server->asked.method, "HEAD") == 0,
		.connections = (uint32_t)bench->connections,
		.rate_per_s = bench->rate_per_s,
		.seconds = seconds,
		.patience_ms = PATIENCE_MS,
	};
	int64_t before_ns = cor_bench_cpu_ns(server);
	int rc = cor_load_run(&options, result);
	int64_t after_ns = cor_bench_cpu_ns(server);

	if (rc < 0)
		return cor_cli_fail(bench->cli, COR_CLI_TOOL, "%s: %s", server->address,
			rc == -EINVAL ? "is no address and port" : cor_strerror(rc));
	*ret = cor_bench_figures_of(result, bench->rate_per_s,
		before_ns < 0 || after_ns < before_ns ? -1 : after_ns - before_ns);
	return COR_CLI_OK;
}

int cor_bench_warm_up(const struct cor_bench *bench, const struct cor_bench_server *server,
	struct cor_load_result *result)
{
	struct cor_bench_figures ignored;

	return bench->warm_s > 0 ? cor_bench_load(bench, server, bench->warm_s, result, &ignored)
				 : COR_CLI_OK;
}

/* --- one program --- */

void cor_bench_write_head(const struct cor_bench *bench, const struct cor_bench_server *server,
	struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer, "%s %s%s at %s: %g connection%s, %g s, ", server->asked.method,
		server->prefix, server->asked.target,
		server->program ? server->program : server->address, bench->connections,
		bench->connections == 1 ? "" : "s", bench->seconds);
	if (bench->rate_per_s > 0)
		cor_buffer_printf(buffer, "%g requests/s\n", bench->rate_per_s);
	else
		cor_buffer_literal(buffer, "each as fast as it is answered\n");
}

void cor_bench_begin_json(const struct cor_bench *bench, const struct cor_bench_server *server,
	struct cor_json_writer *writer)
{
	cor_write_object(writer);
	cor_write_key(writer, "method");
	cor_write_string(writer, server->asked.method);
	cor_write_key(writer, "target");
	cor_write_string(writer, server->asked.target);
	cor_write_key(writer, "server");
	cor_write_string(writer, server->program ? server->program : server->address);
	cor_write_key(writer, "connections");
	cor_write_uint64(writer, (uint64_t)bench->connections);
	cor_write_key(writer, "seconds");
	cor_write_double(writer, bench->seconds);
	cor_write_key(writer, "rate_per_s");
	cor_write_double(writer, bench->rate_per_s);
}

int cor_bench_finish_json(
	const struct cor_bench *bench, struct cor_json_writer *writer, struct cor_str *ret)
{
	struct cor_buffer buffer = { 0 };
	struct cor_str text;

	cor_write_end(writer);
	if (cor_write_finish(writer, &text) < 0)
		return cor_cli_fail(bench->cli, COR_CLI_SOFTWARE, "the figures have no JSON");
	cor_buffer_append_str(&buffer, text);
	cor_buffer_byte(&buffer, '\n');
	*ret = cor_cli_take(bench->cli, &buffer);
	return COR_CLI_OK;
}

const char *cor_bench_saved(const struct cor_bench *bench, const char *name, const char *file)
{
	return cor_cli_text(bench->cli, "build/bench/%s/%s", name, file);
}

/* The program goes with its figures: what was measured can be measured again, beside another. */
static int save(const struct cor_bench *bench, const char *name, struct cor_str json)
{
	const struct cor_cli *cli = bench->cli;
	const char *program = cor_cli_path(cli, cor_bench_saved(bench, name, "program"));
	struct cor_str bytes;
	int rc = cor_cli_read_file(cli, cor_cli_path(cli, bench->program), &bytes);

	if (rc == COR_CLI_OK)
		rc = cor_cli_replace_file(cli, program, bytes);
	if (rc == COR_CLI_OK && chmod(program, 0755) != 0)
		rc = cor_cli_fail(cli, COR_CLI_OUTPUT, "%s: cannot be made a program", program);
	if (rc == COR_CLI_OK)
		rc = cor_cli_replace_file(
			cli, cor_cli_path(cli, cor_bench_saved(bench, name, "figures.json")), json);
	return rc;
}

static int tell(const struct cor_bench *bench, const struct cor_bench_server *server,
	const struct cor_bench_figures *figures)
{
	const struct cor_cli *cli = bench->cli;
	struct cor_json_writer *writer = cor_write_begin(cli->arena, NULL);
	struct cor_buffer buffer = { 0 };
	struct cor_str json = { "", 0 };

	cor_bench_begin_json(bench, server, writer);
	cor_bench_write_json(figures, writer);
	int rc = cor_bench_finish_json(bench, writer, &json);
	if (rc == COR_CLI_OK && cor_cli_has(cli, "--json")) {
		cor_buffer_append_str(&buffer, json);
	} else {
		cor_bench_write_head(bench, server, &buffer);
		cor_bench_write(figures, &buffer);
	}
	if (rc == COR_CLI_OK && cor_cli_has(cli, "--save"))
		rc = save(bench, cor_cli_value(cli, "--save"), json);
	int printed = cor_cli_print(cli, &buffer);
	return rc == COR_CLI_OK ? printed : rc;
}

static int measure(const struct cor_bench *bench)
{
	struct cor_cli *cli = bench->cli;
	const char *url = cor_cli_value(cli, "--url");
	struct cor_load_result *result = cor_cli_alloc(cli, sizeof *result);
	struct cor_bench_server server = { 0 };
	struct cor_bench_figures figures;
	int rc = url ? cor_bench_find(cli, url, &server)
		     : cor_bench_start(cli, bench->program, &server);

	if (rc != COR_CLI_OK)
		return rc;
	rc = cor_bench_prepare(bench, &server);
	if (rc == COR_CLI_OK)
		rc = cor_bench_warm_up(bench, &server, result);
	if (rc == COR_CLI_OK)
		rc = cor_bench_load(bench, &server, bench->seconds, result, &figures);
	if (!cor_bench_stop(cli, &server))
		return COR_CLI_TOOL;
	if (rc == COR_CLI_OK)
		rc = tell(bench, &server, &figures);
	return rc == COR_CLI_OK ? cor_bench_judge(cli, &figures) : rc;
}

static int run(struct cor_cli *cli)
{
	struct cor_bench bench = {
		.cli = cli, .connections = 16, .seconds = 5, .warm_s = 1, .rounds = 5
	};
	int rc = read_options(&bench);

	if (rc == COR_CLI_OK)
		rc = check_name(cli, "--save");
	if (rc == COR_CLI_OK)
		rc = check_name(cli, "--against");
	if (rc == COR_CLI_OK)
		rc = find_operation(&bench);
	if (rc != COR_CLI_OK)
		return rc;
	return cor_cli_has(cli, "--against") ? cor_bench_compare_programs(&bench) : measure(&bench);
}

const struct cor_cli_verb cor_cli_bench = {
	.name = "bench",
	.arguments = "[OPERATION | [METHOD] PATH]",
	.summary = "Measure an operation: requests a second, latencies, CPU",
	.doc = "Builds the service as make release does, starts it on a free port of the loopback, with what\n"
	       "follows -- as its options, and asks it the same again and again. OPERATION is a name that\n"
	       "coracle routes lists: its request is made of the examples of the document. A PATH is asked as\n"
	       "it is. Without either it is the first GET that needs nothing. What is in test/before.http is sent\n"
	       "first: it makes what is asked for, and lets requests in.\n"
	       "\n"
	       "With --rate, requests are due at equal distances, and each is counted from when it was due:\n"
	       "while the service stands still, they wait. Without it each connection asks again once it is\n"
	       "answered. The status is 1 if an answer was no 2xx, or a request failed.\n"
	       "\n"
	       "--save keeps the program with its figures in build/bench/NAME. --against runs that one and the\n"
	       "one of now in turns, and says of each figure how it has changed, or that no difference goes\n"
	       "beyond the noise.",
	.choices = "REQUESTS",
	.words_max = 2,
	.rest = "OPTION ...",
	.options = {
		{ "--connections", "-c", "N", "Connections; default 16" },
		{ "--seconds", "-s", "SECONDS", "How long it is measured, of --against each time; default 5" },
		{ "--warm-up", NULL, "SECONDS", "How long it is asked before that; default 1" },
		{ "--rate", "-r", "N", "Requests a second; default: as fast as they are answered" },
		{ "--body", NULL, "FILE", "What is sent; - is standard input" },
		{ "--param", NULL, "NAME=VALUE", "A parameter of path, query, header or cookie; may be given again" },
		{ "--header", NULL, "LINE", "A header, as 'Name: value'; may be given again" },
		{ "--save", NULL, "NAME", "Keep the program and its figures" },
		{ "--against", NULL, "NAME", "Compare with what was saved" },
		{ "--rounds", NULL, "N", "Of --against: how often each is measured, 3 to 30; default 5" },
		{ "--url", NULL, "URL", "Start nothing: ask http://ADDRESS:PORT or unix:PATH" },
		{ "--json", NULL, NULL, "Print the figures as JSON" },
	},
	.run = run,
};
