/* SPDX-License-Identifier: MIT */
#include "http2/reply.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/number.h"
#include "connection/introduction.h"
#include "exchange/problem_json.h"
#include "http/response.h"
#include "http/trailer.h"
#include "http2/body.h"
#include "http2/switched.h"
#include "serving/staying.h"

#define FLUSH_BYTES (16 * 1024)
#define AHEAD_BYTES (64 * 1024) /* of a reply in pieces, that the client has not taken */
#define OWN_FIELDS  5           /* :status, date, content-type, content-length, retry-after */
#define FEW_FIELDS  16          /* for which there is room on the stack */

static struct cor_http2_exchange *exchange_of(struct cor_exchange *x)
{
	return (struct cor_http2_exchange *)x; /* its first member's first member */
}

static bool is_broken(const struct cor_http2_stream *stream)
{
	return cor_http2_stream_is(stream, COR_STREAM_BROKEN) ||
	       cor_connection_is(stream->session->connection, COR_CONNECTION_LOST);
}

/* --- heads --- */

/* The fields of a head, in the order that they are sent in. */
struct fields {
	nghttp2_nv *items;
	size_t len;
	struct cor_http2_stream *stream;
};

static void add(struct fields *fields, struct cor_str name, struct cor_str value, uint8_t flags)
{
	fields->items[fields->len++] = (nghttp2_nv){
		.name = (uint8_t *)(uintptr_t)name.data,
		.namelen = name.len,
		.value = (uint8_t *)(uintptr_t)value.data,
		.valuelen = value.len,
		.flags = flags,
	};
}

/* One whose texts stay what and where they are until it is sent: nghttp2 need not copy them. */
static void add_lasting(struct fields *fields, struct cor_str name, struct cor_str value)
{
	add(fields, name, value, NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE);
}

/* The date may have become a later one when it is sent. `lasts`: so does the type. */
static void add_own(struct fields *fields, uint16_t status, struct cor_str content_type, bool lasts,
	int64_t length)
{
	struct cor_http2_stream *stream = fields->stream;
	struct cor_serving *serving = stream->session->http2->serving;

	stream->status[0] = (char)('0' + status / 100);
	stream->status[1] = (char)('0' + status / 10 % 10);
	stream->status[2] = (char)('0' + status % 10);
	add_lasting(fields, COR_STR(":status"), (struct cor_str){ stream->status, 3 });
	add_lasting(fields, COR_STR("date"),
		(struct cor_str){ cor_serving_date(serving), COR_IMF_DATE_BYTES });
	if (content_type.len != 0 && lasts)
		add_lasting(fields, COR_STR("content-type"), content_type);
	else if (content_type.len != 0)
		add(fields, COR_STR("content-type"), content_type, NGHTTP2_NV_FLAG_NONE);
	if (length < 0)
		return;
	char *end = cor_response_put_number(stream->length, (uint64_t)length);
	add_lasting(fields, COR_STR("content-length"),
		(struct cor_str){ stream->length, (size_t)(end - stream->length) });
}

/* Drawn from 1 to 3 for each, so that those who were refused together do not come back together. */
static COR_COLD void add_retry_after(struct fields *fields)
{
	unsigned char drawn;

	cor_random_bytes(cor_scheduler_current(), &drawn, sizeof drawn);
	add_lasting(fields, COR_STR("retry-after"), (struct cor_str){ &"123"[drawn % 3], 1 });
}

/* What a handler has added. Returns 0 or -EINVAL. */
/* Of connections of HTTP/1 alone (RFC 9113 section 8.2.2): a 426 says what to upgrade to there. */
static bool is_of_connection(struct cor_str name)
{
	return (name.len == 7 && strncasecmp(name.data, "upgrade", 7) == 0) ||
	       (name.len == 10 && strncasecmp(name.data, "connection", 10) == 0);
}

static int add_given(struct fields *fields, const struct cor_reply_field *given, uint16_t status)
{
	bool has_retry_after = false;

	for (; given; given = given->next) {
		if (!cor_field_name_valid(given->name) || !cor_field_value_valid(given->value))
			return -EINVAL;
		if (is_of_connection(given->name))
			continue;
		has_retry_after |= given->name.len == 11 &&
				   strncasecmp(given->name.data, "retry-after", 11) == 0;
		add(fields, given->name, given->value, NGHTTP2_NV_FLAG_NONE);
	}
	if (status == 503 && !has_retry_after)
		add_retry_after(fields);
	return 0;
}

static size_t count(const struct cor_reply_field *given)
{
	size_t len = OWN_FIELDS;

	for (; given; given = given->next)
		len++;
	return len;
}

