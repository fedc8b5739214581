/* SPDX-License-Identifier: MIT */
/*
 * A server with a bare handler, for the tests of this folder; probe_places.h has what it does.
 *
 * usage: probe-server [--filter NAME] [--log on|bad] [--KEY NUMBER]... ADDRESS...
 *        keys are members of struct cor_server_settings; --log on writes the access log, --log bad
 *        only what went wrong
 *        probe-server --list                          the members' names
 * Prints "port N" for each address, then serves until TERM (drains) and a second TERM (stops).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "observe/logger.h"
#include "probe_filter.h"
#include "probe_places.h"
#include "probe_tls.h"
#include "runtime/crash.h"
#include "server/server.h"

static const struct cor_route *route(const struct cor_handler *self, const struct cor_head *head,
	const char *bytes, struct cor_route_parameters *ret_parameters)
{
	static const struct cor_route probe = { .name = "probe", .body_limit_bytes = -1 };

	(void)self;
	(void)head;
	(void)bytes;
	ret_parameters->len = 0;
	return &probe;
}

/*
 * Call `visit` with each number row, including those of embedded structs, and the memory it
 * describes.
 */
static void visit_rows(const struct cor_schema *schema, char *base,
	void (*visit)(const struct cor_field *field, char *at, const char *key, const char *value),
	const char *key, const char *value)
{
	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_field *field = &schema->fields[i];
		char *at = base + field->offset;
		if (field->type.kind == COR_KIND_EMBED)
			visit_rows(field->type.schema, at, visit, key, value);
		else
			visit(field, at, key, value);
	}
}

static void put(const struct cor_field *field, char *at, const char *value)
{
	if (field->type.kind == COR_KIND_UINT32)
		*(uint32_t *)(void *)at = (uint32_t)strtoul(value, NULL, 10);
	else if (field->type.kind == COR_KIND_UINT64)
		*(uint64_t *)(void *)at = strtoull(value, NULL, 10);
}

static void put_if_named(
	const struct cor_field *field, char *at, const char *key, const char *value)
{
	if (strcmp(field->member, key) == 0)
		put(field, at, value);
}

/* The table's own fallbacks, without the codec. */
static void put_fallback(
	const struct cor_field *field, char *at, const char *key, const char *value)
{
	(void)key;
	(void)value;
	put(field, at, field->fallback);
}

static void print_member(
	const struct cor_field *field, char *at, const char *key, const char *value)
{
	(void)at;
	(void)key;
	(void)value;
	puts(field->member);
}

static int run(struct cor_server *server, const struct cor_listening_set *listening,
	const sigset_t *signals)
{
	int signal_number;

	int rc = cor_server_start(server);
	if (rc < 0) {
		fprintf(stderr, "start: %s\n", cor_strerror(rc));
		return 1;
	}
	for (size_t i = 0; i < listening->len; i++)
		printf("port %u\n", cor_listening_port(listening, i));
	fflush(stdout);
	sigwait(signals, &signal_number);
	cor_server_drain(server, COR_DRAIN_CLOSE);
	return cor_server_wait(server) < 0;
}

static int serve_at(const struct cor_server_settings *settings,
	const struct cor_handler *const *handlers, const struct cor_filter_source *filters,
	const sigset_t *signals)
{
	struct cor_listening_set listening;
	struct cor_server *server;
	const char *failed;
	const struct cor_server_options options = {
		.settings = settings,
		.handlers = handlers,
		.listening = &listening,
		.filters = filters,
	};

	const struct cor_listening_options of_listening = {
		.addresses = settings->http.items,
		.len = settings->http.len,
		.each.backlog = (int)settings->backlog,
	};
	int rc = cor_listening_open(&listening, &of_listening, &failed);
	if (rc == 0)
		rc = cor_server_create(&options, &server);
	if (rc < 0) {
		fprintf(stderr, "%s: %s\n", failed ? failed : "create", cor_strerror(rc));
		return 1;
	}
	int status = run(server, &listening, signals);
	cor_server_destroy(server);
	cor_listening_close(&listening);
	return status;
}

struct arguments {
	struct cor_server_settings settings;
	const struct cor_filter_source *filters;
	bool logs, logs_access;
	const char *addresses[8];
};

static void read_option(struct arguments *arguments, const char *key, const char *value)
{
	if (strcmp(key, "filter") == 0)
		arguments->filters = probe_filters(value);
	else if (strcmp(key, "tls") == 0)
		arguments->filters = probe_tls(value);
	else if (strcmp(key, "log") == 0)
		arguments->logs = true, arguments->logs_access = strcmp(value, "on") == 0;
	else
		visit_rows(&cor_server_settings_schema.schema, (char *)&arguments->settings,
			put_if_named, key, value);
}

static void read_arguments(struct arguments *arguments, int argc, char **argv)
{
	struct cor_server_settings *settings = &arguments->settings;

	settings->http.items = arguments->addresses;
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) == 0 && i + 1 < argc) {
			read_option(arguments, argv[i] + 2, argv[i + 1]);
			i++;
		} else if (settings->http.len < 8) {
			arguments->addresses[settings->http.len++] = argv[i];
		}
	}
}

static void block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigprocmask(SIG_BLOCK, signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct cor_environment environments[8] = { 0 };
	struct cor_handler handlers[8];
	const struct cor_handler *pointers[8];
	struct cor_logger_options log = {
		.fd = 2, .format = COR_LOG_JSON, .level = COR_LOG_INFO, .access = COR_LOG_ACCESS_OFF
	};
	char *settings = (char *)&arguments.settings;
	sigset_t signals;

	visit_rows(&cor_server_settings_schema.schema, settings, put_fallback, NULL, NULL);
	arguments.settings.queue_target_ms = 10000; /* sanitizers are slow */
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		visit_rows(&cor_server_settings_schema.schema, settings, print_member, NULL, NULL);
		return 0;
	}
	read_arguments(&arguments, argc, argv);
	if (arguments.logs_access)
		log.access = COR_LOG_ACCESS_ON;
	for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
		handlers[i] = (struct cor_handler){
			.route = route, .serve = probe_serve, .environment = &environments[i]
		};
		pointers[i] = &handlers[i];
		if (arguments.logs && cor_logger_create(&log, &environments[i].logger) < 0) {
			fputs("probe-server: no memory for its log\n", stderr);
			return 1;
		}
	}
	block_signals(&signals);
	if (cor_crash_report_install() < 0)
		return 1;
	int status = serve_at(&arguments.settings, pointers, arguments.filters, &signals);
	probe_tls_close();
	for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
		cor_logger_destroy(environments[i].logger);
	return status;
}
