/* SPDX-License-Identifier: MIT */
/**
 * Proactive negotiation (RFC 9110 section 12.5). Nothing here allocates or yields.
 *
 * Qualities are thousandths: 1000 is q=1, 0 is "not acceptable". A header that came in several
 * lines is one list: join them with commas first (cor_exchange_list()).
 */
#ifndef CORACLE_HTTP_ACCEPT_H
#define CORACLE_HTTP_ACCEPT_H

#include <stdbool.h>

#include <coracle/api.h>
#include <coracle/str.h>

/**
 * How welcome the media type `type` ("application/json", lower case, without parameters) is under
 * an Accept value; an empty value accepts everything. The closest range counts: the type itself,
 * then its first half with an asterisk, then two asterisks. A charset is not looked at; a range
 * with other parameters (text/html;level=1) does not match.
 * Returns 0 to 1000, or -COR_ESYNTAX: then disregard the field, as RFC 9110 section 12.5.1 allows.
 */
int cor_accept_quality(struct cor_str accept, struct cor_str type) COR_CHECKED;

/**
 * Whether an Accept value allows `type`: its quality is not 0. A malformed value is disregarded and
 * excludes nothing. Cheaper than asking for the quality, for what most clients send.
 */
bool cor_accept_allows(struct cor_str accept, struct cor_str type);

/**
 * How welcome a content coding ("gzip", "br", "identity", lower case) is under an Accept-Encoding
 * value. `identity` is welcome unless refused; the others only if named, or covered by "*". An
 * empty value accepts only identity: where the header is absent, do not ask.
 * Returns 0 to 1000 or -COR_ESYNTAX.
 */
int cor_accept_encoding_quality(struct cor_str accept, struct cor_str coding) COR_CHECKED;

#define COR_ACCEPT_CODINGS_MAX 8

/**
 * Which of `len` content codings (lower case, COR_ACCEPT_CODINGS_MAX at most, the one that we like
 * best first) an Accept-Encoding value welcomes most. identity counts only if the value names it:
 * then a coding must be at least as welcome. Returns its index; -1: none, or the value is
 * malformed.
 * *ret_identity: whether a body that is not encoded is acceptable.
 */
int cor_accept_coding(struct cor_str accept, const struct cor_str *codings, size_t len,
	bool *ret_identity) COR_CHECKED;

/**
 * Which of `len` language tags fits an Accept-Language value best: the one whose closest range has
 * the most weight, of those the one whose range stands first. Closest is the tag itself, then a
 * range that the tag begins ("de" for de-AT; RFC 4647 section 3.4), then one that begins the tag;
 * an asterisk stands for no language. Returns its index; -1: none fits, or the value is malformed.
 */
int cor_accept_language(struct cor_str accept, const struct cor_str *tags, size_t len) COR_CHECKED;

#endif
