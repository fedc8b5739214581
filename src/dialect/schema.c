/* SPDX-License-Identifier: MIT */
/*
 * JSON Schema 2020-12 as OpenAPI 3.0 (a dialect of draft 5, with "nullable" for null) and Swagger
 * 2.0 (draft 4, without null and without alternatives) have it. Each keyword is a row: how it is
 * written, and where it may stand. A keyword without a row, and one that may not stand there,
 * becomes an extension.
 */
#include "dialect/schema.h"

#include <string.h>

/* Where a keyword may stand. */
enum {
	IN_3_0 = 1,
	IN_2_0 = 2,
	IN_FLAT = 4, /* a parameter or header of 2.0 */
	IN_SCHEMAS = IN_3_0 | IN_2_0,
	ANYWHERE = IN_SCHEMAS | IN_FLAT,
};

/* A schema that is being written. */
struct target {
	const struct cor_rewrite *to;
	const struct cor_node *schema;
	struct cor_members object;
	unsigned place;
	bool has_type;
};

static bool is_list_of_types(const struct cor_node *type)
{
	return cor_node_type(type) == COR_JSON_ARRAY;
}

static bool lists_null(const struct cor_node *types)
{
	for (size_t i = 0; i < cor_node_len(types); i++)
		if (cor_node_is_text(cor_node_item(types, i), "null"))
			return true;
	return false;
}

/* The only type beside null; NULL: there are several. */
static const struct cor_node *only_type(const struct cor_node *types)
{
	const struct cor_node *found = NULL;

	for (size_t i = 0; i < cor_node_len(types); i++) {
		const struct cor_node *type = cor_node_item(types, i);
		if (cor_node_is_text(type, "null"))
			continue;
		if (found)
			return NULL;
		found = type;
	}
	return found;
}

static void write_copy(struct target *t, const char *name, const struct cor_node *value)
{
	cor_member_copy(&t->object, name, value);
}

static void write_type_name(struct target *t, const struct cor_node *type)
{
	write_copy(t, "type", type);
	t->has_type = true;
}

/* Null and nothing else. In 3.0 "nullable" counts only next to a "type". */
static void write_null_alone(struct target *t)
{
	if (t->place == IN_3_0) {
		cor_member_raw(&t->object, "type", "\"object\"");
		cor_member_raw(&t->object, "nullable", "true");
	}
	cor_member_raw(&t->object, "enum", "[null]");
	t->has_type = true;
}

/*
 * In 2.0 a "type" would refuse null, so the keywords beside it, which count for values of their
 * type only, must do.
 */
static void write_type(struct target *t, const char *name, const struct cor_node *type)
{
	const struct cor_node *one = is_list_of_types(type) ? only_type(type) : NULL;

	(void)name;
	if (cor_node_is_text(type, "null")) {
		write_null_alone(t);
	} else if (!is_list_of_types(type) || (t->place == IN_FLAT && one)) {
		write_type_name(t, one ? one : type);
	} else if (t->place == IN_3_0 && one) {
		write_type_name(t, one);
		cor_member_flag(&t->object, "nullable", lists_null(type));
	} else {
		cor_member_copy(&t->object, "x-type", type);
	}
}

static void write_schema(struct target *t, const char *name, const struct cor_node *value)
{
	cor_member(&t->object, name);
	cor_rewrite_schema(t->to, value);
}

static void write_schema_or_flag(struct target *t, const char *name, const struct cor_node *value)
{
	if (cor_node_type(value) == COR_JSON_BOOL)
		write_copy(t, name, value);
	else
		write_schema(t, name, value);
}

static void write_schemas(struct target *t, const char *name, const struct cor_node *value)
{
	cor_member(&t->object, name);
	cor_rewrite_schemas(t->to, value);
}

static void write_list(struct target *t, const char *name, const struct cor_node *value)
{
	cor_member(&t->object, name);
	struct cor_members list = cor_array_open(t->to->buffer);
	for (size_t i = 0; i < cor_node_len(value); i++) {
		cor_item(&list);
		cor_rewrite_schema(t->to, cor_node_item(value, i));
	}
	cor_array_close(&list);
}

static void write_constant(struct target *t, const char *name, const struct cor_node *value)
{
	(void)name;
	cor_member(&t->object, "enum");
	cor_buffer_byte(t->to->buffer, '[');
	cor_rewrite_copy(t->to->buffer, value);
	cor_buffer_byte(t->to->buffer, ']');
}

/* A constant beside it says more. */
static void write_enum(struct target *t, const char *name, const struct cor_node *value)
{
	if (!cor_node_get(t->schema, "const"))
		write_copy(t, name, value);
}

