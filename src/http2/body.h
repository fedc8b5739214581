/* SPDX-License-Identifier: MIT */
/** The body of a request over HTTP/2: the client sends as much ahead as its handler reads. */
#ifndef CORACLE_HTTP2_BODY_H
#define CORACLE_HTTP2_BODY_H

#include "http2/stream.h"

/** As ops->read_body. */
ssize_t cor_http2_read_body(struct cor_exchange *x, void *buffer, size_t size);

/** Its trailer fields are in the builder: of those that there may be it keeps copies. */
void cor_http2_take_trailers(struct cor_http2_exchange *h, const struct cor_head_builder *builder);

/** As ops->trailers. */
const struct cor_reply_field *cor_http2_trailers(struct cor_exchange *x);

/** Nobody reads any more of it: what is here goes, and others may use the connection's window. */
void cor_http2_drop_body(struct cor_http2_stream *stream);

/**
 * Park the fiber until the client has sent or taken something, `timeout_ms` at most. Returns as
 * cor_wait(), or -ECONNRESET.
 */
int cor_http2_wait(struct cor_http2_exchange *h, int64_t timeout_ms) COR_CHECKED;

/** The same until `deadline_ns` (monotonic). */
int cor_http2_wait_until(struct cor_http2_exchange *h, int64_t deadline_ns) COR_CHECKED;

/**
 * Take off what is here, at most `size`, and let the client send as much again. Returns the count.
 */
size_t cor_http2_take(struct cor_http2_stream *stream, void *buffer, size_t size);

#endif
