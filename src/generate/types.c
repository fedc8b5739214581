/* SPDX-License-Identifier: MIT */
/* From a schema to the kind and the shape of a row. */
#include "generate/types.h"

#include <errno.h>
#include <string.h>

#include "generate/enums.h"
#include "generate/names.h"
#include "generate/number.h"
#include "generate/rows.h"
#include "generate/structs.h"
#include "generate/unions.h"
#include "generate/words.h"

/* --- types that were made before --- */

/* Schemas are the same if their parts are. */
static const char *key_of(struct cor_gen *gen, const struct cor_gen_schema *schema, const char *way)
{
	const char *key = way;

	for (size_t i = 0; i < schema->len; i++)
		key = cor_gen_printf(gen, "%s %p", key, (const void *)schema->parts[i]);
	return key;
}

struct cor_gen_type *cor_gen_find_type(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *way)
{
	uint64_t at;

	if (cor_node_to_uint64(cor_node_get(gen->index, key_of(gen, schema, way)), &at) < 0)
		return NULL;
	return gen->types[at];
}

void cor_gen_keep_type(struct cor_gen *gen, const struct cor_gen_schema *schema, const char *way,
	const struct cor_gen_type *type)
{
	for (size_t at = gen->types_len; at-- > 0;)
		if (gen->types[at] == type) {
			if (cor_node_set(gen->arena, gen->index, key_of(gen, schema, way),
				    cor_node_uint64(gen->arena, at)) < 0 &&
				gen->error == 0)
				gen->error = -ENOMEM;
			return;
		}
}

static const char *reserved_key(struct cor_gen *gen, const struct cor_node *node)
{
	return cor_gen_printf(gen, "name %p", (const void *)node);
}

void cor_gen_reserve(struct cor_gen *gen, const struct cor_node *component, const char *name)
{
	const char *tag = cor_gen_snake(gen, name);

	if (cor_node_get(gen->index, reserved_key(gen, component)))
		return;
	tag = cor_gen_tag(gen, tag[0] ? tag : "type");
	cor_ignore(cor_node_set(gen->arena, gen->index, reserved_key(gen, component),
		cor_node_string(gen->arena, tag)));
}

bool cor_gen_is_component(struct cor_gen *gen, const struct cor_node *node)
{
	return cor_node_get(gen->index, reserved_key(gen, node));
}

/* A name of OpenAPI that the type's own does not give (OpenAPI 3.1, Components Object). */
static const char *component_of(
	struct cor_gen *gen, const struct cor_node *node, const struct cor_gen_type *type)
{
	struct cor_str key = cor_gen_own_key(node);
	const char *name = cor_gen_text(gen, key);
	size_t good = strspn(
		name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

	if (key.len == 0 || key.len > 128 || good != key.len || strcmp(name, type->name) == 0)
		return NULL;
	return name;
}

/* The name that was kept for a component; NULL: none, or another way of the same schema has it. */
static const char *reserved_name(struct cor_gen *gen, const struct cor_node *node)
{
	struct cor_str name;

	if (cor_node_to_text(cor_node_get(gen->index, reserved_key(gen, node)), &name) < 0)
		return NULL;
	const char *tag = cor_gen_text(gen, name);
	for (size_t i = 0; i < gen->types_len; i++)
		if (strcmp(gen->types[i]->name, tag) == 0)
			return NULL;
	return tag;
}

struct cor_gen_type *cor_gen_new_type(struct cor_gen *gen, enum cor_gen_form form,
	const struct cor_gen_schema *schema, const char *hint)
{
	const char *reserved = schema->roots == 1 ? reserved_name(gen, schema->at) : NULL;
	struct cor_gen_type *type = cor_gen_add_type(
		gen, form, schema->at, reserved ? reserved : cor_gen_tag(gen, hint));

	if (!type)
		return NULL;
	if (reserved)
		type->component = component_of(gen, schema->at, type);
	type->doc = cor_gen_doc(gen, schema->at);
	for (size_t i = 0; schema->roots != 1 && i < schema->len && !type->doc; i++)
		type->doc = cor_gen_doc(gen, schema->parts[i]);
	return type;
}

/* --- what a schema is --- */

struct cor_gen_schema cor_gen_itself(
	struct cor_gen *gen, const struct cor_gen_schema *schema, bool *ret_null)
{
	const struct cor_node *node = schema->at, *next;