/* A bound that is a number in 2020-12 is a bound and a flag in the drafts before 6. */
static void write_above(struct target *t, const char *name, const struct cor_node *value)
{
	write_copy(t, "minimum", value);
	cor_member_raw(&t->object, name, "true");
}

static void write_below(struct target *t, const char *name, const struct cor_node *value)
{
	write_copy(t, "maximum", value);
	cor_member_raw(&t->object, name, "true");
}

static void write_example(struct target *t, const char *name, const struct cor_node *value)
{
	(void)name;
	if (t->place != IN_FLAT)
		write_copy(t, "example", cor_node_item(value, 0));
}

/* Bytes in base64. */
static void write_encoding(struct target *t, const char *name, const struct cor_node *value)
{
	if (cor_node_is_text(value, "base64") && !cor_node_get(t->schema, "format"))
		cor_member_raw(&t->object, "format", "\"byte\"");
	else
		cor_member_extension(&t->object, cor_str(name), value);
}

static void write_discriminator(struct target *t, const char *name, const struct cor_node *value)
{
	const struct cor_node *mapping = cor_node_get(value, "mapping");

	cor_member(&t->object, name);
	struct cor_members object = cor_object_open(t->to->buffer);
	cor_member_copy(&object, "propertyName", cor_node_get(value, "propertyName"));
	cor_member(&object, "mapping");
	struct cor_members names = cor_object_open(t->to->buffer);
	for (size_t i = 0; i < cor_node_len(mapping); i++) {
		cor_member_begin(&names, cor_node_key(mapping, i));
		cor_rewrite_reference(t->to, cor_text_of(cor_node_item(mapping, i)));
	}
	cor_object_close(&names);
	cor_object_close(&object);
}

struct keyword {
	const char *name;
	void (*write)(struct target *t, const char *name, const struct cor_node *value);
	unsigned places;
	const char *extension; /* its name where it may not stand; NULL: it is copied to "x-NAME" */
};

static const struct keyword keywords[] = {
	{ "type", write_type, ANYWHERE, NULL },
	{ "format", write_copy, ANYWHERE, NULL },
	{ "contentEncoding", write_encoding, ANYWHERE, NULL },
	{ "title", write_copy, IN_SCHEMAS, NULL },
	{ "description", write_copy, IN_SCHEMAS, NULL },
	{ "const", write_constant, ANYWHERE, NULL },
	{ "enum", write_enum, ANYWHERE, NULL },
	{ "default", write_copy, ANYWHERE, NULL },
	{ "multipleOf", write_copy, ANYWHERE, NULL },
	{ "minimum", write_copy, ANYWHERE, NULL },
	{ "maximum", write_copy, ANYWHERE, NULL },
	{ "exclusiveMinimum", write_above, ANYWHERE, NULL },
	{ "exclusiveMaximum", write_below, ANYWHERE, NULL },
	{ "minLength", write_copy, ANYWHERE, NULL },
	{ "maxLength", write_copy, ANYWHERE, NULL },
	{ "pattern", write_copy, ANYWHERE, NULL },
	{ "minItems", write_copy, ANYWHERE, NULL },
	{ "maxItems", write_copy, ANYWHERE, NULL },
	{ "uniqueItems", write_copy, ANYWHERE, NULL },
	{ "minProperties", write_copy, IN_SCHEMAS, NULL },
	{ "maxProperties", write_copy, IN_SCHEMAS, NULL },
	{ "required", write_copy, IN_SCHEMAS, NULL },
	{ "readOnly", write_copy, IN_SCHEMAS, NULL },
	{ "writeOnly", write_copy, IN_3_0, NULL },
	{ "deprecated", write_copy, IN_3_0, NULL },
	{ "externalDocs", write_copy, IN_SCHEMAS, NULL },
	{ "examples", write_example, ANYWHERE, NULL },
	{ "properties", write_schemas, IN_SCHEMAS, NULL },
	{ "items", write_schema, IN_SCHEMAS, NULL },
	{ "additionalProperties", write_schema_or_flag, IN_SCHEMAS, NULL },
	{ "allOf", write_list, IN_SCHEMAS, NULL },
	{ "anyOf", write_list, IN_3_0, "x-anyOf" },
	{ "oneOf", write_list, IN_3_0, "x-oneOf" },
	{ "not", write_schema, IN_3_0, "x-not" },
	{ "discriminator", write_discriminator, IN_3_0, "x-discriminator" },
	{ "propertyNames", write_schema, 0, "x-propertyNames" },
	{ "patternProperties", write_schemas, 0, "x-patternProperties" },
	{ "contains", write_schema, 0, "x-contains" },
};

static const struct keyword *find(struct cor_str name)
{
	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
		if (cor_str_equal(cor_str(keywords[i].name), name))
			return &keywords[i];
	return NULL;
}

