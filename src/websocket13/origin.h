/* SPDX-License-Identifier: MIT */
/** Which pages may connect: RFC 6455 sections 4.2.2 and 10.2. */
#ifndef CORACLE_WEBSOCKET13_ORIGIN_H
#define CORACLE_WEBSOCKET13_ORIGIN_H

#include <stdbool.h>

#include <coracle/str.h>

/**
 * Whether a page of that origin (RFC 6454: "https://shop.example:8443", or "null") may: it is of
 * `host`, with its port, or in the list (NULL: empty), where "*" is any.
 */
bool cor_origin_allowed(struct cor_str origin, struct cor_str host, const char *const *list);

#endif
