/* SPDX-License-Identifier: MIT */
/** Signatures as JWS has them: RFC 7518 sections 3.2 to 3.5, RFC 8037 section 3.1. */
#ifndef CORACLE_JWT_SIGNATURE_H
#define CORACLE_JWT_SIGNATURE_H

#include "jwt/key.h"

/**
 * Whether the key, which is for the method, has signed the input. Any thread. Returns 0,
 * -EKEYREJECTED or -ENOMEM.
 */
int cor_jwt_signature_check(const struct cor_jwt_keys *keys, const struct cor_jwt_key *key,
	const struct cor_jwt_method *method, struct cor_str input,
	struct cor_str signature) COR_CHECKED;

/**
 * Sign the input with a key that signs and is for the method, into the memory of ctx. Returns 0,
 * -ENOMEM, or -EKEYREJECTED: OpenSSL does not sign with such a key.
 */
int cor_jwt_signature_make(struct cor_ctx *ctx, const struct cor_jwt_keys *keys,
	const struct cor_jwt_key *key, const struct cor_jwt_method *method, struct cor_str input,
	struct cor_str *ret) COR_CHECKED;

#endif
