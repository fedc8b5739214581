/* SPDX-License-Identifier: MIT */
#include "serving/access.h"

#include <stdlib.h>
#include <string.h>

#include "connection/introduction.h"
#include "observe/access.h"
#include "observe/logger.h"

/* An answer on its way: what its line will say, with the text behind it. */
struct record {
	struct cor_delivery delivery;
	struct cor_access_line line;
	int64_t began_ns;
	char request_id[COR_REQUEST_ID_BYTES];
	char peer[COR_ADDRESS_TEXT_BYTES];
	char text[];
};

static struct cor_logger *logger_of(const struct cor_connection *c)
{
	return c->loop->logger;
}

/*
 * What there was to send of the body. Of a whole answer on a connection that is lost: nothing, as
 * far as anybody knows.
 */
static uint64_t body_bytes(const struct cor_request *request)
{
	const struct cor_connection *c = request->connection;
	bool is_stream = (request->oddities & COR_REQUEST_IN_PIECES) != 0;

	if ((!is_stream &&
		    !cor_exchange_sends_content(&request->exchange, request->exchange.status)) ||
		(cor_connection_is(c, COR_CONNECTION_LOST) && !is_stream))
		return 0;
	return (uint64_t)request->exchange.body_written;
}

static struct cor_access_line describe(struct cor_request *request, const char *reason)
{
	struct cor_exchange *x = &request->exchange;

	return (struct cor_access_line){
		.method = cor_span_text(x->bytes, x->head.method_text),
		.path = cor_exchange_path(x),
		.query = cor_exchange_query(x),
		.status = x->status,
		.waited_ns = request->late_us * INT64_C(1000),
		.bytes = body_bytes(request),
		.request_id = cor_request_id(&x->ctx),
		.route = x->route->name,
		.user = x->user,
		.user_agent = cor_exchange_known(x, COR_KNOWN_USER_AGENT),
		.reason = reason,
	};
}

static void print_host(const struct cor_peer *peer, char text[COR_ADDRESS_TEXT_BYTES])
{
	struct cor_address address;

	cor_peer_address(peer, &address);
	cor_address_print_host(&address, text);
}

/* Which header lines of a proxy have no effect. */
static COR_COLD void tell_malformed(struct cor_request *request, uint8_t malformed)
{
	for (int i = 0; i < COR_TOLD_BY_COUNT; i++)
		if (malformed & (1 << i))
			cor_logger_log(logger_of(request->connection), COR_LOG_DEBUG,
				cor_request_id(&request->exchange.ctx),
				"%s is not understood: ignored from there on",
				cor_told_by_names[i]);
}

/* Behind a proxy that is believed. NULL: the client is the other end, as far as is known. */
static COR_COLD const char *find_client(
	struct cor_request *request, char text[COR_ADDRESS_TEXT_BYTES])
{
	struct cor_arrival arrival = cor_serving_arrival(request->connection);
	struct cor_origin origin;

	cor_exchange_find_origin(&request->exchange, &arrival, &origin);
	tell_malformed(request, origin.malformed);
	if (memcmp(origin.client.ip, arrival.peer.ip, sizeof origin.client.ip) == 0 &&
		origin.client.family == arrival.peer.family)
		return NULL;
	print_host(&origin.client, text);
	return text;
}

/* In the line are the client, and the proxy it has come through, if it has. */
static void write_line(struct cor_connection *c, struct cor_access_line *line, int64_t began_ns)
{
	char peer[COR_ADDRESS_TEXT_BYTES], proxy[COR_ADDRESS_TEXT_BYTES];

	if (COR_UNLIKELY(line->peer || c->introduction)) {
		print_host(cor_connection_other_end(c), proxy);
		line->proxy = proxy;
	}
	if (!line->peer) {
		print_host(&c->peer, peer);
		line->peer = peer;
	}
	line->duration_ns = cor_clock_fresh(c->loop->scheduler) - began_ns;
	cor_access_log(logger_of(c), line);
	line->peer = line->proxy = NULL; /* their texts end here */
}

/* --- when the fate is known --- */

static void settle(struct cor_delivery *delivery, struct cor_connection *c, size_t missing)
{
	struct record *record = cor_container_of(delivery, struct record, delivery);
	struct cor_access_line *line = &record->line;

	if (missing != 0) {
		line->bytes -= missing < line->bytes ? missing : line->bytes;
		if (!line->reason)
			line->reason = cor_connection_why_lost(c);
	}
	write_line(c, line, record->began_ns);
	free(record);
}

static char *copy(char *at, struct cor_str *text)
{
	if (text->len == 0)
		return at;
	memcpy(at, text->data, text->len);
	text->data = at;
	return at + text->len;
}

/* The line outlives the exchange, whose memory its texts are in. NULL without memory. */
static struct record *make_record(const struct cor_access_line *line, int64_t began_ns)
{
	size_t bytes = line->method.len + line->path.len + line->query.len + line->user.len +
		       line->user_agent.len;
	struct record *record = malloc(sizeof *record + bytes);

