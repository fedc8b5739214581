/* SPDX-License-Identifier: MIT */
/** A token taken apart: the compact serialization (RFC 7515 section 7.1). Private to the folder. */
#ifndef CORACLE_JWT_TOKEN_H
#define CORACLE_JWT_TOKEN_H

#include <coracle/json_node.h>
#include <coracle/jwt.h>

#include "jwt/algorithm.h"

/** A token while it is checked. Memory is that of ctx. */
struct cor_jwt_token {
	struct cor_ctx *ctx;
	const struct cor_jwt_rules *rules;
	struct cor_jwt *facts; /* what is told of it */

	struct cor_str input; /* what is signed */
	struct cor_str signature;
	struct cor_str payload; /* JSON, not yet looked at */
	const struct cor_jwt_method *method;
};

/** Note why it is refused, and return the code. The text is cut where it is a stranger's. */
int cor_jwt_fail(struct cor_jwt_token *token, int code, const char *format, ...) COR_PRINTF(3, 4);

/**
 * Parse an object of JSON (no key twice) that is a part of the token. Returns 0, -ENOMEM or
 * -EBADMSG.
 */
int cor_jwt_parse_object(struct cor_jwt_token *token, const char *what, struct cor_str text,
	const struct cor_node **ret) COR_CHECKED;

/** A member that is a text without NUL, in *ret; NULL if it is absent. Else as above. */
int cor_jwt_get_text(struct cor_jwt_token *token, const struct cor_node *object, const char *name,
	const char **ret) COR_CHECKED;

/**
 * Take the text apart and judge its header. Believes nothing: the signature has not been checked.
 * Returns 0, -ENOMEM, -EBADMSG, -EACCES, -EKEYREJECTED or -COR_ETOOLARGE, as cor_jwt_verify().
 */
int cor_jwt_token_parse(struct cor_jwt_token *token, const char *text) COR_CHECKED;

#endif
