/* SPDX-License-Identifier: MIT */
/** Answers over HTTP/2. */
#ifndef CORACLE_HTTP2_REPLY_H
#define CORACLE_HTTP2_REPLY_H

#include "http2/stream.h"

extern const struct cor_exchange_ops cor_http2_ops;

/**
 * Hand the head of an answer on, with x->fields_out: `length` is that of its body, -1 if that is
 * not known; `sends`: there is one. Returns 0, -EINVAL (a bad field), -ENOMEM or -ECONNRESET.
 */
int cor_http2_answer(struct cor_http2_exchange *h, uint16_t status, struct cor_str content_type,
	int64_t length, bool sends) COR_CHECKED;

/** End a reply that was started. Returns 0, or as ops->write. */
int cor_http2_end_reply(struct cor_http2_exchange *h) COR_CHECKED;

/**
 * Answer a stream that has no handler, or whose handler has not answered, with a problem; `detail`
 * may be NULL. Returns the length of its body.
 */
size_t cor_http2_answer_problem(
	struct cor_http2_stream *stream, enum cor_method method, int status, const char *detail);

#endif
