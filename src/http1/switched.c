/* SPDX-License-Identifier: MIT */
#include "http1/switched.h"

#include <errno.h>
#include <string.h>

#include "http/response.h"
#include "http1/reply.h"

enum cor_switching cor_http1_asks_to_switch(const struct cor_exchange *x)
{
	const struct cor_http1_exchange *h = (const struct cor_http1_exchange *)x;

	return h->http1.upgrade ? COR_SWITCHING_UPGRADE : COR_SWITCHING_NOTHING;
}

static void append_head(struct cor_http1_exchange *h, struct cor_str protocol)
{
	struct cor_buffer *output = &h->request.connection->loop->output;
	const struct cor_response_head head = { .status = 101, .content_length = COR_LENGTH_NONE };
	int rc = cor_http1_begin_head(output, &head, h->request.exchange.fields_out);

	if (rc == 0)
		rc = cor_response_field(output, COR_STR("Connection"), COR_STR("Upgrade"));
	if (rc == 0)
		rc = cor_response_field(output, COR_STR("Upgrade"), protocol);
	if (rc == 0)
		rc = cor_response_end(output);
	if (rc < 0)
		cor_buffer_fail(output, rc);
}

int cor_http1_switch_protocols(struct cor_exchange *x, struct cor_str protocol)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);
	struct cor_connection *c = h->request.connection;
	struct cor_buffer *output = &c->loop->output;
	size_t before = output->len;

	append_head(h, protocol);
	int rc = cor_buffer_error(output);
	if (rc < 0) {
		output->len = before;
		output->error = 0;
		return rc;
	}
	h->request.oddities |= COR_REQUEST_ENDS | COR_REQUEST_IN_PIECES | COR_REQUEST_SWITCHED;
	if (c->loop->draining)
		h->request.oddities |= COR_REQUEST_DRAINS;
	x->status = 101;
	x->reply_state = COR_REPLY_STARTED;
	cor_fiber_set_deadline(h->request.fiber, COR_FOREVER);
	/* What the figures are to say is how long the client has waited to be let in. */
	cor_clock_settle(c->loop->scheduler);
	cor_http1_count(h);
	cor_connection_flush(c);
	return cor_connection_is(c, COR_CONNECTION_LOST) ? -ECONNRESET : 0;
}

static ssize_t take_from_view(struct cor_http1_exchange *h, void *buffer, size_t size)
{
	size_t n = h->view_len < size ? h->view_len : size;

	memcpy(buffer, h->view, n);
	h->view += n;
	h->view_len -= n;
	if (h->view_len == 0 && cor_connection_is(h->request.connection, COR_CONNECTION_BUSY))
		cor_connection_drop_input(h->request.connection);
	return (ssize_t)n;
}

static bool may_be_more(const struct cor_connection *c)
{
	return (c->flags & (COR_CONNECTION_READABLE | COR_CONNECTION_HALF_CLOSED)) != 0;
}

ssize_t cor_http1_receive(struct cor_exchange *x, void *buffer, size_t size)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);
	struct cor_connection *c = h->request.connection;

	if (cor_connection_is(c, COR_CONNECTION_LOST))
		return -ECONNRESET;
	if (h->request.oddities & COR_REQUEST_DRAINS) {
		h->request.oddities &= ~(uint32_t)COR_REQUEST_DRAINS;
		return -ESHUTDOWN;
	}
	if (h->view_len != 0)
		return take_from_view(h, buffer, size);
	if (!may_be_more(c) || cor_http1_must_pass(h))
		return -EAGAIN;
	ssize_t n = cor_connection_receive(c, buffer, size);
	if (n > 0) {
		x->body_read += n;
		cor_http1_count_moved(h, (size_t)n);
	}
	return n;
}

/* Bytes for the handler are here, or somebody wants it to look. */
static bool has_news(struct cor_http1_exchange *h)
{
	const uint32_t news = COR_REQUEST_NUDGED | COR_REQUEST_DRAINS;
	bool is_told = (h->request.oddities & news) != 0;

	h->request.oddities &= ~(uint32_t)COR_REQUEST_NUDGED;
	return is_told || h->view_len != 0 || may_be_more(h->request.connection);
}

int cor_http1_await(struct cor_exchange *x, int64_t deadline_ns)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);

	if (h->pieces.len == 0 && cor_buffer_error(&h->pieces) == 0)
		cor_buffer_finish(&h->pieces); /* who waits for long holds no buffer */
	if (cor_http1_must_pass(h))
		return cor_http1_pass(h);
	if (has_news(h))
		return cor_connection_is(h->request.connection, COR_CONNECTION_LOST) ? -ECONNRESET
										     : 0;
	int rc = cor_http1_wait_until(h, deadline_ns);
	h->request.oddities &= ~(uint32_t)COR_REQUEST_NUDGED;
	return rc;
}

void cor_http1_nudge(struct cor_exchange *x)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);

	h->request.oddities |= COR_REQUEST_NUDGED;
	cor_request_wake(&h->request);
}

void cor_http1_drain_switched(struct cor_http1_exchange *h)
{
	h->request.oddities |= COR_REQUEST_DRAINS;
	cor_request_wake(&h->request);
}
