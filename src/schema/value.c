/* SPDX-License-Identifier: MIT */
#include "schema/value.h"

#include <errno.h>
#include <math.h>

#include <coracle/error.h>

#include "base/timestamp.h"
#include "base/utf8.h"
#include "schema/whole.h"

#define FIRST_ITEMS 4

static const char *const nouns[] = {
	[COR_KIND_BOOL] = "a boolean",
	[COR_KIND_INT32] = "an integer",
	[COR_KIND_INT64] = "an integer",
	[COR_KIND_UINT32] = "an integer",
	[COR_KIND_UINT64] = "an integer",
	[COR_KIND_DOUBLE] = "a number",
	[COR_KIND_TEXT] = "a string",
	[COR_KIND_STR] = "a string",
	[COR_KIND_CHARS] = "a string",
	[COR_KIND_TIMESTAMP] = "a date-time string",
	[COR_KIND_UUID] = "a UUID string",
	[COR_KIND_RAW] = "JSON",
	[COR_KIND_ENUM] = "a string",
	[COR_KIND_OBJECT] = "an object",
	[COR_KIND_POINTER] = "an object",
};

const char *cor_rule_noun(const struct cor_rule *rule)
{
	return nouns[rule->kind];
}

bool cor_kind_is_number(enum cor_kind kind)
{
	return kind >= COR_KIND_INT32 && kind <= COR_KIND_DOUBLE;
}

bool cor_kind_is_string(enum cor_kind kind)
{
	return (kind >= COR_KIND_TEXT && kind <= COR_KIND_UUID) || kind == COR_KIND_ENUM;
}

static void out_of_bounds(const struct cor_report *report, const struct cor_rule *rule,
	enum cor_side side, const struct cor_step *step)
{
	char text[80];

	cor_bounds_explain(rule->kind, &rule->bounds, rule->range, side, text, sizeof text);
	cor_report(report, step, "%s", text);
}

