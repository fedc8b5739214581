/* SPDX-License-Identifier: MIT */
#include "observe/logger.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "context/context.h"
#include "observe/sink.h"
#include "runtime/clock.h"
#include "runtime/scheduler.h"

#define MESSAGE_BYTES  2048 /* a message before it is escaped; longer ones are cut */
#define ESCAPED_MAX    3600
#define REQUEST_ID_MAX 64

/* The longest beginning and end of a line, and every text at its limit, are still a line. */
_Static_assert(ESCAPED_MAX + REQUEST_ID_MAX + 200 < COR_LOG_LINE_BYTES, "a message fits its line");

/* --- writing --- */

/* How much to write at once: whole lines, so that nobody else's come in between. */
static size_t piece_of(const struct cor_logger *logger, const char *data, size_t len)
{
	if (!logger->is_torn || len <= COR_LOG_LINE_BYTES)
		return len;
	const char *last = memrchr(data, '\n', COR_LOG_LINE_BYTES);
	return last ? (size_t)(last + 1 - data) : COR_LOG_LINE_BYTES;
}

static unsigned count_lines(const char *data, size_t len)
{
	unsigned lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	return lines;
}

/* What was written of it, whatever happened to the rest: *ret_error is 0 or its errno. */
static size_t write_lines(
	const struct cor_logger *logger, const char *data, size_t len, int *ret_error)
{
	size_t done = 0;

	*ret_error = 0;
	while (done < len) {
		ssize_t wrote = write(
			logger->options.fd, data + done, piece_of(logger, data + done, len - done));
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0) {
			*ret_error = errno;
			break;
		}
		done += (size_t)wrote;
	}
	return done;
}

/* A reader that is slow finds the rest later; one that is gone does not hold us up. */
void cor_logger_flush(struct cor_logger *logger)
{
	int error;

	if (logger->len == 0)
		return;
	size_t done = write_lines(logger, logger->lines, logger->len, &error);
	if (error != 0 && error != EAGAIN) {
		logger->lost += count_lines(logger->lines + done, logger->len - done);
		done = logger->len;
	}
	logger->len -= done;
	memmove(logger->lines, logger->lines + done, logger->len);
}

static void flush_before_wait(void *arg)
{
	cor_logger_flush(arg);
}

/* Whether lines of this thread are gathered. The first thread with a scheduler makes the logger its own. */
static bool is_owner(struct cor_logger *logger)
{
	struct cor_scheduler *here = cor_scheduler_current();
	struct cor_scheduler *owner = atomic_load_explicit(&logger->owner, memory_order_relaxed);

	if (!here || owner == here)
		return here != NULL;
	if (owner || !atomic_compare_exchange_strong(&logger->owner, &owner, here))
		return false;
	cor_scheduler_set_idle(here, flush_before_wait, logger);
	return true;
}

/* --- a line --- */

static const char *const level_names[] = {
	[COR_LOG_ERROR] = "error",
	[COR_LOG_WARNING] = "warning",
	[COR_LOG_INFO] = "info",
	[COR_LOG_DEBUG] = "debug",
};

static void format_second(int64_t second, char stamp[19])
{
	const struct timespec time = { .tv_sec = (time_t)second };
	char text[COR_TIMESTAMP_BYTES] = "0000-00-00T00:00:00";

	(void)cor_timestamp_print(&time, text);
	memcpy(stamp, text, 19);
}

static void put_time(struct cor_logger *logger, struct cor_line *line, bool owned)
{
	const struct cor_clock *clock = logger->options.clock;
	int64_t now = clock->realtime_ns(clock);
	int64_t second = now / COR_NS_PER_S, ms = now % COR_NS_PER_S / COR_NS_PER_MS;
	char text[24];

	if (!owned) {
		format_second(second, text);
	} else {
		if (second != logger->second)
			format_second(second, logger->stamp);
		logger->second = second;
		memcpy(text, logger->stamp, sizeof logger->stamp);
	}
	text[19] = '.';
	text[20] = (char)('0' + ms / 100);
	text[21] = (char)('0' + ms / 10 % 10);
	text[22] = (char)('0' + ms % 10);
	text[23] = 'Z';
	cor_line_str(line, (struct cor_str){ text, sizeof text });
}

static void put_beginning(
	struct cor_logger *logger, struct cor_log_entry *entry, const char *request_id)
{
	struct cor_line *line = &entry->line;
	struct cor_str level = cor_str(level_names[entry->level]);
	bool json = logger->options.format == COR_LOG_JSON;
	bool has_id = request_id && request_id[0] != '\0';

	if (json)
		cor_line_literal(line, "{\"time\":\"");
	put_time(logger, line, entry->gathered);
	if (json)
		cor_line_literal(line, "\",\"level\":\"");
	else
		cor_line_literal(line, " ");
	cor_line_str(line, level);
	if (json)
		cor_line_literal(line, "\"");
	if (!has_id)
		return;
	if (json)
		cor_line_literal(line, ",\"request_id\":\"");
	else
		cor_line_literal(line, " [");
	cor_line_text(line, json ? COR_ESCAPE_JSON : COR_ESCAPE_WORD, cor_str(request_id),
		REQUEST_ID_MAX);
	if (json)
		cor_line_literal(line, "\"");
	else
		cor_line_literal(line, "]");
}

