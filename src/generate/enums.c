/* SPDX-License-Identifier: MIT */
/* Values that are listed: enums, sets of names, constants. */
#include "generate/enums.h"

#include <errno.h>
#include <string.h>

#include "generate/names.h"
#include "generate/types.h"

#define BITS_MAX 31

static bool is_in(const struct cor_node *list, const struct cor_node *value)
{
	for (size_t i = 0; i < cor_node_len(list); i++)
		if (cor_node_equal(cor_node_item(list, i), value))
			return true;
	return false;
}

/* Whether a part allows the value; all do that list none. */
static bool allows(const struct cor_node *part, const struct cor_node *value)
{
	const struct cor_node *list = cor_node_get(part, "enum"),
			      *only = cor_node_get(part, "const");

	return (!only || cor_node_equal(only, value)) && (!list || is_in(list, value));
}

static void add_value(struct cor_gen *gen, const struct cor_gen_schema *schema,
	const struct cor_node *value, struct cor_node *found)
{
	for (size_t i = 0; i < schema->len; i++)
		if (!allows(schema->parts[i], value))
			return;
	if (!is_in(found, value) &&
		cor_node_append(gen->arena, found, cor_node_copy(gen->arena, value)) < 0 &&
		gen->error == 0)
		gen->error = -ENOMEM;
}

/* The values that every part allows, each once. */
static struct cor_node *values_of(struct cor_gen *gen, const struct cor_gen_schema *schema)
{
	const struct cor_node *only = cor_gen_get(schema, "const"),
			      *list = cor_gen_get(schema, "enum");
	struct cor_node *found = cor_node_array(gen->arena);

	if (only)
		add_value(gen, schema, only, found);
	for (size_t i = 0; !only && i < cor_node_len(list); i++)
		add_value(gen, schema, cor_node_item(list, i), found);
	return found;
}

/* Takes null out of the list. */
static bool take_null(struct cor_node *values)
{
	bool found = false;

	for (size_t i = cor_node_len(values); i-- > 0;) {
		struct cor_node *value = cor_node_item(values, i);
		if (cor_node_type(value) != COR_JSON_NULL)
			continue;
		cor_node_remove(value);
		found = true;
	}
	return found;
}

static bool are_names(const struct cor_node *values)
{
	struct cor_str text;

	for (size_t i = 0; i < cor_node_len(values); i++)
		if (cor_node_to_text(cor_node_item(values, i), &text) < 0 || text.len == 0 ||
			memchr(text.data, 0, text.len))
			return false;
	return cor_node_len(values) > 0;
}

static bool are_integers(const struct cor_node *values)
{
	int64_t value;

	for (size_t i = 0; i < cor_node_len(values); i++)
		if (cor_node_type(cor_node_item(values, i)) != COR_JSON_NUMBER ||
			cor_node_to_int64(cor_node_item(values, i), &value) < 0)
			return false;
	return cor_node_len(values) > 0;
}

static bool are_texts(const struct cor_node *values)
{
	for (size_t i = 0; i < cor_node_len(values); i++)
		if (cor_node_type(cor_node_item(values, i)) != COR_JSON_STRING)
			return false;
	return cor_node_len(values) > 0;
}

static struct cor_gen_type *named(struct cor_gen *gen, enum cor_gen_form form,
	const struct cor_gen_schema *schema, const struct cor_node *values, const char *hint)
{
	const char *way = form == COR_GEN_SET ? "set" : "enum";
	struct cor_gen_type *type = cor_gen_find_type(gen, schema, way);

	if (type)
		return type;
	type = cor_gen_new_type(gen, form, schema, hint);
	if (!type)
		return NULL;
	cor_gen_keep_type(gen, schema, way, type);
	type->names = cor_gen_alloc(gen, cor_node_len(values) * sizeof type->names[0]);
	if (!type->names)
		return NULL;
	for (size_t i = 0; i < cor_node_len(values); i++) {
		struct cor_str text = { 0 };
		cor_ignore(cor_node_to_text(cor_node_item(values, i), &text));
		type->names[i].text = cor_gen_text(gen, text);
		type->names[i].constant = cor_gen_constant(gen, type->name, type->names[i].text);
	}
	type->names_len = cor_node_len(values);
	return type;
}

