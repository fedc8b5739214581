/* SPDX-License-Identifier: MIT */
/** Keys as PEM: RFC 7468, and what OpenSSL wrote before. */
#ifndef CORACLE_JWT_PEM_H
#define CORACLE_JWT_PEM_H

#include "jwt/key.h"

/** Whether the text has the beginning of something in PEM. */
bool cor_jwt_is_pem(struct cor_str text);

/** Whether it is a public key or a certificate without that armour. */
bool cor_jwt_is_der(struct cor_str text);

/**
 * Add its only key, or that of the first certificate. Returns 0, -ENOMEM or as cor_jwt_refuse().
 */
int cor_jwt_pem_add(const struct cor_jwt_maker *maker, struct cor_str text) COR_CHECKED;

#endif
