/* SPDX-License-Identifier: MIT */
/*
 * Calls by the carrier for the tests in Python: carry fiber|thread
 *
 * A line of the input is a call, of words "name=value" (see take_word()); "go" makes those that
 * were read, side by side in fibers or one after the other. A line of the output tells what became
 * of each, as JSON; another follows them, and the last tells what is left open.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/clock.h>
#include <coracle/curl.h>
#include <coracle/error.h>
#include <coracle/fiber.h>

#include "client/carrier.h"
#include "runtime/calls.h"

#define FIELDS_MAX 128
#define LINE_BYTES 65536
#define CALLS_MAX  1024

struct call {
	char line[LINE_BYTES];
	const char *id;
	struct cor_destination to;
	struct cor_upstream_tls tls;
	struct cor_arena arena;
	struct cor_carrier_request request;
	struct cor_http_field fields[FIELDS_MAX];
	int64_t send_bytes; /* of the body */
	size_t piece;
	bool is_unfinished; /* never call finish() */
	int64_t connect_ms, send_ms, head_ms, receive_ms;
	int64_t cancel_ms;  /* after so long; -1: not */
	int64_t read_bytes; /* then end; -1: all */
	int64_t pause_ms;   /* before the body is read */
	size_t read_size;

	const char *step;
	int rc;
	struct cor_carrier_answer answer;
	int64_t got;
	uint32_t sum;
	char shown[201];
	struct cor_fiber *fiber;
};

static void *state;
static long watched; /* watches that were added, less those removed */

/* --- the runtime's calls, watched --- */

static int add_watch(struct cor_scheduler *scheduler, struct cor_watch *watch, uint32_t events)
{
	int rc = cor_runtime_calls.reactor_add(scheduler, watch, events);

	watched += rc == 0;
	return rc;
}

static void remove_watch(struct cor_scheduler *scheduler, struct cor_watch *watch)
{
	watched--;
	cor_runtime_calls.reactor_remove(scheduler, watch);
}

static long open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	long count = 0;

	if (!folder)
		return 0; /* a test that leaves none for it */
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* --- what a call is --- */

static void take_fields(struct call *call, char *text)
{
	char *rest = NULL;

	for (char *one = strtok_r(text, "|", &rest); one; one = strtok_r(NULL, "|", &rest)) {
		char *colon = strchr(one, ':');
		*colon = '\0';
		call->fields[call->request.fields_len++] = (struct cor_http_field){ one,
			colon + 1 };
	}
}

static void take_word(struct call *call, char *name, char *value)
{
	const struct {
		const char *name;
		int64_t *number;
	} numbers[] = { { "body", &call->request.body_bytes }, { "send", &call->send_bytes },
		{ "connect_ms", &call->connect_ms }, { "send_ms", &call->send_ms },
		{ "head_ms", &call->head_ms }, { "receive_ms", &call->receive_ms },
		{ "cancel_ms", &call->cancel_ms }, { "read", &call->read_bytes },
		{ "pause_ms", &call->pause_ms } };
	const struct {
		const char *name;
		const char **text;
	} texts[] = { { "id", &call->id }, { "unix", &call->to.unix_path },
		{ "ca", &call->tls.ca_file }, { "cert", &call->tls.certificate_file },
		{ "key", &call->tls.key_file }, { "name", &call->tls.server_name },
		{ "pin", &call->tls.pin } };
	const struct {
		const char *name;
		struct cor_str *text;
	} strs[] = { { "host", &call->to.host }, { "proxy", &call->to.proxy },
		{ "method", &call->request.method }, { "authority", &call->request.authority },
		{ "path", &call->request.path } };

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(name, numbers[i].name) == 0)
			*numbers[i].number = strtoll(value, NULL, 10);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(name, texts[i].name) == 0)
			*texts[i].text = value;
	for (size_t i = 0; i < sizeof strs / sizeof *strs; i++)
		if (strcmp(name, strs[i].name) == 0)
			*strs[i].text = cor_str(value);
	if (strcmp(name, "port") == 0)
		call->to.port = (uint16_t)strtol(value, NULL, 10);
	if (strcmp(name, "tls") == 0)
		call->to.is_tls = true;
	if (strcmp(name, "unverified") == 0)
		call->tls.verification = COR_TLS_UNVERIFIED;
	if (strcmp(name, "unfinished") == 0)
		call->is_unfinished = true;
	if (strcmp(name, "piece") == 0)
		call->piece = (size_t)strtoll(value, NULL, 10);
	if (strcmp(name, "read_size") == 0)
		call->read_size = (size_t)strtoll(value, NULL, 10);
	if (strcmp(name, "fields") == 0)
		take_fields(call, value);
}

