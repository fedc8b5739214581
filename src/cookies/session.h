/* SPDX-License-Identifier: MIT */
/** What others need to know of a session: see <coracle/session.h>. */
#ifndef CORACLE_COOKIES_SESSION_H
#define CORACLE_COOKIES_SESSION_H

#include <coracle/session.h>

#include "exchange/exchange.h"

/** The name of its cookie. */
const char *cor_session_name(const struct cor_session *session);

/**
 * The session of a request: *ret is its value in ctx memory, NULL if there is none. Returns 0, 1
 * (*ret is NULL, because its cache fails: it may have one), -ENOMEM, -EINVAL (the service does not
 * list it; the log says so), or of one in a cache what the scope has come to.
 */
int cor_session_find(
	struct cor_ctx *ctx, const struct cor_session *session, const void **ret) COR_CHECKED;

/**
 * Copy what a ctx knows of a session, for a ctx of another process. `key` and `value` are of one of
 * its values. Returns 1, with *ret in the arena, 0 if it is no session's, or -ENOMEM.
 */
int cor_session_copy(const struct cor_ctx *ctx, const struct cor_schema *key, const void *value,
	struct cor_arena *arena, void **ret) COR_CHECKED;

#endif
