/* SPDX-License-Identifier: MIT */
#include "http2/scan.h"

#include <string.h>

#include <coracle/error.h>

#include "http2/flood.h"
#include "http2/session.h"

#define PRIORITY_BYTES 5

void cor_http2_scan_init(struct cor_http2_scan *scan)
{
	*scan = (struct cor_http2_scan){ .left = NGHTTP2_CLIENT_MAGIC_LEN };
}

static uint32_t number(const uint8_t *bytes, int len)
{
	uint32_t n = 0;

	for (int i = 0; i < len; i++)
		n = n << 8 | bytes[i];
	return n;
}

/* nghttp2 looks at none where priorities are those of RFC 9218 (RFC 9113 section 6.3). */
static void judge_priority(struct cor_http2_session *session, const nghttp2_frame_hd *frame)
{
	if (frame->stream_id == 0)
		cor_ignore(cor_http2_session_fail(
			session, NGHTTP2_PROTOCOL_ERROR, "PRIORITY is about no stream"));
	else if (frame->length != PRIORITY_BYTES)
		cor_ignore(cor_http2_session_fail(
			session, NGHTTP2_FRAME_SIZE_ERROR, "PRIORITY has a wrong length"));
}

static void judge_stream(struct cor_http2_session *session, const nghttp2_frame_hd *frame)
{
	bool is_open = frame->stream_id > session->history.last_id ||
		       nghttp2_session_find_stream(session->frames, frame->stream_id);
	uint32_t error = cor_http2_history_judge(&session->history, frame->stream_id, is_open);
	if (error != 0)
		cor_ignore(cor_http2_session_fail(
			session, error, "it goes on with a stream that has ended"));
}

static void judge(struct cor_http2_session *session, const uint8_t *head)
{
	const nghttp2_frame_hd frame = {
		.length = number(head, 3),
		.type = head[3],
		.flags = head[4],
		.stream_id = (int32_t)(number(head + 5, 4) & INT32_MAX),
	};

	session->scan.left = (uint32_t)frame.length;
	cor_http2_calm_frame(session, &frame);
	if (frame.type <= NGHTTP2_HEADERS)
		judge_stream(session, &frame);
	else if (frame.type == NGHTTP2_PRIORITY)
		judge_priority(session, &frame);
	else if (frame.type == NGHTTP2_RST_STREAM)
		cor_http2_history_take_back(&session->history, frame.stream_id);
}

void cor_http2_scan(struct cor_http2_session *session, const char *data, size_t len)
{
	struct cor_http2_scan *scan = &session->scan;
	const uint8_t *at = (const uint8_t *)data;

	while (len > scan->left && session->error == 0) {
		at += scan->left;
		len -= scan->left;
		scan->left = 0;
		size_t lacks = (size_t)(COR_HTTP2_FRAME_HEAD - scan->have);
		size_t n = len < lacks ? len : lacks;
		memcpy(scan->head + scan->have, at, n);
		at += n;
		len -= n;
		scan->have = (uint8_t)(scan->have + n);
		if (n < lacks)
			return;
		scan->have = 0;
		judge(session, scan->head);
	}
	scan->left -= (uint32_t)(len < scan->left ? len : scan->left);
}
