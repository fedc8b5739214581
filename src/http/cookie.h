/* SPDX-License-Identifier: MIT */
/** The header Cookie: what a client sends back (RFC 6265 section 4.2). */
#ifndef CORACLE_HTTP_COOKIE_H
#define CORACLE_HTTP_COOKIE_H

#include <stdbool.h>

#include <coracle/str.h>

/**
 * Take the next "name=value" from the front of *rest; what has no name is passed over. The value is
 * as it was sent, quotes included. Returns false when none is left.
 */
bool cor_cookie_next(struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value);

/** The first cookie of that name, whose case counts; data NULL if there is none. */
struct cor_str cor_cookie_find(struct cor_str header, struct cor_str name);

#endif
