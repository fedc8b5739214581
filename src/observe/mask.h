/* SPDX-License-Identifier: MIT */
/** Names of secrets. Private to the observe folder. */
#ifndef CORACLE_OBSERVE_MASK_H
#define CORACLE_OBSERVE_MASK_H

#include <stdbool.h>

#include <coracle/str.h>

/**
 * Whether the values of a query parameter of that name (as sent, percent-encoded) are to be masked:
 * token, key, password, secret, signature and their kin, alone or behind one of - _ . (api_key,
 * X-Amz-Signature), in any case.
 */
bool cor_mask_is_secret(struct cor_str name);

/**
 * Whether the name itself (as sent, percent-encoded) is to be masked: it is too long or too odd for
 * a name, so it may hold values.
 */
bool cor_mask_is_odd(struct cor_str name);

#endif
