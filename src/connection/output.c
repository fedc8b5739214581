/* SPDX-License-Identifier: MIT */
#include "connection/output.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "connection/connection.h"
#include "connection/crowd.h"
#include "observe/logger.h"
#include "runtime/extents.h"
#include "runtime/filter.h"

#define RECORD_BYTES ((size_t)16 * 1024)   /* of TLS: RFC 8446 section 5.1 */
#define SHARE_BYTES  ((size_t)1024 * 1024) /* of a file, before others have their turn */

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
		delivery->end = (size_t)cor_tail_left(c->tail);
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
	bool ends = cor_connection_is(c, COR_CONNECTION_ENDING);
	bool filter_waits = c->filter && ((c->filter->wants & EPOLLOUT) || ends);
	bool on = c->tail || filter_waits;
	uint32_t events = COR_CONNECTION_EVENTS | (on ? EPOLLOUT : 0);

	/* what a filter waits for may be there, and reported, already: it is reported again */
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

void cor_connection_drop_output(struct cor_connection *c)
{
	struct cor_tail *tail = c->tail;

	if (!tail)
		return;
	struct cor_delivery *deliveries = tail->deliveries;
	size_t len = (size_t)cor_tail_left(tail);
	cor_connection_clear(c, COR_CONNECTION_STALLED);
	cor_tail_destroy(tail);
	if (deliveries)
		settle_lost(c, deliveries);
	else
		log_unsent(c, len);
}

static struct cor_str rest_of(struct cor_str text, size_t from)
{
	return (struct cor_str){ text.data + from, text.len - from };
}

/*
 * Put what the client did not take behind what it has not taken yet. Returns false without memory,
 * for both pieces.
 */
