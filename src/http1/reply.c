/* SPDX-License-Identifier: MIT */
#include "http1/reply.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/number.h"
#include "base/words.h"
#include "connection/introduction.h"
#include "http/chars.h"
#include "http/trailer.h"
#include "http1/body.h"
#include "http1/switched.h"
#include "runtime/extents.h"
#include "serving/staying.h"

#define FLUSH_BYTES    (16 * 1024)
#define LARGE_BYTES    (32 * 1024) /* bodies from then on are sent from where they are */
#define HEAD_END       "\r\n\r\n"
#define HEAD_END_BYTES (sizeof HEAD_END - 1)
#define LENGTH_BYTES   20 /* the digits of any size_t */

/*
 * Whether the whole body is read or here: a client that is still sending learns from "Connection:
 * close" that nobody listens.
 */
static bool has_whole_body(struct cor_http1_exchange *h)
{
	const struct cor_exchange *x = &h->request.exchange;

	if (!(h->request.oddities & COR_REQUEST_BODY_LEFT))
		return true;
	if (h->chunks)
		return cor_http1_skip_body(h); /* nobody reads it any more: this is the answer */
	return x->head.content_length - x->body_read <= (int64_t)h->view_len;
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

/* Drawn from 1 to 3 for each, so that those who were refused together do not come back together. */
static COR_COLD int append_retry_after(struct cor_buffer *output)
{
	unsigned char drawn;

	cor_random_bytes(cor_scheduler_current(), &drawn, sizeof drawn);
	const char digit = (char)('1' + drawn % 3);
	return cor_response_field(
		output, COR_STR("Retry-After"), (struct cor_str){ &digit, sizeof digit });
}

int cor_http1_begin_head(struct cor_buffer *output, const struct cor_response_head *head,
	const struct cor_reply_field *fields)
{
	int rc = cor_response_begin(output, head);

	if (rc == 0 && head->status == 503 && !is_among(fields, COR_STR("Retry-After")))
		rc = append_retry_after(output);
	for (; fields && rc == 0; fields = fields->next)
		rc = cor_response_field(output, fields->name, fields->value);
	return rc;
}

/* `length` is that of the body, or COR_LENGTH_CHUNKED, or COR_LENGTH_NONE. */
static COR_OUT_OF_LINE int append_head(
	struct cor_http1_exchange *h, uint16_t status, struct cor_str content_type, int64_t length)
{
	struct cor_connection *c = h->request.connection;
	struct cor_buffer *output = &c->loop->output;

	if (c->loop->draining)
		h->request.oddities |= COR_REQUEST_ENDS;
	struct cor_response_head head = {
		.status = status,
		.connection = (h->request.oddities & COR_REQUEST_ENDS) ? COR_CONNECTION_CLOSE
			      : (h->request.oddities & COR_REQUEST_IS_1_0)
				      ? COR_CONNECTION_KEEP_ALIVE
				      : COR_CONNECTION_DEFAULT,
		.date = cor_serving_date(&cor_http1_of(c)->serving),
		.content_type = content_type,
		.content_length = length,
	};
	int rc = cor_http1_begin_head(output, &head, h->request.exchange.fields_out);
	return rc < 0 ? rc : cor_response_end(output);
}

/* --- at once --- */

/*
 * Whether the head is one that the memo may hold: nothing in it but status, date, type and length.
 */
static inline bool is_usual(const struct cor_http1_exchange *h, uint16_t status)
{
	return status == 200 && h->request.oddities == 0 && !h->request.exchange.fields_out;
}

static inline bool is_remembered(const struct cor_http1 *http1, struct cor_str content_type)
{
	const struct cor_reply_memo *memo = &http1->memo;

	return cor_clock_now(http1->serving.loop->scheduler) < memo->until_ns &&
	       content_type.data == memo->type.data;
}

/* Let the head that is remembered announce `length`. */
static COR_OUT_OF_LINE void announce(struct cor_reply_memo *memo, size_t length)
{
	char *end = cor_response_put_number(memo->head + memo->before_length, length);

	memcpy(end, HEAD_END, HEAD_END_BYTES);
	memo->len = (size_t)(end - memo->head) + HEAD_END_BYTES;
	memo->length = length;
}

/* A head was just written at `head`: keep it. */
static void remember(
	struct cor_http1 *http1, struct cor_str content_type, size_t length, size_t head)
{
	struct cor_reply_memo *memo = &http1->memo;
	const struct cor_buffer *output = &http1->serving.loop->output;
	const char *begin = output->data + head;
	const char *end = output->data + output->len - HEAD_END_BYTES;

	while (cor_char_is(end[-1], COR_CHAR_DIGIT))
		end--;
	size_t before_length = (size_t)(end - begin);
	if (before_length > COR_REPLY_MEMO_BYTES - COR_NUMBER_BYTES - HEAD_END_BYTES)
		return;
	memo->until_ns = http1->serving.date_until_ns;
	memo->before_length = before_length;
	memo->type = content_type;
	memcpy(memo->head, begin, memo->before_length);
	announce(memo, length);
}

/* Not all of the reply is out: it may never be, and then it has a line. */
static void note_rest(struct cor_http1_exchange *h)
{
	if (h->request.connection->flags & (COR_CONNECTION_STALLED | COR_CONNECTION_LOST))
		h->request.oddities |= COR_REQUEST_UNTAKEN;
}

static COR_OUT_OF_LINE int respond_unremembered(struct cor_http1_exchange *h, uint16_t status,
	struct cor_str content_type, struct cor_str body)
{
	struct cor_connection *c = h->request.connection;
	struct cor_buffer *output = &c->loop->output;
	size_t before = output->len;

	if (!has_whole_body(h))
		h->request.oddities |= COR_REQUEST_ENDS;
	int rc = append_head(h, status, content_type, (int64_t)body.len);
	if (rc == 0 && is_usual(h, status))
		remember(cor_http1_of(c), content_type, body.len, before);
	if (!cor_exchange_sends_content(&h->request.exchange, status))
		body.len = 0;
	if (rc == 0 && body.len < LARGE_BYTES)
		cor_buffer_append_str(output, body);
	if (rc == 0)
		rc = cor_buffer_error(output);
	if (rc < 0)
		return take_back(output, before, rc);
	if (body.len >= LARGE_BYTES) {
		cor_connection_flush_with(c, body);
		note_rest(h);
	}
	return 0;
}

/*
 * The head is in the memo and announces this body, and there is room for all of the reply, whose
 * body may be left away.
 */
static inline void put_reply(
	struct cor_buffer *output, struct cor_reply_memo *memo, struct cor_str body, bool sends)
{
	char *out = output->data + output->len;

	/* it was no constant, otherwise: see exchange.h */
	assert(!memo->type.len || memmem(memo->head, memo->len, memo->type.data, memo->type.len));
	/* A copy of constant size is a few moves; what is behind the end is written over. */
	memcpy(out, memo->head, COR_REPLY_MEMO_BYTES);
	out += memo->len;
	if (!sends)
		body.len = 0;
	output->len = (size_t)(out - output->data) + body.len;
	cor_words_copy(out, body);
}

/* Out of line: with a call that it comes back from, respond() would need a frame. */
static COR_OUT_OF_LINE int put_with_length(struct cor_http1_exchange *h, struct cor_str body)
{
	struct cor_http1 *http1 = cor_http1_of(h->request.connection);

	announce(&http1->memo, body.len);
	put_reply(&http1->serving.loop->output, &http1->memo, body,
		!cor_exchange_is_head(&h->request.exchange));
	return 0;
}

static inline bool is_known(const struct cor_http1_exchange *h, uint16_t status,
	struct cor_str content_type, size_t len)
{
	const struct cor_http1 *http1 = cor_http1_of(h->request.connection);
	size_t most = COR_REPLY_MEMO_BYTES + len;

	return is_usual(h, status) && is_remembered(http1, content_type) &&
	       cor_buffer_has_room(&http1->serving.loop->output, most);
}

/*
 * On a fiber that has waited nobody flushes before it waits again, and then the buffer is
 * another's.
 */
static COR_OUT_OF_LINE int respond_slowly(
	struct cor_exchange *x, uint16_t status, struct cor_str content_type, struct cor_str body)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);
	int rc = 0;

	if (is_known(h, status, content_type, body.len))
		rc = put_with_length(h, body);
	else
		rc = respond_unremembered(h, status, content_type, body);
	if (rc < 0)
		return rc;
	cor_exchange_answered(x, status, body.len);
	if (h->request.connection->phase == COR_PHASE_BUSY) {
		cor_connection_flush(h->request.connection);
		note_rest(h);
	}
	return 0;
}

