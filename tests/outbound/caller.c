/* SPDX-License-Identifier: MIT */
/*
 * Calls of the plain carrier over real sockets, as told on standard input, a line each:
 *
 *     METHOD HOST PORT BODY LIMIT TIMEOUT_MS
 *     sleep MS
 *
 * PORT may be the path of a unix socket, BODY is "-", "length:N" or "chunked:N"; of an answer's
 * body LIMIT bytes are read. Says for each: status, bytes, a checksum, the kind of failure, reused
 * or new, answered or unanswered, milliseconds, the fault. At the end: the descriptors that
 * are left over, and the most memory in KiB that it had.
 *
 *     caller fiber|thread
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>

#include "outbound/plain.h"
#include "runtime/calls.h"

#define LINES_MAX   2000
#define PIECE_BYTES (64 * 1024)

struct order {
	char method[20], host[200], port[120], body[40];
	long long limit;
	long timeout_ms;
};

struct caller {
	void *state;
	struct order orders[LINES_MAX];
	int len;
	char piece[PIECE_BYTES];
};

static void fail(const char *what)
{
	fprintf(stderr, "caller: %s\n", what);
	exit(2);
}

static void read_orders(struct caller *caller)
{
	char line[600];

	while (caller->len < LINES_MAX && fgets(line, sizeof line, stdin)) {
		struct order *order = &caller->orders[caller->len++];
		int n = sscanf(line, "%19s %199s %119s %39s %lld %ld", order->method, order->host,
			order->port, order->body, &order->limit, &order->timeout_ms);
		if (n != 6 && !(n == 2 && strcmp(order->method, "sleep") == 0))
			fail("an order is incomplete");
	}
}

static long long length_of(const char *body)
{
	const char *colon = strchr(body, ':');

	return colon ? strtoll(colon + 1, NULL, 10) : 0;
}

static int64_t body_bytes(const char *body)
{
	return *body == '-' ? COR_BODY_ABSENT : *body == 'c' ? COR_BODY_CHUNKED : length_of(body);
}

static int send_all(struct caller *caller, const struct order *order, struct cor_wire *wire)
{
	int rc = 0;

	memset(caller->piece, 'b', PIECE_BYTES);
	for (long long left = length_of(order->body); left > 0 && rc == 0; left -= PIECE_BYTES)
		rc = wire->carrier->send(
			wire, caller->piece, left < PIECE_BYTES ? (size_t)left : PIECE_BYTES);
	return rc == 0 ? wire->carrier->finish(wire) : rc;
}

struct result {
	unsigned status;
	long long bytes;
	uint32_t sum;
};

static int receive_all(struct caller *caller, const struct order *order, struct cor_wire *wire,
	struct result *result)
{
	struct cor_carrier_answer answer;
	int rc = wire->carrier->receive_head(wire, &answer);
	ssize_t got;

	if (rc < 0)
		return rc;
	result->status = answer.status;
	while (result->bytes < order->limit &&
		(got = wire->carrier->receive(wire, caller->piece, PIECE_BYTES)) != 0) {
		if (got < 0)
			return (int)got;
		result->bytes += got;
		for (ssize_t i = 0; i < got; i++)
			result->sum = result->sum * 31 + (unsigned char)caller->piece[i];
	}
	return 0;
}

static void tell(const struct result *result, const struct cor_wire *wire, int rc, int64_t ms)
{
	const char *kind = wire->fault.kind == COR_FAILED_LOST          ? "lost"
			   : wire->fault.kind == COR_FAILED_REFUSED     ? "refused"
			   : wire->fault.kind == COR_FAILED_UNREACHABLE ? "unreachable"
			   : wire->fault.kind == COR_FAILED_RESOLVE     ? "resolve"
			   : wire->fault.kind == COR_FAILED_PROTOCOL    ? "protocol"
			   : wire->fault.kind == COR_FAILED_TOO_LARGE   ? "too-large"
			   : wire->fault.kind                           ? "other"
			   : rc == -ETIMEDOUT                           ? "timeout"
			   : rc < 0                                     ? "unknown"
									: "-";

	printf("%u %lld %" PRIu32 " %s %s %s %" PRId64 " %s\n", result->status, result->bytes,
		result->sum, kind, wire->is_reused ? "reused" : "new",
		wire->has_answer ? "answered" : "unanswered", ms, wire->fault.text);
}

static void call(struct caller *caller, const struct order *order)
{
	struct cor_arena arena = { 0 };
	bool is_unix = *order->port == '/';
	const struct cor_destination destination = {
		.host = cor_str(order->host),
		.port = is_unix ? 0 : (uint16_t)strtol(order->port, NULL, 10),
		.unix_path = is_unix ? order->port : NULL,
	};
	const struct cor_carrier_request request = {
		.destination = &destination,
		.arena = &arena,
		.method = cor_str(order->method),
		.authority = cor_str(order->host),
		.path = COR_STR("/"),
		.body_bytes = body_bytes(order->body),
	};
	struct result result = { 0 };
	struct cor_scope scope;
	struct cor_wire *wire;
	int64_t begun_ns = cor_monotonic_ns();

	cor_scope_enter(&scope, order->timeout_ms);
	if (cor_plain_carrier.begin(caller->state, &request, &wire) < 0)
		fail("begin");
	int rc = wire->carrier->connect(wire);
	if (rc == 0)
		rc = send_all(caller, order, wire);
	if (rc == 0 || rc == -EPIPE)
		rc = receive_all(caller, order, wire, &result);
	tell(&result, wire, rc, (cor_monotonic_ns() - begun_ns) / 1000000);
	wire->carrier->end(wire);
	cor_scope_leave(&scope);
	cor_arena_finish(&arena);
}

static int run(void *arg)
{
	struct caller *caller = arg;

	for (int i = 0; i < caller->len; i++) {
		const struct order *order = &caller->orders[i];
		if (strcmp(order->method, "sleep") != 0)
			call(caller, order);
		else if (cor_sleep_ms(strtol(order->host, NULL, 10)) < 0)
			fail("sleep");
	}
	return 0;
}

static int descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	while (folder && readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static long most_memory(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[200];
	long kib = 0;

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

static void run_in_fiber(struct caller *caller)
{
	struct cor_scheduler *scheduler;

	if (cor_scheduler_create(NULL, &scheduler) < 0 ||
		cor_fiber_start(scheduler, run, caller, NULL, NULL) < 0)
		fail("scheduler");
	cor_scheduler_stop(scheduler);
	if (cor_scheduler_run(scheduler) < 0)
		fail("run");
	cor_plain_carrier.close(caller->state);
	cor_scheduler_destroy(scheduler);
}

int main(int argc, char **argv)
{
	static struct caller caller;
	int before = descriptors();

	if (argc != 2)
		fail("usage: caller fiber|thread");
	read_orders(&caller);
	if (cor_plain_carrier.open(&cor_plain_carrier, &cor_carrier_calls, &caller.state) < 0)
		fail("open");
	if (strcmp(argv[1], "fiber") == 0) {
		run_in_fiber(&caller);
	} else {
		run(&caller);
		cor_plain_carrier.close(caller.state);
	}
	printf("%d %ld\n", descriptors() - before, most_memory());
	return 0;
}
