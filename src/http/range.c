/* SPDX-License-Identifier: MIT */
#include "http/range.h"

#include <errno.h>
#include <stdbool.h>

#include "http/chars.h"
#include "http/fold.h"
#include "http/parameter.h"

/* One element as it was sent: first-last, first-, or -suffix. */
struct spec {
	int64_t first; /* -1: a suffix */
	int64_t last;  /* -1: up to the end; of a suffix its length */
};

/* Digits; what no int64_t can hold is as good as the largest. Returns false if there are none. */
static bool take_number(struct cor_str *rest, int64_t *ret)
{
	int64_t value = 0;

	if (rest->len == 0 || !cor_char_is(rest->data[0], COR_CHAR_DIGIT))
		return false;
	while (rest->len != 0 && cor_char_is(rest->data[0], COR_CHAR_DIGIT)) {
		int digit = rest->data[0] - '0';
		value = value > (INT64_MAX - digit) / 10 ? INT64_MAX : value * 10 + digit;
		rest->data++;
		rest->len--;
	}
	*ret = value;
	return true;
}

static bool take_spec(struct cor_str *rest, struct spec *ret)
{
	*ret = (struct spec){ -1, -1 };
	bool has_first = take_number(rest, &ret->first);

	cor_take_blanks(rest);
	if (!cor_take_byte(rest, '-'))
		return false;
	cor_take_blanks(rest);
	bool has_last = take_number(rest, &ret->last);
	cor_take_blanks(rest);
	if (rest->len != 0 && rest->data[0] != ',')
		return false;
	return has_first || has_last;
}

/* Returns false if nothing of the whole is in it. */
static bool place(const struct spec *spec, int64_t whole, struct cor_range *ret)
{
	int64_t first = spec->first;
	int64_t end = spec->last < 0 || spec->last >= whole ? whole : spec->last + 1;

	if (first < 0) {
		first = spec->last < whole ? whole - spec->last : 0;
		end = whole;
	}
	*ret = (struct cor_range){ first, end - first };
	return first < end;
}

static bool meets(const struct cor_range *a, const struct cor_range *b)
{
	return a->first <= b->first + b->bytes && b->first <= a->first + a->bytes;
}

static void join(struct cor_range *range, const struct cor_range *other)
{
	int64_t end = range->first + range->bytes;
	int64_t other_end = other->first + other->bytes;

	if (other_end > end)
		end = other_end;
	if (other->first < range->first)
		range->first = other->first;
	range->bytes = end - range->first;
}

/*
 * All that it meets go into it; it stands where the first of them was. They have not met each
 * other, so no other meets it when it has grown. Returns the new count.
 */
static int add(struct cor_range *ranges, int len, struct cor_range range)
{
	int at = -1, kept = 0;

	for (int i = 0; i < len; i++) {
		if (meets(&ranges[i], &range)) {
			join(&range, &ranges[i]);
			if (at >= 0)
				continue;
			at = kept;
		}
		ranges[kept++] = ranges[i];
	}
	if (at < 0)
		at = kept++;
	ranges[at] = range;
	return kept;
}

int cor_ranges_parse(struct cor_str value, int64_t bytes, struct cor_range ret[COR_RANGES_MAX])
{
	struct cor_range range;
	struct cor_str unit;
	struct spec spec;
	int sent = 0, len = 0;

	if (!cor_take_token(&value, &unit) || !cor_fold_equal(unit, COR_STR("bytes")) ||
		!cor_take_byte(&value, '=') || bytes == 0)
		return 0;
	for (;;) {
		cor_take_blanks(&value);
		if (cor_take_byte(&value, ','))
			continue; /* an empty element: RFC 9110 section 5.6.1.2 */
		if (value.len == 0)
			break;
		if (!take_spec(&value, &spec))
			return -ERANGE;
		if (++sent > COR_RANGES_MAX)
			return 0;
		if (place(&spec, bytes, &range))
			len = add(ret, len, range);
	}
	return len != 0 ? len : -ERANGE;
}