/* What 204 and 304 have no length of, and 205 has none of (RFC 9110 sections 8.6 and 15.3.6). */
static int64_t length_of(uint16_t status, int64_t length)
{
	if (cor_status_has_body(status))
		return length;
	return status == 205 ? 0 : -1;
}

/* --- bodies --- */

/* The next frame of a file. Returns 0, -ENOMEM, -ENODATA or -EIO. */
static int fill_out(struct cor_http2_stream *stream, size_t len)
{
	char *room = cor_buffer_reserve(&stream->out, len);

	if (!room) {
		stream->out.error = 0;
		return -ENOMEM;
	}
	(void)cor_extents_are_here(stream->extents, len); /* else it is asked for, with more */
	ssize_t n = cor_extents_read(stream->extents, room, len);
	if (n < 0)
		return (int)n;
	cor_extents_advance(stream->extents, (size_t)n);
	stream->out.len += (size_t)n;
	stream->session->unsent += (uint64_t)n;
	if (stream->extents->left == 0)
		cor_http2_stream_drop_extents(stream);
	return 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): nghttp2 says what it is like */
static ssize_t read_out(nghttp2_session *frames, int32_t id, uint8_t *buffer, size_t len,
	uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct cor_http2_stream *stream = source->ptr;

	if (stream->extents && cor_http2_stream_held(stream) == 0 && fill_out(stream, len) < 0) {
		cor_http2_stream_is_unreadable(stream);
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	}
	size_t left = cor_http2_stream_unsent(stream);
	bool ends = cor_http2_stream_is(stream, COR_STREAM_OUT_ENDED);

	(void)frames, (void)id, (void)buffer, (void)arg;
	if (left == 0 && !ends) {
		cor_http2_stream_set(stream, COR_STREAM_DEFERRED);
		return NGHTTP2_ERR_DEFERRED;
	}
	*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	if (left <= len && ends)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	if (left <= len && ends && cor_http2_stream_is(stream, COR_STREAM_TRAILS)) {
		*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
		cor_http2_stream_set(stream, COR_STREAM_OUT_TAKEN);
		cor_request_wake(&stream->exchange->request);
	}
	left = cor_http2_stream_held(stream);
	return (ssize_t)(left < len ? left : len);
}

/* Head and, with `sends`, what is or will be in `out`. */
static int submit(struct cor_http2_stream *stream, const struct fields *fields, bool sends)
{
	nghttp2_data_provider provider = { .source.ptr = stream, .read_callback = read_out };
	int rc = nghttp2_submit_response(stream->session->frames, stream->id, fields->items,
		fields->len, sends ? &provider : NULL);

	if (rc != 0)
		return rc == NGHTTP2_ERR_NOMEM ? -ENOMEM : -ECONNRESET;
	cor_http2_stream_set(stream, COR_STREAM_ANSWERED);
	return 0;
}

static int put_out(struct cor_http2_stream *stream, struct cor_str body)
{
	cor_buffer_append_str(&stream->out, body);
	if (cor_buffer_error(&stream->out) < 0) {
		stream->out.error = 0;
		return -ENOMEM;
	}
	stream->session->unsent += body.len;
	return 0;
}

int cor_http2_answer(struct cor_http2_exchange *h, uint16_t status, struct cor_str content_type,
	int64_t length, bool sends)
{
	struct cor_exchange *x = &h->request.exchange;
	nghttp2_nv few[FEW_FIELDS];
	size_t most = count(x->fields_out);
	struct fields fields = { .items = few, .stream = h->stream };

	if (most > FEW_FIELDS)
		fields.items = cor_arena_alloc(&x->ctx.arena, most * sizeof few[0]);
	if (!fields.items)
		return -ENOMEM;
	if (!cor_field_value_valid(content_type))
		return -EINVAL;
	/* that of a whole answer is a constant: see exchange.h */
	add_own(&fields, status, content_type, length >= 0, length_of(status, length));
	int rc = add_given(&fields, x->fields_out, status);
	return rc < 0 ? rc : submit(h->stream, &fields, sends);
}

/* --- at once --- */

static int respond(
	struct cor_exchange *x, uint16_t status, struct cor_str content_type, struct cor_str body)
{
	struct cor_http2_exchange *h = exchange_of(x);
	struct cor_http2_stream *stream = h->stream;
	bool sends = cor_exchange_sends_content(x, status) && body.len != 0;

