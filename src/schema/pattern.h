/* SPDX-License-Identifier: MIT */
/**
 * Patterns (JSON Schema "pattern": ECMA-262 with the u flag, searched), on PCRE2. Private to the
 * schema folder.
 *
 * Matching never uses the caller's stack for its own recursion (a fiber's is small) and gives up
 * after an amount of work that the length of the text decides, so that no input can make a pattern
 * run away. PCRE2's own limit does not do that: it starts again at each place of a search, and one
 * step of it may pass over the whole text. So a pattern has callouts that count, unless it tries
 * few places or passes over few characters, and then, too, as soon as that limit is reached: it is
 * the lower, the more one step may pass over.
 */
#ifndef CORACLE_SCHEMA_PATTERN_H
#define CORACLE_SCHEMA_PATTERN_H

#include <coracle/schema.h>

struct cor_fixed_pattern;
struct cor_pattern;

/** What all patterns of a codec share: the JIT's stack, the limits. */
struct cor_pattern_room;

int cor_pattern_room_create(struct cor_pattern_room **ret) COR_CHECKED;
void cor_pattern_room_destroy(struct cor_pattern_room *room);

/**
 * Compile, once for each text; the pattern belongs to the room. Returns 0, -ENOMEM, or
 * -COR_EINVALID with the reason in `why`: "is not a regular expression of ECMA-262: ...", or "is
 * not supported here: ...".
 */
int cor_pattern_compile(struct cor_pattern_room *room, const char *text, struct cor_pattern **ret,
	char *why, size_t why_bytes) COR_CHECKED;

/** The same pattern, if it is a fixed one; else NULL. */
const struct cor_fixed_pattern *cor_pattern_fixed(const struct cor_pattern *pattern);

/** Whether a text is a pattern. Returns as cor_pattern_compile(), and keeps nothing. */
int cor_pattern_check(const char *text, char *why, size_t why_bytes) COR_CHECKED;

/**
 * What the matches of a request may take together, beyond what the length of each text gives it. A
 * unit is a character that is passed over, or a place where the pattern has a choice: some 10 ns.
 */
#define COR_PATTERN_WORK_MAX 2000000u

/**
 * 1: matches, 0: does not, -COR_ETOOLARGE: took too much work. `subject` must be UTF-8. *work is
 * what the request has taken so far.
 */
int cor_pattern_match(
	struct cor_pattern *pattern, struct cor_str subject, unsigned *work) COR_CHECKED;

#endif
