/* SPDX-License-Identifier: MIT */
#include "http2/frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "http2/body.h"
#include "http2/flood.h"
#include "http2/stream.h"

/*
 * Of header lines that came after the head was refused: they must be decoded still, or the two ends
 * would not know the same lines, but not without an end.
 */
#define OVERFLOW_BYTES (256 * 1024)
#define FRAME_HEAD     9

/* --- heads --- */

/* The loop has one builder, for heads that arrive whole: one that does not keeps it to itself. */
static struct cor_head_builder *take_builder(struct cor_http2 *http2, bool is_trailer)
{
	struct cor_head_builder *builder;

	if (!http2->head_is_taken) {
		http2->head_is_taken = true;
		cor_head_builder_reset(&http2->head, is_trailer);
		return &http2->head;
	}
	builder = malloc(sizeof *builder);
	if (!builder)
		return NULL;
	const struct cor_head_limits limits = cor_serving_head_limits(http2->serving);
	cor_head_builder_init(builder, &limits);
	cor_head_builder_reset(builder, is_trailer);
	return builder;
}

void cor_http2_drop_head(struct cor_http2_session *session)
{
	struct cor_head_builder *builder = session->head;

	session->head = NULL;
	if (!builder)
		return;
	if (session->has_begun)
		session->whole_ns = COR_FOREVER;
	if (builder == &session->http2->head) {
		session->http2->head_is_taken = false;
		return;
	}
	cor_head_builder_destroy(builder);
	free(builder);
}

