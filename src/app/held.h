/* SPDX-License-Identifier: MIT */
/**
 * Tells the log about handlers that hold their thread: nothing else runs there meanwhile, and
 * nobody can interrupt them. Private to the app folder.
 */
#ifndef CORACLE_APP_HELD_H
#define CORACLE_APP_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include <coracle/log.h>

#include "runtime/sentinel.h"
#include "runtime/stall.h"

struct cor_logger;
struct cor_server;
struct cor_server_settings;

#define COR_HELD_OPERATIONS 64 /* that are remembered */

/** When a line was last written about an operation. */
struct cor_held_row {
	char operation[COR_STALL_NAME_BYTES];
	int64_t told_ns; /* monotonic; 0: the row is free */
};

struct cor_held {
	const struct cor_server_settings *settings;
	struct cor_logger *logger;
	struct cor_scheduler **schedulers;
	struct cor_sentinel sentinel;
	struct cor_held_row rows[COR_HELD_OPERATIONS];
};

/**
 * Watch the threads of a server, each of which has its scheduler already; with held_ms 0 nothing is
 * watched. The logger is for any thread. Returns 0, -ENOMEM, or as cor_sentinel_start().
 */
int cor_held_start(struct cor_held *held, const struct cor_server *server,
	const struct cor_server_settings *settings, struct cor_logger *logger) COR_CHECKED;

/** When the server's threads have ended. Does nothing if it was zeroed or does not run. */
void cor_held_stop(struct cor_held *held);

/**
 * Write a line about each thread that has been held for `least_ms` at least: `why`, then what by.
 * Returns whether there was one. Blocks for up to 100 ms for each; any thread that runs no
 * scheduler.
 */
bool cor_held_tell(const struct cor_server *server, int64_t least_ms, struct cor_logger *logger,
	enum cor_log_level level, const char *why);

#endif
