/* SPDX-License-Identifier: MIT */
/** The way back, from text to URIs: with cor_percent_encode() of <coracle/uri.h>. Nothing here yields. */
#ifndef CORACLE_HTTP_URI_ENCODE_H
#define CORACLE_HTTP_URI_ENCODE_H

#include <coracle/str.h>

#include "base/buffer.h"

/**
 * Append a path as it was sent as a reference that leads to it (RFC 3986 section 4.2), in ASCII without '"' and '\\'. Bytes
 * that no path may have, and a '%' that encodes nothing, are encoded. What begins with two slashes would name another host:
 * "/." stands before it, which is taken away when the reference is resolved (section 5.2.4); %2F for a slash would lead to
 * another resource. What is no path ("*", an authority) appends nothing.
 */
void cor_uri_reference(struct cor_buffer *buffer, struct cor_str path);

#endif
