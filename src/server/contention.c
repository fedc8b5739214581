/* SPDX-License-Identifier: MIT */
#include "server/contention.h"

#include <inttypes.h>

#include "connection/loop.h"
#include "observe/logger.h"
#include "runtime/mutex.h"

#define AGAIN_NS (60 * (int64_t)COR_NS_PER_S)

static bool is_news(struct cor_contention *contention, const char *waiter)
{
	int64_t now_ns = cor_clock_now(contention->loop->scheduler);
	size_t oldest = 0;

	for (size_t i = 0; i < COR_CONTENTION_ROWS; i++) {
		if (contention->rows[i].waiter == waiter &&
			now_ns - contention->rows[i].told_ns < AGAIN_NS)
			return false;
		if (contention->rows[i].told_ns < contention->rows[oldest].told_ns)
			oldest = i;
	}
	contention->rows[oldest].waiter = waiter;
	contention->rows[oldest].told_ns = now_ns;
	return true;
}

static void tell_own(struct cor_contention *contention, const struct cor_fiber *waiter)
{
	cor_logger_log(contention->loop->logger, COR_LOG_WARNING, waiter->request_id,
		"%s locks a mutex that it holds itself: cor_mutex_lock() has returned -EDEADLK",
		waiter->name);
}

static void found(void *arg, const struct cor_mutex_wait *wait)
{
	struct cor_contention *contention = arg;
	const struct cor_fiber *waiter = wait->waiter;
	bool has_id = wait->request_id[0], waits = wait->waits_in[0];

	if (!is_news(contention, waiter->name))
		return;
	if (wait->is_own) {
		tell_own(contention, waiter);
		return;
	}
	cor_logger_log(contention->loop->logger, COR_LOG_WARNING, waiter->request_id,
		"%s has waited for a mutex for %" PRIu32 " ms (--held-ms); %s%s%s%s holds it%s%s%s",
		waiter->name, contention->limit_ms, wait->holder[0] ? wait->holder : "a thread",
		has_id ? " [" : "", wait->request_id, has_id ? "]" : "",
		waits ? " while it waits in " : "", wait->waits_in, waits ? "()" : "");
}

void cor_contention_watch(
	struct cor_contention *contention, struct cor_loop *loop, uint32_t limit_ms)
{
	*contention = (struct cor_contention){ .loop = loop, .limit_ms = limit_ms };
	if (limit_ms != 0)
		loop->scheduler->mutex_watch = (struct cor_mutex_watch){
			.limit_ms = limit_ms, .found = found, .arg = contention
		};
}
