/* SPDX-License-Identifier: MIT */
/** What a jar keeps of an answer, and shows with a request. Private to the client folder. */
#ifndef CORACLE_CLIENT_COOKIE_JAR_H
#define CORACLE_CLIENT_COOKIE_JAR_H

#include <coracle/arena.h>
#include <coracle/cookie_jar.h>
#include <coracle/str.h>

#include "http/url.h"

/**
 * Keep what Set-Cookie of an answer from `url` says (RFC 6265bis section 5.7). NULL: it is kept, or
 * gone if it is over already; else why not: "is for another host".
 */
const char *cor_jar_keep(
	struct cor_cookie_jar *jar, const struct cor_url *url, struct cor_str set_cookie);

/**
 * The value of Cookie of a request to `url` (section 5.8.3), in the arena: `own`, which may be
 * NULL, and behind it what is not of the same name. NULL: none. Returns 0 or -ENOMEM.
 */
int cor_jar_show(struct cor_cookie_jar *jar, const struct cor_url *url, const char *own,
	struct cor_arena *arena, const char **ret) COR_CHECKED;

#endif