static void write_keyword(struct target *t, struct cor_str name, const struct cor_node *value)
{
	const struct keyword *keyword = find(name);

	if (keyword && (keyword->places & t->place))
		keyword->write(t, keyword->name, value);
	else if (keyword && keyword->extension && t->place != IN_FLAT)
		keyword->write(t, keyword->extension, value);
	else if (t->place != IN_FLAT)
		cor_member_extension(&t->object, name, value);
}

/* The items of an array must be described. */
static void write_missing_items(struct target *t)
{
	if (cor_node_is_text(cor_node_get(t->schema, "type"), "array") &&
		!cor_node_get(t->schema, "items"))
		cor_member_raw(&t->object, "items", "{}");
}

static void write_keywords(struct target *t)
{
	for (size_t i = 0; i < cor_node_len(t->schema); i++) {
		struct cor_str name = cor_node_key(t->schema, i);
		if (!cor_str_equal(name, COR_STR("$ref")))
			write_keyword(t, name, cor_node_item(t->schema, i));
	}
}

static void write_reference(const struct cor_rewrite *to, const struct cor_node *reference)
{
	cor_buffer_literal(to->buffer, "{\"$ref\":");
	cor_rewrite_reference(to, cor_text_of(reference));
	cor_buffer_byte(to->buffer, '}');
}

/* What stands beside a reference is passed over in these dialects. */
static void write_extended_reference(struct target *t, const struct cor_node *reference)
{
	cor_member(&t->object, "allOf");
	cor_buffer_byte(t->to->buffer, '[');
	write_reference(t->to, reference);
	cor_buffer_byte(t->to->buffer, ']');
}

static void write_truth(const struct cor_rewrite *to, const struct cor_node *schema)
{
	bool takes_all = true;

	(void)!cor_node_to_bool(schema, &takes_all);
	if (takes_all)
		cor_buffer_literal(to->buffer, "{}");
	else if (cor_rewrite_is_swagger(to))
		cor_buffer_literal(to->buffer, "{\"x-not\":{}}");
	else
		cor_buffer_literal(to->buffer, "{\"not\":{}}");
}

void cor_rewrite_schema(const struct cor_rewrite *to, const struct cor_node *schema)
{
	const struct cor_node *reference = cor_node_get(schema, "$ref");

	if (cor_node_type(schema) == COR_JSON_BOOL) {
		write_truth(to, schema);
		return;
	}
	if (reference && cor_node_len(schema) == 1) {
		write_reference(to, reference);
		return;
	}
	struct target t = {
		.to = to,
		.schema = schema,
		.object = cor_object_open(to->buffer),
		.place = cor_rewrite_is_swagger(to) ? IN_2_0 : IN_3_0,
	};
	if (reference)
		write_extended_reference(&t, reference);
	write_keywords(&t);
	write_missing_items(&t);
	cor_object_close(&t.object);
}

void cor_rewrite_schemas(const struct cor_rewrite *to, const struct cor_node *schemas)
{
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < cor_node_len(schemas); i++) {
		cor_member_begin(&object, cor_node_key(schemas, i));
		cor_rewrite_schema(to, cor_node_item(schemas, i));
	}
	cor_object_close(&object);
}

static void write_flat_items(
	const struct cor_rewrite *to, struct cor_members *object, const struct cor_node *items)
{
	cor_member(object, "items");
	struct cor_members inner = cor_object_open(to->buffer);
	cor_rewrite_flat_schema(to, &inner, items, false);
	cor_object_close(&inner);
}

void cor_rewrite_flat_schema(const struct cor_rewrite *to, struct cor_members *object,
	const struct cor_node *schema, bool is_repeated)
{
	struct target t = {
		.to = to,
		.schema = cor_rewrite_resolve(to, schema),
		.object = *object,
		.place = IN_FLAT,
	};

	write_keywords(&t);
	if (!t.has_type)
		cor_member_raw(&t.object, "type", "\"string\"");
	*object = t.object;
	if (!cor_node_is_text(cor_node_get(t.schema, "type"), "array"))
		return;
	write_flat_items(to, object, cor_node_get(t.schema, "items"));
	if (is_repeated)
		cor_member_raw(object, "collectionFormat", "\"multi\"");
}

void cor_rewrite_websocket(const struct cor_rewrite *to, const struct cor_node *websocket)
{
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < cor_node_len(websocket); i++) {
		struct cor_str name = cor_node_key(websocket, i);
		cor_member_begin(&object, name);
		if (cor_str_equal(name, COR_STR("receives")) ||
			cor_str_equal(name, COR_STR("sends")))
			cor_rewrite_schema(to, cor_node_item(websocket, i));
		else
			cor_rewrite_copy(to->buffer, cor_node_item(websocket, i));
	}
	cor_object_close(&object);
}
