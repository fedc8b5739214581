/* SPDX-License-Identifier: MIT */
#include "schema/bounds.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "schema/kind.h"

/* 2^63 and 2^64, exact as doubles: the first values that do not fit. */
#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

/* A bound as an exact integer of 65 bits, rounded into the range. */
typedef __int128 wide;

static wide round_bound(const struct cor_bound *bound, enum cor_side side)
{
	double limit = bound->real;
	wide value;

	if (bound->type == COR_BOUND_INTEGER)
		value = bound->integer;
	else if (bound->type == COR_BOUND_NATURAL)
		value = (uint64_t)bound->integer;
	else if (limit >= TWO_64)
		return (wide)1 << 64;
	else if (limit < -TWO_63)
		return -((wide)1 << 64);
	else if (floor(limit) != limit)
		return (wide)floor(limit) + (side == COR_SIDE_BELOW);
	else
		value = (wide)limit;
	if (bound->exclusive)
		value += side == COR_SIDE_BELOW ? 1 : -1;
	return value;
}

static enum cor_bounds_fault compile_whole(const struct cor_range *range, wide *min, wide *max)
{
	wide low = range->min.type ? round_bound(&range->min, COR_SIDE_BELOW) : *min;
	wide high = range->max.type ? round_bound(&range->max, COR_SIDE_ABOVE) : *max;

	if (low > high || low > *max || high < *min)
		return COR_BOUNDS_EMPTY;
	if (low < *min || high > *max)
		return COR_BOUNDS_OUTSIDE;
	*min = low;
	*max = high;
	return COR_BOUNDS_GOOD;
}

/*
 * The outermost double that is inside. A bound that is outside itself, or that rounding has moved
 * there, gives way to its neighbour.
 */
static double real_bound(const struct cor_bound *bound, enum cor_side side)
{
	bool is_below = side == COR_SIDE_BELOW, is_inside = !bound->exclusive;
	double nearest = bound->real;

	if (bound->type != COR_BOUND_REAL) {
		wide exact = bound->type == COR_BOUND_NATURAL ? (wide)(uint64_t)bound->integer
							      : bound->integer;
		nearest = (double)exact;
		if ((wide)nearest != exact)
			is_inside = is_below ? (wide)nearest > exact : (wide)nearest < exact;
	}
	return is_inside ? nearest : nextafter(nearest, is_below ? INFINITY : -INFINITY);
}

static enum cor_bounds_fault compile_real(const struct cor_range *range, struct cor_bounds *ret)
{
	double min = range->min.type ? real_bound(&range->min, COR_SIDE_BELOW) : -INFINITY;
	double max = range->max.type ? real_bound(&range->max, COR_SIDE_ABOVE) : INFINITY;

	min = fmax(min, -__DBL_MAX__);
	max = fmin(max, __DBL_MAX__);
	if (min > max)
		return COR_BOUNDS_EMPTY;
	ret->real.min = min;
	ret->real.max = max;
	return COR_BOUNDS_GOOD;
}

static bool is_nan(const struct cor_bound *bound)
{
	return bound->type == COR_BOUND_REAL && isnan(bound->real);
}

enum cor_bounds_fault cor_bounds_compile(
	enum cor_kind kind, const struct cor_range *range, struct cor_bounds *ret)
{
	const struct cor_kind_facts *facts = cor_kind_facts(kind);
	wide min = facts->min, max = facts->max;

	if (is_nan(&range->min) || is_nan(&range->max))
		return COR_BOUNDS_NAN;
	if (facts->number == COR_NUMBER_REAL)
		return compile_real(range, ret);
	if (facts->number == COR_NUMBER_NONE)
		return COR_BOUNDS_GOOD;
	enum cor_bounds_fault fault = compile_whole(range, &min, &max);
	if (fault)
		return fault;
	if (facts->number == COR_NUMBER_INTEGER) {
		ret->integer.min = (int64_t)min;
		ret->integer.max = (int64_t)max;
	} else {
		ret->natural.min = (uint64_t)min;
		ret->natural.max = (uint64_t)max;
	}
	return COR_BOUNDS_GOOD;
}

bool cor_bounds_hold_zero(enum cor_kind kind, const struct cor_bounds *bounds)
{
	switch (cor_kind_facts(kind)->number) {
	case COR_NUMBER_INTEGER:
		return cor_bounds_hold_integer(bounds, 0);
	case COR_NUMBER_NATURAL:
		return cor_bounds_hold_natural(bounds, 0);
	default:
		return cor_bounds_hold_real(bounds, 0);
	}
}

/* As JSON, without the ".0" that a whole number gets there. Not printf: that follows the locale. */
static void print_real(double value, char text[COR_NUMBER_BYTES])
{
	size_t len = cor_number_print_double(value, text);

	if (len >= 2 && memcmp(text + len - 2, ".0", 2) == 0)
		len -= 2;
	text[len] = '\0';
}

void cor_bound_print(const struct cor_bound *bound, char text[COR_NUMBER_BYTES])
{
	if (bound->type == COR_BOUND_TEXT)
		snprintf(text, COR_NUMBER_BYTES, "%s", bound->text);
	else if (bound->type == COR_BOUND_REAL)
		print_real(bound->real, text);
	else if (bound->type == COR_BOUND_NATURAL)
		snprintf(text, COR_NUMBER_BYTES, "%" PRIu64, (uint64_t)bound->integer);
	else
		snprintf(text, COR_NUMBER_BYTES, "%" PRId64, bound->integer);
}

static void print_type_limit(enum cor_kind kind, const struct cor_bounds *bounds,
	enum cor_side side, char text[COR_NUMBER_BYTES])
{
	enum cor_number number = cor_kind_facts(kind)->number;
	bool below = side == COR_SIDE_BELOW;

	if (number == COR_NUMBER_REAL)
		print_real(below ? -__DBL_MAX__ : __DBL_MAX__, text);
	else if (number == COR_NUMBER_NATURAL)
		snprintf(text, COR_NUMBER_BYTES, "%" PRIu64,
			below ? bounds->natural.min : bounds->natural.max);
	else
		snprintf(text, COR_NUMBER_BYTES, "%" PRId64,
			below ? bounds->integer.min : bounds->integer.max);
}

bool cor_bounds_limit(enum cor_kind kind, const struct cor_bounds *bounds,
	const struct cor_range *range, enum cor_side side, char text[COR_NUMBER_BYTES])
{
	const struct cor_bound *bound = side == COR_SIDE_BELOW ? &range->min : &range->max;

	if (bound->type == COR_BOUND_NONE) {
		print_type_limit(kind, bounds, side, text);
		return false;
	}
	cor_bound_print(bound, text);
	return bound->exclusive;
}
