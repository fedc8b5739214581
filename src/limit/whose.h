/* SPDX-License-Identifier: MIT */
/** Whose request it is, to a limit. */
#ifndef CORACLE_LIMIT_WHOSE_H
#define CORACLE_LIMIT_WHOSE_H

#include <coracle/limit.h>

#include "exchange/exchange.h"

/**
 * A text that stands for it, in ctx memory; empty: the limit does not count it. Yields as a .key
 * function does. Returns 0, -ENOMEM, or what the .key has returned.
 */
int cor_limit_whose(
	struct cor_exchange *x, const struct cor_limit *limit, struct cor_str *ret) COR_CHECKED;

#endif
