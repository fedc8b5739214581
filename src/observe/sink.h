/* SPDX-License-Identifier: MIT */
/**
 * Inside a logger: the lines gathered, and how a line is begun and ended. Private to the observe folder.
 */
#ifndef CORACLE_OBSERVE_SINK_H
#define CORACLE_OBSERVE_SINK_H

#include <stdatomic.h>

#include "observe/line.h"
#include "observe/logger.h"

#define COR_LOG_BUFFER_BYTES (64 * 1024)

struct cor_scheduler;

struct cor_logger {
	struct cor_logger_options options;
	bool is_torn; /* of a descriptor that may take a part of a long write: lines go in pieces of a safe size */
	_Atomic(struct cor_scheduler *)
		owner; /* NULL until a line was logged on a thread with a scheduler */

	/* the owner's */
	size_t len;
	uint64_t lost;  /* lines dropped since the last that was told of */
	int64_t second; /* of the stamp */
	char stamp[19]; /* "2026-01-31T23:59:59" */
	char lines[COR_LOG_BUFFER_BYTES];
};

/** A line that was begun; room for it where it will stand. */
struct cor_log_entry {
	struct cor_line line;
	char *start;
	bool gathered; /* in the logger's lines, not in `alone` */
	enum cor_log_level level;
	char alone[COR_LOG_LINE_BYTES];
};

/** Begin a line: time, level and request id (NULL: none) are written. False: there is no room, the line is lost. */
bool cor_log_begin(struct cor_logger *logger, struct cor_log_entry *entry, enum cor_log_level level,
	const char *request_id);

/** Close the line and write it, now or with others. */
void cor_log_end(struct cor_logger *logger, struct cor_log_entry *entry);

#endif
