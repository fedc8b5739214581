/* SPDX-License-Identifier: MIT */
/* What a row may not say of its values: rules that do not fit the kind, or one another. */
#include <string.h>

#include <coracle/error.h>
#include <coracle/json.h>

#include "base/decimal.h"
#include "base/utf8.h"
#include "schema/bind.h"
#include "schema/contradict.h"
#include "schema/upload.h"
#include "schema/words.h"

static bool is_text_or_none(const struct cor_bound *bound)
{
	return bound->type == COR_BOUND_NONE || bound->type == COR_BOUND_TEXT;
}

/* The bounds of a word are words. */
static void check_word_range(const struct cor_row_check *check)
{
	const struct cor_range *range = &check->field->range;
	const struct cor_kind_facts *facts = cor_kind_facts(check->kind);
	struct cor_value_rule rule = {
		.kind = check->kind, .facts = facts, .size = check->field->type.size
	};
	const void *least = NULL, *most = NULL;
	struct cor_arena scratch;

	cor_arena_init(&scratch, NULL, 0, 0);
	if (cor_word_bound(&rule, &range->min, &scratch, &least) == -COR_EINVALID)
		wrong(check, ".range begins with \"%s\", which is not %s", range->min.text,
			facts->noun);
	else if (cor_word_bound(&rule, &range->max, &scratch, &most) == -COR_EINVALID)
		wrong(check, ".range ends with \"%s\", which is not %s", range->max.text,
			facts->noun);
	else if (least && most &&
		 facts->compare(least, most) > -(range->min.exclusive || range->max.exclusive))
		wrong(check, "no value is inside .range: its minimum is above its maximum");
	cor_arena_finish(&scratch);
}

/* A decimal is written as the number that was meant. */
static void tell_text_bounds(const struct cor_row_check *check)
{
	const struct cor_range *range = &check->field->range;
	const char *noun = cor_kind_facts(check->kind)->noun;
	char number[COR_NUMBER_BYTES];

	cor_bound_print(is_text_or_none(&range->min) ? &range->max : &range->min, number);
	if (check->kind == COR_KIND_DECIMAL)
		wrong(check, "the bounds of this .range are texts, each %s: \"%s\", not %s", noun,
			number, number);
	else
		wrong(check, "the bounds of this .range are texts, each %s in quotes", noun);
}

static void check_range(const struct cor_row_check *check)
{
	const struct cor_range *range = &check->field->range;
	bool is_text = is_text_or_none(&range->min) && is_text_or_none(&range->max);
	struct cor_bounds bounds;

	if (range->min.type == COR_BOUND_NONE && range->max.type == COR_BOUND_NONE)
		return;
	if (cor_kind_facts(check->kind)->compare && is_text) {
		check_word_range(check);
		return;
	}
	if (cor_kind_facts(check->kind)->compare) {
		tell_text_bounds(check);
		return;
	}
	if (!cor_kind_is_number(check->kind)) {
		wrong(check, ".range is for numbers and times: leave it out");
		return;
	}
	if (range->min.type == COR_BOUND_TEXT || range->max.type == COR_BOUND_TEXT) {
		wrong(check, "the bounds of a number's .range are numbers, not text");
		return;
	}
	switch (cor_bounds_compile(check->kind, range, &bounds)) {
	case COR_BOUNDS_GOOD:
		break;
	case COR_BOUNDS_EMPTY:
		wrong(check,
			"no value is inside .range: its minimum is above its maximum or the type's");
		break;
	case COR_BOUNDS_OUTSIDE:
		wrong(check,
			".range reaches beyond what the C type holds: leave that bound out or use a wider type");
		break;
	case COR_BOUNDS_NAN:
		wrong(check, "a bound of .range is not a number");
		break;
	}
}

static bool zero_is_outside(const struct cor_row_check *check)
{
	const struct cor_range *range = &check->field->range;
	struct cor_bounds bounds;

	if (cor_kind_is_number(check->kind))
		return cor_bounds_compile(check->kind, range, &bounds) == COR_BOUNDS_GOOD &&
		       !cor_bounds_hold_zero(check->kind, &bounds);
	return cor_kind_facts(check->kind)->compare && !cor_kind_facts(check->kind)->is_empty &&
	       !cor_word_range_holds_zero(check->kind, check->field->type.size, range);
}