static void put_message(
	const struct cor_logger *logger, struct cor_line *line, struct cor_str message)
{
	if (logger->options.format == COR_LOG_JSON) {
		cor_line_literal(line, ",\"message\":\"");
		cor_line_text(line, COR_ESCAPE_JSON, message, ESCAPED_MAX);
		cor_line_literal(line, "\"");
	} else {
		cor_line_literal(line, " ");
		cor_line_text(line, COR_ESCAPE_MESSAGE, message, ESCAPED_MAX);
	}
}

static bool have_room(const struct cor_logger *logger)
{
	return sizeof logger->lines - logger->len >= COR_LOG_LINE_BYTES;
}

static void open_entry(
	struct cor_logger *logger, struct cor_log_entry *entry, enum cor_log_level level)
{
	entry->start = entry->gathered ? logger->lines + logger->len : entry->alone;
	entry->line.at = entry->start;
	entry->line.end = entry->start + COR_LOG_LINE_BYTES -
			  2; /* for the last brace and the line feed */
	entry->level = level;
}

static void tell_of_loss(struct cor_logger *logger, struct cor_log_entry *entry)
{
	uint64_t lost = logger->lost;
	char text[64];

	logger->lost = 0;
	snprintf(text, sizeof text, "%llu log lines were lost", (unsigned long long)lost);
	open_entry(logger, entry, COR_LOG_WARNING);
	put_beginning(logger, entry, NULL);
	put_message(logger, &entry->line, cor_str(text));
	cor_log_end(logger, entry);
}

bool cor_log_begin(struct cor_logger *logger, struct cor_log_entry *entry, enum cor_log_level level,
	const char *request_id)
{
	entry->gathered = is_owner(logger);
	if (entry->gathered && !have_room(logger))
		cor_logger_flush(logger);
	if (entry->gathered && logger->lost != 0 && have_room(logger))
		tell_of_loss(logger, entry);
	if (entry->gathered && !have_room(logger)) {
		logger->lost++;
		return false;
	}
	open_entry(logger, entry, level);
	put_beginning(logger, entry, request_id);
	return true;
}

void cor_log_end(struct cor_logger *logger, struct cor_log_entry *entry)
{
	char *at = entry->line.at;
	int error;

	if (logger->options.format == COR_LOG_JSON)
		*at++ = '}';
	*at++ = '\n';
	size_t len = (size_t)(at - entry->start);
	if (!entry->gathered) {
		(void)write_lines(logger, entry->start, len, &error);
		return;
	}
	logger->len += len;
	if (entry->level == COR_LOG_ERROR)
		cor_logger_flush(logger);
}

/* --- messages --- */

static void log_message(struct cor_logger *logger, enum cor_log_level level, const char *request_id,
	const char *format, va_list args)
{
	char message[MESSAGE_BYTES];
	struct cor_log_entry entry;

	if (level > logger->options.level)
		return;
	int len = vsnprintf(message, sizeof message, format, args);
	if (len < 0 || !cor_log_begin(logger, &entry, level, request_id))
		return;
	if ((size_t)len >= sizeof message)
		len = snprintf(message + sizeof message - 4, 4, "...") + (int)sizeof message - 4;
	put_message(logger, &entry.line, (struct cor_str){ message, (size_t)len });
	cor_log_end(logger, &entry);
}

void cor_logger_log(struct cor_logger *logger, enum cor_log_level level, const char *request_id,
	const char *format, ...)
{
	va_list args;

	if (!logger)
		return;
	va_start(args, format);
	log_message(logger, level, request_id, format, args);
	va_end(args);
}

/* Without a logger there is no telling when, or in which format. */
static void log_plain(enum cor_log_level level, const char *format, va_list args)
{
	char message[MESSAGE_BYTES], text[COR_LOG_LINE_BYTES];
	struct cor_line line = { text, text + sizeof text - 1 };
	int len = vsnprintf(message, sizeof message, format, args);

	if (len < 0)
		return;
	if ((size_t)len >= sizeof message)
		len = (int)sizeof message - 1;
	cor_line_str(&line, cor_str(level_names[level]));
	cor_line_literal(&line, ": ");
	cor_line_text(
		&line, COR_ESCAPE_MESSAGE, (struct cor_str){ message, (size_t)len }, ESCAPED_MAX);
	*line.at++ = '\n';
	(void)!write(STDERR_FILENO, text, (size_t)(line.at - text));
}

void cor_log(struct cor_ctx *ctx, enum cor_log_level level, const char *format, ...)
{
	struct cor_logger *logger = ctx && ctx->environment ? ctx->environment->logger : NULL;
	va_list args;

	va_start(args, format);
	if (logger)
		log_message(logger, level, ctx->request ? cor_request_id(ctx) : NULL, format, args);
	else
		log_plain(level, format, args);
	va_end(args);
}

/* --- life --- */

/* Pipes and sockets can take a part of a write; a file open for appending cannot. */
static bool may_tear(int fd)
{
	struct stat status;

	return fstat(fd, &status) < 0 || !S_ISREG(status.st_mode);
}

int cor_logger_create(const struct cor_logger_options *options, struct cor_logger **ret)
{
	struct cor_logger *logger = malloc(sizeof *logger);

	if (!logger)
		return -ENOMEM;
	logger->options = *options;
	if (!logger->options.clock)
		logger->options.clock = &cor_system_clock;
	logger->is_torn = may_tear(options->fd);
	atomic_init(&logger->owner, NULL);
	logger->len = 0;
	logger->lost = 0;
	logger->second = INT64_MIN;
	*ret = logger;
	return 0;
}

void cor_logger_destroy(struct cor_logger *logger)
{
	if (!logger)
		return;
	cor_logger_flush(logger);
	free(logger);
}