	if (schema->roots != 1)
		return *schema;
	for (unsigned steps = 0; steps < 8; steps++) {
		*ret_null = *ret_null || cor_gen_is_set(node, "nullable");
		next = cor_gen_without_null(gen, cor_gen_named(gen, node), ret_null);
		if (next == node)
			break;
		node = next;
	}
	return node == schema->at ? *schema : cor_gen_schema_of(gen, node);
}

void cor_gen_resolve_raw(struct cor_gen_row *row)
{
	row->type = NULL;
	row->field.type.kind = COR_KIND_RAW;
	row->field.shape = COR_SHAPE_ONE;
}

struct cor_gen_type *cor_gen_bare(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *hint)
{
	bool null = false;
	struct cor_gen_schema itself = cor_gen_itself(gen, schema, &null);
	struct cor_gen_row row = { .at = schema->at, .required = true };

	if (!null) /* the component, for all that refer to it */
		schema = &itself;
	struct cor_gen_type *type = cor_gen_find_type(gen, schema, "bare");
	if (type)
		return type;
	type = cor_gen_new_type(gen, COR_GEN_STRUCT, schema, hint);
	if (!type)
		return NULL;
	type->is_bare = true;
	cor_gen_keep_type(gen, schema, "bare", type);
	row.field.bare = true;
	cor_gen_resolve(gen, &row, schema, cor_gen_printf(gen, "%s_value", type->name));
	row.field.member = cor_gen_member(gen, type,
		row.field.shape == COR_SHAPE_ARRAY  ? "items"
		: row.field.shape == COR_SHAPE_DICT ? "entries"
						    : "value");
	cor_gen_finish_row(gen, &row, schema);
	row.field.doc = NULL; /* the type says it */
	row.field.access = COR_READ_WRITE;
	row.field.fallback = NULL;
	cor_gen_settle(gen, &row);
	struct cor_gen_row *place = cor_gen_add_row(gen, type);
	if (place)
		*place = row;
	return type;
}

/* A row that cannot be said of items gets a type of its own. */
static void wrap(struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema,
	const char *hint)
{
	const struct cor_gen_row plain = { .field.member = row->field.member,
		.field.key = row->field.key,
		.field.bare = row->field.bare,
		.at = row->at,
		.required = row->required };

	*row = plain;
	row->type = cor_gen_bare(gen, schema, hint);
	row->field.type.kind = COR_KIND_OBJECT;
}

/* --- arrays and maps --- */

static bool is_plain(const struct cor_gen_row *item)
{
	return item->field.shape == COR_SHAPE_ONE && !item->nullable &&
	       item->field.type.kind != COR_KIND_FLAGS;
}

/* The row says of its items what `schema` says of one. */
static void resolve_items(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint)
{
	struct cor_gen_row item = { .at = schema->at ? schema->at : row->at, .required = true };

	if (!schema->at) {
		cor_gen_resolve_raw(&item);
	} else {
		cor_gen_resolve(gen, &item, schema, hint);
		if (!is_plain(&item))
			wrap(gen, &item, schema, hint);
	}
	item.field.shape = row->field.shape;
	item.field.member = row->field.member;
	item.field.key = row->field.key;
	item.field.bare = row->field.bare;
	row->field = item.field;
	row->type = item.type;
	if (item.rule) { /* its .doc is that of one item */
		struct cor_rule *rule = &item.rule->rule;
		item.rule->uses--;
		row->field.range = rule->range;
		row->field.min_length = rule->min_length;
		row->field.max_length = rule->max_length;
		row->field.pattern = rule->pattern;
		row->field.format = rule->format;
		row->field.multiple_of = rule->multiple_of;
	}
}

/* The schema of any keyword's value; at == NULL if it says nothing. */
static struct cor_gen_schema sub_schema(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *keyword)
{
	struct cor_gen_schema found = { 0 };
	bool value;

	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_node *one = cor_node_get(schema->parts[i], keyword);
		if (!one || cor_node_type(one) == COR_JSON_ARRAY ||
			cor_node_to_bool(one, &value) == 0 ||
			(cor_node_type(one) == COR_JSON_OBJECT && cor_node_len(one) == 0))
			continue;
		found.at = found.at ? found.at : one;
		found.roots++;
		cor_gen_expand(gen, one, &found);
	}
	return found;
}

