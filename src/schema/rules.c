/* SPDX-License-Identifier: MIT */
#include "schema/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/violation_texts.h"
#include "schema/bounds.h"
#include "schema/contains.h"
#include "schema/encoder.h"
#include "schema/multiple.h"

static uint64_t magnitude_of(const struct cor_value_rule *rule, const void *at)
{
	bool is_signed = rule->facts->number == COR_NUMBER_INTEGER;
	uint64_t wide;
	uint32_t narrow;

	if (rule->size == sizeof narrow) {
		cor_member_get(at, &narrow);
		wide = is_signed ? (uint64_t)(int64_t)(int32_t)narrow : narrow;
	} else {
		cor_member_get(at, &wide);
	}
	return is_signed && (int64_t)wide < 0 ? 0 - wide : wide;
}

static bool is_decimal_multiple(const struct cor_value_rule *rule, const void *at)
{
	struct cor_decimal_number number;

	cor_member_get(at, &number);
	uint64_t digits = (uint64_t)(number.unscaled < 0 ? -number.unscaled : number.unscaled);
	return cor_multiple_holds_digits(digits, -(int64_t)number.scale, rule->multiple_of);
}

static bool is_multiple(const struct cor_value_rule *rule, const void *at)
{
	double value;

	if (cor_kind_is_decimal(rule->kind))
		return is_decimal_multiple(rule, at);
	if (rule->facts->number != COR_NUMBER_REAL)
		return magnitude_of(rule, at) % (uint64_t)rule->multiple_of == 0;
	cor_member_get(at, &value);
	return cor_multiple_holds(value, rule->multiple_of);
}

static void check_multiple(const struct cor_report *report, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	const struct cor_bound of = { .type = COR_BOUND_REAL, .real = rule->multiple_of };
	char text[COR_NUMBER_BYTES];

	if (rule->multiple_of == 0 || is_multiple(rule, at))
		return;
	cor_bound_print(&of, text);
	cor_report(report, step, COR_SAYS_MULTIPLE, text);
}

static void check_order(const struct cor_report *report, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	const struct cor_bound *min = &rule->range->min, *max = &rule->range->max;
	cor_compare_values *compare = rule->facts->compare;

	if (rule->least && compare(at, rule->least) < min->exclusive)
		cor_report(report, step, min->exclusive ? COR_SAYS_ABOVE : COR_SAYS_MIN, min->text);
	else if (rule->most && compare(at, rule->most) > -max->exclusive)
		cor_report(report, step, max->exclusive ? COR_SAYS_BELOW : COR_SAYS_MAX, max->text);
}

/* -0.0 and 0.0 are equal. */
static bool is_same(const struct cor_value_rule *rule, const void *a, const void *b)
{
	double left, right;

	if (rule->kind != COR_KIND_DOUBLE)
		return rule->facts->compare(a, b) == 0;
	cor_member_get(a, &left);
	cor_member_get(b, &right);
	return left == right;
}

/* Without an order: a value that is equal to another one is written like it. */
static int check_constant(const struct cor_report *report, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	struct cor_buffer buffer = { 0 };
	struct cor_encoder encoder = { .buffer = &buffer };

	if (!rule->constant.data)
		return 0;
	if (rule->only) {
		if (!is_same(rule, at, rule->only))
			cor_report(report, step, COR_SAYS_CONSTANT, (int)rule->constant.len,
				rule->constant.data);
		return 0;
	}
	rule->facts->encode(&encoder, rule, at, step);
	int rc = cor_buffer_error(&buffer) == -ENOMEM ? -ENOMEM : 0;
	if (rc == 0 && !cor_str_equal((struct cor_str){ buffer.data, buffer.len }, rule->constant))
		cor_report(report, step, COR_SAYS_CONSTANT, (int)rule->constant.len,
			rule->constant.data);
	cor_buffer_finish(&buffer);
	return rc;
}

int cor_rules_check(const struct cor_report *report, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	check_multiple(report, rule, at, step);
	check_order(report, rule, at, step);
	return check_constant(report, rule, at, step);
}

/* --- items --- */

/* An item as JSON: a piece of a buffer that may move while it grows. */
struct piece {
	const struct cor_buffer *buffer;
	size_t from, len;
	size_t index;
};