static int begin_headers(nghttp2_session *frames, const nghttp2_frame *frame, void *arg)
{
	struct cor_http2_session *session = arg;

	(void)frames;
	cor_http2_drop_head(session);
	session->head = take_builder(session->http2, frame->headers.cat != NGHTTP2_HCAT_REQUEST);
	session->head_id = frame->hd.stream_id;
	if (!session->head)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	cor_http2_history_open(&session->history, frame->hd.stream_id);
	return cor_http2_stream_open(session, frame->hd.stream_id) ? 0
								   : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static struct cor_str text_of(nghttp2_rcbuf *buffer)
{
	nghttp2_vec vec = nghttp2_rcbuf_get_buf(buffer);

	return (struct cor_str){ (const char *)vec.base, vec.len };
}

static int header(nghttp2_session *frames, const nghttp2_frame *frame, nghttp2_rcbuf *name,
	nghttp2_rcbuf *value, uint8_t flags, void *arg)
{
	struct cor_http2_session *session = arg;

	(void)frames, (void)frame, (void)flags;
	if (!session->head)
		return 0;
	cor_head_builder_add(session->head, text_of(name), text_of(value));
	if (session->head->overflow_bytes > OVERFLOW_BYTES)
		return cor_http2_session_fail(
			session, NGHTTP2_ENHANCE_YOUR_CALM, "its header lines have no end");
	return 0;
}

/* A field that no message may have makes the request malformed (RFC 9113 section 8.1.1). */
static int invalid_header(nghttp2_session *frames, const nghttp2_frame *frame, nghttp2_rcbuf *name,
	nghttp2_rcbuf *value, uint8_t flags, void *arg)
{
	struct cor_http2_session *session = arg;

	(void)frames, (void)frame, (void)name, (void)value, (void)flags;
	cor_http2_drop_head(session);
	cor_count(&session->connection->loop->counts->refused[COR_REFUSED_MALFORMED], 1);
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* Its head is here, and nghttp2 resets its stream: nobody waits for the rest of it. */
static int frame_is_invalid(
	nghttp2_session *frames, const nghttp2_frame *frame, int error, void *arg)
{
	struct cor_http2_session *session = arg;

	(void)frames, (void)error;
	if (frame->hd.type == NGHTTP2_HEADERS)
		cor_http2_drop_head(session);
	return 0;
}

static void end_request(struct cor_http2_stream *stream)
{
	cor_http2_stream_set(stream, COR_STREAM_REQUEST_ENDED);
	if (stream->exchange)
		cor_request_wake(&stream->exchange->request);
}

static void headers_are_whole(struct cor_http2_session *session, const nghttp2_frame *frame)
{
	struct cor_http2_stream *stream = cor_http2_stream_find(session, frame->hd.stream_id);
	bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;

	if (stream && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
		if (ends)
			cor_http2_stream_set(stream, COR_STREAM_REQUEST_ENDED);
		cor_http2_priority_begin(session, frame->hd.stream_id);
		cor_http2_stream_begin(stream); /* which may be its end */
	} else if (stream) {
		if (stream->exchange)
			cor_http2_take_trailers(stream->exchange, session->head);
		if (ends)
			end_request(stream);
	}
	cor_http2_drop_head(session);
}

/* --- what comes --- */

static int frame_is_here(nghttp2_session *frames, const nghttp2_frame *frame, void *arg)
{
	struct cor_http2_session *session = arg;
	struct cor_http2_stream *stream;

	(void)frames;
	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
		headers_are_whole(session, frame);
		break;
	case NGHTTP2_DATA:
		stream = cor_http2_stream_find(session, frame->hd.stream_id);
		if (stream && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
			end_request(stream);
		break;
	case NGHTTP2_SETTINGS:
		if (!session->has_begun)
			session->whole_ns = COR_FOREVER;
		session->has_begun = true;
		break;
	default:
		break;
	}
	return 0;
}

/* A handler may read as fast as it comes, and never all of it: what it has read is not kept. */
static void shift_in(struct cor_http2_stream *stream)
{
	size_t left = stream->in.len - stream->in_at;

	if (stream->in_at <= left)
		return;
	memcpy(stream->in.data, stream->in.data + stream->in_at, left);
	stream->in.len = left;
	stream->in_at = 0;
}

static int data_chunk(nghttp2_session *frames, uint8_t flags, int32_t id, const uint8_t *data,
	size_t len, void *arg)
{
	struct cor_http2_session *session = arg;
	struct cor_http2_stream *stream = cor_http2_stream_find(session, id);

	(void)flags;
	if (!stream || !stream->exchange) {
		/* nobody reads it: others may use the window of the connection */
		return nghttp2_session_consume_connection(frames, len) == 0
			       ? 0
			       : NGHTTP2_ERR_CALLBACK_FAILURE;
	}
	shift_in(stream);
	cor_buffer_append(&stream->in, data, len);
	stream->exchange->request.received += (int64_t)len;
	if (cor_buffer_error(&stream->in) < 0)
		cor_connection_lose_to(session->connection, COR_LOSS_MEMORY);
	cor_request_wake(&stream->exchange->request);
	return 0;
}

static int stream_closes(nghttp2_session *frames, int32_t id, uint32_t error, void *arg)
{
	struct cor_http2_session *session = arg;
	struct cor_http2_stream *stream = cor_http2_stream_find(session, id);

	(void)frames;
	if (session->head && session->head_id == id)
		cor_http2_drop_head(session);
	if (stream)
		cor_http2_stream_closed(stream, error);
	return 0;
}

/* --- what goes --- */

static bool has_no_room(struct cor_http2_session *session)
{
	struct cor_connection *c = session->connection;

	if (c->loop->output.len >= COR_LOOP_OUTPUT_KEEP)
		cor_connection_flush(c);
	return c->tail || cor_connection_is(c, COR_CONNECTION_LOST);
}

static ssize_t send_frame(
	nghttp2_session *frames, const uint8_t *data, size_t len, int flags, void *arg)
{
	struct cor_http2_session *session = arg;

	(void)frames, (void)flags;
	if (has_no_room(session))
		return NGHTTP2_ERR_WOULDBLOCK;
	cor_buffer_append(&session->connection->loop->output, data, len);
	return (ssize_t)len;
}

static int send_data(nghttp2_session *frames, nghttp2_frame *frame, const uint8_t *head, size_t len,
	nghttp2_data_source *source, void *arg)
{
	struct cor_http2_session *session = arg;
	struct cor_http2_stream *stream = source->ptr;
	struct cor_buffer *output = &session->connection->loop->output;

	(void)frames, (void)frame;
	/* what there was to send when nghttp2 asked is gone; the reset is queued behind it */
	if (cor_http2_stream_is(stream, COR_STREAM_BROKEN))
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	if (has_no_room(session))
		return NGHTTP2_ERR_WOULDBLOCK;
	cor_buffer_append(output, head, FRAME_HEAD);
	cor_buffer_append(output, stream->out.data + stream->out_at, len);
	cor_http2_calm_sent(session, len, len == cor_http2_stream_unsent(stream));
	cor_http2_stream_sent(stream, len);
	return 0;
}

/* RFC 9113 section 8.1: the answer is whole, and nobody reads the rest of the request. */
static void answer_is_whole(struct cor_http2_session *session, int32_t id)
{
	struct cor_http2_stream *stream = cor_http2_stream_find(session, id);

	if (!stream)
		return;
	cor_http2_stream_sent_all(stream);
	if (!cor_http2_stream_is(stream, COR_STREAM_REQUEST_ENDED))
		cor_ignore(nghttp2_submit_rst_stream(
			session->frames, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR));
}

static int frame_is_sent(nghttp2_session *frames, const nghttp2_frame *frame, void *arg)
{
	struct cor_http2_session *session = arg;

	(void)frames;
	switch (frame->hd.type) {
	case NGHTTP2_DATA:
	case NGHTTP2_HEADERS:
		if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
			answer_is_whole(session, frame->hd.stream_id);
		break;
	case NGHTTP2_RST_STREAM:
		cor_http2_history_reset(&session->history, frame->hd.stream_id);
		cor_http2_calm_reset(session, frame->rst_stream.error_code);
		break;
	case NGHTTP2_GOAWAY:
		if (frame->goaway.error_code != NGHTTP2_NO_ERROR)
			cor_http2_session_failed(session, frame->goaway.error_code,
				(struct cor_str){ (const char *)frame->goaway.opaque_data,
					frame->goaway.opaque_data_len });
		break;
	default:
		break;
	}
	return 0;
}

int cor_http2_frames_init(struct cor_http2 *http2)
{
	if (nghttp2_session_callbacks_new(&http2->callbacks) != 0 ||
		nghttp2_option_new(&http2->options) != 0)
		return -ENOMEM;
	nghttp2_session_callbacks *on = http2->callbacks;
	nghttp2_session_callbacks_set_on_begin_headers_callback(on, begin_headers);
	nghttp2_session_callbacks_set_on_header_callback2(on, header);
	nghttp2_session_callbacks_set_on_invalid_header_callback2(on, invalid_header);
	nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(on, frame_is_invalid);
	nghttp2_session_callbacks_set_on_frame_recv_callback(on, frame_is_here);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(on, data_chunk);
	nghttp2_session_callbacks_set_on_stream_close_callback(on, stream_closes);
	nghttp2_session_callbacks_set_on_frame_send_callback(on, frame_is_sent);
	nghttp2_session_callbacks_set_send_callback(on, send_frame);
	nghttp2_session_callbacks_set_send_data_callback(on, send_data);
	nghttp2_option_set_no_auto_window_update(http2->options, 1);
	nghttp2_option_set_no_closed_streams(http2->options, 1);
	cor_http2_priority_listen(on, http2->options);
	return 0;
}
