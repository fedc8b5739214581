/* SPDX-License-Identifier: MIT */
#include "fuzz/fits.h"

#include <math.h>

#define DEPTH_MAX 64

struct fitting {
	struct cor_arena *arena;
	const struct cor_fuzz_promise *promise;
	const char *where; /* of the fault; NULL: there is none */
	unsigned depth;
};

static bool fits(struct fitting *fitting, const struct cor_node *schema,
	const struct cor_node *value, const char *at);

static bool fault(struct fitting *fitting, const char *at, const char *what)
{
	const char *text = cor_arena_printf(
		fitting->arena, "%s: %s", at[0] ? at : "the whole", what);

	fitting->where = text ? text : what;
	return false;
}

/* --- types --- */

static bool is_whole(const struct cor_node *value)
{
	double number;

	return cor_node_to_double(value, &number) == 0 && number == floor(number);
}

static bool has_type(const struct cor_node *value, struct cor_str type)
{
	static const struct {
		const char *name;
		enum cor_json_type type;
	} types[] = {
		{ "object", COR_JSON_OBJECT },
		{ "array", COR_JSON_ARRAY },
		{ "string", COR_JSON_STRING },
		{ "number", COR_JSON_NUMBER },
		{ "null", COR_JSON_NULL },
	};
	enum cor_json_type is = cor_node_type(value);
	bool flag;

	if (cor_str_equal(type, COR_STR("integer")))
		return is == COR_JSON_NUMBER && is_whole(value);
	if (cor_str_equal(type, COR_STR("boolean")))
		return cor_node_to_bool(value, &flag) == 0;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (cor_str_equal(type, cor_str(types[i].name)))
			return is == types[i].type;
	return true;
}

static bool fits_type(const struct cor_node *schema, const struct cor_node *value)
{
	const struct cor_node *types = cor_node_get(schema, "type");
	struct cor_str text;

	if (cor_node_to_text(types, &text) == 0)
		return has_type(value, text);
	for (size_t i = 0; i < cor_node_len(types); i++)
		if (cor_node_to_text(cor_node_item(types, i), &text) == 0 && has_type(value, text))
			return true;
	return types == NULL;
}

/* --- bounds --- */

static size_t letters(struct cor_str text)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++)
		len += (text.data[i] & 0xC0) != 0x80; /* not inside of a character */
	return len;
}

/* Each keyword holds a number of the value: its size, or itself. */
static bool fits_bounds(struct fitting *fitting, const struct cor_node *schema, double number,
	const char *const keywords[4], const char *at)
{
	double bound;

	for (int i = 0; i < 4; i++) {
		if (!keywords[i] ||
			cor_node_to_double(cor_node_get(schema, keywords[i]), &bound) < 0)
			continue;
		bool holds = i == 0   ? number >= bound
			     : i == 1 ? number <= bound
			     : i == 2 ? number > bound
				      : number < bound;
		if (!holds)
			return fault(fitting, at,
				cor_arena_printf(fitting->arena, "%s is %.15g, and it has %.15g",
					keywords[i], bound, number));
	}
	return true;
}

static bool fits_size(struct fitting *fitting, const struct cor_node *schema,
	const struct cor_node *value, const char *at)
{
	static const char *const of_text[4] = { "minLength", "maxLength" };
	static const char *const of_array[4] = { "minItems", "maxItems" };
	static const char *const of_object[4] = { "minProperties", "maxProperties" };
	static const char *const of_number[4] = { "minimum", "maximum", "exclusiveMinimum",
		"exclusiveMaximum" };
	struct cor_str text;
	double number;

	if (cor_node_to_text(value, &text) == 0)
		return fits_bounds(fitting, schema, (double)letters(text), of_text, at);
	if (cor_node_to_double(value, &number) == 0)
		return fits_bounds(fitting, schema, number, of_number, at);
	return fits_bounds(fitting, schema, (double)cor_node_len(value),
		cor_node_type(value) == COR_JSON_ARRAY ? of_array : of_object, at);
}

static bool fits_values(struct fitting *fitting, const struct cor_node *schema,
	const struct cor_node *value, const char *at)
{
	const struct cor_node *values = cor_node_get(schema, "enum");
	const struct cor_node *constant = cor_node_get(schema, "const");
	bool is_one = values == NULL;

	for (size_t i = 0; i < cor_node_len(values) && !is_one; i++)
		is_one = cor_node_equal(cor_node_item(values, i), value);
	if (!is_one)
		return fault(fitting, at, "it is none of the enum");
	return !constant || cor_node_equal(constant, value) ||
	       fault(fitting, at, "it is not the const");
}

