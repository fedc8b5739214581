/* SPDX-License-Identifier: MIT */
/** Cookie, what a client sends back, and Set-Cookie (RFC 6265 sections 4.1 and 4.2). */
#ifndef CORACLE_HTTP_COOKIE_H
#define CORACLE_HTTP_COOKIE_H

#include <stdbool.h>

#include <coracle/arena.h>
#include <coracle/str.h>

#include "base/buffer.h"

/**
 * Take the next "name=value" from the front of *rest; what has no name is passed over. The value is
 * as it was sent, quotes included. Returns false when none is left.
 */
bool cor_cookie_next(struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value);

/** The first cookie of that name, whose case counts; data NULL if there is none. */
struct cor_str cor_cookie_find(struct cor_str header, struct cor_str name);

/**
 * A value as it was before cor_cookie_encode(): without quotes around it, percent-decoded; a '%'
 * that begins no two hex digits stands for itself. It is `value` itself, or in the arena; data
 * NULL: no memory.
 */
struct cor_str cor_cookie_decode(struct cor_arena *arena, struct cor_str value);

/** Append a value; what RFC 6265 section 4.1.1 does not allow is percent-encoded, and '%'. */
void cor_cookie_encode(struct cor_buffer *buffer, struct cor_str value);

/** Whether two values of Set-Cookie are of one cookie: the same name, Path and Domain. */
bool cor_set_cookie_is_same(struct cor_str a, struct cor_str b);

#endif
