/* SPDX-License-Identifier: MIT */
#include "observe/logger.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/timestamp.h"
#include "context/context.h"
#include "observe/sink.h"
#include "runtime/clock.h"
#include "runtime/scheduler.h"

#define ESCAPED_MAX    3600
#define REQUEST_ID_MAX 64
#define PATIENCE_MS    100 /* for a reader, where no loop waits meanwhile */

/* The longest beginning and end of a line, and every text at its limit, are still a line. */
_Static_assert(ESCAPED_MAX + REQUEST_ID_MAX + 200 < COR_LOG_LINE_BYTES, "a message fits its line");

/* --- writing --- */

static unsigned count_lines(const char *data, size_t len)
{
	unsigned lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	return lines;
}

/* The rest of the buffer cannot be written. A report in it does not count as a lost line. */
static void give_up_lines(struct cor_logger *logger)
{
	logger->lost += count_lines(logger->lines, logger->len);
	if (logger->report_end != 0)
		logger->lost += logger->reported - 1;
	if (logger->begins_in_a_line)
		cor_log_give_up_line(&logger->writer);
	logger->begins_in_a_line = false;
	logger->report_end = 0;
	logger->len = 0;
}

static void drop_written(struct cor_logger *logger, size_t done)
{
	if (done == 0)
		return;
	logger->begins_in_a_line = logger->lines[done - 1] != '\n';
	logger->report_end = logger->report_end > done ? logger->report_end - done : 0;
	logger->len -= done;
	memmove(logger->lines, logger->lines + done, logger->len);
}

/* A slow reader gets the rest later; one that is gone does not hold us up. */
void cor_logger_flush(struct cor_logger *logger)
{
	int error;

	if (logger->len == 0)
		return;
	drop_written(logger, cor_log_write(&logger->writer, logger->lines, logger->len, &error));
	if (error != 0 && error != EAGAIN)
		give_up_lines(logger);
}

/* At the end: nobody writes later what is left now. */
static void flush_patiently(struct cor_logger *logger)
{
	size_t before = SIZE_MAX;

	cor_logger_flush(logger);
	while (logger->len != 0 && logger->len < before &&
		cor_log_has_room(&logger->writer, PATIENCE_MS)) {
		before = logger->len;
		cor_logger_flush(logger);
	}
}

static void flush_before_wait(void *arg)
{
	cor_logger_flush(arg);
}

/*
 * Whether this thread gathers lines. The first thread with a scheduler owns the logger, unless that
 * scheduler writes those of another one before it waits, and can write no others.
 */
