/* SPDX-License-Identifier: MIT */
/** Set-Cookie as a client reads it (RFC 6265bis section 5.6). Nothing here yields or allocates. */
#ifndef CORACLE_HTTP_SET_COOKIE_H
#define CORACLE_HTTP_SET_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

#define COR_COOKIE_BYTES           4096              /* of a name and its value */
#define COR_COOKIE_ATTRIBUTE_BYTES 1024              /* a longer one is passed over */
#define COR_COOKIE_AGE_MAX_S       (400 * 24 * 3600) /* a longer one is cut: section 5.5 */

/** What one says. The texts are in what was read. */
struct cor_set_cookie {
	struct cor_str name; /* may be empty, unless the value is */
	struct cor_str value;
	struct cor_str domain; /* without a '.' in front; empty: none */
	struct cor_str path;   /* begins with '/'; empty: none */
	bool is_secure;
	bool is_persistent; /* it has an end */
	int64_t expires_s;  /* in Unix time, where it has; may be past */
};

/**
 * Read one. The last of equal attributes counts, Max-Age more than Expires; HttpOnly and SameSite
 * are for browsers. Returns 0, or -COR_ESYNTAX: it is to be ignored as a whole.
 */
int cor_set_cookie_parse(
	struct cor_str text, int64_t now_s, struct cor_set_cookie *ret) COR_CHECKED;

#endif
