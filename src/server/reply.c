/* SPDX-License-Identifier: MIT */
#include "server/http1.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/number.h"
#include "base/words.h"
#include "http/chars.h"
#include "http/response.h"
#include "http/status.h"
#include "runtime/address.h"
#include "runtime/scheduler.h"

#define FLUSH_BYTES (16 * 1024)

/*
 * Whether the connection can go on behind this reply. What is unread of the body must be here already: a client that
 * is still sending learns from "Connection: close" that nobody listens.
 */
static bool goes_on(const struct cor_http1_exchange *h)
{
	const struct cor_exchange *x = &h->exchange;

	if (h->ends || h->connection->loop->draining)
		return false;
	if (!h->body_left)
		return true;
	return !h->chunks && x->head.content_length - x->body_read <= (int64_t)h->view_len;
}

/* RFC 9110 section 6.4.1: nothing follows the head of these, whatever the handler gives. */
static inline bool is_bodiless(const struct cor_exchange *x, uint16_t status)
{
	return cor_exchange_is_head(x) || !cor_status_has_body(status);
}

/* Nothing of a reply that did not become whole goes out: another may take its place. */
static int take_back(struct cor_buffer *output, size_t before, int rc)
{
	output->len = before;
	output->error = 0;
	return rc;
}

static bool is_among(const struct cor_reply_field *field, struct cor_str name)
{
	while (field && !(field->name.len == name.len &&
				strncasecmp(field->name.data, name.data, name.len) == 0))
		field = field->next;
	return field != NULL;
}

int cor_http1_begin_head(struct cor_buffer *output, const struct cor_response_head *head,
	const struct cor_reply_field *fields)
{
	struct cor_str again = COR_STR("Retry-After");
	int rc = cor_response_begin(output, head);

	if (rc == 0 && head->status == 503 && !is_among(fields, again))
		rc = cor_response_field(output, again, COR_STR("1"));
	for (; fields && rc == 0; fields = fields->next)
		rc = cor_response_field(output, fields->name, fields->value);
	return rc;
}

/* `length` is that of the body, or COR_LENGTH_CHUNKED, or COR_LENGTH_NONE. */
static __attribute__((noinline)) int append_head(
	struct cor_http1_exchange *h, uint16_t status, struct cor_str content_type, int64_t length)
{
	struct cor_server_loop *loop = h->connection->loop;

	h->ends = !goes_on(h);
	struct cor_response_head head = {
		.status = status,
		.connection = h->ends     ? COR_CONNECTION_CLOSE
			      : h->is_1_0 ? COR_CONNECTION_KEEP_ALIVE
					  : COR_CONNECTION_DEFAULT,
		.date = cor_loop_date(loop),
		.content_type = content_type,
		.content_length = length,
	};
	int rc = cor_http1_begin_head(&loop->output, &head, h->exchange.fields_out);
	return rc < 0 ? rc : cor_response_end(&loop->output);
}

/* --- at once --- */

/* Whether the head is one that the memo may hold: nothing in it but status, date, type and length. */
static inline bool is_usual(const struct cor_http1_exchange *h, uint16_t status)
{
	return status == 200 && !h->oddities && !h->exchange.fields_out;
}

static inline bool is_remembered(const struct cor_server_loop *loop, struct cor_str content_type)
{
	const struct cor_reply_memo *memo = &loop->memo;

	return cor_clock_now(loop->scheduler) < memo->until_ns &&
	       content_type.data == memo->type.data && content_type.len == memo->type.len;
}

/* A head was just written at `head`: keep all of it before the digits of Content-Length. */
static void remember(struct cor_server_loop *loop, struct cor_str content_type, size_t head)
{
	struct cor_reply_memo *memo = &loop->memo;
	const char *begin = loop->output.data + head;
	const char *end = loop->output.data + loop->output.len - 4; /* the last CRLF CRLF */

	while (cor_char_is(end[-1], COR_CHAR_DIGIT))
		end--;
	if (end - begin > COR_REPLY_MEMO_BYTES)
		return;
	memo->until_ns = loop->date_until_ns;
	memo->len = (size_t)(end - begin);
	memo->type = content_type;
	memcpy(memo->head, begin, memo->len);
}