/* Most answers: a 200 like the one before it, of a handler that did not wait. */
static int respond(
	struct cor_exchange *x, uint16_t status, struct cor_str content_type, struct cor_str body)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);
	struct cor_http1 *http1 = cor_http1_of(h->request.connection);

	if (COR_UNLIKELY(h->request.connection->phase == COR_PHASE_BUSY ||
			 cor_exchange_is_head(x) || !is_known(h, status, content_type, body.len)))
		return respond_slowly(x, status, content_type, body);
	cor_exchange_answered(x, status, body.len);
	if (http1->memo.length != body.len)
		return put_with_length(h, body);
	put_reply(&http1->serving.loop->output, &http1->memo, body, true);
	return 0;
}

/* --- from a file --- */

static int send_extents(struct cor_exchange *x, uint16_t status, struct cor_str content_type,
	struct cor_extents *extents)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);
	struct cor_connection *c = h->request.connection;
	struct cor_buffer *output = &c->loop->output;
	size_t before = output->len;
	int64_t bytes = extents->left;

	if (!has_whole_body(h))
		h->request.oddities |= COR_REQUEST_ENDS;
	int rc = append_head(h, status, content_type, bytes);
	if (rc == 0)
		rc = cor_buffer_error(output);
	if (rc < 0) {
		cor_extents_destroy(extents);
		return take_back(output, before, rc);
	}
	cor_exchange_answered(x, status, (size_t)bytes);
	if (cor_exchange_sends_content(x, status)) {
		cor_connection_flush_extents(c, extents);
		note_rest(h);
		return 0;
	}
	cor_extents_destroy(extents);
	if (c->phase == COR_PHASE_BUSY) {
		cor_connection_flush(c);
		note_rest(h);
	}
	return 0;
}

