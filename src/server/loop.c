/* SPDX-License-Identifier: MIT */
#include "server/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "observe/access.h"
#include "observe/logger.h"
#include "runtime/cap.h"
#include "runtime/scheduler.h"
#include "server/connection.h"
#include "server/listener.h"

#define PAUSE_MS 100

const char *cor_loop_date(struct cor_server_loop *loop)
{
	int64_t now = cor_clock_now(loop->scheduler);

	if (now >= loop->date_until_ns) {
		int64_t wall = cor_clock_realtime(loop->scheduler);
		cor_date_format(loop->date, wall / COR_NS_PER_S);
		loop->date_until_ns = now + COR_NS_PER_S - wall % COR_NS_PER_S;
	}
	return loop->date;
}

/* --- accepting, and not --- */

static int watch_listeners(struct cor_server_loop *loop, bool on)
{
	int rc = 0;

	for (size_t i = 0; i < loop->listeners_len && rc == 0; i++)
		rc = cor_listener_watch(&loop->listeners[i], on);
	return rc;
}

static void close_listeners(struct cor_server_loop *loop)
{
	for (size_t i = 0; i < loop->listeners_len; i++)
		cor_listener_close(&loop->listeners[i]);
}

/* In a drain. Where not all can be accepted now, the loop is paused and the rest is accepted when that ends. */
static void accept_queued(struct cor_server_loop *loop)
{
	bool empty = true;

	for (size_t i = 0; i < loop->listeners_len; i++)
		empty = cor_listener_empty_queue(&loop->listeners[i]) && empty;
	if (empty)
		close_listeners(loop);
}

static void unpause(struct cor_server_loop *loop)
{
	if (!loop->paused)
		return;
	loop->paused = false;
	cor_timer_disarm(loop->scheduler, &loop->pause_timer);
	if (loop->draining)
		accept_queued(loop);
	else if (watch_listeners(loop, true) < 0)
		cor_loop_pause(loop, "the reactor refused a listener");
}

static void tell_if_drained(struct cor_server_loop *loop)
{
	if (!loop->draining || loop->connections_len != 0 || loop->paused || loop->drained)
		return;
	loop->drained = true;
	cor_timer_disarm(loop->scheduler, &loop->drain_timer);
	loop->on_drained(loop);
}

static void pause_ended(struct cor_timer *timer)
{
	struct cor_server_loop *loop = (struct cor_server_loop *)((char *)timer -
								  offsetof(struct cor_server_loop,
									  pause_timer));

	unpause(loop);
	tell_if_drained(loop);
}

void cor_loop_pause(struct cor_server_loop *loop, const char *why)
{
	if (loop->paused)
		return;
	loop->paused = true;
	(void)watch_listeners(loop, false);
	cor_timer_arm(loop->scheduler, &loop->pause_timer,
		cor_clock_after_ms(cor_clock_now(loop->scheduler), PAUSE_MS));
	cor_logger_log(loop->handler->environment->logger, COR_LOG_WARNING, NULL,
		"no connection is accepted for now: %s", why);
}

void cor_loop_connection_gone(struct cor_server_loop *loop)
{
	loop->connections_len--;
	if (loop->connections_len + 1 >= loop->connections_max)
		unpause(loop);
	tell_if_drained(loop);
}

/* --- the end --- */

void cor_loop_cut(struct cor_server_loop *loop)
{
	struct cor_connection *next;

	/* Who is queued has no turn any more. */
	loop->cut = true;
	loop->paused = false;
	cor_timer_disarm(loop->scheduler, &loop->pause_timer);
	close_listeners(loop);
	for (struct cor_connection *c = loop->connections; c; c = next) {
		next = c->next;
		cor_connection_cut(c);
	}
	cor_scheduler_cancel(loop->scheduler);
	tell_if_drained(loop);
}