static struct call *parse(const char *line)
{
	struct call *call = calloc(1, sizeof *call);
	char *rest = NULL;

	cor_arena_init(&call->arena, NULL, 0, 0);
	call->id = "?";
	call->to.host = cor_str("127.0.0.1");
	call->request = (struct cor_carrier_request){ .destination = &call->to,
		.arena = &call->arena,
		.method = COR_STR("GET"),
		.authority = COR_STR("localhost"),
		.path = COR_STR("/"),
		.fields = call->fields,
		.body_bytes = COR_BODY_ABSENT };
	call->connect_ms = call->send_ms = call->head_ms = call->receive_ms = 10000;
	call->cancel_ms = call->read_bytes = -1;
	call->piece = 10000;
	call->read_size = 65536;
	snprintf(call->line, sizeof call->line, "%s", line);
	for (char *word = strtok_r(call->line, " \n", &rest); word;
		word = strtok_r(NULL, " \n", &rest)) {
		char *equals = strchr(word, '=');
		if (!equals)
			continue;
		*equals = '\0';
		take_word(call, word, equals + 1);
	}
	call->to.tls = &call->tls;
	return call;
}

/* --- carrying it --- */

static int step(struct call *call, const char *name, int rc)
{
	call->step = name;
	call->rc = rc;
	return rc;
}

#define WITHIN(ms, expression)                                                                     \
	({                                                                                         \
		struct cor_scope scope_;                                                           \
		cor_scope_enter(&scope_, (ms));                                                    \
		__auto_type result_ = (expression);                                                \
		cor_scope_leave(&scope_);                                                          \
		result_;                                                                           \
	})

static char byte_at(int64_t at)
{
	return (char)('a' + at % 23);
}

static int send_body(struct call *call, struct cor_wire *wire)
{
	char *piece = malloc(call->piece);
	int64_t left = call->send_bytes, at = 0;
	int rc = 0;

	while (left > 0 && rc == 0) {
		size_t len = left < (int64_t)call->piece ? (size_t)left : call->piece;
		for (size_t i = 0; i < len; i++)
			piece[i] = byte_at(at++);
		rc = WITHIN(call->send_ms, cor_curl.send(wire, piece, len));
		memset(piece, '!', call->piece); /* nothing of it is needed any more */
		left -= (int64_t)len;
	}
	free(piece);
	if (rc == 0 && !call->is_unfinished)
		rc = WITHIN(call->send_ms, cor_curl.finish(wire));
	return rc;
}

static int receive_body(struct call *call, struct cor_wire *wire)
{
	char *buffer = malloc(call->read_size);
	ssize_t got = 1;

	if (call->pause_ms > 0)
		(void)!cor_sleep_ms(call->pause_ms);
	while (got > 0 && (call->read_bytes < 0 || call->got < call->read_bytes)) {
		got = WITHIN(call->receive_ms, cor_curl.receive(wire, buffer, call->read_size));
		for (ssize_t i = 0; i < got; i++) {
			call->sum = call->sum * 31 + (unsigned char)buffer[i];
			if (call->got < 200)
				call->shown[call->got] = buffer[i];
			call->got++;
		}
	}
	free(buffer);
	return got < 0 ? (int)got : 0;
}

static int exchange(struct call *call, struct cor_wire *wire)
{
	if (step(call, "connect", WITHIN(call->connect_ms, cor_curl.connect(wire))) < 0)
		return call->rc;
	int rc = step(call, "send", send_body(call, wire));
	if (rc < 0 && rc != -EPIPE)
		return rc;
	if (step(call, "head", WITHIN(call->head_ms, cor_curl.receive_head(wire, &call->answer))) <
		0)
		return call->rc;
	if (step(call, "body", receive_body(call, wire)) < 0)
		return call->rc;
	return step(call, rc == -EPIPE ? "cut" : "done", 0);
}

static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			printf("\\u%04x", (unsigned)(unsigned char)*text);
		else
			putchar(*text);
	putchar('"');
}

static void print_text(const char *name, const char *text)
{
	printf(", \"%s\": ", name);
	print_string(text);
}

