/* SPDX-License-Identifier: MIT */
#include "base/violation_texts.h"
#include "schema/value.h"

#include "base/compiler.h"
#include "schema/whole_number.h"

/* Out of line, so that what fits does not pay for the text. */
static COR_COLD void out_of_bounds(const struct cor_report *report,
	const struct cor_value_rule *rule, enum cor_side side, const struct cor_step *step)
{
	char limit[COR_NUMBER_BYTES];
	bool is_exclusive = cor_bounds_limit(rule->kind, &rule->bounds, rule->range, side, limit);

	if (side == COR_SIDE_BELOW)
		cor_report(report, step, is_exclusive ? COR_SAYS_ABOVE : COR_SAYS_MIN, limit);
	else
		cor_report(report, step, is_exclusive ? COR_SAYS_BELOW : COR_SAYS_MAX, limit);
}

static void store_real(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	double value, const struct cor_step *step)
{
	if (!cor_bounds_hold_real(&rule->bounds, value)) {
		out_of_bounds(report, rule,
			value < rule->bounds.real.min ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
	} else {
		cor_member_put(at, value);
	}
}

static void store_integer(const struct cor_report *report, const struct cor_value_rule *rule,
	void *at, int64_t value, const struct cor_step *step)
{
	if (!cor_bounds_hold_integer(&rule->bounds, value)) {
		out_of_bounds(report, rule,
			value < rule->bounds.integer.min ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
	} else {
		cor_value_put_whole(rule, at, (uint64_t)value);
	}
}

static void store_natural(const struct cor_report *report, const struct cor_value_rule *rule,
	void *at, uint64_t value, const struct cor_step *step)
{
	if (!cor_bounds_hold_natural(&rule->bounds, value)) {
		out_of_bounds(report, rule,
			value < rule->bounds.natural.min ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
	} else {
		cor_value_put_whole(rule, at, value);
	}
}

/* A whole number by sign and magnitude into either family of kinds. */
static void store_magnitude(const struct cor_report *report, const struct cor_value_rule *rule,
	void *at, bool negative, uint64_t magnitude, const struct cor_step *step)
{
	bool is_signed = rule->facts->number == COR_NUMBER_INTEGER;
	uint64_t limit = is_signed ? (uint64_t)INT64_MAX + negative : negative ? 0 : UINT64_MAX;

	if (magnitude > limit)
		out_of_bounds(report, rule, negative ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
	else if (is_signed)
		store_integer(
			report, rule, at, (int64_t)(negative ? 0 - magnitude : magnitude), step);
	else
		store_natural(report, rule, at, magnitude, step);
}

/* Written with a fraction, an exponent, or more digits than fit. */
static void store_written(const struct cor_report *report, const struct cor_value_rule *rule,
	void *at, struct cor_str text, const struct cor_step *step)
{
	uint64_t magnitude;
	bool negative;

	switch (cor_whole_read(text, &negative, &magnitude)) {
	case COR_WHOLE_YES:
		store_magnitude(report, rule, at, negative, magnitude, step);
		break;
	case COR_WHOLE_NO:
		cor_report(report, step, COR_SAYS_INTEGER);
		break;
	case COR_WHOLE_TOO_LARGE:
		out_of_bounds(report, rule, negative ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
		break;
	}
}

void cor_value_number(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	const struct cor_decimal *decimal, const struct cor_step *step)
{
	if (rule->facts->number == COR_NUMBER_REAL)
		store_real(report, rule, at, cor_decimal_double(decimal), step);
	else if (decimal->integral && decimal->text.len <= COR_DECIMAL_DIGITS)
		store_magnitude(report, rule, at, decimal->negative, decimal->digits, step);
	else
		store_written(report, rule, at, decimal->text, step);
}

/*
 * "5", as the pattern in the document has it: no fraction or exponent, and where there are no
 * negative numbers no sign.
 */
static bool is_plain(const struct cor_value_rule *rule, const struct cor_decimal *decimal)
{
	return decimal->integral && !(rule->facts->number == COR_NUMBER_NATURAL &&
					    decimal->negative && decimal->digits == 0);
}

void cor_value_number_text(const struct cor_report *report, const struct cor_value_rule *rule,
	void *at, struct cor_str text, const struct cor_step *step)
{
	const char *start = text.data ? text.data : "";
	struct cor_decimal decimal;

	if (cor_decimal_scan(start, start + text.len, &decimal) < 0 ||
		decimal.text.len != text.len ||
		(cor_kind_is_quoted(rule->kind) && !is_plain(rule, &decimal)))
		cor_report(report, step, COR_SAYS_FORM, rule->facts->noun);
	else
		cor_value_number(report, rule, at, &decimal, step);
}
