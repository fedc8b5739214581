/* SPDX-License-Identifier: MIT */
#include "websocket13/rest.h"

#include <errno.h>

#include "runtime/depth.h"
#include "runtime/scheduler.h"
#include "websocket13/output.h"

/* What waits for longer holds less; sooner would be dearer than to keep it. */
#define REST_NS COR_NS_PER_S

static int64_t after_ms(int64_t from_ns, uint32_t ms, uint32_t otherwise)
{
	return cor_clock_after_ms(from_ns, ms != 0 ? ms : otherwise);
}

static int64_t ping_due_ns(const struct cor_websocket *ws)
{
	const struct cor_websocket_options *options = &ws->operation->websocket;

	if (ws->pinged_ns != 0)
		return after_ms(ws->pinged_ns, options->pong_ms, COR_WEBSOCKET_PONG_MS);
	return after_ms(ws->heard_ns, options->ping_ms, COR_WEBSOCKET_PING_MS);
}

static int64_t idle_due_ns(const struct cor_websocket *ws)
{
	uint32_t idle_ms = ws->operation->websocket.idle_ms;

	return idle_ms != 0 ? cor_clock_after_ms(ws->messaged_ns, idle_ms) : COR_FOREVER;
}

static int64_t rest_due_ns(const struct cor_websocket *ws)
{
	int64_t now_ns = cor_clock_now(cor_scheduler_current());

	return ws->rests ? COR_FOREVER : now_ns + REST_NS;
}

static int64_t sooner(int64_t one_ns, int64_t other_ns)
{
	return one_ns < other_ns ? one_ns : other_ns;
}

int64_t cor_websocket_due_ns(const struct cor_websocket *ws)
{
	return sooner(sooner(ping_due_ns(ws), idle_due_ns(ws)), rest_due_ns(ws));
}

static void rest(struct cor_websocket *ws)
{
	cor_websocket_reader_rest(&ws->reader);
	cor_buffer_finish(&ws->lent);
	cor_stack_rest();
	ws->rests = true;
}

static int ping(struct cor_websocket *ws, int64_t now_ns)
{
	bool rested = ws->rests;
	int rc = cor_websocket_put(ws, COR_OPCODE_PING, (struct cor_str){ "", 0 });

	ws->pinged_ns = now_ns;
	if (rc == 0)
		rc = cor_websocket_flush(ws);
	ws->rests = rested; /* a ping takes nothing that would have to be given back */
	return rc;
}

static int send_away(struct cor_websocket *ws)
{
	return cor_websocket_blame(
		ws, COR_CLOSE_GOING_AWAY, "no message has come for too long (.idle_ms)");
}

static int give_up(struct cor_websocket *ws)
{
	cor_websocket_blame(ws, COR_CLOSE_GOING_AWAY, "no ping was answered in time (.pong_ms)");
	ws->failure = -ETIMEDOUT;
	return ws->failure;
}

/*
 * What the client has sent in time may be here, though no event has said so yet: one look at the
 * descriptors tells of so many at most. There is another before this is called again.
 */
static bool is_last_look(struct cor_websocket *ws)
{
	bool is_first = !ws->is_overdue;

	ws->is_overdue = true;
	return is_first;
}

int cor_websocket_time_is_up(struct cor_websocket *ws)
{
	int64_t now_ns = cor_clock_fresh(cor_scheduler_current());
	bool is_idle = now_ns >= idle_due_ns(ws);

	if (is_idle || (ws->pinged_ns != 0 && now_ns >= ping_due_ns(ws))) {
		if (is_last_look(ws))
			return 0;
		return is_idle ? send_away(ws) : give_up(ws);
	}
	if (now_ns >= ping_due_ns(ws))
		return ping(ws, now_ns);
	if (!ws->rests)
		rest(ws);
	return 0;
}
