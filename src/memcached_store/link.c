/* SPDX-License-Identifier: MIT */
#include "memcached_store/link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "memcached_store/answers.h"
#include "memcached_store/dial.h"
#include "runtime/filter.h"
#include "runtime/scheduler.h"
#include "runtime/scope.h"
#include "runtime/seams.h"
#include "runtime/wait.h"

#define CALL       "cor_store_get" /* in which all of this waits, or one of its kind */
#define KEEP_BYTES (64 * 1024)
#define FIRST_SIZE 64
#define IN_EVENTS  ((uint32_t)EPOLLIN | (uint32_t)EPOLLRDHUP | (uint32_t)EPOLLET)

void cor_memcached_link_init(struct cor_memcached_link *link)
{
	*link = (struct cor_memcached_link){
		.watch = { .fd = -1 },
		.out = { .limit = COR_MEMCACHED_OUT_BYTES },
	};
}

void cor_memcached_link_finish(struct cor_memcached_link *link)
{
	cor_memcached_link_fail(link, -ECONNRESET);
	cor_buffer_finish(&link->out);
	free(link->queue);
	free(link->in);
	link->queue = NULL;
	link->in = NULL;
}

void cor_memcached_link_abandon(struct cor_memcached_link *link)
{
	if (link->watch.fd >= 0 && link->filter)
		link->filter->ops->destroy(link->filter);
	if (link->watch.fd >= 0)
		link->transport->close(link->transport, link->watch.fd);
	link->watch.fd = -1;
	link->filter = NULL;
	cor_memcached_link_finish(link);
}

/* --- the end of a connection --- */

static void end_all(struct cor_memcached_link *link, int rc)
{
	while (link->first != link->next) {
		struct cor_memcached_ask *ask = link->queue[link->first++ % link->size].ask;
		if (ask)
			cor_memcached_answer(ask, rc);
	}
}

static bool is_registered_here(const struct cor_memcached_link *link)
{
	const struct cor_scheduler *here = cor_this_thread.scheduler;

	return here && link->scheduler == here && link->scheduler_since_ns == here->first_ns;
}

/* The server is told that this is all, if that goes at once. */
static void drop_filter(struct cor_memcached_link *link)
{
	if (!link->filter)
		return;
	(void)link->filter->ops->end(link->filter);
	link->filter->ops->destroy(link->filter);
	link->filter = NULL;
}

void cor_memcached_link_fail(struct cor_memcached_link *link, int rc)
{
	if (link->watch.fd < 0)
		return;
	/* Elsewhere, or after its loop has ended, closing is enough. */
	if (is_registered_here(link))
		cor_reactor_remove(link->scheduler, &link->watch);
	drop_filter(link);
	link->transport->close(link->transport, link->watch.fd);
	link->watch.fd = -1;
	link->scheduler = NULL;
	link->is_ready = false;
	link->is_ending = false;
	link->sent = 0;
	link->in_len = 0;
	cor_buffer_clear(&link->out, KEEP_BYTES);
	end_all(link, rc);
}

/* --- bytes --- */

static int loss(ssize_t rc)
{
	if (rc == -ENOMEM || rc == -EHOSTUNREACH)
		return (int)rc;
	return rc == -ETIMEDOUT || rc == -ENETUNREACH ? -EHOSTUNREACH : -ECONNRESET;
}

/*
 * The loop tells of room for more only while there is more: else it would be woken each time that
 * the server has taken a request.
 */
static void watch_room(struct cor_memcached_link *link, bool wanted)
{
	uint32_t events = IN_EVENTS | (wanted ? (uint32_t)EPOLLOUT : 0);

	if (link->watches_room == wanted || !is_registered_here(link))
		return;
	link->watches_room = wanted;
	int rc = cor_reactor_change(link->scheduler, &link->watch, events);
	if (rc < 0)
		cor_memcached_link_fail(link, -ENOMEM);
}

static ssize_t send_some(struct cor_memcached_link *link)
{
	const char *data = link->out.data + link->sent;
	size_t len = link->out.len - link->sent;

	return link->filter ? link->filter->ops->send(link->filter, data, len)
			    : link->transport->send(link->transport, link->watch.fd, data, len);
}

static ssize_t receive_some(struct cor_memcached_link *link, bool *ret_more)
{
	char *at = link->in + link->in_len;
	size_t room = COR_MEMCACHED_IN_BYTES - link->in_len;

	return link->filter ? link->filter->ops->receive(link->filter, at, room, ret_more)
			    : link->transport->receive(
				      link->transport, link->watch.fd, at, room, ret_more);
}

/* A server may refuse whoever comes only after the handshake (RFC 8446 section 4.4.2.4). */
static void keep_why(struct cor_memcached_link *link, ssize_t rc)
{
	if (!link->is_ready && link->filter && link->filter->why && rc == -EPROTO)
		snprintf(link->why, sizeof link->why, "%s", link->filter->why);
}

