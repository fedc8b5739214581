/* SPDX-License-Identifier: MIT */
/**
 * Where log lines go: one logger for each thread that serves.
 *
 * The first line logged on a thread that runs a scheduler makes the logger that scheduler's, if it
 * has none yet: from then on lines of that thread are gathered and written before the loop waits
 * (through the scheduler's idle hook), errors immediately. Lines from elsewhere (no scheduler, or
 * another one) are written immediately; without a scheduler they wait a moment for the reader. A
 * line is at most
 * COR_LOG_LINE_BYTES long and is handed to the system whole, so that threads and processes can
 * share a pipe or a file.
 *
 * The reader may be slow or gone, the disk full: a write is tried once and never waits, even on a
 * blocking descriptor. What does not fit stays; when the buffer is full, lines are dropped and
 * counted, and the count is logged. A line that could only be written in part is ended, so that the
 * next one is whole. Nothing here yields.
 */
#ifndef CORACLE_OBSERVE_LOGGER_H
#define CORACLE_OBSERVE_LOGGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	enum cor_log_level level; /* the least serious one that is written */
	enum cor_log_access access;
	const char *process; /* its part in a service of several, on each line; NULL: it is alone */
	bool is_shared;      /* by threads that have loggers of their own: it never gathers lines */
	const struct cor_clock *clock; /* NULL: the system's */
};

/** Make a logger. Returns 0 or -ENOMEM. The caller owns *ret. */
int cor_logger_create(
	const struct cor_logger_options *options, struct cor_logger **ret) COR_CHECKED;

/**
 * The same for a child of fork(), like one of its parent's, whose descriptors it need not have but
 * for the borrowed one; shared by its threads.
 */
int cor_logger_create_like(
	const struct cor_logger *model, const char *process, struct cor_logger **ret) COR_CHECKED;

/**
 * Write what is left, report lost lines, free it. Its scheduler must not be running. NULL is
 * allowed.
 */
void cor_logger_destroy(struct cor_logger *logger);

/** The process has another part from now on. No other thread may log meanwhile. */
void cor_logger_set_process(struct cor_logger *logger, const char *process);

/** Write what was gathered. On the owner's thread, or when that has ended. */
void cor_logger_flush(struct cor_logger *logger);

/** Whether lines of that level are written: before making one that takes work. NULL: none. */
bool cor_logger_wants(const struct cor_logger *logger, enum cor_log_level level);

/** Log a line without a ctx. Any thread. request_id NULL: none; logger NULL: does nothing. */
void cor_logger_log(struct cor_logger *logger, enum cor_log_level level, const char *request_id,
	const char *format, ...) COR_PRINTF(4, 5);

/**
 * Write lines that another process has made; `lines` ends with a line feed. Waits a moment for the
 * reader. On a thread without a scheduler; the logger is shared.
 */
void cor_logger_pass(struct cor_logger *logger, const char *lines, size_t len);

/**
 * From now on this sets the level of all loggers of the process: 1 + enum cor_log_level; 0 leaves
 * each its own. It may change at any time, and is borrowed until another call, with NULL at last.
 */
void cor_log_level_follow(const _Atomic uint32_t *level);

/** What it is set to: 1 + enum cor_log_level, or 0. Any thread. */
uint32_t cor_log_level_followed(void);

#endif
