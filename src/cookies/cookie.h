/* SPDX-License-Identifier: MIT */
/** Cookies of a request, read and unsealed, and those of its reply. */
#ifndef CORACLE_COOKIES_COOKIE_H
#define CORACLE_COOKIES_COOKIE_H

#include <coracle/cookie.h>

#include "cookies/jar.h"
#include "exchange/exchange.h"

/**
 * Read the first cookie of that name, decoded; of a sealed one the first whose seal is right: in
 * ctx memory or the request's. The answer says that it depends on cookies. `cookie` may be NULL:
 * all defaults. Returns 1, 0 (it was not sent, or its seal is not right, which the log says), or a
 * negative code: -ENOMEM, or -EINVAL where nothing can be sealed.
 */
int cor_cookie_read(struct cor_exchange *x, const struct cor_cookie *cookie, const char *name,
	struct cor_unsealed *ret) COR_CHECKED;

/** The value that the reply sets, encoded and sealed; empty if it takes it away. NULL: neither. */
struct cor_str cor_cookie_said(const struct cor_exchange *x, const char *name);

/** Read what cor_cookie_said() has given. Returns as cor_cookie_read(). */
int cor_cookie_read_said(struct cor_exchange *x, const struct cor_cookie *cookie, const char *name,
	struct cor_str said, struct cor_unsealed *ret) COR_CHECKED;

/**
 * Set it with the reply. Its path stands behind that of `home`, where the service is mounted that
 * it is of; "/" is all paths. Returns as cor_cookie_set(); the log says why it is -EINVAL.
 */
int cor_cookie_write(struct cor_exchange *x, const struct cor_environment *home,
	const struct cor_cookie *cookie, const char *name, struct cor_str value) COR_CHECKED;

/** Take it away. Returns the same. */
int cor_cookie_remove(struct cor_exchange *x, const struct cor_environment *home,
	const struct cor_cookie *cookie, const char *name) COR_CHECKED;

/** The answer depends on cookies: caches must know. Returns 0 or -ENOMEM. */
int cor_cookie_vary(struct cor_exchange *x) COR_CHECKED;

#endif
