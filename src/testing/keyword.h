/* SPDX-License-Identifier: MIT */
/**
 * The words of -k, as pytest has them: "books and not (slow or net)". A word is in a name, in any
 * case of letters.
 */
#ifndef CORACLE_TESTING_KEYWORD_H
#define CORACLE_TESTING_KEYWORD_H

#include <stdbool.h>

#define COR_KEYWORD_DEPTH_MAX 32

/**
 * Whether the expression selects the name. Returns 1, 0, or -EINVAL: it is none; *ret_at is then
 * where.
 */
int cor_keyword_selects(const char *expression, const char *name, const char **ret_at);

#endif
