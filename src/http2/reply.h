/* SPDX-License-Identifier: MIT */
/** Answers over HTTP/2. */
#ifndef CORACLE_HTTP2_REPLY_H
#define CORACLE_HTTP2_REPLY_H

#include "http2/stream.h"

extern const struct cor_exchange_ops cor_http2_ops;

/** End a reply that was started. Returns 0, or as ops->write. */
int cor_http2_end_reply(struct cor_http2_exchange *h) COR_CHECKED;

/**
 * Answer a stream that has no handler, or whose handler has not answered, with a problem; `detail`
 * may be NULL. Returns the length of its body.
 */
size_t cor_http2_answer_problem(
	struct cor_http2_stream *stream, enum cor_method method, int status, const char *detail);

#endif
