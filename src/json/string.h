/* SPDX-License-Identifier: MIT */
/** Strings of JSON (RFC 8259, section 7): where they end, and what their escapes stand for. */
#ifndef CORACLE_JSON_STRING_H
#define CORACLE_JSON_STRING_H

#include <stdbool.h>
#include <stddef.h>

#include "json/scan.h"

/**
 * Check the string whose first byte behind the opening quote is `at`: *ret_at is its closing quote,
 * *ret_escaped whether any escape stands in it. Returns 0, or -COR_ESYNTAX with *ret_at where it is
 * wrong.
 */
int cor_json_check_string(const char *at, const char *end, const char **ret_at, bool *ret_escaped);

/**
 * Resolve the escapes of a checked string into `out`, which has room for end - at bytes; the bytes
 * written.
 */
size_t cor_json_unescape(const char *at, const char *end, char *out);

#endif