static COR_COLD bool defer(struct cor_connection *c, struct cor_str first, struct cor_str second)
{
	cor_clock_settle(c->loop->scheduler);
	if (!cor_tail_extend(c, first, second)) {
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
		return false;
	}
	cor_connection_set(c, COR_CONNECTION_STALLED);
	/* If it ends, its answer is still on the way: a stray byte must not reset it. */
	cor_connection_set(c, COR_CONNECTION_UNREAD);
	cor_connection_watch_out(c);
	expect_progress(c);
	return true;
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

/* `sent` of `len` bytes went out, the rest is in the tail or lost: whoever waits is told. */
static COR_OUT_OF_LINE void settle_output(
	struct cor_connection *c, size_t sent, size_t len, bool deferred)
{
	struct cor_delivery *deliveries = take_deliveries(c->loop);

	settle_sent(c, &deliveries, sent);
	if (!deliveries)
		return;
	if (deferred) {
		move_deliveries(c, deliveries, len - sent);
		return;
	}
	cor_connection_drop_output(c); /* what is before it is as lost */
	settle_lost(c, deliveries);
}

/* Behind a tail nothing may go out before it. */
void cor_connection_flush_rest(struct cor_connection *c, ssize_t taken)
{
	struct cor_loop *loop = c->loop;
	struct cor_buffer *output = &loop->output;
	struct cor_str first = { output->data, output->len };
	size_t sent = count_sent(c, taken);
	bool deferred = false;

	if (cor_buffer_error(output) < 0)
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
	if (sent < output->len && !cor_connection_is(c, COR_CONNECTION_LOST)) {
		if (!c->tail)
			sent += send_all(c, output->data + sent, output->len - sent);
		if (sent < output->len && !cor_connection_is(c, COR_CONNECTION_LOST))
			deferred = defer(c, rest_of(first, sent), COR_STR(""));
	}
	if (loop->deliveries)
		settle_output(c, sent, output->len, deferred);
	cor_buffer_clear(output, COR_LOOP_OUTPUT_KEEP);
	if (deferred)
		cor_crowd_thin(loop, c);
}

/* Neither the buffer's rest nor the body is out. */
static COR_COLD bool defer_both(
	struct cor_connection *c, struct cor_str first, struct cor_str second, size_t sent)
{
	size_t of_first = sent < first.len ? sent : first.len;

	return defer(c, rest_of(first, of_first), rest_of(second, sent - of_first));
}

/*
 * The beginning of the body goes with what is before it, up to the end of a record: behind a filter
 * each piece that is sent costs the client a record, and us a system call. Returns the rest.
 */
static COR_OUT_OF_LINE struct cor_str fill_record(struct cor_connection *c, struct cor_str body)
{
	struct cor_buffer *output = &c->loop->output;
	size_t room = RECORD_BYTES - output->len % RECORD_BYTES;
	size_t len = body.len < room ? body.len : room;

	if (output->len == 0)
		return body;
	cor_buffer_append(output, body.data, len);
	return rest_of(body, len);
}

void cor_connection_flush_with(struct cor_connection *c, struct cor_str body)
{
	struct cor_loop *loop = c->loop;
	struct cor_buffer *output = &loop->output;
	size_t sent = 0;
	bool deferred = false;

	/* Much of it is on its way when the connection ends: a stray byte would reset it. */
	if (body.len != 0)
		cor_connection_set(c, COR_CONNECTION_UNREAD);
	if (c->filter)
		body = fill_record(c, body);
	struct cor_str first = { output->data, output->len };
	size_t len = first.len + body.len;
	if (cor_buffer_error(output) < 0)
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
	if (!cor_connection_is(c, COR_CONNECTION_LOST) && !c->tail)
		sent = send_both(c, first, body);
	if (sent < len && !cor_connection_is(c, COR_CONNECTION_LOST))
		deferred = defer_both(c, first, body, sent);
	if (loop->deliveries)
		settle_output(c, sent, len, deferred);
	cor_buffer_clear(output, COR_LOOP_OUTPUT_KEEP);
	if (deferred)
		cor_crowd_thin(loop, c);
}

/* --- the tail --- */

static void finish_tail(struct cor_connection *c)
{
	struct cor_delivery *deliveries = c->tail->deliveries;

	cor_connection_clear(c, COR_CONNECTION_STALLED);
	cor_tail_destroy(c->tail);
	settle_sent(c, &deliveries, SIZE_MAX);
	cor_connection_watch_out(c);
}

/* A filter takes a record at a time. Returns the count if there is any. */
static ssize_t filter_all(const struct cor_connection *c, const char *data, size_t len)
{
	size_t sent = 0;
	ssize_t n = 0;

	while (sent < len) {
		n = c->filter->ops->send(c->filter, data + sent, len - sent);
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	return sent != 0 ? (ssize_t)sent : n;
}

/* What was read of a file is read once more if the filter does not take it now. */
static ssize_t send_filtered(struct cor_connection *c)
{
	struct cor_tail *tail = c->tail;
	struct cor_buffer *scratch = &c->loop->output;
	ssize_t n = -ENOMEM;

	assert(scratch->len == 0);
	char *room = cor_buffer_reserve(scratch, COR_LOOP_OUTPUT_KEEP);
	if (room) {
		size_t len = tail->len < COR_LOOP_OUTPUT_KEEP ? tail->len : COR_LOOP_OUTPUT_KEEP;
		memcpy(room, tail->bytes + tail->at, len);
		n = cor_extents_read(tail->extents, room + len, COR_LOOP_OUTPUT_KEEP - len);
		if (n >= 0)
			n = filter_all(c, room, len + (size_t)n);
	}
	cor_buffer_clear(scratch, COR_LOOP_OUTPUT_KEEP);
	return n;
}

/*
 * What comes next is not in memory: a thread that waited for a disk would hold all its clients. It
 * looks again after a millisecond, and after ever more, but not for ever.
 */
static COR_COLD void wait_for_disk(struct cor_connection *c)
{
	struct cor_scheduler *scheduler = c->loop->scheduler;
	struct cor_tail *tail = c->tail;

	cor_clock_settle(scheduler);
	int64_t now_ns = cor_clock_now(scheduler);
	if (tail->disk_ns == 0)
		tail->disk_ns = now_ns;
	int64_t waited_ns = now_ns - tail->disk_ns;
	if (waited_ns > c->loop->settings->write_timeout_ms * (int64_t)COR_NS_PER_MS) {
		cor_connection_lose_to(c, COR_LOSS_FILE);
		return;
	}
	int64_t pause_ns = waited_ns / 4;
	if (pause_ns < COR_NS_PER_MS)
		pause_ns = COR_NS_PER_MS;
	cor_timer_arm(scheduler, &c->timer, now_ns + pause_ns);
}

static bool is_here(struct cor_connection *c)
{
	struct cor_tail *tail = c->tail;

	if (tail->extents->left == 0 || cor_extents_are_here(tail->extents,
						c->filter ? COR_LOOP_OUTPUT_KEEP : SHARE_BYTES)) {
		tail->disk_ns = 0;
		return true;
	}
	wait_for_disk(c);
	return false;
}

/* Of a tail with extents. Returns as send_all(), or 0 with the connection lost. */
static size_t send_some(struct cor_connection *c)
{
	const struct cor_transport *transport = c->loop->scheduler->transport;
	struct cor_tail *tail = c->tail;
	ssize_t n;

	if ((c->filter || tail->len == 0) && !is_here(c))
		return 0;
	if (c->filter)
		n = send_filtered(c);
	else if (tail->len != 0)
		n = transport->send_more(transport, c->watch.fd, tail->bytes + tail->at, tail->len);
	else
		n = cor_extents_send(tail->extents, transport, c->watch.fd, SHARE_BYTES);
	if (n == -ENODATA || n == -EIO)
		cor_connection_lose_to(c, COR_LOSS_FILE);
	else if (n == -ENOMEM)
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
	return count_sent(c, n);
}

/* There is room still, but others have their turn first. */
static void send_later(struct cor_connection *c)
{
	if (cor_connection_is(c, COR_CONNECTION_WATCHING_OUT))
		cor_connection_look_again(c);
	else
		cor_connection_watch_out(c);
}

/* Returns how much of it went out. It may be all. */
static size_t send_share(struct cor_connection *c)
{
	struct cor_tail *tail = c->tail;
	size_t sent = 0, n;

	do {
		n = send_some(c);
		if (n == 0)
			return sent;
		cor_tail_advance(tail, n);
		settle_sent(c, &tail->deliveries, n);
		sent += n;
	} while (sent < SHARE_BYTES && cor_tail_left(tail) != 0);
	if (cor_tail_left(tail) != 0)
		send_later(c);
	return sent;
}

static void keep_pace(struct cor_connection *c)
{
	if (c->tail->disk_ns != 0)
		return; /* it has the timer, and the client may take nothing */
	expect_progress(c);
	if (!cor_tail_keeps_pace(c->tail))
		cor_connection_lose_to(c, COR_LOSS_PACE);
}

static void send_extents(struct cor_connection *c)
{
	size_t sent = send_share(c);

	if (cor_tail_left(c->tail) == 0)
		finish_tail(c);
	else if (sent != 0)
		keep_pace(c);
}

/* Nobody waits for it yet who would be told. */
static void drop_extents(struct cor_connection *c)
{
	struct cor_delivery *deliveries = c->tail->deliveries;

	cor_connection_clear(c, COR_CONNECTION_STALLED);
	cor_tail_destroy(c->tail);
	settle_lost(c, deliveries);
}

/* All of it goes through a tail, in which what can be sent at once does not stay. */
static bool defer_extents(
	struct cor_connection *c, struct cor_str first, struct cor_extents *extents)
{
	cor_clock_settle(c->loop->scheduler);
	if (!cor_tail_extend_with(c, first, extents)) {
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
		return false;
	}
	cor_connection_set(c, COR_CONNECTION_STALLED);
	return true;
}

void cor_connection_flush_extents(struct cor_connection *c, struct cor_extents *extents)
{
	struct cor_loop *loop = c->loop;
	struct cor_buffer *output = &loop->output;
	struct cor_str first = { output->data, output->len };
	bool deferred = false;

	cor_connection_set(c, COR_CONNECTION_UNREAD);
	if (cor_buffer_error(output) < 0)
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
	if (!cor_connection_is(c, COR_CONNECTION_LOST))
		deferred = defer_extents(c, first, extents);
	else
		cor_extents_destroy(extents);
	if (loop->deliveries)
		settle_output(c, 0, output->len, deferred);
	cor_buffer_clear(output, COR_LOOP_OUTPUT_KEEP);
	if (!deferred)
		return;
	send_extents(c);
	if (c->tail && cor_connection_is(c, COR_CONNECTION_LOST))
		drop_extents(c);
	if (!c->tail)
		return;
	cor_connection_watch_out(c);
	if (c->tail->disk_ns == 0)
		expect_progress(c);
	cor_crowd_thin(loop, c);
}

void cor_connection_send_tail(struct cor_connection *c)
{
	struct cor_tail *tail = c->tail;

	if (COR_UNLIKELY(tail->extents != NULL)) {
		send_extents(c);
		return;
	}
	size_t sent = send_all(c, tail->bytes + tail->at, tail->len);

	if (sent == 0)
		return;
	if (sent == tail->len) {
		finish_tail(c);
		return;
	}
	cor_tail_advance(tail, sent);
	settle_sent(c, &tail->deliveries, sent);
	keep_pace(c);
}

void cor_connection_await_client(struct cor_connection *c)
{
	c->tail->disk_ns = 0;
	expect_progress(c);
}

bool cor_connection_waits_on(struct cor_connection *c)
{
	if (!cor_tail_has_moved(c->tail) || !cor_tail_keeps_pace(c->tail))
		return false;
	expect_progress(c);
	return true;
}
