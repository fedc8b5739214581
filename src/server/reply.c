/* SPDX-License-Identifier: MIT */
#include "server/http1.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "base/number.h"
#include "http/chars.h"
#include "http/response.h"
#include "runtime/address.h"
#include "runtime/scheduler.h"

#define FLUSH_BYTES (16 * 1024)

/*
 * Whether the connection can go on behind this reply. What is unread of the body must be here already: a client that
 * is still sending learns from "Connection: close" that nobody listens.
 */
static bool goes_on(struct cor_http1_exchange *h)
{
	const struct cor_exchange *x = &h->exchange;

	if (!h->keep_alive || h->connection->loop->draining)
		return false;
	if (h->body_done)
		return true;
	return !h->chunks && x->content_length - x->body_read <= (int64_t)h->view_len;
}

/* RFC 9110 section 6.4.1: nothing follows the head of these, whatever the handler gives. */
static bool is_bodiless(const struct cor_exchange *x, const struct cor_response *response)
{
	return x->is_head || response->status == 204 || response->status == 304;
}

/* Nothing of a reply that did not become whole goes out: another may take its place. */
static int take_back(struct cor_buffer *output, size_t before, int rc)
{
	output->len = before;
	output->error = 0;
	return rc;
}

int cor_http1_begin_head(struct cor_buffer *output, const struct cor_response_head *head)
{
	int rc = cor_response_begin(output, head);

	if (rc == 0 && head->status == 503)
		rc = cor_response_field(output, COR_STR("Retry-After"), COR_STR("1"));
	return rc;
}

static int append_head(struct cor_http1_exchange *h, const struct cor_response *response)
{
	struct cor_server_loop *loop = h->connection->loop;
	struct cor_exchange *x = &h->exchange;

	h->keep_alive = goes_on(h);
	struct cor_response_head head = {
		.status = response->status,
		.connection = !h->keep_alive  ? COR_CONNECTION_CLOSE
			      : h->speaks_1_1 ? COR_CONNECTION_DEFAULT
					      : COR_CONNECTION_KEEP_ALIVE,
		.date = cor_loop_date(loop),
		.content_type = response->content_type,
		.content_length = response->length >= 0 ? response->length
				  : h->reply_chunked    ? COR_LENGTH_CHUNKED
							: COR_LENGTH_NONE,
	};
	int rc = cor_http1_begin_head(&loop->output, &head);
	for (struct cor_reply_field *field = x->fields_out; field && rc == 0; field = field->next)
		rc = cor_response_field(&loop->output, field->name, field->value);
	return rc < 0 ? rc : cor_response_end(&loop->output);
}

/* --- at once --- */

/* Whether the head is one that the memo may hold: nothing in it but status, date, type and length. */
static inline bool is_usual(struct cor_http1_exchange *h, const struct cor_response *response)
{
	return response->status == 200 && h->speaks_1_1 && !h->exchange.fields_out &&
	       response->content_type.len != 0 &&
	       response->content_type.len <= COR_REPLY_TYPE_BYTES && goes_on(h);
}

static inline bool is_remembered(
	const struct cor_server_loop *loop, const struct cor_response *response)
{
	const struct cor_reply_memo *memo = &loop->memo;

	return cor_clock_now(loop->scheduler) < memo->until_ns &&
	       response->content_type.len == memo->type_len &&
	       memcmp(response->content_type.data, memo->type, memo->type_len) == 0;
}

/* `head` was just written: keep all of it before the digits of Content-Length. */
static void remember(struct cor_server_loop *loop, const struct cor_response *response, size_t head)
{
	struct cor_reply_memo *memo = &loop->memo;
	const char *begin = loop->output.data + head;
	const char *end = loop->output.data + loop->output.len - 4; /* the last CRLF CRLF */

	while (cor_char_is(end[-1], COR_CHAR_DIGIT))
		end--;
	if (end - begin > COR_REPLY_MEMO_BYTES)
		return;
	memo->until_ns = loop->date_until_ns;
	memo->len = (uint16_t)(end - begin);
	memo->type_len = (uint8_t)response->content_type.len;
	memcpy(memo->type, response->content_type.data, memo->type_len);
	memcpy(memo->head, begin, memo->len);
}

static int append_remembered(struct cor_server_loop *loop, const struct cor_response *response)
{
	const struct cor_reply_memo *memo = &loop->memo;
	char *out = cor_buffer_reserve(&loop->output, COR_REPLY_MEMO_BYTES + COR_NUMBER_BYTES + 4);

	if (!out)
		return cor_buffer_error(&loop->output);
	/* A copy of constant size is a few moves; what is behind the end is written over. */
	memcpy(out, memo->head, COR_REPLY_MEMO_BYTES);
	out = cor_response_put_number(out + memo->len, (uint64_t)response->length);
	memcpy(out, "\r\n\r\n", 4);
	loop->output.len = (size_t)(out + 4 - loop->output.data);
	return 0;
}