static void resolve_array(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint)
{
	const struct cor_node *tuple = cor_gen_get(schema, "prefixItems");
	struct cor_gen_schema item = sub_schema(gen, schema, "items");
	const char *one = cor_gen_singular(gen, hint);

	if (!tuple && cor_node_type(cor_gen_get(schema, "items")) == COR_JSON_ARRAY)
		tuple = cor_gen_get(schema, "items");
	if (tuple) {
		cor_gen_note(gen, schema->at,
			"items of different types are taken as any JSON: check them in a function (COR_CHECK)");
		item = (struct cor_gen_schema){ 0 };
	}
	if (item.at && cor_gen_resolve_set(gen, row, schema, &item, one))
		return;
	row->field.shape = COR_SHAPE_ARRAY;
	resolve_items(gen, row, &item, one);
	row->field.min_items = cor_gen_largest(gen, schema, "minItems");
	row->field.max_items = cor_gen_smallest(gen, schema, "maxItems");
	row->field.unique_items = cor_gen_any_set(schema, "uniqueItems");
	if (row->field.unique_items && row->field.type.kind == COR_KIND_RAW) {
		row->field.unique_items = false;
		cor_gen_note(gen, schema->at,
			"\"uniqueItems\" is left out: items of any JSON are not compared");
	}
}

/* The one pattern of keys, if that is all that the object says; else NULL. */
static const struct cor_node *only_pattern(const struct cor_gen_schema *schema)
{
	const struct cor_node *patterns = cor_gen_get(schema, "patternProperties");
	bool value = true;

	cor_ignore(cor_node_to_bool(cor_gen_get(schema, "additionalProperties"), &value));
	return cor_node_len(patterns) == 1 && !value ? cor_node_item(patterns, 0) : NULL;
}

static void key_rules(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	struct cor_gen_schema names = sub_schema(gen, schema, "propertyNames");
	const struct cor_node *value = only_pattern(schema);

	if (value) {
		struct cor_str key = cor_gen_own_key(value);
		row->field.key_pattern = cor_gen_pattern(
			gen, schema->at, cor_node_text(gen->arena, key));
	}
	if (!names.at) /* OpenAPI 3.0 does not have it */
		names = sub_schema(gen, schema, "x-propertyNames");
	if (!names.at)
		return;
	if (!row->field.key_pattern)
		row->field.key_pattern = cor_gen_pattern(
			gen, names.at, cor_gen_get(&names, "pattern"));
	row->field.key_max_length = cor_gen_smallest(gen, &names, "maxLength");
	if (cor_gen_get(&names, "minLength") || cor_gen_get(&names, "enum") ||
		cor_gen_get(&names, "format") || cor_gen_get(&names, "const"))
		cor_gen_note(gen, names.at,
			"of \"propertyNames\" only pattern and maxLength are kept: check the rest in a function (COR_CHECK)");
}

static void resolve_dict(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint)
{
	const struct cor_node *by_pattern = only_pattern(schema);
	struct cor_gen_schema value = by_pattern ? cor_gen_schema_of(gen, by_pattern)
						 : sub_schema(gen, schema, "additionalProperties");

	if (!by_pattern && cor_gen_get(schema, "patternProperties"))
		cor_gen_note(gen, schema->at,
			"\"patternProperties\" is left out: members of any name are taken");
	row->field.shape = COR_SHAPE_DICT;
	resolve_items(gen, row, &value, cor_gen_singular(gen, hint));
	row->field.min_items = cor_gen_largest(gen, schema, "minProperties");
	row->field.max_items = cor_gen_smallest(gen, schema, "maxProperties");
	key_rules(gen, row, schema);
}

/* An object that lists no members is a map, unless it may have none at all. */
static bool is_dict(struct cor_gen *gen, const struct cor_gen_schema *schema)
{
	return !cor_gen_has_properties(schema) && !cor_gen_refuses_more(gen, schema) &&
	       cor_node_len(cor_gen_get(schema, "required")) == 0;
}

static void resolve_object(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint)
{
	if (is_dict(gen, schema)) {
		resolve_dict(gen, row, schema, hint);
		return;
	}
	row->type = cor_gen_struct(gen, schema, hint, NULL);
	row->field.type.kind = COR_KIND_OBJECT;
}

/* --- all of them --- */

static void resolve_types(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint, unsigned types)
{
	const struct cor_gen_open open = { gen->open, schema->at };

	switch (types) {
	case COR_GEN_BOOL:
		row->field.type.kind = COR_KIND_BOOL;
		break;
	case COR_GEN_INTEGER:
	case COR_GEN_NUMBER:
		cor_gen_resolve_number(gen, row, schema, types == COR_GEN_INTEGER);
		break;
	case COR_GEN_STRING:
		cor_gen_resolve_text(gen, row, schema);
		break;
	case COR_GEN_ARRAY:
		gen->open = &open;
		resolve_array(gen, row, schema, hint);
		gen->open = open.outer;
		break;
	case COR_GEN_OBJECT:
		gen->open = &open;
		resolve_object(gen, row, schema, hint);
		gen->open = open.outer;
		break;
	case COR_GEN_NULL:
		cor_gen_resolve_raw(row);
		cor_gen_note(gen, schema->at, "is always null, but any JSON is taken");
		break;
	default:
		cor_gen_resolve_raw(row);
		if (types)
			cor_gen_note(gen, schema->at,
				"is of several types, so any JSON is taken: check it in a function (COR_CHECK)");
	}
}

