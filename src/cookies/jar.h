/* SPDX-License-Identifier: MIT */
/** What a service's cookies are sealed with, and which sessions there are. */
#ifndef CORACLE_COOKIES_JAR_H
#define CORACLE_COOKIES_JAR_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/session.h>

#include "crypto/sealing.h"

/** In memory that workers share, so that they read each other's cookies, also after a reload. */
struct cor_cookie_secret {
	uint8_t bytes[COR_SEAL_SECRET_BYTES];
};

/** Make one up: the .init of a region. Returns 0. */
int cor_cookie_secret_init(void *region, size_t bytes);

struct cor_cookie_jar {
	const struct cor_sealing *sealing;         /* NULL: nothing is sealed */
	const struct cor_seal_keys *keys;          /* with it */
	const struct cor_session *const *sessions; /* NULL at the end; NULL: none */
};

/** Whether the service has listed it. */
bool cor_cookie_jar_has(const struct cor_cookie_jar *jar, const struct cor_session *session);

/**
 * Make keys from the file of --cookie-keys, or, where `path` is NULL, from a secret. Blocks.
 * Returns 0, or a negative code: *ret_why, in the arena, says what is wrong and what to do. The
 * caller owns *ret, for the .keys_destroy of `sealing`.
 */
int cor_cookie_keys_make(const struct cor_sealing *sealing, const char *path,
	const struct cor_cookie_secret *secret, struct cor_arena *arena, struct cor_seal_keys **ret,
	const char **ret_why) COR_CHECKED;

#endif
