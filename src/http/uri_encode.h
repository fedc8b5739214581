/* SPDX-License-Identifier: MIT */
/**
 * Writing URIs: paths as references; text is encoded by cor_percent_encode() of <coracle/uri.h>.
 * Nothing here yields.
 */
#ifndef CORACLE_HTTP_URI_ENCODE_H
#define CORACLE_HTTP_URI_ENCODE_H

#include <coracle/str.h>

#include "base/buffer.h"

/**
 * Append a path, as it was sent, as a reference that leads to it (RFC 3986 section 4.2), in ASCII
 * without '"' and '\'. It encodes bytes that no path may have, and a '%' that encodes nothing.
 *
 * A path that begins with two slashes would name another host: "/." goes before it, which
 * disappears when the reference is resolved (section 5.2.4). With %2F for a slash it would lead to
 * another resource. What is not a path ("*", an authority) appends nothing.
 */
void cor_uri_reference(struct cor_buffer *buffer, struct cor_str path);

/** Append text as cor_percent_encode() writes it: data, wherever it is used. */
void cor_percent_append(struct cor_buffer *buffer, struct cor_str text);

#endif
