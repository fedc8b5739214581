/* SPDX-License-Identifier: MIT */
#include "app/held.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/signals.h"
#include "observe/logger.h"
#include "server/server.h"

#define AGAIN_NS (60 * (int64_t)COR_NS_PER_S)
#define NOBODY   "" /* knows by what it is held */

/* --- once for an operation and a minute --- */

/* The row of the operation; else the one that was used the longest ago. */
static struct cor_held_row *row_of(struct cor_held *held, const char *operation)
{
	struct cor_held_row *oldest = held->rows;

	for (size_t i = 0; i < COR_HELD_OPERATIONS; i++) {
		struct cor_held_row *row = &held->rows[i];
		if (row->told_ns != 0 && strcmp(row->operation, operation) == 0)
			return row;
		if (row->told_ns < oldest->told_ns)
			oldest = row;
	}
	oldest->told_ns = 0;
	memcpy(oldest->operation, operation, strlen(operation) + 1);
	return oldest;
}

static bool is_news(struct cor_held *held, const char *operation)
{
	struct cor_held_row *row = row_of(held, operation);
	int64_t now_ns = cor_monotonic_ns();

	if (row->told_ns != 0 && now_ns - row->told_ns < AGAIN_NS)
		return false;
	row->told_ns = now_ns;
	return true;
}

/* --- the line --- */

/* What stands around the news. */
struct frame {
	struct cor_logger *logger;
	enum cor_log_level level;
	const char *before, *behind;
};

static void tell(const struct frame *frame, int64_t held_ns, const struct cor_stall *stall)
{
	char stack[COR_BACKTRACE_BYTES];

	cor_backtrace_print(&stall->backtrace, stack);
	cor_logger_log(frame->logger, frame->level, stall->request_id[0] ? stall->request_id : NULL,
		"%s%s has held its thread for %" PRId64 " ms%s, at %s", frame->before,
		stall->fiber[0] ? stall->fiber : "the loop", held_ns / COR_NS_PER_MS, frame->behind,
		stack);
}

static void tell_silent(const struct frame *frame, size_t thread, int64_t held_ns)
{
	cor_logger_log(frame->logger, frame->level, NULL,
		"%sa request has held thread %zu for %" PRId64
		" ms%s; its stack is not known: the thread has no processor, or takes no signals",
		frame->before, thread, held_ns / COR_NS_PER_MS, frame->behind);
}

static void found(void *arg, size_t thread, int64_t held_ns, const struct cor_stall *stall)
{
	struct cor_held *held = arg;
	char behind[64];
	const struct frame frame = { held->logger, COR_LOG_WARNING, "", behind };

	if (!is_news(held, stall ? stall->fiber : NOBODY))
		return;
	snprintf(behind, sizeof behind, " (--held-ms %" PRIu32 ")", held->settings->held_ms);
	if (stall)
		tell(&frame, held_ns, stall);
	else
		tell_silent(&frame, thread, held_ns);
	if (held->settings->held_fatal)
		cor_end_by(SIGABRT);
}

/* --- life --- */

int cor_held_start(struct cor_held *held, const struct cor_server *server,
	const struct cor_server_settings *settings, struct cor_logger *logger)
{
	const uint32_t threads = settings->threads;

	*held = (struct cor_held){ .settings = settings, .logger = logger };
	if (settings->held_ms == 0)
		return 0;
	held->schedulers = calloc(threads, sizeof *held->schedulers);
	if (!held->schedulers)
		return -ENOMEM;
	for (uint32_t i = 0; i < threads; i++)
		held->schedulers[i] = cor_server_loop(server, i)->scheduler;
	const struct cor_sentinel_options options = {
		.schedulers = held->schedulers,
		.len = threads,
		.limit_ms = settings->held_ms,
		.found = found,
		.arg = held,
	};
	int rc = cor_sentinel_start(&held->sentinel, &options);
	if (rc < 0)
		cor_held_stop(held);
	return rc;
}

void cor_held_stop(struct cor_held *held)
{
	cor_sentinel_stop(&held->sentinel);
	free(held->schedulers);
	held->schedulers = NULL;
}

static void ask_and_tell(const struct frame *frame, struct cor_scheduler *scheduler,
	uint32_t thread, int64_t held_ns)
{
	struct cor_stall stall;

	if (cor_stall_install() == 0 && cor_stall_ask(scheduler, &stall) == 0)
		tell(frame, held_ns, &stall);
	else
		tell_silent(frame, thread, held_ns);
}

bool cor_held_tell(const struct cor_server *server, int64_t least_ms, struct cor_logger *logger,
	enum cor_log_level level, const char *why)
{
	const struct frame frame = { logger, level, why, "" };
	bool is_any = false;

	for (uint32_t i = 0; i < cor_server_threads(server); i++) {
		struct cor_scheduler *scheduler = cor_server_loop(server, i)->scheduler;
		int64_t back_ns = cor_scheduler_back_ns(scheduler);
		int64_t held_ns = cor_clock_fresh(scheduler) - back_ns;
		if (held_ns < least_ms * COR_NS_PER_MS)
			continue;
		is_any = true;
		ask_and_tell(&frame, scheduler, i, held_ns);
	}
	return is_any;
}
