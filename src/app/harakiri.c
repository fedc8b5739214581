/* SPDX-License-Identifier: MIT */
#include "app/harakiri.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "observe/logger.h"
#include "runtime/stall.h"
#include "server/server.h"

#define NS_PER_MS INT64_C(1000000)

struct cor_suspect {
	struct cor_stall stall;
	int64_t reported_ns; /* held since then, it has been reported */
};

int cor_harakiri_open(struct cor_harakiri *harakiri, const struct cor_server *server,
	uint32_t threads, uint32_t limit_ms, struct cor_logger *logger)
{
	*harakiri = (struct cor_harakiri){
		.server = server,
		.logger = logger,
		.limit_ms = limit_ms,
		.suspects = calloc(threads, sizeof *harakiri->suspects),
		.suspects_len = threads,
	};
	if (!harakiri->suspects)
		return -ENOMEM;
	int rc = cor_stall_install();
	if (rc < 0)
		cor_harakiri_close(harakiri);
	return rc;
}

void cor_harakiri_close(struct cor_harakiri *harakiri)
{
	free(harakiri->suspects);
	harakiri->suspects = NULL;
	harakiri->suspects_len = 0;
}

static void report(
	const struct cor_harakiri *harakiri, const struct cor_stall *stall, int64_t held_ns)
{
	char stack[COR_BACKTRACE_BYTES];

	cor_backtrace_print(&stall->backtrace, stack);
	cor_logger_log(harakiri->logger, COR_LOG_ERROR,
		stall->request_id[0] ? stall->request_id : NULL,
		"%s has held its thread for %" PRId64 " ms (--harakiri-ms %" PRIu32 "), at %s",
		stall->fiber[0] ? stall->fiber : "the loop", held_ns / NS_PER_MS,
		harakiri->limit_ms, stack);
}

/* Of one that does not answer, only this is known. */
static void report_silent(const struct cor_harakiri *harakiri, size_t thread, int64_t held_ns)
{
	cor_logger_log(harakiri->logger, COR_LOG_ERROR, NULL,
		"a request has held thread %zu for %" PRId64 " ms (--harakiri-ms %" PRIu32
		"); its stack is not known: the thread has no processor, or takes no signals",
		thread, held_ns / NS_PER_MS, harakiri->limit_ms);
}

static bool look_at(struct cor_harakiri *harakiri, size_t thread)
{
	struct cor_scheduler *scheduler = cor_server_loop(harakiri->server, (uint32_t)thread)
						  ->scheduler;
	struct cor_suspect *suspect = &harakiri->suspects[thread];
	int64_t back_ns = cor_scheduler_back_ns(scheduler);
	int64_t held_ns = cor_clock_fresh(scheduler) - back_ns;

	if (held_ns < harakiri->limit_ms * NS_PER_MS || suspect->reported_ns == back_ns)
		return false;
	int rc = cor_stall_ask(scheduler, &suspect->stall);
	if (cor_scheduler_back_ns(scheduler) != back_ns)
		return false; /* it has come back meanwhile */
	suspect->reported_ns = back_ns;
	if (rc == 0)
		report(harakiri, &suspect->stall, held_ns);
	else
		report_silent(harakiri, thread, held_ns);
	return true;
}

bool cor_harakiri_look(struct cor_harakiri *harakiri)
{
	bool found = false;

	for (size_t i = 0; i < harakiri->suspects_len; i++)
		found = look_at(harakiri, i) || found;
	return found;
}
