/* SPDX-License-Identifier: MIT */
/**
 * Conditional requests (RFC 9110 section 13): whether the client has the representation already, or
 * has another one in mind. Nothing here allocates or yields.
 */
#ifndef CORACLE_HTTP_PRECONDITION_H
#define CORACLE_HTTP_PRECONDITION_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

/** What the selected representation is known by. */
struct cor_validators {
	struct cor_str etag; /* as it is sent: "x" with its quotes, or W/"x"; empty: it has none */
	int64_t modified_s;  /* since 1970, as Last-Modified has it; -1: not known */
};

/** What the request says; data NULL: it does not have that field. Lists are joined by commas. */
struct cor_conditions {
	struct cor_str if_match;
	struct cor_str if_unmodified_since;
	struct cor_str if_none_match;
	struct cor_str if_modified_since;
};

enum cor_precondition {
	COR_PRECONDITION_HOLDS = 0, /* go on */
	COR_NOT_MODIFIED,           /* a 304 */
	COR_PRECONDITION_FAILED,    /* a 412 */
};

/**
 * What becomes of a request whose answer without conditions would be a success (otherwise they do
 * not count), in the order of section 13.2.2. `validators` NULL: there is no representation yet, as
 * with a PUT that makes one. `reads`: the method is GET or HEAD.
 *
 * If-Match compares strongly, If-None-Match weakly. In a malformed list the tags before the fault
 * count. A date that is none is disregarded, as is one beside the field that goes before it.
 * `now_s` is for years of two digits.
 */
enum cor_precondition cor_precondition_check(const struct cor_conditions *conditions,
	const struct cor_validators *validators, bool reads, int64_t now_s);

/**
 * Whether If-Range (section 13.1.5) lets a Range count: the tag is the same strong one, or the date
 * is exactly that of Last-Modified, which was a whole second ago (section 8.8.2.2) at `now_s`.
 */
bool cor_if_range_holds(
	struct cor_str value, const struct cor_validators *validators, int64_t now_s);

#endif
