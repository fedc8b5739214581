/* SPDX-License-Identifier: MIT */
/** What is made of the body of an answer. Private to the client folder. */
#ifndef CORACLE_CLIENT_DECODE_H
#define CORACLE_CLIENT_DECODE_H

#include "client/answer.h"

/**
 * Read it to its end, and fill *ret by its schema (NULL only for COR_NONE). Yields. Returns 0 or
 * the code of answer->fault; what is wrong is added to *violations.
 */
int cor_answer_decode(struct cor_answer *answer, const struct cor_schema *schema, void *ret,
	struct cor_violations *violations) COR_CHECKED;

/**
 * What an answer whose status is a failure says of it, for the log: the detail or title of a
 * problem (RFC 9457); NULL: nothing. *ret_body is the body, as far as it was read. Yields.
 */
const char *cor_answer_error_text(struct cor_answer *answer, struct cor_str *ret_body);

#endif