/* --- what is in it --- */

static bool fits_members(struct fitting *fitting, const struct cor_node *schema,
	const struct cor_node *value, const char *at)
{
	const struct cor_node *properties = cor_node_get(schema, "properties");
	const struct cor_node *required = cor_node_get(schema, "required");
	const struct cor_node *more = cor_node_get(schema, "additionalProperties");
	struct cor_str name;
	bool takes_more = true;

	for (size_t i = 0; i < cor_node_len(required); i++)
		if (cor_node_to_text(cor_node_item(required, i), &name) == 0 &&
			!cor_node_get_text(value, name))
			return fault(fitting, at,
				cor_arena_printf(fitting->arena, "%.*s is required, and missing",
					(int)name.len, name.data));
	if (cor_node_to_bool(more, &takes_more) == 0)
		more = NULL;
	for (size_t i = 0; i < cor_node_len(value); i++) {
		name = cor_node_key(value, i);
		const char *below = cor_arena_printf(
			fitting->arena, "%s/%.*s", at, (int)name.len, name.data);
		const struct cor_node *member = cor_node_get_text(properties, name);
		if (!member && !takes_more)
			return fault(fitting, below, "the schema has no such member");
		if (!member)
			member = more;
		if (member && !fits(fitting, member, cor_node_item(value, i), below))
			return false;
	}
	return true;
}

static bool fits_items(struct fitting *fitting, const struct cor_node *schema,
	const struct cor_node *value, const char *at)
{
	const struct cor_node *items = cor_node_get(schema, "items");

	for (size_t i = 0; items && i < cor_node_len(value); i++)
		if (!fits(fitting, items, cor_node_item(value, i),
			    cor_arena_printf(fitting->arena, "%s/%zu", at, i)))
			return false;
	return true;
}

/* --- several schemas --- */

/* How many of them it is of; what is wrong with the others is no fault. */
static size_t count(struct fitting *fitting, const struct cor_node *schemas,
	const struct cor_node *value, const char *at)
{
	const char *where = fitting->where;
	size_t len = 0;

	for (size_t i = 0; i < cor_node_len(schemas); i++)
		len += fits(fitting, cor_node_item(schemas, i), value, at);
	fitting->where = where;
	return len;
}

static bool fits_choices(struct fitting *fitting, const struct cor_node *schema,
	const struct cor_node *value, const char *at)
{
	const struct cor_node *all = cor_node_get(schema, "allOf");
	const struct cor_node *any = cor_node_get(schema, "anyOf");
	const struct cor_node *one = cor_node_get(schema, "oneOf");

	for (size_t i = 0; i < cor_node_len(all); i++)
		if (!fits(fitting, cor_node_item(all, i), value, at))
			return false;
	if (any && count(fitting, any, value, at) == 0)
		return fault(fitting, at, "it is none of the anyOf");
	return !one || count(fitting, one, value, at) == 1 ||
	       fault(fitting, at, "it is not exactly one of the oneOf");
}

static bool fits(struct fitting *fitting, const struct cor_node *schema,
	const struct cor_node *value, const char *at)
{
	schema = cor_fuzz_resolve(fitting->promise, schema);
	if (cor_node_type(schema) != COR_JSON_OBJECT || fitting->depth == DEPTH_MAX)
		return true;
	if (!fits_type(schema, value))
		return fault(fitting, at, "it is of another type");
	fitting->depth++;
	bool is_good = fits_values(fitting, schema, value, at) &&
		       fits_size(fitting, schema, value, at) &&
		       (cor_node_type(value) != COR_JSON_OBJECT ||
			       fits_members(fitting, schema, value, at)) &&
		       (cor_node_type(value) != COR_JSON_ARRAY ||
			       fits_items(fitting, schema, value, at)) &&
		       fits_choices(fitting, schema, value, at);
	fitting->depth--;
	return is_good;
}

bool cor_fuzz_fits(struct cor_arena *arena, const struct cor_fuzz_promise *promise,
	const struct cor_node *schema, const struct cor_node *value, const char **ret_where)
{
	struct fitting fitting = { .arena = arena, .promise = promise };
	bool is_good = fits(&fitting, schema, value, "");

	*ret_where = fitting.where;
	return is_good;
}
