/* SPDX-License-Identifier: MIT */
/**
 * Inside a logger: the gathered lines, and how a line begins and ends. Private to the observe
 * folder.
 */
#ifndef CORACLE_OBSERVE_SINK_H
#define CORACLE_OBSERVE_SINK_H

#include <stdatomic.h>

#include "observe/line.h"
#include "observe/logger.h"
#include "observe/writer.h"

#define COR_LOG_BUFFER_BYTES  (64 * 1024)
#define COR_LOG_MESSAGE_BYTES 2048 /* a message before it is escaped; longer ones are cut */

struct cor_scheduler;

struct cor_logger {
	struct cor_logger_options options;
	struct cor_log_writer writer;
	_Atomic uint64_t lost_alone;           /* lines from elsewhere, lost and not yet reported */
	_Atomic(struct cor_scheduler *) owner; /* NULL: no thread with a scheduler has logged yet */

	/* the owner's */
	size_t len;
	uint64_t lost;         /* lines lost and not yet reported */
	uint64_t reported;     /* what the report in the buffer says */
	size_t report_end;     /* where that ends; 0: there is no report in the buffer */
	bool begins_in_a_line; /* the start of the first line has been written */
	char whose[48];        /* what each line says of its process; written before anybody logs */
	int64_t second;        /* of the stamp */
	char stamp[19];        /* "2026-01-31T23:59:59" */
	char message[COR_LOG_MESSAGE_BYTES];
	char lines[COR_LOG_BUFFER_BYTES];
};

/** Appends what a line says behind its time, level and request id. */
typedef void cor_log_put(struct cor_line *line, enum cor_log_format format, const void *what);

/** Around the text of a message: how a put writes it. Returns the escape that the text needs. */
static inline enum cor_escape cor_log_begin_message(
	struct cor_line *line, enum cor_log_format format)
{
	if (format != COR_LOG_JSON) {
		cor_line_literal(line, " ");
		return COR_ESCAPE_MESSAGE;
	}
	cor_line_literal(line, ",\"message\":\"");
	return COR_ESCAPE_JSON;
}

static inline void cor_log_end_message(struct cor_line *line, enum cor_log_format format)
{
	if (format == COR_LOG_JSON)
		cor_line_literal(line, "\"");
}

/**
 * Log a line, or count it as lost. Uses hardly any stack on a thread of the server: a fiber that
 * logs and then waits would hold it.
 */
void cor_log_line(struct cor_logger *logger, enum cor_log_level level, const char *request_id,
	cor_log_put *put, const void *what);

/**
 * The same for a ctx, like cor_log(): if the level is on; plainly to standard error if there is no
 * logger.
 */
void cor_log_ctx_line(
	struct cor_ctx *ctx, enum cor_log_level level, cor_log_put *put, const void *what);

#endif