/* A number has no table of names. */
static void resolve_integers(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const struct cor_node *values)
{
	int64_t value = 0, min = INT64_MAX, max = INT64_MIN;

	for (size_t i = 0; i < cor_node_len(values); i++) {
		cor_ignore(cor_node_to_int64(cor_node_item(values, i), &value));
		min = value < min ? value : min;
		max = value > max ? value : max;
	}
	row->field.type.kind = min >= INT32_MIN && max <= INT32_MAX ? COR_KIND_INT32
								    : COR_KIND_INT64;
	row->field.range.min = (struct cor_bound){ .type = COR_BOUND_INTEGER, .integer = min };
	row->field.range.max = (struct cor_bound){ .type = COR_BOUND_INTEGER, .integer = max };
	if ((uint64_t)max - (uint64_t)min + 1 != cor_node_len(values))
		cor_gen_note(gen, schema->at,
			"the numbers of \"enum\" are made the range that they are in: check them in a function (COR_CHECK)");
}

static void resolve_one(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const struct cor_node *value)
{
	struct cor_str text;
	int64_t whole;

	switch (cor_node_type(value)) {
	case COR_JSON_BOOL:
		row->field.type.kind = COR_KIND_BOOL;
		break;
	case COR_JSON_NUMBER:
		row->field.type.kind = cor_node_to_int64(value, &whole) < 0       ? COR_KIND_DOUBLE
				       : whole >= INT32_MIN && whole <= INT32_MAX ? COR_KIND_INT32
										  : COR_KIND_INT64;
		break;
	case COR_JSON_STRING:
		cor_ignore(cor_node_to_text(value, &text));
		row->field.type.kind = memchr(text.len ? text.data : "", 0, text.len)
					       ? COR_KIND_STR
					       : COR_KIND_TEXT;
		break;
	default:
		cor_gen_resolve_raw(row);
		cor_gen_note(gen, schema->at,
			"the one value is no scalar: any JSON is taken, check it in a function (COR_CHECK)");
		return;
	}
	row->field.constant = cor_gen_json(gen, value);
}

void cor_gen_resolve_values(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint)
{
	struct cor_node *values = values_of(gen, schema);

	row->nullable = take_null(values) || row->nullable;
	if (cor_node_len(values) == 1) {
		resolve_one(gen, row, schema, cor_node_item(values, 0));
	} else if (are_names(values)) {
		row->type = named(gen, COR_GEN_ENUM, schema, values, hint);
		row->field.type.kind = COR_KIND_ENUM;
	} else if (are_integers(values)) {
		resolve_integers(gen, row, schema, values);
	} else if (are_texts(values)) {
		row->field.type.kind = COR_KIND_TEXT;
		cor_gen_note(gen, schema->at,
			"\"enum\" is left out, any text is taken: no name of an enum is empty or holds U+0000");
	} else if (cor_node_len(values) == 2 &&
		   cor_node_type(cor_node_item(values, 0)) == COR_JSON_BOOL &&
		   cor_node_type(cor_node_item(values, 1)) == COR_JSON_BOOL) {
		row->field.type.kind = COR_KIND_BOOL;
	} else {
		cor_gen_resolve_raw(row);
		cor_gen_note(gen, schema->at,
			"\"enum\" is of no one type, so any JSON is taken: check it in a function (COR_CHECK)");
	}
}

bool cor_gen_resolve_set(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *array, const struct cor_gen_schema *item, const char *hint)
{
	if (!cor_gen_any_set(array, "uniqueItems") || !cor_gen_get(item, "enum") ||
		cor_gen_get(array, "minItems") || cor_gen_get(array, "maxItems") ||
		cor_gen_is_component(gen, item->at))
		return false;
	struct cor_node *values = values_of(gen, item);
	if (!are_names(values) || cor_node_len(values) > BITS_MAX)
		return false;
	row->type = named(gen, COR_GEN_SET, item, values, hint);
	row->field.type.kind = COR_KIND_FLAGS;
	return true;
}
