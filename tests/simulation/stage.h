/* SPDX-License-Identifier: MIT */
/**
 * A whole service in a world: listener, connections, HTTP/1.1, routing, handlers and log, driven by
 * the test. From open to close it asks the system for nothing but memory (tripwire.h).
 *
 *     struct stage stage;
 *     stage_open(&stage, 1);
 *     int peer = cor_world_connect(stage.world, STAGE_ADDRESS);
 *     cor_world_send(stage.world, peer, "GET /hello?name=Ada HTTP/1.1\r\n...");
 *     stage_run_until(&stage, at_ns);
 *     ... cor_world_receive(stage.world, peer, ...) ...
 *     stage_close(&stage);
 */
#ifndef TESTS_SIMULATION_STAGE_H
#define TESTS_SIMULATION_STAGE_H

#include "server/server.h"
#include "world/turns.h"

#define STAGE_ADDRESS "127.0.0.1:80"

#define LOOPS_MAX 2

/* Its settings. No two are equal, so that a test cannot confuse them. */
#define HEADER_MS  1500
#define BODY_MS    2000
#define REQUEST_MS 3000
#define WRITE_MS   4000
#define IDLE_MS    5000
#define DRAIN_MS   2500
#define QUEUE_MS   100

struct cor_dispatcher;
struct cor_logger;

struct stage {
	struct cor_world *world;
	struct cor_server *server;
	bool ended; /* it has drained, and all loops have ended */

	/* private */
	struct cor_seams seams;
	struct cor_world_cast cast;
	struct cor_dispatcher *dispatchers[LOOPS_MAX];
	const struct cor_handler *handlers[LOOPS_MAX];
	struct cor_logger *loggers[LOOPS_MAX];
	int log;
	int descriptors;
	struct cor_listening_set listening;
	struct cor_server_settings settings;
	struct cor_share share;
	struct cor_counts counts[LOOPS_MAX];
	struct cor_memory memory;
};

/** Open it with `loops` loops, LOOPS_MAX at most. Ends the program on failure. */
void stage_open(struct stage *stage, uint32_t loops);

/** Like stage_open(), with connection filters. */
void stage_open_with(struct stage *stage, uint32_t loops, const struct cor_filter_source *filters);

/** Run until `at_ns`; everything on the way happens at its own nanosecond. */
void stage_run_until(struct stage *stage, int64_t at_ns);

/** From the next look on, this many of 1,000 bytes of memory are in use. */
void stage_use_memory(struct stage *stage, uint64_t bytes);

/** All log lines so far; the caller frees them. */
char *stage_log(struct stage *stage);

/** Drain what has not ended, however long that takes, and free everything. */
void stage_close(struct stage *stage);

#endif