	if (is_broken(stream))
		return -ECONNRESET;
	int rc = sends ? put_out(stream, body) : 0;
	if (rc < 0)
		return rc;
	cor_http2_stream_set(stream, COR_STREAM_OUT_ENDED);
	rc = cor_http2_answer(h, status, content_type, (int64_t)body.len, sends);
	if (rc < 0) {
		/* another may take its place */
		stream->flags &= ~(uint32_t)COR_STREAM_OUT_ENDED;
		stream->session->unsent -= stream->out.len;
		stream->out.len = 0;
		return rc;
	}
	cor_exchange_answered(x, status, body.len);
	cor_http2_session_flush(stream->session);
	return 0;
}

static int send_extents(struct cor_exchange *x, uint16_t status, struct cor_str content_type,
	struct cor_extents *extents)
{
	struct cor_http2_exchange *h = exchange_of(x);
	struct cor_http2_stream *stream = h->stream;
	int64_t bytes = extents->left;
	bool sends = cor_exchange_sends_content(x, status) && bytes != 0;

	if (is_broken(stream) || !sends)
		cor_extents_destroy(extents);
	if (is_broken(stream))
		return -ECONNRESET;
	if (sends) {
		stream->extents = extents;
		stream->session->files++;
	}
	cor_http2_stream_set(stream, COR_STREAM_OUT_ENDED);
	int rc = cor_http2_answer(h, status, content_type, bytes, sends);
	if (rc < 0) {
		/* another may take its place */
		stream->flags &= ~(uint32_t)COR_STREAM_OUT_ENDED;
		cor_http2_stream_drop_extents(stream);
		return rc;
	}
	cor_exchange_answered(x, status, (size_t)bytes);
	cor_http2_session_flush(stream->session);
	return 0;
}

size_t cor_http2_answer_problem(
	struct cor_http2_stream *stream, enum cor_method method, int status, const char *detail)
{
	struct cor_problem_text problem = { .status = (uint16_t)status, .detail = detail };
	struct cor_buffer body = { 0 };
	nghttp2_nv items[OWN_FIELDS];
	struct fields fields = { .items = items, .stream = stream };

	cor_problem_write_json(&body, &problem);
	if (cor_buffer_error(&body) < 0)
		cor_buffer_clear(&body, 0); /* the status says it */
	struct cor_str text = { body.data, body.len };
	bool sends = method != COR_METHOD_HEAD && text.len != 0 && put_out(stream, text) == 0;
	add_own(&fields, (uint16_t)status, COR_PROBLEM_MEDIA_TYPE, true, (int64_t)text.len);
	if (status == 503)
		add_retry_after(&fields);
	cor_http2_stream_set(stream, COR_STREAM_OUT_ENDED);
	if (submit(stream, &fields, sends) < 0) {
		stream->session->unsent -= stream->out.len;
		stream->out.len = 0;
		sends = false;
		cor_http2_stream_reset(
			stream, NGHTTP2_INTERNAL_ERROR, "the answer could not be sent");
	}
	cor_buffer_finish(&body);
	return sends ? text.len : 0;
}

/* --- in pieces --- */

static int start(struct cor_exchange *x, uint16_t status, struct cor_str content_type)
{
	struct cor_http2_exchange *h = exchange_of(x);
	bool sends = cor_exchange_sends_content(x, status);

	if (is_broken(h->stream))
		return -ECONNRESET;
	h->request.oddities |= COR_REQUEST_IN_PIECES;
	if (!sends)
		cor_http2_stream_set(h->stream, COR_STREAM_OUT_ENDED);
	int rc = cor_http2_answer(h, status, content_type, -1, sends);
	if (rc < 0)
		return rc;
	if (h->request.oddities & COR_REQUEST_STAYS)
		cor_request_count_staying(&h->request, h->stream->session->http2->serving, status);
	cor_http2_session_flush(h->stream->session);
	return is_broken(h->stream) ? -ECONNRESET : 0;
}

/* The client has flow control to hold an answer back: so much is kept for it, then we wait. */
static int wait_for_room(struct cor_http2_exchange *h)
{
	struct cor_http2_stream *stream = h->stream;
	int rc = 0;

	while (rc == 0 && cor_http2_stream_unsent(stream) >= AHEAD_BYTES && !is_broken(stream))
		rc = cor_http2_wait(h, COR_FOREVER);
	return is_broken(stream) ? -ECONNRESET : rc;
}

/* What was sent before it is not kept. */
static void shift_out(struct cor_http2_stream *stream)
{
	size_t left = cor_http2_stream_unsent(stream);

	if (stream->out_at == 0)
		return;
	memmove(stream->out.data, stream->out.data + stream->out_at, left);
	stream->out.len = left;
	stream->out_at = 0;
}