/*
 * Left out of a request, a number is answered as 0, and a time as the first one: that must be what
 * the document says it can be.
 */
static void check_absent_number(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (!(field->presence & COR_OPTIONAL) || field->fallback || field->is_opt ||
		cor_row_check_is_array(check) || field->access == COR_WRITE_ONLY ||
		!zero_is_outside(check))
		return;
	wrong(check,
		"is 0 when it is absent, and .range excludes 0: use a cor_opt (COR_OPT_FIELD), or give it a .fallback");
}

static void check_length(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;
	uint32_t min = field->min_length, max = field->max_length;

	if (min == 0 && max == 0)
		return;
	if (!cor_kind_has_text_rules(check->kind) && check->kind != COR_KIND_BASE64)
		wrong(check, ".min_length and .max_length are for strings: leave them out%s",
			cor_row_check_is_array(check)
				? ", or did you mean .min_items and .max_items?"
				: "");
	else if (max != 0 && min > max)
		wrong(check, ".min_length %u is above .max_length %u", min, max);
	else if (check->kind == COR_KIND_CHARS &&
		 (min >= field->type.size || max >= field->type.size))
		wrong(check,
			"char[%u] holds at most %u bytes: make it longer or the length shorter",
			field->type.size, field->type.size - 1);
}

static void check_items(const struct cor_row_check *check)
{
	uint32_t min = check->field->min_items, max = check->field->max_items;

	if (min == 0 && max == 0)
		return;
	if (!cor_row_check_is_array(check))
		wrong(check, ".min_items and .max_items are for arrays: leave them out");
	else if (max != 0 && min > max)
		wrong(check, ".min_items %u is above .max_items %u", min, max);
}

/* One that can be compiled will be: it is made once. */
static bool is_pattern(
	const struct cor_row_check *check, const char *text, char *why, size_t why_bytes)
{
	struct cor_pattern_room *room = check->report->patterns;
	struct cor_pattern *pattern;
	int rc = room ? cor_pattern_compile(room, text, &pattern, why, why_bytes)
		      : cor_pattern_check(text, why, why_bytes);

	return rc != -COR_EINVALID;
}

static void check_keys(const struct cor_row_check *check)
{
	const char *pattern = check->field->key_pattern;
	char why[200];

	if ((pattern || check->field->key_max_length) && !cor_row_check_is_dict(check))
		wrong(check, ".key_pattern and .key_max_length are for a cor_dict: leave them out");
	else if (pattern && !is_pattern(check, pattern, why, sizeof why))
		wrong(check, ".key_pattern \"%s\" %s", pattern, why);
}

static void check_pattern(const struct cor_row_check *check)
{
	const char *pattern = check->field->pattern;
	char why[200];

	if (!pattern)
		return;
	if (!cor_kind_has_text_rules(check->kind))
		wrong(check, ".pattern is for strings: leave it out");
	else if (!is_pattern(check, pattern, why, sizeof why))
		wrong(check, ".pattern \"%s\" %s", pattern, why);
}

static void check_format(const struct cor_row_check *check)
{
	const char *format = check->field->format;

	if (!format)
		return;
	if (!cor_kind_has_text_rules(check->kind))
		wrong(check, ".format is for strings: leave it out");
	else if (format[0] == '\0' || !cor_utf8_valid(cor_str(format)))
		wrong(check, ".format is empty or not UTF-8: name one, such as \"email\"");
}

/* Of integers: a range may leave none. */
static bool has_multiple(const struct cor_row_check *check, const struct cor_bounds *bounds)
{
	uint64_t step = (uint64_t)check->field->multiple_of;
	int64_t min = bounds->integer.min, max = bounds->integer.max;

	if (cor_kind_facts(check->kind)->number == COR_NUMBER_NATURAL)
		return bounds->natural.max / step * step >= bounds->natural.min;
	if (min <= 0 && max >= 0)
		return true;
	if (min > 0)
		return (uint64_t)max / step * step >= (uint64_t)min;
	return (0 - (uint64_t)min) / step * step >= 0 - (uint64_t)max;
}

