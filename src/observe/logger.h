/* SPDX-License-Identifier: MIT */
/**
 * Where log lines go: one logger for each thread that serves.
 *
 * A logger becomes its scheduler's with the first line logged on a thread that runs one: from then
 * on lines of that thread are gathered and written before the loop waits (it takes the scheduler's
 * idle hook), or at once for an error. Lines from elsewhere (no scheduler, another one) are written
 * at once, and wait for the reader a moment at most. A line is at most COR_LOG_LINE_BYTES long and
 * is handed to the system whole, so that threads and processes can share a pipe or a file.
 *
 * The reader may be slow or gone: a write is tried once and never waits, though the descriptor may
 * be a blocking one; what does not fit stays, and when the room for it is used up lines are dropped
 * and counted; the count is logged. Nothing here yields.
 */
#ifndef CORACLE_OBSERVE_LOGGER_H
#define CORACLE_OBSERVE_LOGGER_H

#include <stdbool.h>

#include <coracle/log.h>

#define COR_LOG_LINE_BYTES                                                                         \
	4096 /* with its line feed; PIPE_BUF of Linux, up to which a write is never torn */

struct cor_clock;
struct cor_logger;

enum cor_log_format {
	COR_LOG_TEXT = 0, /* for people */
	COR_LOG_JSON,     /* an object a line */
};

enum cor_log_access {
	COR_LOG_ACCESS_OFF = 0, /* only requests that were refused with a reason */
	COR_LOG_ACCESS_ON,
};

struct cor_logger_options {
	int fd; /* borrowed */
	enum cor_log_format format;
	enum cor_log_level level; /* the most talkative one that is written */
	enum cor_log_access access;
	const struct cor_clock *clock; /* NULL: the system's */
};

/** Make a logger. Returns 0 or -ENOMEM. The caller owns *ret. */
int cor_logger_create(
	const struct cor_logger_options *options, struct cor_logger **ret) COR_CHECKED;

/** Write what is left and free it; its scheduler must not be running any more. NULL is allowed. */
void cor_logger_destroy(struct cor_logger *logger);

/** Write what was gathered. On the owner's thread, or when that has ended. */
void cor_logger_flush(struct cor_logger *logger);

/**
 * A line without a ctx: of the server, of the program. Any thread. request_id NULL: none; logger
 * NULL: no line.
 */
void cor_logger_log(struct cor_logger *logger, enum cor_log_level level, const char *request_id,
	const char *format, ...) COR_PRINTF(4, 5);

#endif