/* --- in pieces --- */

static bool is_lost(const struct cor_http1_exchange *h)
{
	return cor_connection_is(h->request.connection, COR_CONNECTION_LOST);
}

/* A client of HTTP/1.0 knows no chunks: the end of the connection is the end of the body. */
static int64_t choose_framing(struct cor_http1_exchange *h, uint16_t status)
{
	if (!cor_exchange_sends_content(&h->request.exchange, status))
		return COR_LENGTH_NONE;
	if (h->request.oddities & COR_REQUEST_IS_1_0) {
		h->request.oddities |= COR_REQUEST_ENDS;
		return COR_LENGTH_NONE;
	}
	h->reply_chunked = true;
	return COR_LENGTH_CHUNKED;
}

/*
 * What is left of the request's body may be read still: whether the connection goes on is seen at
 * the end.
 */
static int start(struct cor_exchange *x, uint16_t status, struct cor_str content_type)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);
	struct cor_connection *c = h->request.connection;
	struct cor_buffer *output = &c->loop->output;
	size_t before = output->len;

	h->request.oddities |= COR_REQUEST_IN_PIECES;
	int64_t framing = choose_framing(h, status);
	int rc = append_head(h, status, content_type, framing);
	if (rc == 0)
		rc = cor_buffer_error(output);
	if (rc < 0)
		return take_back(output, before, rc);
	if (h->request.oddities & COR_REQUEST_STAYS)
		cor_request_count_staying(&h->request, &cor_http1_of(c)->serving, status);
	if (framing == COR_LENGTH_NONE && cor_exchange_sends_content(x, status))
		cor_connection_set(c, COR_CONNECTION_OPEN_ENDED);
	/* It leaves the loop's buffer now: the fiber may wait before the first piece. */
	cor_connection_flush(c);
	return is_lost(h) ? -ECONNRESET : 0;
}

