/* SPDX-License-Identifier: MIT */
/* What a row says besides its value: presence, access, texts for readers. */
#include "generate/rows.h"

#include <string.h>

#include "schema/kind.h"

/* Zeroed it is none, as a NULL is. */
static bool says_absent(const struct cor_gen_row *row)
{
	enum cor_kind kind = row->field.type.kind;

	return row->field.shape != COR_SHAPE_ONE || kind == COR_KIND_ENUM ||
	       kind == COR_KIND_POINTER || cor_kind_facts(kind)->is_empty;
}

static bool has_null(const struct cor_gen_row *row)
{
	return row->field.shape == COR_SHAPE_ONE && cor_kind_facts(row->field.type.kind)->has_null;
}

static void settle_fallback(struct cor_gen *gen, struct cor_gen_row *row)
{
	if (!row->field.fallback || !row->nullable || has_null(row) ||
		row->field.type.kind == COR_KIND_RAW)
		return;
	cor_gen_note(gen, row->at,
		"\"default\" is left out: a cor_opt that may be null is absent when it is absent");
	row->field.fallback = NULL;
}

void cor_gen_settle(struct cor_gen *gen, struct cor_gen_row *row)
{
	struct cor_field *field = &row->field;
	enum cor_kind *kind = &field->type.kind;

	settle_fallback(gen, row);
	bool is_optional = !row->required && !field->fallback;
	field->is_opt = false;
	field->presence = 0;
	if (*kind == COR_KIND_EMBED)
		return;
	if (*kind == COR_KIND_OBJECT && field->shape == COR_SHAPE_ONE &&
		(is_optional || row->nullable))
		*kind = COR_KIND_POINTER;
	bool null = row->nullable && *kind != COR_KIND_RAW;
	if ((is_optional && !says_absent(row)) || (null && !has_null(row)))
		field->is_opt = true;
	if (field->is_opt && row->required && !field->bare)
		cor_gen_note(gen, row->at,
			"is required, but may be absent: so is a member that can be null and is no text and no object");
	if (is_optional && !field->is_opt)
		field->presence |= COR_OPTIONAL;
	if (null)
		field->presence |= COR_NULLABLE;
	if (*kind == COR_KIND_ENUM && is_optional && !field->is_opt && row->type &&
		field->shape == COR_SHAPE_ONE)
		row->type->begins_at_one = true;
}

/* --- the rest --- */

static const char *fallback_of(
	struct cor_gen *gen, const struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	const struct cor_node *value = cor_gen_get(schema, "default");

	if (!value && row->field.constant && !row->required)
		cor_gen_note(gen, row->at,
			"may be absent, but is always answered: so is a constant with a fallback");
	if (!value)
		return row->required ? NULL : row->field.constant;
	if (cor_node_type(value) == COR_JSON_NULL && row->field.type.kind != COR_KIND_RAW) {
		if (!row->nullable)
			cor_gen_note(gen, row->at,
				"\"default\" is left out: null is none of its values");
		return NULL;
	}
	if (row->required && !row->field.bare)
		cor_gen_note(gen, row->at, "is required, but may be absent, as it has a default");
	return cor_gen_json(gen, value);
}

static bool is_zero(const struct cor_node *node)
{
	int64_t value;

	return cor_node_to_int64(node, &value) == 0 && value == 0;
}

static const char *example_of(
	struct cor_gen *gen, const struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	const struct cor_node *value = cor_gen_get(schema, "example"),
			      *list = cor_gen_get(schema, "examples");

	if (!value)
		value = cor_node_item(list, 0);
	if (!value || cor_node_type(value) == COR_JSON_NULL ||
		(is_zero(value) && cor_kind_is_number(row->field.type.kind)))
		return NULL;
	if (cor_node_len(list) > 1)
		cor_gen_note(gen, row->at, "of \"examples\" the first is kept");
	return cor_gen_json(gen, value);
}

static const char *doc_of(
	struct cor_gen *gen, const struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	const char *of_type = cor_gen_has_schema(row->type) ? row->type->doc : NULL;
	const char *of_rule = row->rule ? row->rule->rule.doc : NULL;

	for (size_t i = 0; i < schema->len; i++) {
		const char *doc = cor_gen_doc(gen, schema->parts[i]);
		if (doc && !(of_type && strcmp(of_type, doc) == 0) &&
			!(of_rule && strcmp(of_rule, doc) == 0))
			return doc;
		if (doc)
			return NULL;
	}
	return NULL;
}

void cor_gen_finish_row(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	struct cor_field *field = &row->field;

	field->doc = doc_of(gen, row, schema);
	if (cor_gen_any_set(schema, "readOnly"))
		field->access = COR_READ_ONLY;
	else if (cor_gen_any_set(schema, "writeOnly"))
		field->access = COR_WRITE_ONLY;
	field->fallback = fallback_of(gen, row, schema);
	field->example = example_of(gen, row, schema);
	if (field->type.kind == COR_KIND_RAW)
		field->constant = NULL;
	cor_gen_settle(gen, row);
}
