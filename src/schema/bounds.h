/* SPDX-License-Identifier: MIT */
/**
 * The range of a number, exact for its kind. Private to the schema folder.
 *
 * A table may give an integer bound to a double and the other way round; here each is turned into
 * the kind's own type once, so that checking a value is two comparisons: the bounds are inclusive,
 * and the limits of the C type are part of them (no double is infinite).
 */
#ifndef CORACLE_SCHEMA_BOUNDS_H
#define CORACLE_SCHEMA_BOUNDS_H

#include <coracle/schema.h>

#include "base/buffer.h"
#include "base/number.h"

struct cor_bounds {
	union {
		struct {
			int64_t min, max;
		} integer; /* int32, int64 */
		struct {
			uint64_t min, max;
		} natural; /* uint32, uint64 */
		struct {
			double min, max;
		} real;
	};
};

enum cor_bounds_fault {
	COR_BOUNDS_GOOD = 0,
	COR_BOUNDS_OUTSIDE, /* a bound that no value of the C type can reach */
	COR_BOUNDS_EMPTY,   /* no value is inside */
	COR_BOUNDS_NAN,
};

/**
 * The bounds of `kind` under `range`. A kind that is not a number gets none.
 * Returns 0 or the fault.
 */
enum cor_bounds_fault cor_bounds_compile(
	enum cor_kind kind, const struct cor_range *range, struct cor_bounds *ret);

static inline bool cor_bounds_hold_integer(const struct cor_bounds *bounds, int64_t value)
{
	return value >= bounds->integer.min && value <= bounds->integer.max;
}

static inline bool cor_bounds_hold_natural(const struct cor_bounds *bounds, uint64_t value)
{
	return value >= bounds->natural.min && value <= bounds->natural.max;
}

static inline bool cor_bounds_hold_real(const struct cor_bounds *bounds, double value)
{
	return value >= bounds->real.min && value <= bounds->real.max;
}

/** Whether 0 of that kind, which is a number's, is inside. */
bool cor_bounds_hold_zero(enum cor_kind kind, const struct cor_bounds *bounds);

/** Which side of the bounds a value fell off. */
enum cor_side { COR_SIDE_BELOW, COR_SIDE_ABOVE };

/** The bound on that side, of the range or else of the type, as text. True: it is exclusive. */
bool cor_bounds_limit(enum cor_kind kind, const struct cor_bounds *bounds,
	const struct cor_range *range, enum cor_side side, char text[COR_NUMBER_BYTES]);

static inline bool cor_bound_is_same(const struct cor_bound *a, const struct cor_bound *b)
{
	return a->type == b->type && a->exclusive == b->exclusive && a->integer == b->integer &&
	       a->real == b->real && a->text == b->text;
}

/** One bound as the table has it, as a JSON number. */
void cor_bound_print(const struct cor_bound *bound, char text[COR_NUMBER_BYTES]);

#endif