static void print_fields(const struct cor_carrier_answer *answer)
{
	if (answer->fields && answer->fields[answer->fields_len].name)
		abort(); /* they have no end */
	printf(", \"fields\": [");
	for (size_t i = 0; i < answer->fields_len; i++) {
		printf("%s[", i ? ", " : "");
		print_string(answer->fields[i].name);
		printf(", ");
		print_string(answer->fields[i].value);
		printf("]");
	}
	printf("]");
}

static void print_call(const struct call *call, const struct cor_wire *wire, double ms)
{
	printf("{\"status\": %d, \"ms\": %.1f", call->answer.status, ms);
	print_text("id", call->id);
	print_text("step", call->step);
	print_text("rc", call->rc == 0 ? "0" : cor_errname(call->rc));
	if (wire) {
		printf(", \"kind\": %d, \"reused\": %s, \"answered\": %s", (int)wire->fault.kind,
			wire->is_reused ? "true" : "false", wire->has_answer ? "true" : "false");
		print_text("text", wire->fault.text);
	}
	printf(", \"announced\": %lld, \"got\": %lld, \"sum\": %u",
		(long long)call->answer.body_bytes, (long long)call->got, call->sum);
	print_text("shown", call->shown);
	print_fields(&call->answer);
	printf("}\n");
	fflush(stdout);
}

static int carry(void *arg)
{
	struct call *call = arg;
	struct cor_wire *wire = NULL;
	int64_t began_ns = cor_monotonic_ns();

	if (step(call, "begin", cor_curl.begin(state, &call->request, &wire)) == 0)
		exchange(call, wire);
	print_call(call, wire, (double)(cor_monotonic_ns() - began_ns) / 1e6);
	if (wire)
		cor_curl.end(wire);
	return 0;
}

static int cancel(void *arg)
{
	struct call *call = arg;

	(void)!cor_sleep_ms(call->cancel_ms);
	cor_fiber_cancel(call->fiber);
	return 0;
}

static void run_in_fibers(struct call **calls, size_t len, struct cor_scheduler *scheduler)
{
	for (size_t i = 0; i < len; i++) {
		if (cor_fiber_start(scheduler, carry, calls[i], NULL, &calls[i]->fiber) < 0)
			abort();
		if (calls[i]->cancel_ms >= 0 &&
			cor_fiber_start(scheduler, cancel, calls[i], NULL, NULL) < 0)
			abort();
	}
	cor_scheduler_stop(scheduler);
	if (cor_scheduler_run(scheduler) < 0)
		abort();
	for (size_t i = 0; i < len; i++)
		cor_fiber_join(calls[i]->fiber, NULL);
}

static void run(struct call **calls, size_t len, struct cor_scheduler *scheduler)
{
	if (scheduler)
		run_in_fibers(calls, len, scheduler);
	for (size_t i = 0; i < len; i++) {
		if (!scheduler)
			carry(calls[i]);
		cor_arena_finish(&calls[i]->arena);
		free(calls[i]);
	}
	printf("{\"watched\": %ld, \"files\": %ld}\n", watched, open_files());
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static char line[LINE_BYTES];
	static struct call *calls[CALLS_MAX];
	struct cor_runtime_calls seen = cor_runtime_calls;
	struct cor_carrier_calls handed = cor_carrier_calls;
	struct cor_scheduler *scheduler = NULL;
	size_t len = 0;
	bool in_fibers = argc > 1 && strcmp(argv[1], "fiber") == 0;

	seen.reactor_add = add_watch;
	seen.reactor_remove = remove_watch;
	handed.runtime = &seen;
	long files = open_files();
	if (in_fibers && cor_scheduler_create(NULL, &scheduler) < 0)
		return 1;
	int64_t began_ns = cor_monotonic_ns();
	if (cor_curl.open(&cor_curl, &handed, &state) < 0)
		return 1;
	int64_t opened_ns = cor_monotonic_ns() - began_ns;
	while (fgets(line, sizeof line, stdin)) {
		if (strcmp(line, "go\n") != 0) {
			calls[len++] = parse(line);
			continue;
		}
		run(calls, len, scheduler);
		len = 0;
	}
	cor_scheduler_destroy(scheduler);
	cor_curl.close(state);
	printf("{\"left\": %ld, \"watched\": %ld, \"opened_us\": %lld}\n", open_files() - files,
		watched, (long long)(opened_ns / 1000));
	return 0;
}
