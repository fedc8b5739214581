/* SPDX-License-Identifier: MIT */
/** The algorithms of signatures: RFC 7518 section 3.1, RFC 8037 section 3.1. */
#ifndef CORACLE_JWT_ALGORITHM_H
#define CORACLE_JWT_ALGORITHM_H

#include <coracle/jwt.h>

/** What kind of key it takes: a key is of one, so that no algorithm gets one of another. */
enum cor_jwt_family {
	COR_JWT_HMAC,
	COR_JWT_RSA, /* and PSS: the keys are the same */
	COR_JWT_EC,
	COR_JWT_ED,
};

struct cor_jwt_method {
	const char *name; /* "alg" */
	enum cor_jwt_algorithm algorithm;
	enum cor_jwt_family family;
	bool is_pss;
	const char *digest;  /* for OpenSSL; NULL: none */
	uint32_t hash_bytes; /* of that digest: a secret has as many at least */
	const char *curve;   /* "crv" of a key of EC */
	uint32_t size_bytes; /* of a coordinate on it, and of each half of a signature */
};

/** By its name, exactly; NULL: there is none. */
const struct cor_jwt_method *cor_jwt_method_named(struct cor_str name);

/** By its bit; NULL: there is none. */
const struct cor_jwt_method *cor_jwt_method_of(enum cor_jwt_algorithm algorithm);

/** The first of a set of bits; NULL: it has none. */
const struct cor_jwt_method *cor_jwt_method_first(uint32_t algorithms);

/** The names of a set of bits: "RS256, RS384". Empty without memory. */
const char *cor_jwt_names(struct cor_ctx *ctx, uint32_t algorithms);

#endif
