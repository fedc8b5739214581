/* SPDX-License-Identifier: MIT */
/**
 * Comparing secrets: API keys, tokens of forms, signatures.
 */
#ifndef CORACLE_SECRET_H
#define CORACLE_SECRET_H

#include <stdbool.h>

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

/**
 * Whether two texts hold the same bytes, in a time that depends on their lengths alone:
 * cor_str_equal() is quicker the sooner they differ, and so tells a client who measures how much
 * of a guess is right.
 *
 *     if (!cor_equal_secret(cor_request_header(ctx, "X-Api-Key"), cor_str(settings->api_key)))
 *             return cor_problem(ctx, 401, 0, "the API key is not right");
 *
 * An empty text equals an empty one: refuse a secret that is not set before it is compared. Never
 * yields; any thread.
 */
COR_API bool cor_equal_secret(struct cor_str a, struct cor_str b);

COR_END_DECLS
#endif
