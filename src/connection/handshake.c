/* SPDX-License-Identifier: MIT */
#include "connection/handshake.h"

#include <errno.h>
#include <inttypes.h>

#include <coracle/error.h>

#include "connection/listener.h"
#include "observe/logger.h"
#include "runtime/filter.h"

/* Scanners are not worth more than a line now and then: the figures count them all. */
static COR_COLD void tell(struct cor_connection *c, enum cor_refusal why, const char *what)
{
	struct cor_loop *loop = c->loop;
	struct cor_address address;
	char peer[COR_ADDRESS_TEXT_BYTES];

	cor_count(&loop->counts->refused[why], 1);
	if (!cor_loops_may_tell(loop->group, cor_clock_now(loop->scheduler)))
		return;
	cor_peer_address(&c->peer, &address);
	cor_address_print_host(&address, peer);
	cor_logger_log(loop->logger, COR_LOG_INFO, NULL,
		"no handshake with %s: %s; others that fail within 10 s are only counted", peer,
		what);
}

static COR_COLD void refuse(struct cor_loop *loop, const char *what)
{
	cor_count(&loop->counts->refused[COR_REFUSED_HANDSHAKE_LIMIT], 1);
	if (cor_loops_may_complain(loop->group, cor_clock_now(loop->scheduler)))
		cor_logger_log(loop->logger, COR_LOG_WARNING, NULL,
			"%" PRIu32
			" handshakes are in progress: %s (--handshakes-max raises the limit)",
			loop->settings->handshakes_max, what);
}

/*
 * A tenth of its time without an end: it waits for a client that may never come back. Younger ones
 * are left alone, or a burst of clients would cut each other off before any is served.
 */
static bool is_stalled(const struct cor_loop *loop, const struct cor_filter *filter)
{
	int64_t age_ns = cor_clock_now(loop->scheduler) - filter->since_ns;

	return age_ns >= loop->settings->handshake_timeout_ms * (int64_t)COR_NS_PER_MS / 10;
}

static COR_COLD bool make_room(struct cor_loop *loop)
{
	struct cor_filter *oldest = loop->oldest_handshake;

	if (!oldest || !is_stalled(loop, oldest)) {
		refuse(loop, "new clients are closed");
		return false;
	}
	refuse(loop, "the oldest that does not go on is closed for a new client");
	cor_connection_cut(oldest->owner);
	return true;
}

bool cor_handshake_may_begin(struct cor_loop *loop)
{
	uint32_t max = loop->settings->handshakes_max;

	return max == 0 || atomic_load(&loop->group->handshakes) < max || make_room(loop);
}

static void link_newest(struct cor_loop *loop, struct cor_filter *filter)
{
	filter->older = loop->newest_handshake;
	if (filter->older)
		filter->older->newer = filter;
	else
		loop->oldest_handshake = filter;
	loop->newest_handshake = filter;
}

static void unlink_filter(struct cor_loop *loop, struct cor_filter *filter)
{
	if (filter->older)
		filter->older->newer = filter->newer;
	else
		loop->oldest_handshake = filter->newer;
	if (filter->newer)
		filter->newer->older = filter->older;
	else
		loop->newest_handshake = filter->older;
}

int cor_handshake_begin(struct cor_connection *c, const struct cor_listener *listener)
{
	const struct cor_filter_source *filters = listener->filters;
	struct cor_loop *loop = c->loop;
	int rc = filters->attach(filters, loop->scheduler->transport, c->watch.fd, &c->filter);

	if (rc < 0)
		return rc;
	c->filter->choices = listener->choices;
	c->filter->place = listener->place;
	c->filter->owner = c;
	c->filter->since_ns = cor_clock_now(loop->scheduler);
	link_newest(loop, c->filter);
	c->flags |= COR_CONNECTION_SHAKING | COR_CONNECTION_SILENT;
	atomic_fetch_add(&loop->group->handshakes, 1);
	return 0;
}

void cor_handshake_end(struct cor_connection *c)
{
	if (!cor_connection_is(c, COR_CONNECTION_SHAKING))
		return;
	cor_connection_clear(c, COR_CONNECTION_SHAKING);
	if (!c->filter)
		return;
	unlink_filter(c->loop, c->filter);
	atomic_fetch_sub(&c->loop->group->handshakes, 1);
}

void cor_handshake_is_late(struct cor_connection *c)
{
	tell(c, COR_REFUSED_HANDSHAKE_LATE, "it took longer than --handshake-timeout-ms allows");
}

void cor_handshake_has_failed(struct cor_connection *c, int rc)
{
	bool is_plain = rc == -EPROTONOSUPPORT;
	bool is_told = is_plain || rc == -EPROTO;

	tell(c, is_plain ? COR_REFUSED_HANDSHAKE_PLAIN : COR_REFUSED_HANDSHAKE_FAILED,
		c->filter->why ? c->filter->why : cor_strerror(rc));
	if (is_told) /* it shall hear that, whatever it goes on to send */
		cor_connection_set(c, COR_CONNECTION_CLOSING);
	else
		cor_connection_lose(c);
}
