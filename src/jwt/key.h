/* SPDX-License-Identifier: MIT */
/** One key, and the set that it is in. Private to the jwt folder. */
#ifndef CORACLE_JWT_KEY_H
#define CORACLE_JWT_KEY_H

#include <openssl/evp.h>

#include <coracle/arena.h>
#include <coracle/jwt.h>

#include "jwt/algorithm.h"

/* Bits of an RSA key: RFC 7518 section 3.3, and what does not take for long. */
#define COR_JWT_RSA_BITS_MIN 2048
#define COR_JWT_RSA_BITS_MAX 8192

struct cor_jwt_key {
	struct cor_jwt_key *next; /* in the order in which they came */
	const char *kid;          /* NULL: it has none */
	uint32_t algorithms;      /* what it is for: enum cor_jwt_algorithm, or-ed */
	enum cor_jwt_family family;
	bool verifies;
	bool signs;
	EVP_PKEY *pkey;        /* NULL: a secret */
	struct cor_str secret; /* of HMAC */
};

/** A key of a JWK set that cannot be used. */
struct cor_jwt_left_out {
	struct cor_jwt_left_out *next;
	const char *kid; /* NULL: it has none */
	const char *why;
};

struct cor_jwt_keys {
	struct cor_arena arena; /* the keys and their texts */
	EVP_MAC *hmac;
	struct cor_jwt_key *first;
	struct cor_jwt_key **end;
	struct cor_jwt_left_out *left_out;
	size_t len;
};

/** A set while it is made. */
struct cor_jwt_maker {
	struct cor_ctx *ctx;
	struct cor_jwt_keys *keys;
	const struct cor_jwt_source *source;
	const char *where; /* for messages: the path, "source 2", and which key of a JWK set */
};

/** Record a problem: "where: text". Returns -COR_EPROBLEM. */
int cor_jwt_refuse(const struct cor_jwt_maker *maker, const char *format, ...) COR_PRINTF(2, 3);

/**
 * Take a key into the set, if it is fit for use. `key` has what its source says; what it is for is
 * found out here. The set owns key->pkey from now on, the caller if it fails; texts are copied.
 * Returns 0, -ENOMEM or as cor_jwt_refuse().
 */
int cor_jwt_key_add(const struct cor_jwt_maker *maker, const struct cor_jwt_key *key);

/** Wipe and free what is not in the arena. */
void cor_jwt_key_finish(struct cor_jwt_key *key);

/** The method of a key of EC, by its curve; NULL: none has it. */
const struct cor_jwt_method *cor_jwt_curve_of(const EVP_PKEY *pkey);

#endif