static void drain_timed_out(struct cor_timer *timer)
{
	struct cor_server_loop *loop = (struct cor_server_loop *)((char *)timer -
								  offsetof(struct cor_server_loop,
									  drain_timer));

	cor_logger_log(loop->handler->environment->logger, COR_LOG_WARNING, NULL,
		"%u connections are cut: they did not end within the drain timeout",
		loop->connections_len);
	cor_loop_cut(loop);
}

void cor_loop_drain(struct cor_server_loop *loop)
{
	struct cor_connection *next;

	if (loop->draining)
		return;
	(void)watch_listeners(loop, false);
	cor_timer_disarm(loop->scheduler, &loop->pause_timer);
	loop->paused = false;
	loop->draining = true;
	loop->memo.until_ns = 0; /* heads say from now on that the connection ends */
	cor_timer_arm(loop->scheduler, &loop->drain_timer,
		cor_clock_after_ms(
			cor_clock_fresh(loop->scheduler), loop->settings->drain_timeout_ms));
	for (size_t i = 0; i < loop->listeners_len; i++)
		cor_listener_close_queue(&loop->listeners[i]);
	accept_queued(loop);
	tell_if_drained(loop);
	for (struct cor_connection *c = loop->connections; c; c = next) {
		next = c->next;
		cor_connection_retire(c);
	}
}

/* --- life --- */

static void init_parser(struct cor_head_parser *parser, const struct cor_server_settings *settings)
{
	const struct cor_head_limits limits = {
		.request_line_bytes = settings->request_line_bytes,
		.header_line_bytes = settings->header_line_bytes,
		.header_block_bytes = settings->header_block_bytes,
		.header_count = settings->header_count,
	};

	cor_head_parser_init(parser, &limits);
}

int cor_loop_init(struct cor_server_loop *loop, const struct cor_server_settings *settings,
	const struct cor_handler *handler, const int *fds, size_t fds_len, uint32_t connections_max,
	void (*on_drained)(struct cor_server_loop *loop))
{
	*loop = (struct cor_server_loop){
		.settings = settings,
		.handler = handler,
		.logs_access = cor_access_wanted(handler->environment->logger),
		.connections_max = connections_max,
		.on_drained = on_drained,
		.drain_timer.fire = drain_timed_out,
		.pause_timer.fire = pause_ended,
	};
	init_parser(&loop->parser, settings);
	/* The cap is the process's: each thread may have its share of it. */
	uint32_t share = cor_stack_cap() / settings->threads;
	struct cor_scheduler_options options = { .max_fibers = share != 0 ? share : 1 };
	int rc = cor_scheduler_create(&options, &loop->scheduler);
	if (rc < 0)
		return rc;
	loop->input = malloc(COR_LOOP_INPUT_BYTES);
	loop->listeners = calloc(fds_len, sizeof *loop->listeners);
	if (!loop->input || !loop->listeners)
		rc = -ENOMEM;
	for (size_t i = 0; i < fds_len && rc == 0; i++, loop->listeners_len++)
		cor_listener_init(&loop->listeners[i], loop, fds[i]);
	if (rc == 0)
		rc = watch_listeners(loop, true);
	if (rc < 0)
		cor_loop_finish(loop);
	return rc;
}

int cor_loop_run(struct cor_server_loop *loop)
{
	return cor_scheduler_run(loop->scheduler);
}

void cor_loop_end(struct cor_server_loop *loop)
{
	cor_scheduler_cancel(loop->scheduler);
	cor_scheduler_stop(loop->scheduler);
}

void cor_loop_finish(struct cor_server_loop *loop)
{
	if (loop->scheduler) {
		(void)watch_listeners(loop, false);
		cor_timer_disarm(loop->scheduler, &loop->drain_timer);
		cor_timer_disarm(loop->scheduler, &loop->pause_timer);
	}
	cor_scheduler_destroy(loop->scheduler);
	cor_buffer_finish(&loop->output);
	free(loop->input);
	free(loop->listeners);
	*loop = (struct cor_server_loop){ 0 };
}