static inline char *put_remembered(char *out, const struct cor_reply_memo *memo, size_t length)
{
	/* A copy of constant size is a few moves; what is behind the end is written over. */
	memcpy(out, memo->head, COR_REPLY_MEMO_BYTES);
	out = cor_response_put_number(out + memo->len, length);
	memcpy(out, "\r\n\r\n", 4);
	return out + 4;
}

static __attribute__((noinline)) int respond_unremembered(struct cor_http1_exchange *h,
	uint16_t status, struct cor_str content_type, struct cor_str body)
{
	struct cor_server_loop *loop = h->connection->loop;
	size_t before = loop->output.len;

	int rc = append_head(h, status, content_type, (int64_t)body.len);
	if (rc == 0 && is_usual(h, status))
		remember(loop, content_type, before);
	if (rc == 0 && !is_bodiless(&h->exchange, status))
		cor_buffer_append_str(&loop->output, body);
	if (rc == 0)
		rc = cor_buffer_error(&loop->output);
	return rc < 0 ? take_back(&loop->output, before, rc) : 0;
}

/* The head is in the memo, and there is room for all of the reply. */
static inline void put_reply(struct cor_buffer *output, const struct cor_exchange *x,
	const struct cor_reply_memo *memo, struct cor_str body)
{
	/* it was no constant, otherwise: see exchange.h */
	assert(!memo->type.len || memmem(memo->head, memo->len, memo->type.data, memo->type.len));
	char *out = put_remembered(output->data + output->len, memo, body.len);

	if (!cor_exchange_is_head(x)) {
		cor_words_copy(out, body);
		out += body.len;
	}
	output->len = (size_t)(out - output->data);
}

static int respond(
	struct cor_exchange *x, uint16_t status, struct cor_str content_type, struct cor_str body)
{
	struct cor_http1_exchange *h = cor_http1_of(x);
	struct cor_server_loop *loop = h->connection->loop;
	size_t most = COR_REPLY_MEMO_BYTES + COR_NUMBER_BYTES + 4 + body.len;
	bool known = is_usual(h, status) && is_remembered(loop, content_type) &&
		     cor_buffer_has_room(&loop->output, most);
	int rc = 0;

	if (__builtin_expect(known, 1))
		put_reply(&loop->output, x, &loop->memo, body);
	else
		rc = respond_unremembered(h, status, content_type, body);
	if (rc < 0)
		return rc;
	cor_exchange_answered(x, status, body.len);
	/* On a fiber that has waited nobody flushes before it waits again, and then the buffer is another's. */
	if (h->connection->phase == COR_PHASE_BUSY)
		cor_connection_flush(h->connection);
	return 0;
}

/* --- in pieces --- */

static int start(struct cor_exchange *x, uint16_t status, struct cor_str content_type)
{
	struct cor_http1_exchange *h = cor_http1_of(x);
	struct cor_buffer *output = &h->connection->loop->output;
	size_t before = output->len;

	h->drops_body = is_bodiless(x, status);
	h->reply_chunked = !h->drops_body && !h->is_1_0;
	if (!h->drops_body && !h->reply_chunked)
		/* HTTP/1.0: the end of the connection is the end of the body */
		h->ends = true;
	int rc = append_head(
		h, status, content_type, h->reply_chunked ? COR_LENGTH_CHUNKED : COR_LENGTH_NONE);
	if (rc == 0)
		rc = cor_buffer_error(output);
	if (rc < 0)
		return take_back(output, before, rc);
	h->connection->open_ended = !h->drops_body && !h->reply_chunked;
	/* It leaves the loop's buffer now: the fiber may wait before the first piece. */
	cor_connection_flush(h->connection);
	return h->connection->lost ? -ECONNRESET : 0;
}

/* Wait until the client has taken what was sent before, and others have had their turn. */
static int wait_for_room(struct cor_http1_exchange *h)
{
	struct cor_connection *c = h->connection;

	if (cor_http1_has_share(h)) {
		int rc = cor_http1_pass(h);
		if (rc < 0)
			return rc;
	}
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
	cor_http1_took(h, output->len);
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
		if (rc < 0) {
			/* The rest of this one is lost, and what comes later must not close the gap. */
			cor_buffer_fail(&h->pieces, rc);
			return rc;
		}
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
