/* SPDX-License-Identifier: MIT */
/**
 * Proactive negotiation (RFC 9110 section 12.5) and media types (section 8.3). Nothing here allocates or yields.
 *
 * Qualities are thousandths: 1000 is q=1, 0 is "not acceptable". A header that came in several lines is one list:
 * ask for each line and take what the most telling line says, or join them with commas first.
 */
#ifndef CORACLE_HTTP_ACCEPT_H
#define CORACLE_HTTP_ACCEPT_H

#include <stdbool.h>

#include <coracle/api.h>
#include <coracle/str.h>

/**
 * How welcome the media type `type` ("application/json", lower case, without parameters) is under an Accept value; an
 * empty value accepts everything. The most specific range counts: type/subtype, then one with an asterisk as subtype, and then the one with two asterisks. A range with
 * parameters of its own (text/html;level=1) does not match a type without.
 * Returns 0 to 1000 or -COR_ESYNTAX.
 */
int cor_accept_quality(struct cor_str accept, struct cor_str type) COR_CHECKED;

/**
 * How welcome a content coding ("gzip", "br", "identity", lower case) is under an Accept-Encoding value. `identity` is
 * welcome unless refused; the others only if named, or covered by "*". An empty value accepts only identity: where the
 * header is absent, do not ask.
 * Returns 0 to 1000 or -COR_ESYNTAX.
 */
int cor_accept_encoding_quality(struct cor_str accept, struct cor_str coding) COR_CHECKED;

/** A Content-Type, in the caller's bytes. */
struct cor_media_type {
	struct cor_str essence;    /* "Application/JSON": type/subtype as sent */
	struct cor_str charset;    /* without quotes; empty if absent */
	struct cor_str parameters; /* from the first ';' on, or empty: for cor_media_parameter() */
};

/** Parse a Content-Type value. Returns 0 or -COR_ESYNTAX. */
int cor_media_type_parse(struct cor_str text, struct cor_media_type *ret) COR_CHECKED;

/**
 * The first parameter of that lower-case name; quotes are taken off, a value with escapes inside its quotes
 * (backslashes) is -COR_ESYNTAX.
 * Returns 1 (found), 0 (not there) or -COR_ESYNTAX.
 */
int cor_media_parameter(
	struct cor_str parameters, struct cor_str name, struct cor_str *ret) COR_CHECKED;

/** Whether the essence is `type` (lower case), in any case. */
bool cor_media_type_is(const struct cor_media_type *media, struct cor_str type);

#endif
