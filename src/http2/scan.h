/* SPDX-License-Identifier: MIT */
/**
 * The heads of the frames that are received, before nghttp2 has them: it says nothing of frames
 * that it passes over, such as those of an unknown type or for a stream that is closed, and they
 * cost time, too.
 */
#ifndef CORACLE_HTTP2_SCAN_H
#define CORACLE_HTTP2_SCAN_H

#include <stddef.h>
#include <stdint.h>

#define COR_HTTP2_FRAME_HEAD 9

struct cor_http2_session;

struct cor_http2_scan {
	uint32_t left; /* of what stands before the next head */
	uint8_t have;  /* of the next head */
	uint8_t head[COR_HTTP2_FRAME_HEAD];
};

/** A connection begins: with the preface. */
void cor_http2_scan_init(struct cor_http2_scan *scan);

/** So much was received: judge each frame that begins in it. session->error says what is wrong. */
void cor_http2_scan(struct cor_http2_session *session, const char *data, size_t len);

#endif
