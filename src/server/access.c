/* SPDX-License-Identifier: MIT */
#include "server/access.h"

#include "observe/access.h"
#include "runtime/scheduler.h"
#include "server/http1.h"

static struct cor_logger *logger_of(const struct cor_connection *c)
{
	return c->loop->handler->environment->logger;
}

/* Why a request did not get an answer that is whole; NULL: it did. */
static const char *failure(const struct cor_http1_exchange *h)
{
	const struct cor_connection *c = h->connection;
	const struct cor_exchange *x = &h->exchange;

	if (c->lost)
		return c->loop->cut ? "cut: the server stops"
				    : "the connection was lost before the answer was out";
	if (x->reply_state == COR_REPLY_NONE)
		return "the handler gave no answer";
	return x->broken ? "the answer could not be completed" : NULL;
}

/* What was sent of the body. Of a whole answer on a connection that is lost: nothing, as far as anybody knows. */
static uint64_t body_bytes(const struct cor_http1_exchange *h)
{
	bool is_stream = h->reply_chunked || h->connection->open_ended;

	if (cor_exchange_is_head(&h->exchange) || (h->connection->lost && !is_stream))
		return 0;
	return (uint64_t)h->exchange.body_written;
}

static __attribute__((noinline)) void log_line(struct cor_http1_exchange *h, const char *reason)
{
	struct cor_connection *c = h->connection;
	struct cor_exchange *x = &h->exchange;
	struct cor_address address;
	char peer[COR_ADDRESS_TEXT_BYTES];
	cor_connection_peer(c, &address);
	cor_address_print_host(&address, peer);
	struct cor_access_line access = {
		.method = cor_span_text(x->bytes, x->head.method_text),
		.path = cor_exchange_path(x),
		.query = cor_exchange_query(x),
		.status = x->status,
		.bytes = body_bytes(h),
		.duration_ns = cor_clock_fresh(c->loop->scheduler) - h->began_ns,
		.request_id = cor_request_id(&x->ctx),
		.peer = peer,
		.route = x->route->name,
		.user_agent = cor_exchange_known(x, COR_KNOWN_USER_AGENT),
		.reason = reason,
	};
	cor_access_log(logger_of(c), &access);
}

void cor_server_log_access(struct cor_http1_exchange *h)
{
	const char *reason = failure(h);

	if (reason || cor_access_wanted(logger_of(h->connection)))
		log_line(h, reason);
}

void cor_server_log_refusal(struct cor_connection *c, int status, const char *reason)
{
	struct cor_address address;
	char peer[COR_ADDRESS_TEXT_BYTES];

	cor_connection_peer(c, &address);
	cor_address_print_host(&address, peer);
	struct cor_access_line access = {
		.status = (uint16_t)status,
		.peer = peer,
		.reason = reason,
	};
	cor_access_log(logger_of(c), &access);
}