static bool is_owner(struct cor_logger *logger)
{
	struct cor_scheduler *here = cor_scheduler_current();
	struct cor_scheduler *owner = atomic_load_explicit(&logger->owner, memory_order_relaxed);

	if (!here || owner == here)
		return here != NULL;
	if (owner || logger->options.is_shared || here->before_wait ||
		!atomic_compare_exchange_strong(&logger->owner, &owner, here))
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

static void put_beginning(struct cor_logger *logger, struct cor_line *line,
	enum cor_log_level level, const char *request_id, bool owned)
{
	bool json = logger->options.format == COR_LOG_JSON;
	bool has_id = request_id && request_id[0] != '\0';

	if (json)
		cor_line_literal(line, "{\"time\":\"");
	put_time(logger, line, owned);
	if (json)
		cor_line_literal(line, "\",\"level\":\"");
	else
		cor_line_literal(line, " ");
	cor_line_str(line, cor_str(level_names[level]));
	if (json)
		cor_line_literal(line, "\"");
	cor_line_str(line, cor_str(logger->whose));
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

/* The line in `room`, COR_LOG_LINE_BYTES long; its length. */
static size_t compose(struct cor_logger *logger, char *room, enum cor_log_level level,
	const char *request_id, bool owned, cor_log_put *put, const void *what)
{
	/* two bytes are kept for the last brace and the line feed */
	struct cor_line line = { room, room + COR_LOG_LINE_BYTES - 2 };

	put_beginning(logger, &line, level, request_id, owned);
	put(&line, logger->options.format, what);
	if (logger->options.format == COR_LOG_JSON)
		*line.at++ = '}';
	*line.at++ = '\n';
	return (size_t)(line.at - room);
}

static bool have_room(const struct cor_logger *logger)
{
	return sizeof logger->lines - logger->len >= COR_LOG_LINE_BYTES;
}

static void put_loss(struct cor_line *line, enum cor_log_format format, const void *what)
{
	const uint64_t *lost = what;

	cor_log_begin_message(line, format);
	cor_line_number(line, *lost);
	cor_line_literal(line, " log lines were lost");
	cor_log_end_message(line, format);
}

static void gather(struct cor_logger *logger, enum cor_log_level level, const char *request_id,
	cor_log_put *put, const void *what)
{
	if (!have_room(logger)) {
		logger->lost++;
		return;
	}
	logger->len += compose(
		logger, logger->lines + logger->len, level, request_id, true, put, what);
}

/* One report in the buffer at a time, so that its count is not lost with it. */
static void report_loss(struct cor_logger *logger)
{
	logger->reported = logger->lost;
	logger->lost = 0;
	gather(logger, COR_LOG_WARNING, NULL, put_loss, &logger->reported);
	logger->report_end = logger->len;
}

static void log_gathered(struct cor_logger *logger, enum cor_log_level level,
	const char *request_id, cor_log_put *put, const void *what)
{
	if (!have_room(logger))
		cor_logger_flush(logger);
	if (logger->lost != 0 && logger->report_end == 0 && have_room(logger))
		report_loss(logger);
	gather(logger, level, request_id, put, what);
	if (level == COR_LOG_ERROR)
		cor_logger_flush(logger);
}

/* Returns whether it found room, in as much time. */
static COR_OUT_OF_LINE bool write_alone(struct cor_logger *logger, int patience_ms,
	enum cor_log_level level, const char *request_id, cor_log_put *put, const void *what)
{
	char room[COR_LOG_LINE_BYTES];
	size_t len = compose(logger, room, level, request_id, false, put, what);
	int error;

	size_t done = cor_log_write(&logger->writer, room, len, &error);
	if (error == EAGAIN && patience_ms != 0 && cor_log_has_room(&logger->writer, patience_ms))
		done += cor_log_write(&logger->writer, room + done, len - done, &error);
	if (done != 0 && done != len)
		cor_log_give_up_line(&logger->writer);
	return done == len;
}

/* Waits once for a reader that does not read, not for each line. */
static void log_alone(struct cor_logger *logger, enum cor_log_level level, const char *request_id,
	cor_log_put *put, const void *what)
{
	uint64_t lost = atomic_exchange(&logger->lost_alone, 0);
	int patience_ms = lost == 0 && !cor_scheduler_current() ? PATIENCE_MS : 0;

	if (lost != 0 && write_alone(logger, 0, COR_LOG_WARNING, NULL, put_loss, &lost))
		lost = 0;
	if (lost == 0 && write_alone(logger, patience_ms, level, request_id, put, what))
		return;
	atomic_fetch_add(&logger->lost_alone, lost + 1);
}

void cor_logger_pass(struct cor_logger *logger, const char *lines, size_t len)
{
	int error;
	size_t done = cor_log_write(&logger->writer, lines, len, &error);

	if (error == EAGAIN && cor_log_has_room(&logger->writer, PATIENCE_MS))
		done += cor_log_write(&logger->writer, lines + done, len - done, &error);
	if (done != 0 && done != len && lines[done - 1] != '\n')
		cor_log_give_up_line(&logger->writer);
	if (done != len)
		atomic_fetch_add(&logger->lost_alone, count_lines(lines + done, len - done));
}

void cor_log_line(struct cor_logger *logger, enum cor_log_level level, const char *request_id,
	cor_log_put *put, const void *what)
{
	if (is_owner(logger))
		log_gathered(logger, level, request_id, put, what);
	else
		log_alone(logger, level, request_id, put, what);
}

/* --- messages --- */

static void put_message(struct cor_line *line, enum cor_log_format format, const void *what)
{
	const struct cor_str *text = what;

	cor_line_text(line, cor_log_begin_message(line, format), *text, ESCAPED_MAX);
	cor_log_end_message(line, format);
}

/* The message in the room, its end "..." where it is longer. */
static COR_PRINTF(2, 0) struct cor_str
	format_message(char room[COR_LOG_MESSAGE_BYTES], const char *format, va_list args)
{
	int len = vsnprintf(room, COR_LOG_MESSAGE_BYTES, format, args);

	if (len < 0)
		return (struct cor_str){ room, 0 };
	if (len < COR_LOG_MESSAGE_BYTES)
		return (struct cor_str){ room, (size_t)len };
	memcpy(room + COR_LOG_MESSAGE_BYTES - 4, "...", 4);
	return (struct cor_str){ room, COR_LOG_MESSAGE_BYTES - 1 };
}

static COR_OUT_OF_LINE COR_PRINTF(4, 0) void message_alone(struct cor_logger *logger,
	enum cor_log_level level, const char *request_id, const char *format, va_list args)
{
	char room[COR_LOG_MESSAGE_BYTES];
	struct cor_str text = format_message(room, format, args);

	log_alone(logger, level, request_id, put_message, &text);
}

static COR_PRINTF(4, 0) void log_message(struct cor_logger *logger, enum cor_log_level level,
	const char *request_id, const char *format, va_list args)
{
	if (!is_owner(logger)) {
		message_alone(logger, level, request_id, format, args);
		return;
	}
	struct cor_str text = format_message(logger->message, format, args);
	log_gathered(logger, level, request_id, put_message, &text);
}

/* --- the level --- */

static const _Atomic uint32_t *_Atomic followed_level;

void cor_log_level_follow(const _Atomic uint32_t *level)
{
	atomic_store(&followed_level, level);
}

uint32_t cor_log_level_followed(void)
{
	const _Atomic uint32_t *followed = atomic_load(&followed_level);

	return followed ? atomic_load_explicit(followed, memory_order_relaxed) : 0;
}

static bool is_wanted(const struct cor_logger *logger, enum cor_log_level level)
{
	uint32_t set = cor_log_level_followed();

	return (uint32_t)level <= (set != 0 ? set - 1 : (uint32_t)logger->options.level);
}

bool cor_logger_wants(const struct cor_logger *logger, enum cor_log_level level)
{
	return logger && is_wanted(logger, level);
}

/* --- messages --- */

void cor_logger_log(struct cor_logger *logger, enum cor_log_level level, const char *request_id,
	const char *format, ...)
{
	va_list args;

	if (!logger || !is_wanted(logger, level))
		return;
	va_start(args, format);
	log_message(logger, level, request_id, format, args);
	va_end(args);
}

/* Without a logger there is no clock and no format. */
static COR_OUT_OF_LINE void plain_line(enum cor_log_level level, cor_log_put *put, const void *what)
{
	char room[COR_LOG_LINE_BYTES];
	struct cor_line line = { room, room + sizeof room - 1 };

	cor_line_str(&line, cor_str(level_names[level]));
	cor_line_literal(&line, ":");
	put(&line, COR_LOG_TEXT, what);
	*line.at++ = '\n';
	(void)!write(STDERR_FILENO, room, (size_t)(line.at - room));
}

static COR_OUT_OF_LINE COR_PRINTF(2, 0) void log_plain(
	enum cor_log_level level, const char *format, va_list args)
{
	char message[COR_LOG_MESSAGE_BYTES];
	struct cor_str text = format_message(message, format, args);

	plain_line(level, put_message, &text);
}

static struct cor_logger *logger_of(const struct cor_ctx *ctx)
{
	return ctx && ctx->environment ? ctx->environment->logger : NULL;
}

/* A line of it goes to standard error as it is. */
static bool is_plain(const struct cor_ctx *ctx)
{
	return !ctx || !ctx->environment || !ctx->environment->hides_log;
}

static const char *request_id_of(struct cor_ctx *ctx)
{
	/* a job has that of the request that it works for */
	return ctx->request || ctx->request_id[0] ? cor_request_id(ctx) : NULL;
}

void cor_log_ctx_line(
	struct cor_ctx *ctx, enum cor_log_level level, cor_log_put *put, const void *what)
{
	struct cor_logger *logger = logger_of(ctx);

	if (!logger && is_plain(ctx))
		plain_line(level, put, what);
	else if (logger && is_wanted(logger, level))
		cor_log_line(logger, level, request_id_of(ctx), put, what);
}

void cor_log(struct cor_ctx *ctx, enum cor_log_level level, const char *format, ...)
{
	struct cor_logger *logger = logger_of(ctx);
	va_list args;

	if (logger ? !is_wanted(logger, level) : !is_plain(ctx))
		return;
	va_start(args, format);
	if (logger)
		log_message(logger, level, request_id_of(ctx), format, args);
	else
		log_plain(level, format, args);
	va_end(args);
}

/* --- life --- */

void cor_logger_set_process(struct cor_logger *logger, const char *process)
{
	int pid = (int)getpid();

	logger->whose[0] = '\0';
	if (process && logger->options.format == COR_LOG_JSON)
		snprintf(logger->whose, sizeof logger->whose, ",\"process\":\"%s\",\"pid\":%d",
			process, pid);
	else if (process)
		snprintf(logger->whose, sizeof logger->whose, " %s[%d]", process, pid);
}

int cor_logger_create(const struct cor_logger_options *options, struct cor_logger **ret)
{
	struct cor_logger *logger = malloc(sizeof *logger);

	if (!logger)
		return -ENOMEM;
	logger->options = *options;
	if (!logger->options.clock)
		logger->options.clock = &cor_system_clock;
	cor_log_writer_init(&logger->writer, options->fd);
	atomic_init(&logger->owner, NULL);
	atomic_init(&logger->lost_alone, 0);
	logger->len = 0;
	logger->lost = 0;
	logger->report_end = 0;
	logger->begins_in_a_line = false;
	logger->second = INT64_MIN;
	cor_logger_set_process(logger, options->process);
	*ret = logger;
	return 0;
}

int cor_logger_create_like(
	const struct cor_logger *model, const char *process, struct cor_logger **ret)
{
	struct cor_logger_options options = model->options;

	options.process = process;
	options.is_shared = true;
	return cor_logger_create(&options, ret);
}

/* Nobody logs another line that would tell. */
static void report_last_loss(struct cor_logger *logger)
{
	uint64_t lost = logger->lost + atomic_load(&logger->lost_alone);

	if (lost != 0 && logger->len == 0)
		(void)write_alone(logger, 0, COR_LOG_WARNING, NULL, put_loss, &lost);
}

void cor_logger_destroy(struct cor_logger *logger)
{
	if (!logger)
		return;
	flush_patiently(logger);
	report_last_loss(logger);
	cor_log_writer_finish(&logger->writer);
	free(logger);
}
