/* SPDX-License-Identifier: MIT */
/**
 * Digest credentials (RFC 7616): which challenge is taken, and what answers it. Private to the
 * client folder; nothing here yields.
 */
#ifndef CORACLE_CLIENT_DIGEST_H
#define CORACLE_CLIENT_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/str.h>
#include <coracle/upstream.h>

#include "crypto/hashing.h"

#define COR_DIGEST_CNONCE_BYTES 64

enum cor_digest_qop {
	COR_DIGEST_QOP_NONE, /* that of RFC 2069: servers of before 1999 */
	COR_DIGEST_QOP_AUTH,
	COR_DIGEST_QOP_AUTH_INT,
};

/** What a server asks for; the texts are in its header, or in the kept copy. */
struct cor_digest_challenge {
	enum cor_hash hash;
	bool is_session;  /* "-sess" */
	bool is_stale;    /* only the nonce was wrong */
	bool hashes_user; /* userhash=true */
	bool is_utf8;     /* charset=UTF-8 */
	enum cor_digest_qop qop;
	struct cor_str algorithm; /* as it was written; data NULL: it was not */
	struct cor_str realm;     /* without quotes, escapes as they were */
	struct cor_str nonce;
	struct cor_str opaque; /* data NULL: none */
};

/**
 * Of all challenges of an answer take the one with the strongest hash. `has_body`: the body is in
 * memory, so that auth-int can be. Returns false if there is none that can be met.
 */
bool cor_digest_choose(const struct cor_http_field *fields, size_t len, bool has_body,
	struct cor_digest_challenge *ret);

/** A challenge that is answered again and again. */
struct cor_digest {
	struct cor_digest_challenge challenge;
	struct cor_str first_nonce; /* of "-sess": the key is made of it once (section 3.4.2) */
	uint32_t count;             /* of requests with challenge.nonce */
	char cnonce[COR_DIGEST_CNONCE_BYTES]; /* one for all, as keys of "-sess" want it */
};

struct cor_digest_request {
	struct cor_str method;
	struct cor_str uri; /* as it is sent: path and query */
	struct cor_str body;
	const char *user;
	const char *password;
};

/** Who knows the password writes: the client, and then the server. */
struct cor_digest_proof {
	const char *authorization; /* the value of the field */
	const char *rspauth;       /* NULL: auth-int, which takes a hash of the answer's body */
};

/**
 * Write that for the next request, in the arena. Returns 0, -ENOMEM, or -ENOTSUP: the hash is not
 * there.
 */
int cor_digest_write(const struct cor_hashing *hashing, struct cor_digest *digest,
	const struct cor_digest_request *request, struct cor_arena *arena,
	struct cor_digest_proof *ret) COR_CHECKED;

#endif