static void fail_sending(struct cor_memcached_link *link, ssize_t rc)
{
	bool more;

	if (link->filter && !link->is_ready)
		keep_why(link, receive_some(link, &more));
	cor_memcached_link_fail(link, loss(rc));
}

/* As much as goes; the loop tells when more does. */
static void send_out(struct cor_memcached_link *link)
{
	while (link->watch.fd >= 0 && link->sent < link->out.len) {
		ssize_t sent = send_some(link);
		if (sent == -EAGAIN) {
			watch_room(link, true);
			return;
		}
		if (sent < 0)
			fail_sending(link, sent);
		else
			link->sent += (size_t)sent;
	}
	link->sent = 0;
	cor_buffer_clear(&link->out, KEEP_BYTES);
	watch_room(link, false);
}

/* TLS may have to send before it can receive. */
static bool wants_room(const struct cor_memcached_link *link)
{
	return link->sent < link->out.len ||
	       (link->filter && link->filter->wants & (uint32_t)EPOLLOUT);
}

static void take_in(struct cor_memcached_link *link)
{
	bool more = true;

	while (link->watch.fd >= 0 && (more || link->is_ending)) {
		ssize_t got = receive_some(link, &more);
		if (got == -EAGAIN) {
			if (wants_room(link))
				watch_room(link, true);
			return;
		}
		if (got <= 0) {
			keep_why(link, got);
			cor_memcached_link_fail(link, loss(got));
			return;
		}
		link->in_len += (size_t)got;
		if (cor_memcached_take_answers(link) < 0)
			cor_memcached_link_fail(link, -EPROTO);
	}
}

/* On the loop's own stack. */
static void ready(struct cor_watch *watch, uint32_t events)
{
	struct cor_memcached_link *link = cor_container_of(watch, struct cor_memcached_link, watch);

	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		link->is_ending = true;
	if (events & EPOLLOUT)
		send_out(link);
	if (link->filter || events & ~(uint32_t)EPOLLOUT)
		take_in(link);
}

/* --- opening --- */

static int register_here(struct cor_memcached_link *link)
{
	struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	if (!cor_fiber_current() || is_registered_here(link))
		return 0;
	int rc = cor_reactor_add(scheduler, &link->watch, IN_EVENTS);
	if (rc < 0 && rc != -EEXIST)
		return -ENOMEM;
	link->scheduler = scheduler;
	link->scheduler_since_ns = scheduler->first_ns;
	link->watches_room = false;
	return 0;
}

static int ask_one(struct cor_memcached_link *link, struct cor_memcached_ask *ask)
{
	int rc = cor_memcached_link_queue(link, ask);

	if (rc < 0)
		return rc;
	cor_memcached_link_flush(link);
	return cor_memcached_link_wait(link, ask);
}

static int log_in(struct cor_memcached_link *link, struct cor_str login)
{
	struct cor_memcached_ask ask = { .request = {
						 .kind = COR_MEMCACHED_LOGIN, .head = login } };
	int rc = login.len ? ask_one(link, &ask) : 0;

	if (rc < 0 || login.len == 0)
		return rc;
	return ask.code == COR_MEMCACHED_DONE ? 0 : -EPROTO;
}

/* A server before 1.6 says "ERROR" to the first; up to 1.6.9 they have another meta protocol. */
static int ask_who(struct cor_memcached_link *link)
{
	struct cor_memcached_ask hello = { .request = { .kind = COR_MEMCACHED_HELLO } };
	struct cor_memcached_ask version = { .request = { .kind = COR_MEMCACHED_VERSION } };
	int rc = cor_memcached_link_queue(link, &hello);

	if (rc == 0)
		rc = ask_one(link, &version);
	if (rc < 0) {
		cor_memcached_link_leave(link, &hello);
		return hello.rc < 0 ? hello.rc : rc;
	}
	bool knows_meta = hello.code == COR_MEMCACHED_NOOP;
	if (!knows_meta && hello.code != COR_MEMCACHED_UNKNOWN)
		return -EPROTO;
	link->dialect = knows_meta && !version.is_early ? COR_MEMCACHED_META : COR_MEMCACHED_TEXT;
	return 0;
}

static int make_room(struct cor_memcached_link *link)
{
	if (!link->in)
		link->in = malloc(COR_MEMCACHED_IN_BYTES);
	if (!link->queue)
		link->queue = malloc(FIRST_SIZE * sizeof *link->queue);
	if (link->queue && link->size == 0)
		link->size = FIRST_SIZE;
	return link->in && link->queue ? 0 : -ENOMEM;
}

static int connect_link(
	struct cor_memcached_link *link, const struct cor_memcached_opening *opening)
{
	int rc = make_room(link);

