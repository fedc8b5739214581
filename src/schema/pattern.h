/* SPDX-License-Identifier: MIT */
/**
 * Patterns (JSON Schema "pattern": ECMA-262 with the u flag, searched), on PCRE2. Private to the
 * schema folder.
 *
 * Matching never uses the caller's stack for its own recursion (a fiber's is small) and gives up
 * after a fixed amount of work, so that no input can make a pattern run away: each match gets a
 * little, and a few of a request a lot.
 */
#ifndef CORACLE_SCHEMA_PATTERN_H
#define CORACLE_SCHEMA_PATTERN_H

#include <coracle/schema.h>

struct cor_pattern;

/** What all patterns of a codec share: the JIT's stack, the limits. */
struct cor_pattern_room;

int cor_pattern_room_create(struct cor_pattern_room **ret) COR_CHECKED;
void cor_pattern_room_destroy(struct cor_pattern_room *room);

/**
 * Compile; the pattern belongs to the room. Returns 0, -ENOMEM, or -COR_EINVALID with the reason in
 * `why`.
 */
int cor_pattern_compile(struct cor_pattern_room *room, const char *text, struct cor_pattern **ret,
	char *why, size_t why_bytes) COR_CHECKED;

/**
 * Whether a text is a pattern. Returns as cor_pattern_compile(), and keeps nothing.
 */
int cor_pattern_check(const char *text, char *why, size_t why_bytes) COR_CHECKED;

#define COR_SLOW_MATCHES_MAX 16 /* in one request, or one decoding */

/**
 * 1: matches, 0: does not, -COR_ETOOLARGE: took too much work. `subject` must be UTF-8.
 * *slow_matches counts those of the request that needed more than a little.
 */
int cor_pattern_match(const struct cor_pattern *pattern, struct cor_str subject,
	unsigned *slow_matches) COR_CHECKED;

#endif
