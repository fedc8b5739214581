/* SPDX-License-Identifier: MIT */
/**
 * Patterns that say for each place of a text which ASCII characters may stand there:
 * ^SKU-[0-9]{4}$, ^[A-Z]{3}$. Private to the schema folder.
 *
 * Many tables have no others, and they are matched by looking once at each character. Everything
 * else is for PCRE2.
 */
#ifndef CORACLE_SCHEMA_FIXED_PATTERN_H
#define CORACLE_SCHEMA_FIXED_PATTERN_H

#include <stdint.h>

#include <coracle/str.h>

#include "base/words.h"

#define COR_FIXED_PLACES_MAX 64

struct cor_fixed_pattern {
	uint64_t places[128]; /* of each ASCII character: where it may stand */
	uint32_t len;         /* places */
	bool is_ranges;       /* each place takes the characters of one range: */
	char low[COR_FIXED_PLACES_MAX], high[COR_FIXED_PLACES_MAX];
};

/** Whether the pattern is fixed; then *ret is it. The pattern must be one that PCRE2 takes. */
bool cor_fixed_pattern_compile(const char *text, struct cor_fixed_pattern *ret);

/** Private to the match: eight places at a time; the last eight may overlap those before them. */
static inline bool cor_fixed_pattern_ranges(
	const struct cor_fixed_pattern *pattern, const char *subject)
{
	const char *low = pattern->low, *high = pattern->high;
	size_t len = pattern->len;

	if (len < 8)
		return cor_word_between(cor_word_of_few(subject, len), cor_word_of_few(low, len),
			cor_word_of_few(high, len));
	for (size_t i = 0; i + 8 < len; i += 8)
		if (!cor_word_between(
			    cor_word_at(subject + i), cor_word_at(low + i), cor_word_at(high + i)))
			return false;
	return cor_word_between(cor_word_at(subject + len - 8), cor_word_at(low + len - 8),
		cor_word_at(high + len - 8));
}

static inline bool cor_fixed_pattern_match(
	const struct cor_fixed_pattern *pattern, struct cor_str subject)
{
	if (subject.len != pattern->len)
		return false;
	if (pattern->is_ranges)
		return cor_fixed_pattern_ranges(pattern, subject.data);
	uint64_t holds = 1;
	unsigned char all = 0;
	for (size_t i = 0; i < subject.len; i++) {
		unsigned char c = (unsigned char)subject.data[i];
		all |= c;
		holds &= pattern->places[c & 127] >> i;
	}
	return holds != 0 && all < 128;
}

#endif
