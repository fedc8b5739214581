/* SPDX-License-Identifier: MIT */
/**
 * Where the answer to a request is kept. Private to the client folder.
 *
 * All that belongs to a URL hangs on one key, so that one put makes all of it forgotten; what also
 * depends on whom it is for, and on fields that Vary names, is under keys made of that one. Keys
 * are SHA-256 over all of that: a URL of any length, no secrets, and nobody finds two that are
 * equal.
 */
#ifndef CORACLE_CLIENT_KEPT_KEY_H
#define CORACLE_CLIENT_KEPT_KEY_H

#include "base/sha256.h"
#include "client/answer.h"

struct cor_kept_key {
	size_t len;
	char text[COR_UPSTREAM_NAME_BYTES + 2 * COR_SHA256_BYTES + 1]; /* "prices/9f86d0..." */
};

/** Whom the answer is for; not is_some: for all whom the upstream is called for. */
struct cor_kept_identity {
	bool is_some;
	unsigned char digest[COR_SHA256_BYTES];
};

static inline struct cor_str cor_kept_key_str(const struct cor_kept_key *key)
{
	return (struct cor_str){ key->text, key->len };
}

/** The key of a URL. Never yields. */
void cor_kept_key_of(
	const struct cor_answer *answer, const struct cor_url *url, struct cor_kept_key *ret);

/** The key of one of its answers. Never yields. */
void cor_kept_key_vary(const struct cor_answer *answer, const struct cor_kept_key *of_url,
	uint64_t generation, const struct cor_kept_identity *identity, struct cor_str vary,
	struct cor_kept_key *ret);

/**
 * Whom the request is for: by its fields and credentials. May yield, as those do. False: nobody
 * knows, or they are not there.
 */
bool cor_kept_identify(struct cor_answer *answer, struct cor_kept_identity *ret);

/** Add a text, so that no two lists of texts are the same. */
void cor_kept_add(struct cor_sha256 *hash, struct cor_str text);

#endif
