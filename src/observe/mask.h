/* SPDX-License-Identifier: MIT */
/** Names of secrets. Private to the observe folder. */
#ifndef CORACLE_OBSERVE_MASK_H
#define CORACLE_OBSERVE_MASK_H

#include <stdbool.h>

#include <coracle/str.h>

/**
 * Whether the values of a query parameter of that name (as sent, percent-encoded) are to be masked:
 * token, key, password, secret, signature and their kin, in any case, alone or as the last word of
 * a name (api_key, cardCVV, X-Amz-Signature), also in the plural, numbered (password_2) or with a
 * joint inside (session_id).
 */
bool cor_mask_is_secret(struct cor_str name);

/**
 * Whether the name itself (as sent, percent-encoded) is to be masked: it is too long or too odd for
 * a name, so it may hold values.
 */
bool cor_mask_is_odd(struct cor_str name);

#endif