static void check_multiple(const struct cor_row_check *check)
{
	double step = check->field->multiple_of;
	struct cor_bounds bounds;

	if (step == 0)
		return;
	if (!cor_kind_is_number(check->kind) && !cor_kind_is_decimal(check->kind)) {
		wrong(check, ".multiple_of is for numbers: leave it out");
		return;
	}
	if (!(step > 0 && step <= __DBL_MAX__)) {
		wrong(check, ".multiple_of must be greater than 0");
		return;
	}
	if (cor_kind_facts(check->kind)->number == COR_NUMBER_REAL ||
		cor_kind_is_decimal(check->kind))
		return;
	if (step > COR_DECIMAL_EXACT || (double)(uint64_t)step != step)
		wrong(check, ".multiple_of of an integer must be one, of at most 2^53");
	else if (cor_bounds_compile(check->kind, &check->field->range, &bounds) ==
			 COR_BOUNDS_GOOD &&
		 !has_multiple(check, &bounds))
		wrong(check, "no value is inside .range: it has no multiple of .multiple_of");
}

static void check_form(const struct cor_row_check *check)
{
	enum cor_form form = check->field->as;
	bool is_text = check->kind == COR_KIND_INT64_AS_TEXT ||
		       check->kind == COR_KIND_UINT64_AS_TEXT;
	bool is_number = check->kind == COR_KIND_DECIMAL_AS_NUMBER;

	if (form != COR_AS_USUAL && !(form == COR_AS_TEXT && is_text) &&
		!(form == COR_AS_NUMBER && is_number))
		wrong(check,
			".as is COR_AS_TEXT for 64-bit integers and COR_AS_NUMBER for decimals: leave it out");
}

static void check_unique(const struct cor_row_check *check)
{
	if (!check->field->unique_items)
		return;
	if (!cor_row_check_is_array(check) || cor_row_check_is_dict(check))
		wrong(check, ".unique_items is for arrays: leave it out");
	else if (check->kind == COR_KIND_RAW)
		wrong(check,
			".unique_items cannot compare raw JSON: give the items a type, or leave it out");
	else if (check->kind == COR_KIND_BOOL && check->field->min_items > 2)
		wrong(check, ".min_items %u is above the 2 that booleans can be without repeating",
			check->field->min_items);
	else if (check->kind == COR_KIND_ENUM &&
		 check->field->min_items > check->field->type.names_len)
		wrong(check, ".min_items %u is above the %u that the enum has names for",
			check->field->min_items, check->field->type.names_len);
}

/* The rule is that of an item: all that holds for one, too. */
static void check_contained(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;
	struct cor_field item = cor_row_contained(field);
	struct cor_row_check inner = *check;

	item.type.kind = check->kind;
	inner.field = &item;
	if (item.contains || item.unique_items || item.min_items || item.max_items)
		wrong(check, "the rule of .contains is for one item: leave what is of arrays out");
	else
		cor_row_check_values(&inner);
}

/* Readers of the document that count more items than there are would refuse what is right. */
static bool can_be_counted(const struct cor_row_check *check)
{
	const struct cor_rule *rule = check->field->contains;
	bool has_range = rule->range.min.type || rule->range.max.type || rule->multiple_of != 0;

	return !rule->format && !(has_range && cor_kind_is_quoted(check->kind));
}

static void check_contains(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (!field->contains && (field->min_contains || field->max_contains))
		wrong(check, ".min_contains and .max_contains need a .contains");
	if (!field->contains)
		return;
	if (!cor_row_check_is_array(check) || cor_row_check_is_dict(check) ||
		!cor_kind_is_scalar(check->kind))
		wrong(check, ".contains is for arrays of scalars: leave it out");
	else if (!field->contains->doc)
		wrong(check, ".contains needs a .doc, which clients are told: \"an even number\"");
	else if (field->max_contains && field->min_contains > field->max_contains)
		wrong(check, ".min_contains %u is above .max_contains %u", field->min_contains,
			field->max_contains);
	else if (field->max_contains && !can_be_counted(check))
		wrong(check,
			".max_contains needs a .contains that JSON Schema can say: leave .format, and .range and .multiple_of of strings, out");
	else
		check_contained(check);
}

static void check_constant(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (!field->constant)
		return;
	if (cor_row_check_is_array(check) || field->is_opt || !cor_kind_is_scalar(check->kind))
		wrong(check, ".constant is for a scalar that is no array and no cor_opt");
	if (field->presence)
		wrong(check,
			".constant has one value: leave .presence out; with a .fallback of the same it may be absent");
	if (field->to != COR_TO_BODY)
		wrong(check,
			".constant is not for headers and cookies of answers: leave it or .to out");
}

