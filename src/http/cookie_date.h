/* SPDX-License-Identifier: MIT */
/** Dates of Set-Cookie, which are read more leniently than others. Nothing here yields. */
#ifndef CORACLE_HTTP_COOKIE_DATE_H
#define CORACLE_HTTP_COOKIE_DATE_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

/**
 * Read one: day, month, year and time in almost any order and form (RFC 6265bis section 5.1.1).
 * Returns 0 or -COR_ESYNTAX.
 */
int cor_cookie_date_parse(struct cor_str text, int64_t *ret_unix_s) COR_CHECKED;

#endif
