/* SPDX-License-Identifier: MIT */
/**
 * Paths, queries and forms: percent-encoding (RFC 3986 section 2.1), undone once and strictly.
 *
 * A '%' without two hex digits, %00, and anything that is not UTF-8 after decoding is -COR_ESYNTAX.
 * A path that holds a segment "." or "..", plain or encoded, is refused rather than normalised:
 * clients remove them before they send (RFC 3986 section 5.2.4), and whoever sends them tries to
 * make two parties see two paths. An encoded slash is data within its segment. Decoded text has a
 * NUL behind it and lies in the arena. Nothing here yields.
 */
#ifndef CORACLE_HTTP_URI_H
#define CORACLE_HTTP_URI_H

#include <stddef.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/str.h>

#define COR_URI_PAIRS_MAX 1000

/** One parameter of a query or a form, decoded. */
struct cor_uri_pair {
	struct cor_str name;
	struct cor_str value; /* empty where there was no '=' */
};

struct cor_uri_pairs {
	struct cor_uri_pair *items; /* in the order sent */
	size_t len;
};

/**
 * Decode one segment of a path (or any text without '+' for a space).
 * Returns 0, -COR_ESYNTAX or -ENOMEM.
 */
int cor_uri_decode(struct cor_arena *arena, struct cor_str text, struct cor_str *ret) COR_CHECKED;

/**
 * Whether a path holds no "." or ".." segment, plain or encoded, no bad '%' and no %00: the check
 * for a router that compares the path as sent. UTF-8 is not looked at. Allocates nothing.
 * Returns 0 or -COR_ESYNTAX.
 */
int cor_uri_check_path(struct cor_str path) COR_CHECKED;

/**
 * Split a query (without its '?') or a form body (application/x-www-form-urlencoded) at '&' and
 * '=', and decode names and values; '+' is a space. Empty pairs ("a=1&&b=2") are skipped.
 * Returns 0, -COR_ESYNTAX, -COR_ETOOLARGE (more than COR_URI_PAIRS_MAX) or -ENOMEM.
 */
int cor_uri_split_pairs(
	struct cor_arena *arena, struct cor_str text, struct cor_uri_pairs *ret) COR_CHECKED;

/** What is wrong with text that decoding refused with -COR_ESYNTAX: "has a '%' ...". Static. */
const char *cor_uri_fault(struct cor_str text);

#endif
