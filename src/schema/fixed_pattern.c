/* SPDX-License-Identifier: MIT */
#include "schema/fixed_pattern.h"

#include <string.h>

/* A set of characters: a bit for each of ASCII. */
struct set {
	uint64_t bits[2];
};

static void add(struct set *set, unsigned char c)
{
	set->bits[c / 64] |= (uint64_t)1 << c % 64;
}

static bool has(const struct set *set, unsigned char c)
{
	return set->bits[c / 64] >> c % 64 & 1;
}

static bool is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What stands behind a backslash: a class of its own, or a character that means itself. */
static bool take_escape(const char **at, struct set *set)
{
	unsigned char c = (unsigned char)*(*at)++;

	if (c == 'd' || c == 'w') {
		for (unsigned i = 0; i < 128; i++)
			if (c == 'd' ? i >= '0' && i <= '9'
				     : is_alnum((unsigned char)i) || i == '_')
				add(set, (unsigned char)i);
		return true;
	}
	if (c < ' ' || c >= 127 || is_alnum(c))
		return false;
	add(set, c);
	return true;
}

/*
 * The inside of [ ]: characters, ranges and escapes; not negated, nothing that has a meaning of its
 * own.
 */
static bool take_class(const char **at, struct set *set)
{
	if (**at == '^' || **at == ']')
		return false;
	while (**at != ']') {
		unsigned char c = (unsigned char)**at;
		if (c < ' ' || c >= 127 || c == '[')
			return false;
		++*at;
		if (c == '\\') {
			if (!take_escape(at, set) || **at == '-')
				return false;
			continue;
		}
		unsigned char last = c;
		if (**at == '-' && (*at)[1] != ']') {
			last = (unsigned char)(*at)[1];
			if (last < c || last >= 127 || last == '\\' || last == '[')
				return false;
			*at += 2;
		}
		for (unsigned i = c; i <= last; i++)
			add(set, (unsigned char)i);
	}
	++*at;
	return true;
}

/* {n}; without it, once. Any other repetition has no fixed length. */
static bool take_count(const char **at, uint32_t *ret)
{
	uint32_t count = 0;

	*ret = 1;
	if (**at == '{') {
		for (++*at; **at >= '0' && **at <= '9' && count <= COR_FIXED_PLACES_MAX; ++*at)
			count = count * 10 + (uint32_t)(**at - '0');
		if (*(*at)++ != '}' || (*at)[-2] == '{')
			return false;
		*ret = count;
	}
	return **at == '\0' || !strchr("?*+{", **at);
}

static bool take_set(const char **at, struct set *set)
{
	unsigned char c = (unsigned char)*(*at)++;

	if (c == '[')
		return take_class(at, set);
	if (c == '\\')
		return take_escape(at, set);
	if (c < ' ' || c >= 127 || strchr(".^$*+?()|{}]", c))
		return false;
	add(set, c);
	return true;
}

/* The lowest and the highest character of a set; whether all between them are in it, too. */
static bool range_of(const struct set *set, char *ret_low, char *ret_high)
{
	unsigned low = 0, high = 127;

	while (low < high && !has(set, (unsigned char)low))
		low++;
	while (high > low && !has(set, (unsigned char)high))
		high--;
	*ret_low = (char)low;
	*ret_high = (char)high;
	for (; low <= high; low++)
		if (!has(set, (unsigned char)low))
			return false;
	return true;
}

static bool append(struct cor_fixed_pattern *pattern, const struct set *set, uint32_t count)
{
	if (count > COR_FIXED_PLACES_MAX - pattern->len)
		return false;
	for (; count > 0; count--, pattern->len++) {
		uint32_t i = pattern->len;
		pattern->is_ranges &= range_of(set, &pattern->low[i], &pattern->high[i]);
		for (unsigned half = 0; half < 2; half++)
			for (uint64_t left = set->bits[half]; left != 0; left &= left - 1)
				pattern->places[64 * half + (unsigned)__builtin_ctzll(left)] |=
					UINT64_C(1) << i;
	}
	return true;
}

bool cor_fixed_pattern_compile(const char *text, struct cor_fixed_pattern *ret)
{
	const char *at = text + 1;

	*ret = (struct cor_fixed_pattern){ .is_ranges = true };
	if (*text != '^')
		return false;
	while (*at != '$') {
		struct set set = { 0 };
		uint32_t count;
		if (*at == '\0' || !take_set(&at, &set) || !take_count(&at, &count) ||
			!append(ret, &set, count))
			return false;
	}
	return at[1] == '\0';
}
