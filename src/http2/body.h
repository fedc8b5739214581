/* SPDX-License-Identifier: MIT */
/** The body of a request over HTTP/2: the client sends as much ahead as its handler reads. */
#ifndef CORACLE_HTTP2_BODY_H
#define CORACLE_HTTP2_BODY_H

#include "http2/stream.h"

/** As ops->read_body. */
ssize_t cor_http2_read_body(struct cor_exchange *x, void *buffer, size_t size);

/** Nobody reads any more of it: what is here goes, and others may use the connection's window. */
void cor_http2_drop_body(struct cor_http2_stream *stream);

/**
 * Park the fiber until the client has sent or taken something, `timeout_ms` at most. Returns as
 * cor_wait(), or -ECONNRESET.
 */
int cor_http2_wait(struct cor_http2_exchange *h, int64_t timeout_ms) COR_CHECKED;

#endif