static bool equal_names(const struct cor_enum_name *names, uint32_t a, uint32_t b)
{
	return strcmp(names[a].name, names[b].name) == 0;
}

static bool names_are_good(
	const struct cor_row_check *check, const struct cor_enum_name *names, uint32_t i)
{
	if (!names[i].name || names[i].name[0] == '\0')
		wrong(check, "name %u of the enum is empty", i);
	else if (!cor_utf8_valid(cor_str(names[i].name)))
		wrong(check, "name %u of the enum is not UTF-8", i);
	else
		return true;
	return false;
}

static void check_enum(const struct cor_row_check *check)
{
	const struct cor_enum_name *names = check->field->type.names;
	uint32_t len = check->field->type.names_len;

	if (check->row->type.kind != COR_KIND_ENUM && check->row->type.kind != COR_KIND_FLAGS)
		return;
	if (!names || len == 0 || len >= UINT16_MAX) {
		wrong(check, "the enum has %s names: give it a table of them",
			len ? "too many" : "no");
		return;
	}
	for (uint32_t i = 0; i < len; i++) {
		if (!names_are_good(check, names, i))
			return;
		for (uint32_t j = 0; j < i; j++)
			if (equal_names(names, i, j))
				wrong(check, "the name \"%s\" occurs twice among the enum's names",
					names[i].name);
			else if (names[i].value == names[j].value)
				wrong(check, "\"%s\" and \"%s\" are names of one value: keep one",
					names[j].name, names[i].name);
	}
}

/* Each name has bits that no other one has. */
static void check_flags(const struct cor_row_check *check)
{
	const struct cor_enum_name *names = check->field->type.names;
	uint32_t len = check->field->type.names_len;
	uint32_t taken = 0;

	if (check->row->type.kind != COR_KIND_FLAGS || !names)
		return;
	for (uint32_t i = 0; i < len; taken |= names[i++].value)
		if (names[i].value == 0 || (taken & names[i].value)) {
			wrong(check, "\"%s\" has no bits of its own among the flags: give it some",
				names[i].name ? names[i].name : "");
			return;
		}
}

/* Whether it fits is tried later, and only of a row that is right otherwise. */
static void check_json(const struct cor_row_check *check, const char *option, const char *text)
{
	if (text && cor_json_check(cor_str(text), 0, NULL) == -COR_ESYNTAX)
		wrong(check, "%s %s is not JSON (text needs quotes: \"\\\"new\\\"\")", option,
			text);
}

/* A file has no JSON, so that no option can hold one. */
static void check_file(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (check->kind != COR_KIND_UPLOAD) {
		if (field->media_types || field->max_bytes)
			wrong(check, ".media_types and .max_bytes are for files: leave them out");
		return;
	}
	if (field->media_types && !cor_media_types_are_good(field->media_types))
		wrong(check,
			".media_types \"%s\" is no list of media types in lower case, such as \"image/jpeg, image/png\"",
			field->media_types);
	if (field->fallback || field->example)
		wrong(check, "is a file, which has no JSON: leave .fallback and .example out");
	if (cor_row_check_is_dict(check))
		wrong(check, "files come under one name: use a cor_array (COR_ARRAY)");
	if (field->unique_items)
		wrong(check, ".unique_items cannot compare files: leave it out");
}

static void check_fallback(const struct cor_row_check *check)
{
	check_json(check, ".fallback", check->field->fallback);
	check_json(check, ".example", check->field->example);
	check_json(check, ".constant", check->field->constant);
	if (check->field->fallback && check->field->is_opt)
		wrong(check,
			"a cor_opt records absence itself: leave .fallback out, or the cor_opt");
}

void cor_row_check_values(const struct cor_row_check *check)
{
	check_range(check);
	check_absent_number(check);
	check_length(check);
	check_items(check);
	check_keys(check);
	check_pattern(check);
	check_format(check);
	check_form(check);
	check_multiple(check);
	check_unique(check);
	check_contains(check);
	check_constant(check);
	check_enum(check);
	check_flags(check);
	check_file(check);
	check_fallback(check);
}
