/* SPDX-License-Identifier: MIT */
#include "http1/exchange.h"

#include <errno.h>

#define SHARE_BYTES (256 * 1024)
#define CALL_BYTES  4096 /* what a call costs, in bytes: small pieces are the dear ones */

static bool is_lost(const struct cor_http1_exchange *h)
{
	return cor_connection_is(h->request.connection, COR_CONNECTION_LOST);
}

int cor_http1_wait(struct cor_http1_exchange *h, int64_t timeout_ms)
{
	struct cor_scheduler *scheduler = h->request.connection->loop->scheduler;

	cor_clock_settle(scheduler);
	return cor_http1_wait_until(h, cor_clock_after_ms(cor_clock_now(scheduler), timeout_ms));
}

int cor_http1_wait_until(struct cor_http1_exchange *h, int64_t deadline_ns)
{
	struct cor_wait wait;

	if (is_lost(h))
		return -ECONNRESET;
	h->moved = 0;
	cor_wait_begin(&wait, "cor_body_read() or cor_reply_write");
	h->request.wait = &wait;
	int rc = cor_wait(&wait, deadline_ns);
	if (!h->request.wait)
		cor_wait_settle(&wait);
	h->request.wait = NULL;
	return is_lost(h) ? -ECONNRESET : rc;
}

void cor_http1_count_moved(struct cor_http1_exchange *h, size_t bytes)
{
	h->moved += CALL_BYTES + (uint32_t)(bytes < SHARE_BYTES ? bytes : SHARE_BYTES);
}

bool cor_http1_must_pass(const struct cor_http1_exchange *h)
{
	return h->moved >= SHARE_BYTES;
}

/*
 * A timer that is due immediately fires when the loop has looked at its descriptors; cor_yield()
 * would not wait for that.
 */
int cor_http1_pass(struct cor_http1_exchange *h)
{
	int rc = cor_http1_wait(h, 0);

	return rc == -ETIMEDOUT ? cor_scope_error() : rc;
}