static int hand_on(struct cor_http2_exchange *h, bool last)
{
	struct cor_http2_stream *stream = h->stream;
	struct cor_str gathered = { h->pieces.data, h->pieces.len };
	int rc = cor_buffer_error(&h->pieces);

	if (rc == 0)
		rc = wait_for_room(h);
	shift_out(stream);
	if (rc == 0 && gathered.data)
		rc = put_out(stream, gathered);
	if (rc < 0)
		return rc;
	if (last)
		cor_http2_stream_set(stream, COR_STREAM_OUT_ENDED);
	h->request.exchange.body_written += (int64_t)gathered.len;
	cor_buffer_clear(&h->pieces, FLUSH_BYTES * 2);
	if (cor_http2_stream_is(stream, COR_STREAM_DEFERRED)) {
		stream->flags &= ~(uint32_t)COR_STREAM_DEFERRED;
		cor_ignore(nghttp2_session_resume_data(stream->session->frames, stream->id));
	}
	cor_http2_session_flush(stream->session);
	if (last)
		cor_http2_session_watch_end(stream);
	return is_broken(stream) ? -ECONNRESET : 0;
}

static int write_piece(struct cor_exchange *x, const void *data, size_t size)
{
	struct cor_http2_exchange *h = exchange_of(x);
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
		int rc = hand_on(h, false);
		if (rc < 0) {
			/* the rest is lost, and what comes later must not close the gap */
			cor_buffer_fail(&h->pieces, rc);
			return rc;
		}
	}
	return is_broken(h->stream) ? -ECONNRESET : 0;
}

static int flush(struct cor_exchange *x)
{
	struct cor_http2_exchange *h = exchange_of(x);

	if (h->pieces.len == 0)
		return is_broken(h->stream) ? -ECONNRESET : 0;
	return hand_on(h, false);
}

static bool takes_trailers(struct cor_exchange *x)
{
	return !cor_exchange_is_head(x) &&
	       cor_te_takes_trailers(cor_exchange_list(x, COR_KNOWN_TE));
}

/* Behind the last frame of the body, for which nghttp2 asks when the client's window lets it. */
static int send_trailers(struct cor_http2_exchange *h)
{
	struct cor_exchange *x = &h->request.exchange;
	struct cor_http2_stream *stream = h->stream;
	struct fields fields = { .stream = stream };
	int rc = 0;

	while (rc == 0 && !cor_http2_stream_is(stream, COR_STREAM_OUT_TAKEN))
		rc = cor_http2_wait(h, COR_FOREVER);
	if (rc < 0)
		return rc;
	fields.items = cor_arena_alloc(
		&x->ctx.arena, count(x->fields_out) * sizeof fields.items[0]);
	if (!fields.items)
		return -ENOMEM;
	rc = add_given(&fields, x->fields_out, 0);
	if (rc == 0 && nghttp2_submit_trailer(
			       stream->session->frames, stream->id, fields.items, fields.len) != 0)
		rc = -ECONNRESET;
	cor_http2_session_flush(stream->session);
	return rc;
}

int cor_http2_end_reply(struct cor_http2_exchange *h)
{
	struct cor_exchange *x = &h->request.exchange;

	x->reply_state = COR_REPLY_ENDED;
	if (x->fields_out)
		cor_http2_stream_set(h->stream, COR_STREAM_TRAILS);
	int rc = hand_on(h, true);
	return rc == 0 && x->fields_out ? send_trailers(h) : rc;
}

/* --- who asks --- */

static const char *peer(struct cor_exchange *x)
{
	struct cor_address address;
	char text[COR_ADDRESS_TEXT_BYTES];

	cor_peer_address(cor_connection_other_end(exchange_of(x)->request.connection), &address);
	cor_address_print(&address, text);
	return cor_strdup(&x->ctx, text);
}

static int caller(struct cor_exchange *x, struct cor_caller *ret)
{
	struct cor_arrival arrival = cor_serving_arrival(exchange_of(x)->request.connection);

	return cor_exchange_find_caller(x, &arrival, ret);
}

/* What stays behind it is retired with the connection. */
static void retire(struct cor_exchange *x)
{
	cor_http2_session_leave(exchange_of(x)->stream->session);
}

const struct cor_exchange_ops cor_http2_ops = {
	.read_body = cor_http2_read_body,
	.respond = respond,
	.send_extents = send_extents,
	.start = start,
	.write = write_piece,
	.flush = flush,
	.trailers = cor_http2_trailers,
	.takes_trailers = takes_trailers,
	.stay = cor_request_stay,
	.was_drained = cor_request_was_drained,
	.peer = peer,
	.caller = caller,
	.retire = retire,
	.asks_to_switch = cor_http2_asks_to_switch,
	.switch_protocols = cor_http2_switch_protocols,
	.receive = cor_http2_receive,
	.await = cor_http2_await,
	.nudge = cor_http2_nudge,
};