	if (rc < 0)
		return rc;
	rc = cor_memcached_dial(&opening->dialing, &link->filter, link->why);
	if (rc < 0)
		return rc;
	link->watch = (struct cor_watch){ .fd = rc, .ready = ready };
	link->transport = cor_transport_here();
	cor_memcached_reader_init(&link->reader, opening->limit);
	rc = log_in(link, opening->login);
	if (rc == 0)
		rc = ask_who(link);
	if (rc < 0)
		cor_memcached_link_fail(link, rc);
	link->is_ready = rc == 0;
	return rc;
}

/* Who waits for the one who connects gets what that one gets, but for its scope's end. */
int cor_memcached_link_open(
	struct cor_memcached_link *link, const struct cor_memcached_opening *opening)
{
	uint32_t seen = link->tries;

	if (link->is_ready)
		return 0;
	int rc = cor_mutex_lock(&link->gate);
	if (rc < 0)
		return rc;
	bool has_failed = link->tries != seen && link->try_rc < 0 && link->try_rc != -ECANCELED &&
			  link->try_rc != -ETIMEDOUT;
	if (has_failed) {
		rc = link->try_rc;
	} else if (!link->is_ready) {
		rc = connect_link(link, opening);
		link->try_rc = rc;
		link->tries++;
	}
	cor_mutex_unlock(&link->gate);
	return rc;
}

/* --- asking --- */

static int grow(struct cor_memcached_link *link)
{
	struct cor_memcached_expected *more;
	uint32_t size = 2 * link->size;

	if (size > COR_MEMCACHED_QUEUE_MAX)
		return -ECONNRESET;
	more = malloc(size * sizeof *more);
	if (!more)
		return -ENOMEM;
	for (uint32_t at = link->first; at != link->next; at++)
		more[at % size] = link->queue[at % link->size];
	free(link->queue);
	link->queue = more;
	link->size = size;
	return 0;
}

int cor_memcached_link_queue(struct cor_memcached_link *link, struct cor_memcached_ask *ask)
{
	size_t before = link->out.len;
	int rc = link->watch.fd < 0 ? -ECONNRESET : 0;

	if (rc == 0 && link->next - link->first == link->size)
		rc = grow(link);
	if (rc < 0)
		return rc;
	cor_memcached_write(&link->out, link->dialect, &ask->request, link->next);
	if (cor_buffer_error(&link->out) < 0) {
		link->out.len = before;
		link->out.error = 0;
		return -ENOMEM;
	}
	ask->rc = COR_MEMCACHED_PENDING;
	ask->sequence = link->next;
	link->queue[link->next++ % link->size] = (struct cor_memcached_expected){ ask,
		ask->request.kind };
	return 0;
}

/* Let the others who are ready queue theirs. */
static void gather(struct cor_memcached_link *link)
{
	if (!cor_fiber_current() || !cor_this_thread.scheduler->ready_first)
		return;
	link->is_flushing = true;
	cor_fiber_pass();
	link->is_flushing = false;
}

void cor_memcached_link_flush(struct cor_memcached_link *link)
{
	if (link->is_flushing)
		return;
	gather(link);
	if (link->watch.fd < 0)
		return;
	int rc = register_here(link);
	if (rc < 0)
		cor_memcached_link_fail(link, rc);
	else
		send_out(link);
}

static int wait_in_fiber(struct cor_memcached_ask *ask)
{
	struct cor_wait wait;

	cor_wait_begin(&wait, CALL);
	ask->wait = &wait;
	int rc = cor_wait(&wait, COR_FOREVER);
	ask->wait = NULL;
	return rc;
}

/* What is here already is taken, though the time be up. */
static int wait_in_thread(struct cor_memcached_link *link)
{
	const struct cor_transport *transport = link->transport;
	bool sends = wants_room(link);
	int scope = cor_scope_error();
	int rc = transport->wait(transport, link->watch.fd, sends ? POLLIN | POLLOUT : POLLIN,
		scope < 0 ? 0 : cor_scope_remaining_ms());

	if (rc < 0) {
		cor_memcached_link_fail(link, loss(rc));
		return 0;
	}
	if (rc > 0 && sends)
		send_out(link);
	if (rc > 0)
		take_in(link);
	return rc == 0 && scope < 0 ? cor_wait_fail(CALL, scope) : 0;
}

int cor_memcached_link_wait(struct cor_memcached_link *link, struct cor_memcached_ask *ask)
{
	int rc = 0;

	while (ask->rc == COR_MEMCACHED_PENDING && rc == 0)
		rc = cor_fiber_current() ? wait_in_fiber(ask) : wait_in_thread(link);
	if (ask->rc != COR_MEMCACHED_PENDING)
		return ask->rc;
	cor_memcached_link_leave(link, ask);
	return rc;
}

void cor_memcached_link_leave(struct cor_memcached_link *link, struct cor_memcached_ask *ask)
{
	if (ask->rc == COR_MEMCACHED_PENDING)
		link->queue[ask->sequence % link->size].ask = NULL;
}
