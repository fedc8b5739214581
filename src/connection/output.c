/* SPDX-License-Identifier: MIT */
#include "connection/output.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#include "connection/connection.h"
#include "observe/logger.h"
#include "runtime/filter.h"

/*
 * A client that trickles: after it has been slow for so long, it must have kept up this pace
 * meanwhile.
 */
#define GRACE_S     10
#define BYTES_PER_S 500

/* The heap keeps large pieces that others lie between; mapped ones go back to the system. */
#define MAPPED_BYTES (64 * 1024)

/* --- the memory of tails --- */

static struct cor_tail *make_tail(size_t capacity)
{
	size_t bytes = sizeof(struct cor_tail) + capacity;

	if (bytes < MAPPED_BYTES)
		return malloc(bytes);
	void *memory = mmap(
		NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static void free_tail(struct cor_tail *tail)
{
	size_t bytes = sizeof *tail + tail->capacity;

	if (bytes < MAPPED_BYTES)
		free(tail);
	else
		munmap(tail, bytes);
}

static void link_tail(struct cor_loop *loop, struct cor_tail *tail)
{
	tail->next = NULL;
	tail->previous = loop->tails_last;
	if (loop->tails_last)
		loop->tails_last->next = tail;
	else
		loop->tails = tail;
	loop->tails_last = tail;
	loop->unsent_bytes += tail->capacity;
}

static void unlink_tail(struct cor_loop *loop, struct cor_tail *tail)
{
	if (tail->previous)
		tail->previous->next = tail->next;
	else
		loop->tails = tail->next;
	if (tail->next)
		tail->next->previous = tail->previous;
	else
		loop->tails_last = tail->previous;
	loop->unsent_bytes -= tail->capacity;
}

/* --- who waits for it --- */

/* `sent` bytes are out since the deliveries were put in order. */
static COR_OUT_OF_LINE void settle_sent(
	struct cor_connection *c, struct cor_delivery **first, size_t sent)
{
	struct cor_delivery *delivery;

	while ((delivery = *first) && delivery->end <= sent) {
		*first = delivery->next;
		delivery->settle(delivery, c, 0);
	}
	for (; delivery; delivery = delivery->next)
		delivery->end -= sent;
}

static void settle_lost(struct cor_connection *c, struct cor_delivery *delivery)
{
	while (delivery) {
		struct cor_delivery *next = delivery->next;
		delivery->settle(delivery, c, delivery->end);
		delivery = next;
	}
}

void cor_connection_await(struct cor_connection *c, struct cor_delivery *delivery)
{
	struct cor_loop *loop = c->loop;

	delivery->next = NULL;
	delivery->end = loop->output.len;
	if (loop->output.len == 0 && c->tail) {
		/* it has left the loop's buffer already */
		delivery->end = c->tail->len;
		if (c->tail->deliveries)
			c->tail->deliveries_last->next = delivery;
		else
			c->tail->deliveries = delivery;
		c->tail->deliveries_last = delivery;
		return;
	}
	if (loop->output.len == 0) {
		delivery->settle(delivery, c, 0);
		return;
	}
	if (loop->deliveries)
		loop->deliveries_last->next = delivery;
	else
		loop->deliveries = delivery;
	loop->deliveries_last = delivery;
}

static struct cor_delivery *take_deliveries(struct cor_loop *loop)
{
	struct cor_delivery *first = loop->deliveries;

	loop->deliveries = NULL;
	return first;
}

/* --- when it does not go out --- */

void cor_connection_watch_out(struct cor_connection *c)
{
	bool filter_waits = c->filter && (c->filter->wants & EPOLLOUT);
	bool on = c->tail || filter_waits;
	uint32_t events = COR_CONNECTION_EVENTS | (on ? EPOLLOUT : 0);

	/* what a filter waits for may be there already, and told of: it is told again */
	if (cor_connection_is(c, COR_CONNECTION_WATCHING_OUT) == on && !filter_waits)
		return;
	if (cor_reactor_change(c->loop->scheduler, &c->watch, events) < 0)
		cor_connection_lose(c);
	if (on)
		cor_connection_set(c, COR_CONNECTION_WATCHING_OUT);
	else
		cor_connection_clear(c, COR_CONNECTION_WATCHING_OUT);
}

/* The client has write_timeout_ms for each step forward. */
static void expect_progress(struct cor_connection *c)
{
	struct cor_scheduler *scheduler = c->loop->scheduler;

	cor_clock_settle(scheduler);
	cor_timer_arm(scheduler, &c->timer,
		cor_clock_after(cor_clock_now(scheduler), c->loop->settings->write_timeout_ms));
}

/* Nobody else tells of it. */
static COR_COLD void log_unsent(const struct cor_connection *c, size_t len)
{
	struct cor_address address;
	char peer[COR_ADDRESS_TEXT_BYTES];

	cor_peer_address(&c->peer, &address);
	cor_address_print_host(&address, peer);
	cor_logger_log(c->loop->logger, COR_LOG_INFO, NULL,
		"an answer to %s lacks its last %zu bytes: %s", peer, len,
		cor_connection_why_lost(c));
}

static void drop_tail(struct cor_connection *c)
{
	struct cor_tail *tail = c->tail;

	assert(tail);
	c->tail = NULL;
	cor_connection_clear(c, COR_CONNECTION_STALLED);
	unlink_tail(c->loop, tail);
	if (tail->deliveries)
		settle_lost(c, tail->deliveries);
	else
		log_unsent(c, tail->len);
	free_tail(tail);
}

void cor_connection_drop_output(struct cor_connection *c)
{
	if (c->tail)
		drop_tail(c);
}

/*
 * Its memory goes at once; the connection itself when its timer fires, since others may be looking
 * at it now.
 */
static COR_COLD void give_up(struct cor_connection *c)
{
	cor_connection_set(c, COR_CONNECTION_CROWDED);
	cor_connection_lose(c);
	drop_tail(c);
	cor_timer_arm(c->loop->scheduler, &c->timer, cor_clock_now(c->loop->scheduler));
}

static void keep_limit(struct cor_loop *loop, const struct cor_connection *newest)
{
	uint64_t most = loop->group->share->unsent_max_bytes / loop->group->loops_len;

	while (loop->unsent_bytes > most && loop->tails->connection != newest)
		give_up(loop->tails->connection);
}

/* The same tail with `len` bytes more behind it, or a new one. NULL without memory. */
static struct cor_tail *extend(struct cor_connection *c, const char *data, size_t len)
{
	struct cor_tail *before = c->tail;
	size_t kept = before ? before->len : 0;
	struct cor_tail *tail = make_tail(kept + len);

	if (!tail)
		return NULL;
	*tail = (struct cor_tail){ .connection = c, .len = kept + len, .capacity = kept + len };
	tail->since_ns = cor_clock_now(c->loop->scheduler);
	if (before) {
		tail->deliveries = before->deliveries;
		tail->deliveries_last = before->deliveries_last;
		tail->since_ns = before->since_ns;
		tail->taken = before->taken;
		memcpy(tail->bytes, before->bytes + before->at, kept);
		unlink_tail(c->loop, before);
		free_tail(before);
	}
	memcpy(tail->bytes + kept, data, len);
	link_tail(c->loop, tail);
	return tail;
}

/* Put what the client did not take behind what it has not taken yet. */
static COR_COLD void defer(struct cor_connection *c, const char *data, size_t len)
{
	cor_clock_settle(c->loop->scheduler);
	struct cor_tail *tail = extend(c, data, len);

	if (!tail) {
		cor_connection_lose(c);
		return;
	}
	c->tail = tail;
	cor_connection_set(c, COR_CONNECTION_STALLED);
	/* If it ends, its answer is still on the way: a stray byte must not reset it. */
	cor_connection_set(c, COR_CONNECTION_UNREAD);
	cor_connection_watch_out(c);
	expect_progress(c);
	keep_limit(c->loop, c);
}

/* --- sending --- */

static COR_COLD ssize_t sending_failed(struct cor_connection *c, ssize_t rc)
{
	if (rc != -EAGAIN)
		cor_connection_lose(c);
	else if (c->filter)
		cor_connection_watch_out(c);
	return 0;
}

static inline size_t count_sent(struct cor_connection *c, ssize_t n)
{
	if (n < 0)
		return (size_t)sending_failed(c, n);
	cor_count(&c->loop->counts->bytes_sent, (uint64_t)n);
	return (size_t)n;
}

static inline size_t send_once(struct cor_connection *c, const char *data, size_t len)
{
	const struct cor_transport *transport = c->loop->scheduler->transport;

	if (COR_UNLIKELY(c->filter != NULL))
		return count_sent(c, c->filter->ops->send(c->filter, data, len));
	return count_sent(c, transport->send(transport, c->watch.fd, data, len));
}

/* Only nothing at all says that there is no room, and that the reactor will tell of some. */
static COR_COLD size_t send_rest(
	struct cor_connection *c, const char *data, size_t len, size_t sent)
{
	size_t n = sent;

	while (n != 0 && sent < len) {
		n = send_once(c, data + sent, len - sent);
		sent += n;
	}
	return sent;
}

/* Returns how much the client took; a failure marks the connection lost. */
static inline size_t send_all(struct cor_connection *c, const char *data, size_t len)
{
	size_t sent = send_once(c, data, len);

	return COR_LIKELY(sent == len) ? sent : send_rest(c, data, len, sent);
}

static size_t send_vector(struct cor_connection *c, struct cor_str first, struct cor_str second)
{
	const struct cor_transport *transport = c->loop->scheduler->transport;
	const struct iovec parts[] = {
		{ (void *)(uintptr_t)first.data, first.len },
		{ (void *)(uintptr_t)second.data, second.len },
	};

	return count_sent(c, transport->send_vector(transport, c->watch.fd, parts, 2));
}

/* Two pieces, with one call where there is no filter. */
static size_t send_both(struct cor_connection *c, struct cor_str first, struct cor_str second)
{
	size_t sent = c->filter ? send_once(c, first.data, first.len)
				: send_vector(c, first, second);

	if (sent == 0)
		return 0;
	if (sent < first.len) {
		sent = send_rest(c, first.data, first.len, sent);
		if (sent < first.len)
			return sent;
	}
	size_t behind = sent - first.len;
	if (behind == 0)
		return sent + send_all(c, second.data, second.len);
	return first.len + send_rest(c, second.data, second.len, behind);
}

/*
 * What was in the loop's buffer is in the tail now, the last `unsent` bytes of it: its deliveries
 * follow.
 */
static COR_COLD void move_deliveries(
	struct cor_connection *c, struct cor_delivery *deliveries, size_t unsent)
{
	struct cor_tail *tail = c->tail;

	for (struct cor_delivery *at = deliveries; at; at = at->next)
		at->end += tail->len - unsent;
	if (tail->deliveries)
		tail->deliveries_last->next = deliveries;
	else
		tail->deliveries = deliveries;
	while (deliveries->next)
		deliveries = deliveries->next;
	tail->deliveries_last = deliveries;
}

/* `sent` of `len` bytes went out, and whoever waits for them is told. */
static COR_OUT_OF_LINE void settle_output(struct cor_connection *c, size_t sent, size_t len)
{
	struct cor_delivery *deliveries = take_deliveries(c->loop);

	settle_sent(c, &deliveries, sent);
	if (!deliveries)
		return;
	if (c->tail)
		move_deliveries(c, deliveries, len - sent);
	else
		settle_lost(c, deliveries);
}

/* Behind a tail nothing may go out before it. */
static COR_OUT_OF_LINE void flush_with_care(struct cor_connection *c, size_t sent)
{
	struct cor_loop *loop = c->loop;
	struct cor_buffer *output = &loop->output;

	if (cor_buffer_error(output) < 0)
		cor_connection_lose(c);
	if (sent < output->len && !cor_connection_is(c, COR_CONNECTION_LOST)) {
		if (!c->tail)
			sent += send_all(c, output->data + sent, output->len - sent);
		if (sent < output->len && !cor_connection_is(c, COR_CONNECTION_LOST))
			defer(c, output->data + sent, output->len - sent);
	}
	if (loop->deliveries)
		settle_output(c, sent, output->len);
	cor_buffer_clear(output, COR_LOOP_OUTPUT_KEEP);
}

void cor_connection_flush(struct cor_connection *c)
{
	struct cor_loop *loop = c->loop;
	struct cor_buffer *output = &loop->output;
	bool usual = output->error == 0 && !loop->deliveries && !c->filter &&
		     !(c->flags & (COR_CONNECTION_LOST | COR_CONNECTION_STALLED));

	if (COR_UNLIKELY(!usual)) {
		flush_with_care(c, 0);
		return;
	}
	if (output->len == 0)
		return;
	const struct cor_transport *transport = loop->scheduler->transport;
	ssize_t n = transport->send(transport, c->watch.fd, output->data, output->len);
	if (COR_UNLIKELY(n != (ssize_t)output->len)) {
		flush_with_care(c, count_sent(c, n));
		return;
	}
	cor_count(&loop->counts->bytes_sent, (uint64_t)n);
	cor_buffer_clear(output, COR_LOOP_OUTPUT_KEEP);
}

/* Neither the buffer's rest nor the body is out. */
static COR_COLD void defer_both(
	struct cor_connection *c, struct cor_str first, struct cor_str second, size_t sent)
{
	if (sent < first.len)
		defer(c, first.data + sent, first.len - sent);
	size_t skip = sent < first.len ? 0 : sent - first.len;
	if (!cor_connection_is(c, COR_CONNECTION_LOST))
		defer(c, second.data + skip, second.len - skip);
}

void cor_connection_flush_with(struct cor_connection *c, struct cor_str body)
{
	struct cor_loop *loop = c->loop;
	struct cor_buffer *output = &loop->output;
	struct cor_str first = { output->data, output->len };
	size_t len = first.len + body.len;
	size_t sent = 0;

	if (cor_buffer_error(output) < 0)
		cor_connection_lose(c);
	if (!cor_connection_is(c, COR_CONNECTION_LOST) && !c->tail)
		sent = send_both(c, first, body);
	if (sent < len && !cor_connection_is(c, COR_CONNECTION_LOST))
		defer_both(c, first, body, sent);
	if (loop->deliveries)
		settle_output(c, sent, len);
	cor_buffer_clear(output, COR_LOOP_OUTPUT_KEEP);
}

/* --- the tail --- */

static void finish_tail(struct cor_connection *c)
{
	struct cor_tail *tail = c->tail;

	c->tail = NULL;
	cor_connection_clear(c, COR_CONNECTION_STALLED);
	unlink_tail(c->loop, tail);
	settle_sent(c, &tail->deliveries, SIZE_MAX);
	free_tail(tail);
	cor_connection_watch_out(c);
}

static bool keeps_pace(const struct cor_connection *c, const struct cor_tail *tail)
{
	int64_t slow_s = (cor_clock_now(c->loop->scheduler) - tail->since_ns) / COR_NS_PER_S;

	return slow_s <= GRACE_S || tail->taken / (uint64_t)slow_s >= BYTES_PER_S;
}

void cor_connection_send_tail(struct cor_connection *c)
{
	struct cor_tail *tail = c->tail;
	size_t sent = send_all(c, tail->bytes + tail->at, tail->len);

	if (sent == 0)
		return;
	tail->at += sent;
	tail->len -= sent;
	tail->taken += sent;
	if (tail->len == 0) {
		finish_tail(c);
		return;
	}
	settle_sent(c, &tail->deliveries, sent);
	unlink_tail(c->loop, tail);
	link_tail(c->loop, tail);
	expect_progress(c);
	if (!keeps_pace(c, tail)) {
		cor_connection_set(c, COR_CONNECTION_TOO_SLOW);
		cor_connection_lose(c);
	}
}
