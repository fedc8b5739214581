/* SPDX-License-Identifier: MIT */
/** The body of a request over HTTP/1.1, read by the fiber that serves it. */
#ifndef CORACLE_HTTP1_BODY_H
#define CORACLE_HTTP1_BODY_H

#include "http1/exchange.h"

/** As ops->read_body. */
ssize_t cor_http1_read_body(struct cor_exchange *x, void *buffer, size_t size);

/** As ops->trailers. */
const struct cor_reply_field *cor_http1_trailers(struct cor_exchange *x);

/** Ready for a chunked body of at most `limit_bytes`. NULL: no memory. */
struct cor_http1_chunks *cor_http1_chunks_create(struct cor_http1_exchange *h, int64_t limit_bytes);

/**
 * Whether what is left of the body is already here, so that the connection can go on behind it.
 * Skips it.
 */
bool cor_http1_skip_body(struct cor_http1_exchange *h);

#endif
