/* SPDX-License-Identifier: MIT */
/** Lists of scopes: words with blanks between them (RFC 6749 section 3.3). */
#ifndef CORACLE_SECURITY_SCOPE_H
#define CORACLE_SECURITY_SCOPE_H

#include <stdbool.h>

#include <coracle/str.h>

/** Take the next scope from the front of *rest; false if none is left. */
bool cor_scopes_next(struct cor_str *rest, struct cor_str *ret);

/** Whether a list has that one. NULL has none. */
bool cor_scopes_have(const char *list, struct cor_str scope);

#endif
