/* SPDX-License-Identifier: MIT */
/**
 * What a server asks for (WWW-Authenticate, RFC 9110 section 11.6.1), and what it says after it
 * (Authentication-Info). Nothing here yields or allocates.
 */
#ifndef CORACLE_HTTP_CHALLENGE_H
#define CORACLE_HTTP_CHALLENGE_H

#include <stdbool.h>

#include <coracle/str.h>

/**
 * Take the next challenge from the front of *rest: its scheme, and its parameters as they were
 * sent. Returns false when none is left, or when what is left is none.
 */
bool cor_challenge_next(
	struct cor_str *rest, struct cor_str *ret_scheme, struct cor_str *ret_parameters);

/**
 * The value of the first parameter of that name, in any case, of a list: without quotes, escapes as
 * they are. data NULL: there is none.
 */
struct cor_str cor_challenge_parameter(struct cor_str parameters, const char *name);

#endif