static int append_whole_head(struct cor_http1_exchange *h, const struct cor_response *response)
{
	struct cor_server_loop *loop = h->connection->loop;
	size_t before = loop->output.len;

	if (!is_usual(h, response))
		return append_head(h, response);
	if (is_remembered(loop, response))
		return append_remembered(loop, response);
	int rc = append_head(h, response);
	if (rc == 0 && cor_buffer_error(&loop->output) == 0)
		remember(loop, response, before);
	return rc;
}

static int respond(struct cor_exchange *x, const struct cor_response *response, struct cor_str body)
{
	struct cor_http1_exchange *h = cor_http1_of(x);
	struct cor_buffer *output = &h->connection->loop->output;
	size_t before = output->len;

	int rc = append_whole_head(h, response);
	if (rc == 0 && !is_bodiless(x, response))
		cor_buffer_append_str(output, body);
	if (rc == 0)
		rc = cor_buffer_error(output);
	if (rc < 0)
		return take_back(output, before, rc);
	/* On a fiber that has waited nobody flushes before it waits again, and then the buffer is another's. */
	if (h->connection->phase == COR_PHASE_BUSY)
		cor_connection_flush(h->connection);
	return 0;
}

/* --- in pieces --- */

static int start(struct cor_exchange *x, const struct cor_response *response)
{
	struct cor_http1_exchange *h = cor_http1_of(x);
	bool bodiless = is_bodiless(x, response);

	h->reply_chunked = !bodiless && h->speaks_1_1;
	if (!bodiless && !h->speaks_1_1)
		h->keep_alive =
			false; /* HTTP/1.0: the end of the connection is the end of the body */
	h->drops_body = bodiless;
	size_t before = h->connection->loop->output.len;
	int rc = append_head(h, response);
	if (rc == 0)
		rc = cor_buffer_error(&h->connection->loop->output);
	if (rc < 0)
		return take_back(&h->connection->loop->output, before, rc);
	/* It leaves the loop's buffer now: the fiber may wait before the first piece. */
	cor_connection_flush(h->connection);
	return h->connection->lost ? -ECONNRESET : 0;
}

/* Wait until the client has taken what was sent before. */
static int wait_for_room(struct cor_http1_exchange *h)
{
	struct cor_connection *c = h->connection;

	while (c->tail && !c->lost) {
		int rc = cor_http1_wait(h, c->loop->settings->write_timeout_ms);
		if (rc < 0)
			return rc;
	}
	return c->lost ? -ECONNRESET : 0;
}

/* Send the gathered pieces as one chunk, and the last chunk behind it if this is the end. */
static int send_pieces(struct cor_http1_exchange *h, bool last)
{
	struct cor_buffer *output = &h->connection->loop->output;

	int rc = cor_buffer_error(
		&h->pieces); /* a piece is missing, even if the handler did not mind */
	if (rc == 0)
		rc = wait_for_room(h);
	if (rc < 0)
		return rc;
	struct cor_str gathered = { h->pieces.data, h->pieces.len };
	if (h->reply_chunked)
		cor_chunk_append(output, gathered);
	else
		cor_buffer_append_str(output, gathered);
	if (last && h->reply_chunked)
		cor_buffer_literal(output, COR_CHUNK_END);
	cor_connection_flush(h->connection);
	cor_buffer_clear(&h->pieces, FLUSH_BYTES * 2);
	return h->connection->lost ? -ECONNRESET : 0;
}

static int write_piece(struct cor_exchange *x, const void *data, size_t size)
{
	struct cor_http1_exchange *h = cor_http1_of(x);
	const char *rest = data;

	if (h->drops_body)
		return 0;
	while (size != 0) {
		size_t room = FLUSH_BYTES - h->pieces.len;
		size_t n = size < room ? size : room;
		cor_buffer_append(&h->pieces, rest, n);
		if (cor_buffer_error(&h->pieces) < 0)
			return cor_buffer_error(&h->pieces);
		rest += n;
		size -= n;
		if (h->pieces.len < FLUSH_BYTES)
			continue;
		int rc = send_pieces(h, false);
		if (rc < 0)
			return rc;
	}
	return h->connection->lost ? -ECONNRESET : 0;
}

static int flush(struct cor_exchange *x)
{
	struct cor_http1_exchange *h = cor_http1_of(x);

	if (h->pieces.len == 0)
		return h->connection->lost ? -ECONNRESET : 0;
	return send_pieces(h, false);
}

int cor_http1_end_reply(struct cor_http1_exchange *h)
{
	h->exchange.reply_state = COR_REPLY_ENDED;
	return h->drops_body ? 0 : send_pieces(h, true);
}

static const char *peer(struct cor_exchange *x)
{
	struct cor_connection *c = cor_http1_of(x)->connection;
	struct cor_address address;
	char text[COR_ADDRESS_TEXT_BYTES];

	cor_connection_peer(c, &address);
	cor_address_print(&address, text);
	return cor_strdup(&x->ctx, text);
}

const struct cor_exchange_ops cor_http1_ops = {
	.read_body = cor_http1_read_body,
	.respond = respond,
	.start = start,
	.write = write_piece,
	.flush = flush,
	.peer = peer,
};
