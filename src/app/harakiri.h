/* SPDX-License-Identifier: MIT */
/**
 * Finds and reports threads that a request holds for too long.
 *
 * A request's own deadline ends what waits; nobody can interrupt what computes. Private to the app
 * folder; belongs to one thread, which is not one of the server's.
 */
#ifndef CORACLE_APP_HARAKIRI_H
#define CORACLE_APP_HARAKIRI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

struct cor_logger;
struct cor_server;
struct cor_suspect;

struct cor_harakiri {
	const struct cor_server *server;
	struct cor_logger *logger;
	uint32_t limit_ms;
	struct cor_suspect *suspects; /* a row for each thread; NULL: nobody is watched */
	size_t suspects_len;
};

/**
 * Be ready to look at the threads of the server, which may not have been started yet. Returns 0,
 * -ENOMEM, or as cor_stall_install().
 */
int cor_harakiri_open(struct cor_harakiri *harakiri, const struct cor_server *server,
	uint32_t threads, uint32_t limit_ms, struct cor_logger *logger) COR_CHECKED;

/**
 * Report every thread that has been held for limit_ms, each once: handler, request, how long, and
 * its stack. Blocks for up to 100 ms for each. Returns whether there was one.
 */
bool cor_harakiri_look(struct cor_harakiri *harakiri);

/** Before the server is destroyed. Does nothing if it was zeroed. */
void cor_harakiri_close(struct cor_harakiri *harakiri);

#endif
