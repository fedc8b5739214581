/* SPDX-License-Identifier: MIT */
#include "server/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "runtime/scheduler.h"

/* The client has write_timeout_ms for each step forward. */
static void expect_progress(struct cor_connection *c)
{
	struct cor_scheduler *scheduler = c->loop->scheduler;

	cor_timer_arm(scheduler, &c->timer,
		cor_clock_after(cor_clock_now(scheduler), c->loop->settings->write_timeout_ms));
}

static void watch_out(struct cor_connection *c, bool on)
{
	uint32_t events = EPOLLIN | EPOLLRDHUP | EPOLLET | (on ? EPOLLOUT : 0);

	if (c->watching_out == on)
		return;
	if (cor_reactor_change(c->loop->scheduler, &c->watch, events) < 0)
		c->lost = true;
	c->watching_out = on;
}

/* Put what the client did not take behind what it has not taken yet. */
static __attribute__((noinline, cold)) void defer(
	struct cor_connection *c, const char *data, size_t len)
{
	size_t before = c->tail ? c->tail->len : 0;
	struct cor_tail *tail = malloc(sizeof *tail + before + len);

	if (!tail) {
		c->lost = true;
		return;
	}
	tail->at = 0;
	tail->len = before + len;
	if (before)
		memcpy(tail->bytes, c->tail->bytes + c->tail->at, before);
	memcpy(tail->bytes + before, data, len);
	free(c->tail);
	c->tail = tail;
	c->stalled = true;
	watch_out(c, true);
	expect_progress(c);
}

/* Returns how much the client took; a failure marks the connection lost. */
static inline size_t send_some(struct cor_connection *c, const char *data, size_t len)
{
	struct cor_server_loop *loop = c->loop;
	const struct cor_transport *transport = loop->scheduler->transport;
	ssize_t n = transport->send(transport, c->watch.fd, data, len);

	if (n < 0) {
		c->lost = c->lost || n != -EAGAIN;
		return 0;
	}
	loop->counts.bytes_sent += (uint64_t)n;
	return (size_t)n;
}

/* Behind a tail nothing may go out before it. */
static inline void send_output(struct cor_connection *c, const struct cor_buffer *output)
{
	size_t sent = c->stalled ? 0 : send_some(c, output->data, output->len);

	if (sent < output->len && !c->lost)
		defer(c, output->data + sent, output->len - sent);
}

void cor_connection_flush(struct cor_connection *c)
{
	struct cor_buffer *output = &c->loop->output;

	if (cor_buffer_error(output) < 0)
		c->lost = true;
	if (output->len != 0 && !c->lost)
		send_output(c, output);
	cor_buffer_clear(output, COR_LOOP_OUTPUT_KEEP);
}

void cor_connection_send_tail(struct cor_connection *c)
{
	struct cor_tail *tail = c->tail;
	size_t sent = send_some(c, tail->bytes + tail->at, tail->len);

	tail->at += sent;
	tail->len -= sent;
	if (tail->len == 0) {
		free(tail);
		c->tail = NULL;
		c->stalled = false;
		watch_out(c, false);
	} else if (sent != 0) {
		expect_progress(c);
	}
}
