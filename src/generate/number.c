/* SPDX-License-Identifier: MIT */
/* Numbers: the C type that holds them, and their range. */
#include "generate/number.h"

#include <math.h>
#include <string.h>

#include "schema/kind.h"

static struct cor_bound integer_bound(int64_t value)
{
	return (struct cor_bound){ .type = COR_BOUND_INTEGER, .integer = value };
}

static struct cor_bound natural_bound(uint64_t value)
{
	return (struct cor_bound){ .type = COR_BOUND_NATURAL, .integer = (int64_t)value };
}

/* Of whole numbers: one that excludes is one that includes the next. */
static struct cor_bound whole_bound(struct cor_gen_bound bound, bool is_max)
{
	int64_t value;
	uint64_t large;
	double real;

	if (cor_node_to_int64(bound.node, &value) == 0) {
		bool is_last = value == (is_max ? INT64_MIN : INT64_MAX);
		if (bound.exclusive && !is_last)
			value += is_max ? -1 : 1;
		return integer_bound(value);
	}
	if (cor_node_to_uint64(bound.node, &large) == 0)
		return natural_bound(
			large - (is_max && bound.exclusive) + (!is_max && bound.exclusive));
	if (cor_node_to_double(bound.node, &real) == 0 && fabs(real) < 0x1p62)
		return integer_bound((int64_t)(is_max ? floor(real) : ceil(real)));
	return (struct cor_bound){ 0 };
}

static bool is_at_least(const struct cor_bound *bound, int64_t value)
{
	return bound->type == COR_BOUND_NATURAL ||
	       (bound->type == COR_BOUND_INTEGER && bound->integer >= value);
}

static bool is_at_most(const struct cor_bound *bound, int64_t value)
{
	return bound->type == COR_BOUND_INTEGER && bound->integer <= value;
}

static enum cor_kind whole_kind(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const struct cor_range *range)
{
	static const struct {
		const char *format;
		enum cor_kind kind;
	} of[] = { { "int32", COR_KIND_INT32 }, { "int64", COR_KIND_INT64 },
		{ "uint32", COR_KIND_UINT32 }, { "uint64", COR_KIND_UINT64 },
		{ "int8", COR_KIND_INT32 }, { "int16", COR_KIND_INT32 },
		{ "uint8", COR_KIND_INT32 }, { "uint16", COR_KIND_INT32 } };
	const char *format = cor_gen_get_text(gen, schema, "format");

	for (size_t i = 0; format && i < sizeof of / sizeof of[0]; i++)
		if (strcmp(of[i].format, format) == 0)
			return of[i].kind;
	if (is_at_least(&range->min, INT32_MIN) && is_at_most(&range->max, INT32_MAX))
		return COR_KIND_INT32;
	if (is_at_least(&range->min, 0) && is_at_most(&range->max, UINT32_MAX))
		return COR_KIND_UINT32;
	return range->max.type == COR_BOUND_NATURAL && is_at_least(&range->min, 0) ? COR_KIND_UINT64
										   : COR_KIND_INT64;
}

/* A bound that is the type's own says nothing. */
static void drop_own_bounds(struct cor_range *range, enum cor_kind kind)
{
	const struct cor_kind_facts *facts = cor_kind_facts(kind);

	if (range->min.type == COR_BOUND_INTEGER && range->min.integer <= facts->min)
		range->min = (struct cor_bound){ 0 };
	if ((range->max.type == COR_BOUND_INTEGER && range->max.integer >= 0 &&
		    (uint64_t)range->max.integer >= facts->max) ||
		(range->max.type == COR_BOUND_NATURAL &&
			(uint64_t)range->max.integer >= facts->max))
		range->max = (struct cor_bound){ 0 };
}

/* As the schema writes it: 0 is no 0.0. */
static struct cor_bound real_bound(struct cor_gen_bound bound)
{
	struct cor_bound found = { .exclusive = bound.exclusive };

	if (cor_node_to_int64(bound.node, &found.integer) == 0)
		found.type = COR_BOUND_INTEGER;
	else if (cor_node_to_double(bound.node, &found.real) == 0)
		found.type = COR_BOUND_REAL;
	else
		found.exclusive = false;
	return found;
}

static const char *number_text(struct cor_gen *gen, const struct cor_node *node)
{
	struct cor_str text;

	return cor_node_to_number(node, &text) < 0 ? NULL : cor_gen_text(gen, text);
}

static struct cor_bound decimal_bound(struct cor_gen *gen, struct cor_gen_bound bound)
{
	if (!bound.node)
		return (struct cor_bound){ 0 };
	return (struct cor_bound){ .type = COR_BOUND_TEXT,
		.exclusive = bound.exclusive,
		.text = number_text(gen, bound.node) };
}

static void resolve_decimal(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	row->field.type.kind = COR_KIND_DECIMAL;
	row->field.as = COR_AS_NUMBER;
	row->field.range.min = decimal_bound(gen, cor_gen_bound_of(schema, false));
	row->field.range.max = decimal_bound(gen, cor_gen_bound_of(schema, true));
}

void cor_gen_resolve_number(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, bool is_whole)
{
	const char *format = cor_gen_get_text(gen, schema, "format");
	struct cor_gen_bound min = cor_gen_bound_of(schema, false),
			     max = cor_gen_bound_of(schema, true);

	cor_ignore(cor_node_to_double(cor_gen_get(schema, "multipleOf"), &row->field.multiple_of));
	if (!is_whole && format && strcmp(format, "decimal") == 0) {
		resolve_decimal(gen, row, schema);
		return;
	}
	if (!is_whole) {
		row->field.type.kind = COR_KIND_DOUBLE;
		row->field.range.min = real_bound(min);
		row->field.range.max = real_bound(max);
		return;
	}
	row->field.range.min = whole_bound(min, false);
	row->field.range.max = whole_bound(max, true);
	row->field.type.kind = whole_kind(gen, schema, &row->field.range);
	drop_own_bounds(&row->field.range, row->field.type.kind);
	if (row->field.multiple_of == 1)
		row->field.multiple_of = 0;
}
