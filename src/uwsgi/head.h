/* SPDX-License-Identifier: MIT */
/**
 * What a packet says of its request, written as a head of HTTP/1.0, without what concerned the
 * proxy and its client alone. It is parsed as any other: limits and checks are those of HTTP. In
 * HTTP/1.0, because an answer of the uwsgi protocol has no chunks and ends with its connection.
 */
#ifndef CORACLE_UWSGI_HEAD_H
#define CORACLE_UWSGI_HEAD_H

#include "base/buffer.h"
#include "uwsgi/packet.h"

#define COR_UWSGI_HEAD_BYTES 65535 /* a longer one is refused */

/**
 * Append the head of the request in HTTP/1.0. PATH_INFO is its path, as the proxy has rewritten it;
 * where REQUEST_URI is the same path, its spelling is taken, which knows %2F from a slash. Returns
 * 0, -ENOMEM or -COR_ESYNTAX:
 *  - 400 no method, neither a path nor a URI, two contradicting lengths of the body;
 *  - 411 a body without a length: the proxy is to read it first;
 *  - 431 a head above COR_UWSGI_HEAD_BYTES.
 */
int cor_uwsgi_write_head(const struct cor_uwsgi_packet *packet, struct cor_buffer *buffer,
	struct cor_http_error *error) COR_CHECKED;

#endif