/* Wait until the client has taken what was sent before, and others have had their turn. */
static int wait_for_room(struct cor_http1_exchange *h)
{
	struct cor_connection *c = h->request.connection;
	int rc = cor_http1_must_pass(h) ? cor_http1_pass(h) : 0;

	/* the connection itself cuts a client that is too slow */
	while (rc == 0 && c->tail && !is_lost(h))
		rc = cor_http1_wait(h, COR_FOREVER);
	return is_lost(h) ? -ECONNRESET : rc;
}

static bool takes_trailers(struct cor_exchange *x)
{
	const struct cor_http1_exchange *h = cor_http1_exchange_of(x);

	return !(h->request.oddities & COR_REQUEST_IS_1_0) && !cor_exchange_is_head(x) &&
	       cor_te_takes_trailers(cor_exchange_list(x, COR_KNOWN_TE));
}

/* What ends a chunked body: RFC 9112 section 7.1.2. They are good: see exchange/trailer.c. */
static void append_end(struct cor_buffer *output, const struct cor_reply_field *trailers)
{
	if (!trailers) {
		cor_buffer_literal(output, COR_CHUNK_END);
		return;
	}
	cor_buffer_literal(output, "0\r\n");
	for (; trailers; trailers = trailers->next) {
		int rc = cor_response_field(output, trailers->name, trailers->value);
		if (rc < 0)
			cor_buffer_fail(output, rc);
	}
	cor_buffer_literal(output, "\r\n");
}

/* Send the gathered pieces as one chunk, and the last chunk behind it if this is the end. */
static int send_pieces(struct cor_http1_exchange *h, bool last)
{
	struct cor_buffer *output = &h->request.connection->loop->output;
	/* a piece may be missing, even if the handler did not mind */
	int rc = cor_buffer_error(&h->pieces);

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
		append_end(output, h->request.exchange.fields_out);
	cor_http1_count_moved(h, output->len);
	h->request.exchange.body_written += (int64_t)gathered.len;
	cor_connection_flush(h->request.connection);
	note_rest(h);
	cor_buffer_clear(&h->pieces, FLUSH_BYTES * 2);
	return is_lost(h) ? -ECONNRESET : 0;
}

static int write_piece(struct cor_exchange *x, const void *data, size_t size)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);
	const char *rest = data;

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
			/*
			 * The rest of this one is lost, and what comes later must not close the
			 * gap.
			 */
			cor_buffer_fail(&h->pieces, rc);
			return rc;
		}
	}
	return is_lost(h) ? -ECONNRESET : 0;
}

static int flush(struct cor_exchange *x)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);

	if (h->pieces.len == 0)
		return is_lost(h) ? -ECONNRESET : 0;
	return send_pieces(h, false);
}

int cor_http1_end_reply(struct cor_http1_exchange *h)
{
	h->request.exchange.reply_state = COR_REPLY_ENDED;
	return send_pieces(h, true);
}

static const char *peer(struct cor_exchange *x)
{
	struct cor_address address;
	char text[COR_ADDRESS_TEXT_BYTES];

	cor_peer_address(
		cor_connection_other_end(cor_http1_exchange_of(x)->request.connection), &address);
	cor_address_print(&address, text);
	return cor_strdup(&x->ctx, text);
}

static int caller(struct cor_exchange *x, struct cor_caller *ret)
{
	struct cor_arrival arrival = cor_serving_arrival(
		cor_http1_exchange_of(x)->request.connection);

	return cor_exchange_find_caller(x, &arrival, ret);
}

static void retire(struct cor_exchange *x)
{
	cor_request_of(x)->oddities |= COR_REQUEST_ENDS;
}

const struct cor_exchange_ops cor_http1_ops = {
	.read_body = cor_http1_read_body,
	.respond = respond,
	.send_extents = send_extents,
	.start = start,
	.write = write_piece,
	.flush = flush,
	.trailers = cor_http1_trailers,
	.takes_trailers = takes_trailers,
	.stay = cor_request_stay,
	.was_drained = cor_request_was_drained,
	.peer = peer,
	.caller = caller,
	.retire = retire,
	.asks_to_switch = cor_http1_asks_to_switch,
	.switch_protocols = cor_http1_switch_protocols,
	.receive = cor_http1_receive,
	.await = cor_http1_await,
	.nudge = cor_http1_nudge,
};