	if (!record)
		return NULL;
	record->delivery.settle = settle;
	record->line = *line;
	record->began_ns = began_ns;
	char *at = copy(record->text, &record->line.method);
	at = copy(at, &record->line.path);
	at = copy(at, &record->line.query);
	at = copy(at, &record->line.user);
	copy(at, &record->line.user_agent);
	if (line->peer) {
		memcpy(record->peer, line->peer, strlen(line->peer) + 1);
		record->line.peer = record->peer;
	}
	if (line->request_id) {
		memcpy(record->request_id, line->request_id, strlen(line->request_id) + 1);
		record->line.request_id = record->request_id;
	}
	return record;
}

/* NULL: there was no memory to keep it, and it is written. */
static struct cor_delivery *keep_line(
	struct cor_connection *c, struct cor_access_line *line, int64_t began_ns)
{
	struct record *record = make_record(line, began_ns);

	if (record)
		return &record->delivery; /* NOLINT(analyzer-malloc-leak): a part of it */
	write_line(c, line, began_ns);
	return NULL;
}

/* Write the line when the fate of what was put into the output so far is known. */
static void await_fate(struct cor_connection *c, struct cor_access_line *line, int64_t began_ns)
{
	struct cor_delivery *delivery = keep_line(c, line, began_ns);

	if (delivery)
		cor_connection_await(c, delivery);
}

/* Whether there may be a line to write: what waits may be lost, and has one then. */
static bool has_line(const struct cor_connection *c, const char *reason)
{
	return reason || c->tail || cor_access_wanted(logger_of(c));
}

void cor_access_of_request(struct cor_request *request, const char *reason)
{
	struct cor_connection *c = request->connection;
	char client[COR_ADDRESS_TEXT_BYTES];

	if (!has_line(c, reason))
		return;
	struct cor_access_line line = describe(request, reason);
	if (c->loop->group->trust)
		line.peer = find_client(request, client);
	await_fate(c, &line, request->began_ns);
}

struct cor_delivery *cor_access_keep(struct cor_request *request, const char *reason)
{
	struct cor_connection *c = request->connection;
	char client[COR_ADDRESS_TEXT_BYTES];

	if (!has_line(c, reason))
		return NULL;
	struct cor_access_line line = describe(request, reason);
	if (c->loop->group->trust)
		line.peer = find_client(request, client);
	return keep_line(c, &line, request->began_ns);
}

void cor_access_give_up(
	struct cor_delivery *delivery, struct cor_connection *c, size_t missing, const char *reason)
{
	struct record *record = cor_container_of(delivery, struct record, delivery);

	if (!record->line.reason)
		record->line.reason = reason;
	settle(delivery, c, missing);
}

/* --- refusals --- */

/* What the parser has understood of the head; the rest is empty. */
static void describe_head(
	struct cor_access_line *line, const struct cor_head_parser *parser, const char *bytes)
{
	const struct cor_head *head = &parser->head;

	line->method = cor_span_text(bytes, head->method_text);
	line->path = cor_span_text(bytes, head->path);
	line->query = cor_span_text(bytes, head->query);
	line->user_agent = cor_head_known(head, parser->fields, bytes, COR_KNOWN_USER_AGENT);
}

static bool adopt_id(
	const struct cor_head_parser *parser, const char *bytes, char ret[COR_REQUEST_ID_BYTES])
{
	struct cor_str sent = cor_head_known(
		&parser->head, parser->fields, bytes, COR_KNOWN_X_REQUEST_ID);

	return cor_exchange_adopt_id(sent, ret);
}

/* `request_id` has room for that of the client, which the line points to. */
static struct cor_access_line describe_refusal(const struct cor_refused_head *refused,
	size_t body_bytes, char request_id[COR_REQUEST_ID_BYTES])
{
	struct cor_access_line line = {
		.status = (uint16_t)refused->status,
		.bytes = body_bytes,
		.reason = refused->reason,
	};

	if (refused->bytes)
		describe_head(&line, refused->parser, refused->bytes);
	if (refused->bytes && adopt_id(refused->parser, refused->bytes, request_id))
		line.request_id = request_id;
	return line;
}

void cor_access_of_refusal(
	struct cor_connection *c, const struct cor_refused_head *refused, size_t body_bytes)
{
	char request_id[COR_REQUEST_ID_BYTES] = "";
	struct cor_access_line line = describe_refusal(refused, body_bytes, request_id);

	await_fate(c, &line, refused->began_ns);
}

struct cor_delivery *cor_access_keep_refusal(
	struct cor_connection *c, const struct cor_refused_head *refused, size_t body_bytes)
{
	char request_id[COR_REQUEST_ID_BYTES] = "";
	struct cor_access_line line = describe_refusal(refused, body_bytes, request_id);

	return keep_line(c, &line, refused->began_ns);
}
