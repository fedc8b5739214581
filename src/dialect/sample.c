/* SPDX-License-Identifier: MIT */
/*
 * A value that a schema could have, for people to begin with: what the table gives as an example,
 * as a default or as the only value; else one that is made up from type and format. A pattern is
 * not followed: write an .example for such a row.
 */
#include "dialect/sample.h"

#include <string.h>

/* Members of members; a value below that would help nobody. */
#define DEPTH_MAX 8

struct sampler {
	const struct cor_rewrite *to;
	unsigned depth;
};

static void sample(struct sampler *s, const struct cor_node *schema);

struct sample_text {
	const char *format;
	const char *text;
};

static const struct sample_text texts[] = {
	{ "date-time", "2026-01-31T12:00:00Z" },
	{ "date", "2026-01-31" },
	{ "time", "12:00:00" },
	{ "duration", "P1D" },
	{ "uuid", "6ba7b810-9dad-41d1-80b4-00c04fd430c8" },
	{ "email", "someone@example.com" },
	{ "hostname", "example.com" },
	{ "ipv4", "192.0.2.1" },
	{ "ipv6", "2001:db8::1" },
	{ "uri", "https://example.com/" },
};

static size_t length_of(const struct cor_node *schema, const char *keyword, size_t otherwise)
{
	uint64_t value = otherwise;

	(void)!cor_node_to_uint64(cor_node_get(schema, keyword), &value);
	return value < 64 ? (size_t)value : 64;
}

static void sample_text(struct sampler *s, const struct cor_node *schema)
{
	struct cor_str text = COR_STR("text");
	struct cor_str format = cor_text_of(cor_node_get(schema, "format"));
	size_t most = length_of(schema, "maxLength", 64);
	size_t least = length_of(schema, "minLength", 0);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (cor_str_equal(cor_str(texts[i].format), format))
			text = cor_str(texts[i].text);
	cor_buffer_byte(s->to->buffer, '"');
	for (size_t i = 0; i < most && (i < text.len || i < least); i++)
		cor_buffer_byte(s->to->buffer, i < text.len ? text.data[i] : 'x');
	cor_buffer_byte(s->to->buffer, '"');
}

/* A bound, where zero is beyond it. */
static void sample_number(struct sampler *s, const struct cor_node *schema)
{
	static const char *const bounds[] = { "minimum", "maximum" };
	double bound;

	for (int i = 0; i < 2; i++) {
		const struct cor_node *node = cor_node_get(schema, bounds[i]);
		if (cor_node_to_double(node, &bound) == 0 && (i == 0 ? bound > 0 : bound < 0)) {
			cor_rewrite_copy(s->to->buffer, node);
			return;
		}
	}
	if (cor_node_to_double(cor_node_get(schema, "exclusiveMinimum"), &bound) == 0 && bound >= 0)
		cor_buffer_printf(s->to->buffer, "%.17g", bound + 1);
	else
		cor_buffer_byte(s->to->buffer, '0');
}

static bool lists(const struct cor_node *names, struct cor_str name)
{
	for (size_t i = 0; i < cor_node_len(names); i++)
		if (cor_str_equal(cor_text_of(cor_node_item(names, i)), name))
			return true;
	return false;
}

static bool is_shown(const struct cor_node *schema, struct cor_str name, const struct cor_node *row)
{
	return lists(cor_node_get(schema, "required"), name) || cor_node_get(row, "examples");
}

static void sample_members(
	struct sampler *s, const struct cor_node *schema, struct cor_members *object)
{
	const struct cor_node *rows = cor_node_get(schema, "properties");
	const struct cor_node *bases = cor_node_get(schema, "allOf");

	for (size_t i = 0; i < cor_node_len(bases); i++)
		sample_members(s, cor_rewrite_resolve(s->to, cor_node_item(bases, i)), object);
	for (size_t i = 0; i < cor_node_len(rows); i++) {
		struct cor_str name = cor_node_key(rows, i);
		if (!is_shown(schema, name, cor_node_item(rows, i)))
			continue;
		cor_member_begin(object, name);
		sample(s, cor_node_item(rows, i));
	}
}

static void sample_object(struct sampler *s, const struct cor_node *schema)
{
	struct cor_members object = cor_object_open(s->to->buffer);
	const struct cor_node *values = cor_node_get(schema, "additionalProperties");

	sample_members(s, schema, &object);
	if (cor_node_type(values) == COR_JSON_OBJECT && length_of(schema, "minProperties", 0)) {
		cor_member(&object, "key");
		sample(s, values);
	}
	cor_object_close(&object);
}

static void sample_array(struct sampler *s, const struct cor_node *schema)
{
	size_t len = length_of(schema, "minItems", 0);
	struct cor_members array = cor_array_open(s->to->buffer);

	for (size_t i = 0; i < (len ? len : 1); i++) {
		cor_item(&array);
		sample(s, cor_node_get(schema, "items"));
	}
	cor_array_close(&array);
}

struct sample_type {
	const char *type;
	void (*write)(struct sampler *s, const struct cor_node *schema);
};

static const struct sample_type types[] = {
	{ "string", sample_text },
	{ "integer", sample_number },
	{ "number", sample_number },
	{ "object", sample_object },
	{ "array", sample_array },
};

static void sample_by_type(struct sampler *s, const struct cor_node *schema)
{
	const struct cor_node *type = cor_node_get(schema, "type");

	if (cor_node_type(type) == COR_JSON_ARRAY)
		type = cor_node_item(type, 0);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (cor_node_is_text(type, types[i].type)) {
			types[i].write(s, schema);
			return;
		}
	cor_buffer_append_str(s->to->buffer,
		cor_node_is_text(type, "boolean") ? COR_STR("true") : COR_STR("null"));
}

/* What the table itself gives. */
static const struct cor_node *given(const struct cor_node *schema)
{
	const struct cor_node *value = cor_node_item(cor_node_get(schema, "examples"), 0);

	if (!value)
		value = cor_node_get(schema, "default");
	if (!value)
		value = cor_node_get(schema, "const");
	return value ? value : cor_node_item(cor_node_get(schema, "enum"), 0);
}

/* The first of several ways; NULL: there is one. */
static const struct cor_node *first_way(const struct cor_node *schema)
{
	const struct cor_node *way = cor_node_item(cor_node_get(schema, "oneOf"), 0);

	return way ? way : cor_node_item(cor_node_get(schema, "anyOf"), 0);
}

static void sample(struct sampler *s, const struct cor_node *schema)
{
	schema = cor_rewrite_resolve(s->to, schema);
	if (s->depth == DEPTH_MAX) {
		cor_json_write_null(s->to->buffer);
		return;
	}
	s->depth++;
	if (given(schema))
		cor_rewrite_copy(s->to->buffer, given(schema));
	else if (first_way(schema))
		sample(s, first_way(schema));
	else
		sample_by_type(s, schema);
	s->depth--;
}

void cor_sample_write(const struct cor_rewrite *to, const struct cor_node *schema)
{
	struct sampler s = { .to = to };

	sample(&s, schema);
}
