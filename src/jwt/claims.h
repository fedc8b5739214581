/* SPDX-License-Identifier: MIT */
/** The claims that everybody knows: RFC 7519 section 4.1. */
#ifndef CORACLE_JWT_CLAIMS_H
#define CORACLE_JWT_CLAIMS_H

#include "jwt/token.h"

/**
 * Judge the claims of a token whose signature is right, and note them in its facts. Returns 0,
 * -ENOMEM, -EBADMSG, -EACCES or -EKEYEXPIRED, as cor_jwt_verify().
 */
int cor_jwt_claims_judge(struct cor_jwt_token *token) COR_CHECKED;

#endif
