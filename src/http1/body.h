/* SPDX-License-Identifier: MIT */
/** The body of a request over HTTP/1.1, read by the fiber that serves it. */
#ifndef CORACLE_HTTP1_BODY_H
#define CORACLE_HTTP1_BODY_H

#include "http1/exchange.h"

/** As ops->read_body. */
ssize_t cor_http1_read_body(struct cor_exchange *x, void *buffer, size_t size);

/**
 * Whether what is left of the body is already here, so that the connection can go on behind it.
 * Skips it.
 */
bool cor_http1_skip_body(struct cor_http1_exchange *h);

#endif
