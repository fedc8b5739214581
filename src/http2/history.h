/* SPDX-License-Identifier: MIT */
/**
 * Which streams a connection has had. nghttp2 forgets those that are closed, and lets pass what
 * comes for them; a client that goes on with a stream that it has ended itself breaks the rules
 * (RFC 9113 sections 5.1 and 5.1.1). What it sent before it knew of our RST_STREAM does not.
 */
#ifndef CORACLE_HTTP2_HISTORY_H
#define CORACLE_HTTP2_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

struct cor_http2_history {
	int32_t last_id;  /* of the stream that was opened last; 0: none was */
	int32_t reset_id; /* the highest that we have reset; 0: none */
	int32_t taken_id; /* the last that the client has reset */
	uint64_t opened;  /* bit i: stream last_id - 2 * i was opened */
};

/** The client has opened a stream, with a higher number than any before. */
void cor_http2_history_open(struct cor_http2_history *history, int32_t id);

/** The client has reset a stream, as far as it can: nghttp2 need not have seen it yet. */
void cor_http2_history_take_back(struct cor_http2_history *history, int32_t id);

/** We have reset a stream. */
void cor_http2_history_reset(struct cor_http2_history *history, int32_t id);

/**
 * HEADERS or DATA comes for a stream; `is_open`: it is, or is a new
 * one. Returns the error code of the connection
 * error that this is; 0: it may come.
 */
uint32_t cor_http2_history_judge(const struct cor_http2_history *history, int32_t id, bool is_open);

#endif
