/* SPDX-License-Identifier: MIT */
/**
 * A session in a cache: who comes with an id finds what is kept under its hash. The id itself is
 * nowhere but in the cookie, so whoever reads the cache can act as nobody.
 *
 * All calls are of the store itself, not of copies that are near: a session that was ended
 * elsewhere is over. They yield as the store does.
 */
#ifndef CORACLE_COOKIES_SESSION_ENTRY_H
#define CORACLE_COOKIES_SESSION_ENTRY_H

#include <stdint.h>

#include <coracle/session.h>
#include <coracle/store.h>

#define COR_SESSION_ID_BYTES 32
#define COR_SESSION_ID_TEXT  43 /* as base64url */

/** What nobody can guess, as text with a NUL. */
void cor_session_id_make(char ret[COR_SESSION_ID_TEXT + 1]);

/** Whether a text could be one. */
bool cor_session_id_is(struct cor_str text);

struct cor_session_entry {
	int64_t began_s; /* since 1970 */
	int64_t seen_s;  /* when a request last put it */
	struct cor_str json;
	uint64_t version; /* when got, and for COR_PUT_UNCHANGED */
	bool has_failed;  /* when not got: the cache has not said that there is none */
};

/**
 * Returns 1, 0 (there is none, or the cache has failed, which is told: ret->has_failed), -ENOMEM,
 * -EINVAL (the cache is not here, which is recorded), or what the scope has come to.
 */
int cor_session_entry_get(struct cor_ctx *ctx, const struct cor_session *session, struct cor_str id,
	struct cor_session_entry *ret) COR_CHECKED;

/** Keep it for `ttl_s`. Returns as cor_store_put(), or -EINVAL as above. Failures are told. */
int cor_session_entry_put(struct cor_ctx *ctx, const struct cor_session *session, struct cor_str id,
	const struct cor_session_entry *entry, enum cor_put how, int64_t ttl_s) COR_CHECKED;

/** Returns 0, also if there was none, or as cor_store_delete(). Failures are told. */
int cor_session_entry_drop(
	struct cor_ctx *ctx, const struct cor_session *session, struct cor_str id) COR_CHECKED;

#endif
