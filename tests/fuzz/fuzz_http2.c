/* SPDX-License-Identifier: MIT */
/*
 * A client of HTTP/2 and the loop of a server in a world of its own (src/world): what becomes of
 * any bytes behind the preface, with handlers that read, stream, wait and fail. The first byte says
 * how the others come: in pieces of what size, with how much time between them, and how it ends.
 *
 * Whatever came, the server goes on: it drains in time, and nothing is left of the connection.
 */
#include "target.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/context.h>
#include <coracle/fiber.h>
#include <coracle/stream.h>

#include "exchange/exchange.h"
#include "observe/logger.h"
#include "server/server.h"
#include "world/turns.h"

#define ADDRESS "127.0.0.1:80"
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

static void must(bool claim)
{
	if (!claim)
		abort();
}

/* --- the service --- */

static const struct cor_route *route(const struct cor_handler *self, const struct cor_head *head,
	const char *bytes, struct cor_route_parameters *ret_parameters)
{
	static const struct cor_route any = { .name = "any", .body_limit_bytes = -1 };

	(void)self, (void)head, (void)bytes;
	ret_parameters->len = 0;
	return &any;
}

static int answer(struct cor_exchange *x, struct cor_str text)
{
	return cor_exchange_respond(x, 200, COR_STR("text/plain"), text);
}

static int echo(struct cor_exchange *x)
{
	struct cor_str body;
	int rc = cor_exchange_read_all(x, &body);

	return rc < 0 ? rc : answer(x, body);
}

static int stream(struct cor_exchange *x, bool pauses)
{
	struct cor_reply reply = { .exchange = x };
	char piece[3000];
	int rc = cor_reply_start(&reply, 200, "text/plain");

	memset(piece, 's', sizeof piece);
	for (int i = 0; i < 40 && rc == 0; i++) {
		rc = cor_reply_write(&reply, piece, sizeof piece);
		if (rc == 0 && pauses)
			rc = cor_sleep_ms(1);
		if (rc == 0 && pauses)
			rc = cor_reply_flush(&reply);
	}
	return rc;
}

/* By the last character of its path. */
static void serve(const struct cor_handler *self, struct cor_exchange *x)
{
	static char large[100000];
	struct cor_str path = cor_exchange_path(x);
	int rc;

	(void)self;
	switch (path.len == 0 ? 0 : path.data[path.len - 1]) {
	case 'e':
		rc = echo(x);
		break;
	case 's':
		rc = stream(x, false);
		break;
	case 'p':
		rc = stream(x, true);
		break;
	case 'l':
		rc = answer(x, (struct cor_str){ large, sizeof large });
		break;
	case 'w':
		rc = cor_sleep_ms(50) < 0 ? -1 : answer(x, COR_STR("waited"));
		break;
	case 'f':
		return; /* it gives no answer */
	default:
		rc = answer(x, COR_STR("plain"));
	}
	x->broken = rc < 0 && x->reply_state != COR_REPLY_NONE;
}

/* --- the server --- */

static const struct cor_server_settings settings = {
	.threads = 1,
	.backlog = 16,
	.connections_max = 16,
	.unsent_limit_bytes = 1 << 20,
	.connection = {
		.requests_per_connection = 50,
		.connection_age_s = 3600,
		.idle_timeout_ms = 300,
		.handshake_timeout_ms = 400,
		.write_timeout_ms = 500,
		.drain_timeout_ms = 600,
	},
	.requests = {
		.header_timeout_ms = 200,
		.body_timeout_ms = 250,
		.request_timeout_ms = 350,
		.request_line_bytes = 8192,
		.header_line_bytes = 8192,
		.header_block_bytes = 32768,
		.header_count = 100,
		.body_limit_bytes = 1 << 16,
		.request_memory_bytes = 1 << 20,
		.http2_streams = 20,
	},
};

struct stage {
	struct cor_world *world;
	struct cor_seams seams;
	struct cor_world_cast cast;
	struct cor_logger *logger;
	struct cor_listening_set listening;
	struct cor_share share;
	struct cor_counts counts;
	struct cor_server *server;
};