static bool has_choice(const struct cor_gen_schema *schema)
{
	return cor_gen_get(schema, "oneOf") || cor_gen_get(schema, "anyOf");
}

static void resolve_itself(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint)
{
	unsigned types = cor_gen_types_of(gen, schema);

	cor_gen_tell_left_out(gen, schema);
	if (schema->is_never) {
		cor_gen_resolve_raw(row);
		cor_gen_note(gen, schema->at, "allows no value, but any JSON is taken");
		return;
	}
	if (types & COR_GEN_NULL && types != COR_GEN_NULL) {
		row->nullable = true;
		types &= ~(unsigned)COR_GEN_NULL;
	}
	if (cor_gen_get(schema, "const") || cor_gen_get(schema, "enum"))
		cor_gen_resolve_values(gen, row, schema, hint);
	else if (!has_choice(schema) || !cor_gen_resolve_choice(gen, row, schema, hint))
		resolve_types(gen, row, schema, hint, types);
}

/* Rules of a scalar that several places share are said once. */
static struct cor_gen_rule *shared_rule(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	const struct cor_field *field = &row->field;
	bool has_rules = field->range.min.type || field->range.max.type || field->min_length ||
			 field->max_length || field->pattern || field->format ||
			 field->multiple_of != 0;

	if (!has_rules || row->type || field->shape != COR_SHAPE_ONE || field->bare ||
		schema->roots != 1 || !cor_gen_is_component(gen, schema->at) ||
		cor_gen_uses(gen, schema->at) < 2)
		return NULL;
	for (struct cor_gen_rule *rule = gen->rules; rule; rule = rule->next)
		if (rule->at == schema->at)
			return rule;
	struct cor_gen_rule *rule = cor_gen_alloc(gen, sizeof *rule);
	if (!rule)
		return NULL;
	rule->at = schema->at;
	rule->name = cor_gen_printf(
		gen, "%s", cor_gen_snake(gen, cor_gen_text(gen, cor_gen_own_key(schema->at))));
	rule->name = cor_gen_tag(gen, cor_gen_printf(gen, "%s_rule", rule->name));
	rule->rule = (struct cor_rule){ .range = field->range,
		.min_length = field->min_length,
		.max_length = field->max_length,
		.pattern = field->pattern,
		.format = field->format,
		.multiple_of = field->multiple_of,
		.doc = cor_gen_doc(gen, schema->at) };
	*gen->rules_end = rule;
	gen->rules_end = &rule->next;
	return rule;
}

static void use_rule(struct cor_gen_row *row, struct cor_gen_rule *rule)
{
	struct cor_field *field = &row->field;

	row->rule = rule;
	rule->uses++;
	field->range = (struct cor_range){ 0 };
	field->min_length = field->max_length = 0;
	field->pattern = field->format = NULL;
	field->multiple_of = 0;
}

/* A list of itself: the struct that is made for it holds it. */
static bool is_open_list(const struct cor_gen *gen, const struct cor_gen_row *row,
	const struct cor_gen_schema *schema)
{
	const struct cor_gen_open *open = gen->open;

	while (open && open->at != schema->at)
		open = open->outer;
	return open && !row->field.bare && !cor_gen_has_properties(schema) &&
	       !cor_gen_get(schema, "required");
}

void cor_gen_resolve(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint)
{
	struct cor_gen_schema itself = cor_gen_itself(gen, schema, &row->nullable);

	if (is_open_list(gen, row, &itself)) {
		wrap(gen, row, &itself, hint);
		return;
	}
	resolve_itself(gen, row, &itself, hint);
	struct cor_gen_rule *rule = shared_rule(gen, row, &itself);
	if (rule)
		use_rule(row, rule);
	/* An array that may be null: a pointer to a struct that holds it. */
	bool is_many = row->field.shape != COR_SHAPE_ONE;
	if (is_many && row->nullable && !row->field.bare) {
		wrap(gen, row, &itself, hint);
		row->nullable = true;
	} else if (is_many && row->nullable) {
		row->nullable = false;
	}
}
