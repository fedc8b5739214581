/* SPDX-License-Identifier: MIT */
#include "http2/flood.h"

#define CALM         1000  /* at first, and as much comes back with time */
#define CALM_MOST    64000 /* with what was earned: many answers of a few bytes may be under way */
#define CALM_PER_S   330
#define COST         3    /* of a frame that brings nothing: 333 at once, 110 a second */
#define COST_RESET   10   /* of a request that was made for nothing: 250 at once, 82 a second */
#define WORTH        6    /* of a request, or of a frame of a body: for two others */
#define WORTH_BYTES  1024 /* of a body that are worth something */
#define PADDING_MOST 256  /* with its length */

void cor_http2_calm_init(struct cor_http2_session *session)
{
	session->calm = CALM;
	session->calm_ns = cor_clock_now(session->connection->loop->scheduler);
}

static void earn(struct cor_http2_session *session)
{
	if (session->calm >= 0 && session->calm < CALM_MOST)
		session->calm += WORTH;
}

/* With time it comes back. */
static void recover(struct cor_http2_session *session)
{
	int64_t now_ns = cor_clock_now(session->connection->loop->scheduler);
	int64_t calm = (now_ns - session->calm_ns) / (COR_NS_PER_S / CALM_PER_S);

	if (calm <= 0)
		return;
	session->calm_ns = now_ns;
	if (session->calm < CALM)
		session->calm = (int32_t)(session->calm + calm < CALM ? session->calm + calm
								      : CALM);
}

static void spend(struct cor_http2_session *session, int32_t cost)
{
	if (session->calm < 0)
		return;
	recover(session);
	session->calm -= cost;
}

/* Or all padding, for all that its head tells. */
static bool is_empty(const nghttp2_frame_hd *frame)
{
	return frame->length == 0 ||
	       (frame->length <= PADDING_MOST && (frame->flags & NGHTTP2_FLAG_PADDED));
}

void cor_http2_calm_frame(struct cor_http2_session *session, const nghttp2_frame_hd *frame)
{
	switch (frame->type) {
	case NGHTTP2_HEADERS:
		earn(session);
		break;
	case NGHTTP2_CONTINUATION: /* nghttp2 counts them, and the builder their bytes */
		break;
	case NGHTTP2_DATA:
		if (frame->length >= WORTH_BYTES)
			earn(session);
		else if (is_empty(frame) && !(frame->flags & NGHTTP2_FLAG_END_STREAM))
			spend(session, COST);
		break;
	case NGHTTP2_RST_STREAM:
		spend(session, COST_RESET);
		break;
	default:
		spend(session, COST);
	}
}

void cor_http2_calm_sent(struct cor_http2_session *session, size_t len, bool is_rest)
{
	size_t frames = len / WORTH_BYTES + is_rest;

	if (frames != 0 && session->calm >= 0 && session->calm < CALM_MOST)
		session->calm += (int32_t)(WORTH * frames);
}

/* Its fault: what our handlers broke, or what it only takes slowly, has another code. */
void cor_http2_calm_reset(struct cor_http2_session *session, uint32_t error)
{
	if (error == NGHTTP2_PROTOCOL_ERROR || error == NGHTTP2_FLOW_CONTROL_ERROR ||
		error == NGHTTP2_STREAM_CLOSED || error == NGHTTP2_FRAME_SIZE_ERROR ||
		error == NGHTTP2_REFUSED_STREAM)
		spend(session, COST_RESET);
}
