/* SPDX-License-Identifier: MIT */
/**
 * Frames that cost us something and bring nothing: a client may send so many at once and so many a
 * second, and more the more it asks and takes (RFC 9113 section 10.5). What is behind the names of
 * rapid reset, by the client or provoked from us, and floods of SETTINGS, PING, PRIORITY,
 * WINDOW_UPDATE and of empty frames.
 */
#ifndef CORACLE_HTTP2_FLOOD_H
#define CORACLE_HTTP2_FLOOD_H

#include "http2/session.h"

/** A session begins: with all that it may have. */
void cor_http2_calm_init(struct cor_http2_session *session);

/** A frame of the client begins. session->calm is below 0 once it was one too many. */
void cor_http2_calm_frame(struct cor_http2_session *session, const nghttp2_frame_hd *frame);

/**
 * A frame of an answer's body was sent: the client will tell that it has taken it. `is_rest`: it
 * has all that was there, and is not so small because the client opens its window by so little.
 * Those that are large earn for small ones: a client that opens its window by what it has taken of
 * each gets some of both.
 */
void cor_http2_calm_sent(struct cor_http2_session *session, size_t len, bool is_rest);

/** We had to reset a stream with that error code. */
void cor_http2_calm_reset(struct cor_http2_session *session, uint32_t error);

#endif
