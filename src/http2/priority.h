/* SPDX-License-Identifier: MIT */
/**
 * PRIORITY_UPDATE (RFC 9218 section 7.1). Not nghttp2's: where a stream is prioritized before it
 * is opened, nghttp2 1.52 keeps it in a list beyond its end, and writes to freed memory.
 */
#ifndef CORACLE_HTTP2_PRIORITY_H
#define CORACLE_HTTP2_PRIORITY_H

#include <nghttp2/nghttp2.h>

#include <coracle/str.h>

#define COR_HTTP2_PRIORITY_BYTES 64 /* of the frame's payload; more is of no use to anybody */

struct cor_http2_session;

/** Of a session. */
struct cor_http2_priority {
	uint8_t len; /* of the payload that is arriving */
	char payload[COR_HTTP2_PRIORITY_BYTES];
	int32_t early_id; /* a stream that was prioritized before it is opened, the last; 0: none */
	nghttp2_extpri early;
};

/** What a priority field says (RFC 9218 section 4); what it does not, is as by default. */
nghttp2_extpri cor_http2_priority_parse(struct cor_str field);

/** The request of that stream is here: give it the priority that came before it. */
void cor_http2_priority_begin(struct cor_http2_session *session, int32_t id);

/** Let sessions take PRIORITY_UPDATE. */
void cor_http2_priority_listen(nghttp2_session_callbacks *on, nghttp2_option *options);

#endif