static void store_real(const struct cor_report *report, const struct cor_rule *rule, void *at,
	double value, const struct cor_step *step)
{
	if (isfinite(value) && cor_bounds_hold_real(&rule->bounds, value)) {
		cor_member_put(at, value);
		return;
	}
	bool below = isinf(value)
			     ? value < 0
			     : value < rule->bounds.real.min ||
				       (rule->bounds.real.above && value == rule->bounds.real.min);
	out_of_bounds(report, rule, below ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
}

static void store_integer(const struct cor_report *report, const struct cor_rule *rule, void *at,
	int64_t value, const struct cor_step *step)
{
	if (!cor_bounds_hold_integer(&rule->bounds, value)) {
		out_of_bounds(report, rule,
			value < rule->bounds.integer.min ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
	} else if (rule->kind == COR_KIND_INT32) {
		int32_t narrow = (int32_t)value;
		cor_member_put(at, narrow);
	} else {
		cor_member_put(at, value);
	}
}

static void store_natural(const struct cor_report *report, const struct cor_rule *rule, void *at,
	uint64_t value, const struct cor_step *step)
{
	if (!cor_bounds_hold_natural(&rule->bounds, value)) {
		out_of_bounds(report, rule,
			value < rule->bounds.natural.min ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
	} else if (rule->kind == COR_KIND_UINT32) {
		uint32_t narrow = (uint32_t)value;
		cor_member_put(at, narrow);
	} else {
		cor_member_put(at, value);
	}
}

/* A whole number by sign and magnitude into either family of kinds. */
static void store_magnitude(const struct cor_report *report, const struct cor_rule *rule, void *at,
	bool negative, uint64_t magnitude, const struct cor_step *step)
{
	bool is_signed = rule->kind == COR_KIND_INT32 || rule->kind == COR_KIND_INT64;
	uint64_t limit = is_signed ? (uint64_t)INT64_MAX + negative : negative ? 0 : UINT64_MAX;

	if (magnitude > limit)
		out_of_bounds(report, rule, negative ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
	else if (is_signed)
		store_integer(
			report, rule, at, (int64_t)(negative ? 0 - magnitude : magnitude), step);
	else
		store_natural(report, rule, at, magnitude, step);
}

static void store_written_real(const struct cor_report *report, const struct cor_rule *rule,
	void *at, struct cor_str text, const struct cor_step *step)
{
	uint64_t magnitude;
	bool negative;

	switch (cor_whole_read(text, &negative, &magnitude)) {
	case COR_WHOLE_YES:
		store_magnitude(report, rule, at, negative, magnitude, step);
		break;
	case COR_WHOLE_NO:
		cor_report(report, step, "must be an integer, without a fraction");
		break;
	case COR_WHOLE_TOO_LARGE:
		out_of_bounds(report, rule, negative ? COR_SIDE_BELOW : COR_SIDE_ABOVE, step);
		break;
	}
}

void cor_value_number(const struct cor_report *report, const struct cor_rule *rule, void *at,
	const struct cor_json_number *number, const struct cor_step *step)
{
	bool is_signed = rule->kind == COR_KIND_INT32 || rule->kind == COR_KIND_INT64;
	int64_t integer = number->integer;

	if (rule->kind == COR_KIND_DOUBLE)
		store_real(report, rule, at, number->real, step);
	else if (number->type == COR_JSON_REAL)
		store_written_real(report, rule, at, number->text, step);
	else if (number->type == COR_JSON_UINT64)
		store_magnitude(report, rule, at, false, (uint64_t)integer, step);
	else if (is_signed)
		store_integer(report, rule, at, integer, step);
	else if (integer < 0)
		out_of_bounds(report, rule, COR_SIDE_BELOW, step);
	else
		store_natural(report, rule, at, (uint64_t)integer, step);
}

static bool length_holds(const struct cor_report *report, const struct cor_rule *rule,
	struct cor_str text, const struct cor_step *step)
{
	if (rule->min_length == 0 && rule->max_length == UINT32_MAX)
		return true;
	size_t count = cor_utf8_count(text);
	if (count < rule->min_length) {
		cor_report(report, step, "must have at least %u character%s", rule->min_length,
			rule->min_length == 1 ? "" : "s");
		return false;
	}
	if (count > rule->max_length) {
		cor_report(report, step, "must have at most %u character%s", rule->max_length,
			rule->max_length == 1 ? "" : "s");
		return false;
	}
	return true;
}

static bool pattern_holds(const struct cor_report *report, const struct cor_rule *rule,
	struct cor_str text, const struct cor_step *step)
{
	if (!rule->pattern)
		return true;
	int rc = cor_pattern_match(rule->pattern, text);
	if (rc > 0)
		return true;
	if (rc == 0)
		cor_report(report, step, "must match the pattern %s", rule->pattern_text);
	else
		cor_report(report, step, "takes too much work to match against the pattern %s",
			rule->pattern_text);
	return false;
}

static int store_chars(const struct cor_report *report, const struct cor_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	if (text.len >= rule->size) {
		cor_report(report, step, "must have at most %u bytes (in UTF-8)", rule->size - 1);
		return 0;
	}
	if (text.len != 0)
		memcpy(at, text.data, text.len);
	((char *)at)[text.len] = '\0';
	return 0;
}

static int store_text(const struct cor_report *report, const struct cor_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	bool nul = rule->kind != COR_KIND_STR && text.len != 0 && memchr(text.data, '\0', text.len);

	if (nul) {
		cor_report(report, step, "must not contain U+0000");
		return 0;
	}
	if (!length_holds(report, rule, text, step) || !pattern_holds(report, rule, text, step))
		return 0;
	if (rule->kind == COR_KIND_CHARS)
		return store_chars(report, rule, at, text, step);

	const char *copy = cor_arena_copy(report->arena, text.data, text.len);
	if (!copy)
		return -ENOMEM;
	struct cor_str str = { copy, text.len };
	if (rule->kind == COR_KIND_STR)
		cor_member_put(at, str);
	else
		cor_member_put(at, copy);
	return 0;
}

static void store_enum(const struct cor_report *report, const struct cor_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	int position = cor_key_index_find(&rule->names->names, text);

	if (position >= 0)
		cor_member_put(at, rule->names->table[position].value);
	else
		cor_report(report, step, "must be one of: %s", rule->names->list);
}

int cor_value_string(const struct cor_report *report, const struct cor_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	struct timespec time;
	struct cor_uuid uuid;

	switch (rule->kind) {
	case COR_KIND_ENUM:
		store_enum(report, rule, at, text, step);
		return 0;
	case COR_KIND_TIMESTAMP:
		if (cor_timestamp_parse(text, &time) == 0)
			cor_member_put(at, time);
		else
			cor_report(report, step,
				"must be a date-time such as 2026-01-31T09:30:00Z (RFC 3339)");
		return 0;
	case COR_KIND_UUID:
		if (cor_uuid_parse(text, &uuid) == 0)
			cor_member_put(at, uuid);
		else
			cor_report(report, step, "must be a UUID of 36 characters");
		return 0;
	default:
		return store_text(report, rule, at, text, step);
	}
}

void cor_value_count(const struct cor_report *report, const struct cor_row *row, size_t count,
	const struct cor_step *step)
{
	uint32_t min = row->field->min_items, max = row->field->max_items;

	if (count < min)
		cor_report(report, step, "must have at least %u item%s", min, min == 1 ? "" : "s");
	else if (max != 0 && count > max)
		cor_report(report, step, "must have at most %u item%s", max, max == 1 ? "" : "s");
}

static bool grow(struct cor_items *items, struct cor_arena *arena)
{
	size_t capacity = items->capacity ? items->capacity * 2 : FIRST_ITEMS;
	size_t bytes;

	if (__builtin_mul_overflow(capacity, items->item_bytes, &bytes))
		return false;
	void *larger = cor_arena_alloc(arena, bytes);
	if (!larger)
		return false;
	if (items->array.len != 0)
		memcpy(larger, items->array.items, items->array.len * items->item_bytes);
	items->array.items = larger;
	items->capacity = capacity;
	return true;
}

void *cor_items_add(struct cor_items *items, struct cor_arena *arena)
{
	if (items->array.len == items->capacity && !grow(items, arena))
		return NULL;
	void *item = (char *)items->array.items + items->array.len++ * items->item_bytes;
	memset(item, 0, items->item_bytes);
	return item;
}

int cor_items_close(struct cor_items *items, struct cor_arena *arena, void *at)
{
	if (!items->array.items && !grow(items, arena))
		return -ENOMEM;
	cor_member_put(at, items->array);
	return 0;
}