static void open_stage(struct stage *stage, int log)
{
	static const char *const addresses[] = { ADDRESS };
	static struct cor_environment environment;
	static const struct cor_handler handler = {
		.route = route,
		.serve = serve,
		.environment = &environment,
	};
	static const struct cor_handler *const handlers[] = { &handler };

	*stage = (struct stage){ .world = cor_world_create() };
	stage->seams = cor_world_seams(stage->world);
	const struct cor_logger_options logging = {
		.fd = log,
		.format = COR_LOG_JSON,
		.level = COR_LOG_INFO,
		.access = COR_LOG_ACCESS_ON,
		.clock = stage->seams.clock,
	};
	must(cor_logger_create(&logging, &stage->logger) == 0);
	environment = (struct cor_environment){ .logger = stage->logger };
	const struct cor_listening_options where = {
		.addresses = addresses,
		.len = 1,
		.each.backlog = 16,
		.transport = stage->seams.transport,
	};
	stage->share = (struct cor_share){
		.connections_max = 16,
		.fibers_max = 64,
		.unsent_max_bytes = settings.unsent_limit_bytes,
		.counts = &stage->counts,
	};
	const struct cor_server_options options = {
		.settings = &settings,
		.handlers = handlers,
		.listening = &stage->listening,
		.share = &stage->share,
		.seams = &stage->seams,
	};
	must(cor_listening_open(&stage->listening, &where, NULL) == 0);
	must(cor_server_create(&options, &stage->server) == 0);
	must(cor_server_open(stage->server) == 0);
	stage->cast.schedulers[0] = cor_server_loop(stage->server, 0)->scheduler;
	stage->cast.len = 1;
}

static void run_ms(struct stage *stage, int64_t ms)
{
	int rc = cor_world_run_until(
		stage->world, &stage->cast, cor_world_now_ns(stage->world) + ms * INT64_C(1000000));
	must(rc >= 0);
}

static void close_stage(struct stage *stage)
{
	cor_server_drain(stage->server, COR_DRAIN_CLOSE);
	must(cor_world_run_until(stage->world, &stage->cast,
		     cor_world_now_ns(stage->world) + INT64_C(3000000000)) == 0);
	must(cor_server_wait(stage->server) == 0);
	cor_server_destroy(stage->server);
	cor_listening_close(&stage->listening);
	cor_logger_destroy(stage->logger);
	cor_world_destroy(stage->world);
}

/* --- the client --- */

static void take(struct stage *stage, int peer)
{
	static char taken[65536];

	while (cor_world_receive(stage->world, peer, taken, sizeof taken) > 0)
		continue;
}

static void offer(struct stage *stage, int peer, const uint8_t *data, size_t size, uint8_t how)
{
	static const size_t sizes[] = { 1, 7, 100, 100000 };
	static const int64_t pauses_ms[] = { 0, 1, 60, 0 };
	size_t piece = sizes[how & 3];

	while (size != 0 && !cor_world_has_ended(stage->world, peer)) {
		size_t n = size < piece ? size : piece;
		ssize_t sent = cor_world_send_bytes(stage->world, peer, data, n);
		if (sent > 0) {
			data += sent;
			size -= (size_t)sent;
		}
		run_ms(stage, pauses_ms[how >> 2 & 3]);
		if (!(how & 16))
			take(stage, peer); /* else it never does */
		if (sent <= 0)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int log = -1;
	struct stage stage;

	if (size < 1)
		return 0;
	if (log < 0)
		log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	open_stage(&stage, log);
	int peer = cor_world_connect(stage.world, ADDRESS);
	must(peer >= 0);
	must(cor_world_send_bytes(stage.world, peer, PREFACE, sizeof PREFACE - 1) > 0);
	offer(&stage, peer, data + 1, size - 1, data[0]);
	run_ms(&stage, data[0] & 32 ? 1000 : 20);
	if (data[0] & 64)
		cor_world_reset(stage.world, peer);
	else if (data[0] & 128)
		cor_world_close(stage.world, peer);
	close_stage(&stage);
	return 0;
}
