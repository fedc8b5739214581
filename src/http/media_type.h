/* SPDX-License-Identifier: MIT */
/**
 * Media types (RFC 9110 section 8.3): what Content-Type says. Nothing here allocates or yields.
 */
#ifndef CORACLE_HTTP_MEDIA_TYPE_H
#define CORACLE_HTTP_MEDIA_TYPE_H

#include <stdbool.h>

#include <coracle/api.h>
#include <coracle/str.h>

/** A Content-Type, in the caller's bytes. */
struct cor_media_type {
	struct cor_str essence;    /* "Application/JSON": type/subtype as sent */
	struct cor_str charset;    /* without quotes; empty if absent */
	struct cor_str parameters; /* from the first ';' on, or empty: for cor_media_parameter() */
};

/** Parse a Content-Type value. Returns 0 or -COR_ESYNTAX. */
int cor_media_type_parse(struct cor_str text, struct cor_media_type *ret) COR_CHECKED;

/**
 * The first parameter of that lower-case name; quotes are taken off, a value with escapes inside
 * its quotes (backslashes) is -COR_ESYNTAX.
 * Returns 1 (found), 0 (not there) or -COR_ESYNTAX.
 */
int cor_media_parameter(
	struct cor_str parameters, struct cor_str name, struct cor_str *ret) COR_CHECKED;

/** Whether the essence is `type` (lower case), in any case. */
bool cor_media_type_is(const struct cor_media_type *media, struct cor_str type);

#endif