static int compare_texts(const struct piece *a, const struct piece *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->buffer->data + a->from, b->buffer->data + b->from, len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare_pieces(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;
	int order = compare_texts(a, b);

	return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* Without zeros at its end behind the point. */
static void shorten(struct cor_decimal_number *number)
{
	while (number->scale > 0 && number->unscaled % 10 == 0) {
		number->unscaled /= 10;
		number->scale--;
	}
}

/* 1.5 and 1.50 are equal, and so are -0.0 and 0.0: they are written in one way. */
static void write_item(
	struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *item)
{
	struct cor_decimal_number number;
	double real;

	if (cor_kind_is_decimal(rule->kind)) {
		cor_member_get(item, &number);
		shorten(&number);
		item = &number;
	}
	if (rule->kind == COR_KIND_DOUBLE) {
		cor_member_get(item, &real);
		real += 0.0;
		item = &real;
	}
	rule->facts->encode(encoder, rule, item, NULL);
}

static size_t number_bytes(const char *at, const char *end)
{
	const char *first = at;

	while (at < end && *at != ',' && *at != '}' && *at != ']')
		at++;
	return (size_t)(at - first);
}

/* Without a sign of 0 and without zeros behind the point; none is written with both point and e. */
static size_t shorten_number(char *number, size_t len)
{
	if (memchr(number, '.', len) && !memchr(number, 'e', len)) {
		while (number[len - 1] == '0')
			len--;
		len -= number[len - 1] == '.';
	}
	if (len == 2 && memcmp(number, "-0", 2) == 0) {
		number[0] = '0';
		len = 1;
	}
	return len;
}

/* The same for numbers in objects, which are written already. Returns how long the text is then. */
static size_t shorten_numbers(char *text, size_t len)
{
	bool in_string = false;
	char *out = text;

	for (const char *at = text, *end = text + len; at < end;) {
		bool is_number = !in_string && (*at == '-' || (*at >= '0' && *at <= '9'));
		size_t bytes = is_number ? number_bytes(at, end) : 1 + (*at == '\\');
		in_string ^= *at == '"';
		memmove(out, at, bytes);
		at += bytes;
		out += is_number ? shorten_number(out, bytes) : bytes;
	}
	return (size_t)(out - text);
}

static void write_items(const struct cor_row *row, const struct cor_array_value *array,
	struct cor_buffer *buffer, struct piece *pieces)
{
	struct cor_encoder encoder = { .buffer = buffer };

	for (size_t i = 0; i < array->len && cor_buffer_error(buffer) == 0; i++) {
		pieces[i] = (struct piece){ buffer, buffer->len, 0, i };
		write_item(&encoder, &row->rule, (const char *)array->items + i * row->rule.size);
		if (cor_buffer_error(buffer) == 0 && cor_kind_is_nested(row->rule.kind))
			buffer->len = pieces[i].from +
				      shorten_numbers(buffer->data + pieces[i].from,
					      buffer->len - pieces[i].from);
		pieces[i].len = buffer->len - pieces[i].from;
	}
}

/* The pair whose second item comes first. */
static void report_pair(const struct cor_report *report, const struct piece *pieces, size_t len,
	const struct cor_step *step)
{
	const struct piece *found = NULL;

	for (size_t i = 1; i < len; i++)
		if (compare_texts(&pieces[i - 1], &pieces[i]) == 0 &&
			(!found || pieces[i].index < found[1].index))
			found = &pieces[i - 1];
	if (found)
		cor_report(report, step, COR_SAYS_UNIQUE, found[0].index, found[1].index);
}

static int check_unique(const struct cor_report *report, const struct cor_row *row,
	const struct cor_array_value *array, const struct cor_step *step)
{
	struct cor_buffer buffer = { 0 };
	size_t bytes = (array->len + 1) * sizeof(struct piece);
	struct piece *pieces = array->len > 1 ? cor_arena_alloc(report->arena, bytes) : NULL;

	if (!pieces)
		return array->len > 1 ? -ENOMEM : 0;
	write_items(row, array, &buffer, pieces);
	int rc = cor_buffer_error(&buffer);
	if (rc == 0) {
		qsort(pieces, array->len, sizeof *pieces, compare_pieces);
		report_pair(report, pieces, array->len, step);
	}
	cor_buffer_finish(&buffer);
	return rc == -ENOMEM ? rc : 0;
}

/* Objects of an answer may lack what tells them apart. */
static bool has_unique_items(const struct cor_report *report, const struct cor_row *row)
{
	return row->field->unique_items &&
	       !(report->was_written && cor_kind_is_nested(row->rule.kind));
}

int cor_rules_check_items(const struct cor_report *report, const struct cor_row *row,
	const struct cor_array_value *array, const struct cor_step *step)
{
	int rc = row->contained ? cor_contains_check(report, row, array, step) : 0;

	return rc == 0 && has_unique_items(report, row) ? check_unique(report, row, array, step)
							: rc;
}
