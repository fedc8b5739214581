/* SPDX-License-Identifier: MIT */
/** Origins of pages (RFC 6454 section 6.2), and patterns of them. */
#ifndef CORACLE_CORS_ORIGIN_H
#define CORACLE_CORS_ORIGIN_H

#include <stdbool.h>

#include <coracle/str.h>

/** What is wrong with a pattern of .origins; NULL: nothing. */
const char *cor_origin_fault(const char *pattern);

/** Whether a pattern is "*". */
bool cor_origin_is_any(const char *pattern);

/**
 * Whether an origin, as a browser sends it, is one of the pattern. Hosts come in lower case (URL
 * standard, section 3.5), so that bytes are compared.
 */
bool cor_origin_matches(const char *pattern, struct cor_str origin);

#endif
