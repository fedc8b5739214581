/* SPDX-License-Identifier: MIT */
/** Keys as JSON: RFC 7517, RFC 7518 section 6, RFC 8037 section 2. */
#ifndef CORACLE_JWT_JWK_H
#define CORACLE_JWT_JWK_H

#include "jwt/key.h"

/**
 * Add the keys of a JWK or a JWK set. Those of a set that cannot be used are left out, unless that
 * are all. Returns 0, -ENOMEM or as cor_jwt_refuse().
 */
int cor_jwt_jwk_add(const struct cor_jwt_maker *maker, struct cor_str text) COR_CHECKED;

#endif
