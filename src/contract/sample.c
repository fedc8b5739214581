/* SPDX-License-Identifier: MIT */
#include "contract/sample.h"

#include <string.h>

#include "contract/differ.h"
#include "contract/format.h"
#include "contract/judge.h"
#include "contract/number.h"
#include "contract/pattern_text.h"
#include "contract/schema.h"

#define TEXT_BYTES 1000000 /* longer ones are not made */

static size_t size_of(const struct cor_node *schema, const char *name, size_t otherwise)
{
	long double number;

	if (!cor_contract_number(schema, name, &number) || number < 0 || number > 1e9L)
		return otherwise;
	return (size_t)number;
}

/* --- texts --- */

static bool text_of(const struct cor_node *schema, const char *name, struct cor_str *ret)
{
	return cor_node_to_text(cor_node_get(schema, name), ret) == 0;
}

static const char *letters(struct cor_contract_run *run, size_t len)
{
	char *text = cor_contract_alloc(run, len + 1);

	memset(text, 'a', len);
	text[len] = '\0';
	return text;
}

/* Of base64 each four characters are three bytes. */
static const char *base64(struct cor_contract_run *run, size_t least, size_t most)
{
	size_t len = (least + 3) / 4 * 4;

	if (len < 4 && most >= 4)
		len = 4;
	return len <= most ? letters(run, len) : NULL;
}

static bool is_of_length(struct cor_contract_run *run, const struct cor_node *schema,
	const char *text, size_t least, size_t most)
{
	return text && strlen(text) >= least && strlen(text) <= most &&
	       cor_contract_judge(
		       run, schema, cor_node_string(&run->arena, text), COR_CONTRACT_LENIENT, NULL);
}

const char *cor_contract_sample_text(
	struct cor_contract_run *run, const struct cor_node *schema, size_t least, size_t most)
{
	struct cor_str rule;

	if (least > TEXT_BYTES)
		return NULL;
	if (text_of(schema, "contentEncoding", &rule))
		return base64(run, least, most);
	if (text_of(schema, "format", &rule)) {
		const char *known = cor_contract_format_sample(rule);
		if (!is_of_length(run, schema, known, least, most))
			known = cor_contract_format_text(run, rule, least);
		if (is_of_length(run, schema, known, least, most))
			return known;
	}
	if (text_of(schema, "pattern", &rule))
		return cor_contract_pattern_text(run, rule, least, most);
	return letters(run, least ? least : most ? 1 : 0);
}

/* A time, or a number in a string, that is at its own bound. */
static struct cor_node *bound_of(struct cor_contract_run *run, const struct cor_node *schema)
{
	static const char *const names[] = { "formatMinimum", "formatMaximum", "x-minimum",
		"x-maximum" };
	struct cor_str text;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct cor_node *bound = cor_node_get(schema, names[i]);
		if (cor_node_to_text(bound, &text) == 0 || cor_node_to_number(bound, &text) == 0)
			return cor_node_text(&run->arena, text);
	}
	return NULL;
}

static struct cor_node *text_node(struct cor_contract_run *run, const struct cor_node *schema)
{
	struct cor_node *bound = bound_of(run, schema);
	const char *text = bound ? NULL
				 : cor_contract_sample_text(run, schema,
					   size_of(schema, "minLength", 0),
					   size_of(schema, "maxLength", TEXT_BYTES));

	return bound ? bound : cor_node_string(&run->arena, text ? text : "text");
}

/* --- numbers --- */

/* The next multiple, or where that is too large, the one before. */
static long double stepped(long double number, long double step, bool has_most, long double most)
{
	long double up = cor_contract_multiple(number, step, 1);

	return has_most && up > most ? cor_contract_multiple(most, step, -1) : up;
}

static struct cor_node *number_node(struct cor_contract_run *run, const struct cor_node *schema)
{
	long double least = 1, most = 0, step, number;
	bool has_least = cor_contract_number(schema, "minimum", &least);
	bool is_above = cor_contract_number(schema, "exclusiveMinimum", &least);
	bool is_below = cor_contract_number(schema, "exclusiveMaximum", &most);
	bool has_most = is_below || cor_contract_number(schema, "maximum", &most);
	bool is_whole = cor_contract_is_type(schema, "integer");

	number = (has_least || is_above) && least < -1e6L ? 0 : is_above ? least + 1 : least;
	if (has_most && (number > most || (is_below && number == most)))
		number = !is_whole && (has_least || is_above) ? (least + most) / 2
			 : is_below                           ? most - 1
							      : most;
	if (cor_contract_number(schema, "multipleOf", &step) && step > 0)
		number = stepped(number, step, has_most, is_below ? most - step / 2 : most);
	return cor_contract_number_node(run, number);
}

/* --- arrays --- */

static bool is_unique(const struct cor_node *schema)
{
	bool is = false;

	return cor_node_to_bool(cor_node_get(schema, "uniqueItems"), &is) == 0 && is;
}

struct cor_node *cor_contract_sample_items(struct cor_contract_run *run,
	const struct cor_node *schema, size_t len, enum cor_contract_extent extent, int depth)
{
	const struct cor_node *items = cor_contract_schema(run, cor_node_get(schema, "items"));
	struct cor_node *array = cor_node_array(&run->arena);
	bool can_differ = is_unique(schema);

	for (size_t i = 0; i < len; i++) {
		struct cor_node *same = cor_contract_sample(run, items, extent, depth + 1);
		struct cor_node *item = can_differ ? cor_contract_differing(run, array, same, items)
						   : same;
		can_differ &= i == 0 || item != same;
		if (cor_node_append(&run->arena, array, item) < 0)
			return NULL;
	}
	return array;
}

static struct cor_node *array_node(struct cor_contract_run *run, const struct cor_node *schema,
	enum cor_contract_extent extent, int depth)
{
	size_t least = size_of(schema, "minItems", 0), most = size_of(schema, "maxItems", 1);
	size_t len = least || extent == COR_CONTRACT_MINIMAL || depth >= COR_CONTRACT_DEPTH
			     ? least
			     : most > 0;
	struct cor_node *array = cor_contract_sample_items(run, schema, len, extent, depth);
	const struct cor_node *wanted = cor_node_get(schema, "contains");

	for (size_t i = 0; wanted && i < size_of(schema, "minContains", 1); i++) {
		cor_node_remove(cor_node_item(array, 0));
		cor_ignore(cor_node_append(
			&run->arena, array, cor_contract_sample(run, wanted, extent, depth + 1)));
	}
	return array;
}

/* --- objects --- */

/* What keys must be, besides what every key is. */
static const struct cor_node *keys_of(
	const struct cor_contract_run *run, const struct cor_node *schema)
{
	const struct cor_node *names = cor_contract_schema(
		run, cor_node_get(schema, "propertyNames"));
	const struct cor_node *either = cor_node_get(names, "anyOf");

	return either ? cor_node_item(either, 1) : names;
}

static const char *key_of(
	struct cor_contract_run *run, const struct cor_node *own, struct cor_node *taken)
{
	const char *text = own ? cor_contract_sample_text(
					 run, own, 1, size_of(own, "maxLength", TEXT_BYTES))
			       : NULL;
	struct cor_node *key = cor_node_string(&run->arena, text ? text : "key");
	struct cor_str its_text;

	key = cor_contract_differing(run, taken, key, own);
	if (cor_node_append(&run->arena, taken, key) < 0 || cor_node_to_text(key, &its_text) < 0)
		return "key";
	return cor_contract_printf(run, "%.*s", (int)its_text.len, its_text.data);
}

static void add_others(struct cor_contract_run *run, struct cor_node *object,
	const struct cor_node *schema, enum cor_contract_extent extent, int depth)
{
	const struct cor_node *others = cor_node_get(schema, "additionalProperties");
	size_t least = size_of(schema, "minProperties", 0);
	size_t len = extent == COR_CONTRACT_FULL && least == 0 ? 1 : least;
	struct cor_node *taken = cor_node_array(&run->arena);

	if (cor_node_type(others) != COR_JSON_OBJECT)
		return;
	for (size_t i = 0; i < len; i++)
		cor_ignore(
			cor_node_set(&run->arena, object, key_of(run, keys_of(run, schema), taken),
				cor_contract_sample(run, others, extent, depth + 1)));
}

static struct cor_node *object_node(struct cor_contract_run *run, const struct cor_node *schema,
	enum cor_contract_extent extent, int depth)
{
	struct cor_node *object = cor_node_object(&run->arena);
	struct cor_contract_property *all;
	size_t len = cor_contract_properties(run, schema, &all);
	bool is_open = cor_contract_open(&run->made, schema);

	extent = is_open ? COR_CONTRACT_MINIMAL : extent;
	for (size_t i = 0; i < len; i++) {
		bool wants = extent == COR_CONTRACT_FULL && depth < COR_CONTRACT_DEPTH;
		if (all[i].is_required || wants)
			cor_ignore(cor_node_set_text(&run->arena, object, all[i].name,
				cor_contract_sample(run, all[i].schema, extent, depth + 1)));
	}
	if (depth < COR_CONTRACT_DEPTH)
		add_others(run, object, schema, extent, depth);
	if (!is_open)
		cor_contract_close(&run->made, schema);
	return object;
}

struct cor_node *cor_contract_sample_branch(struct cor_contract_run *run,
	const struct cor_node *schema, size_t branch, enum cor_contract_extent extent, int depth)
{
	const struct cor_node *list = cor_node_get(schema, "oneOf");

	return cor_contract_sample(run, cor_node_item(list, branch), extent, depth);
}

/* --- all of them --- */

static struct cor_node *given(struct cor_contract_run *run, const struct cor_node *schema)
{
	const struct cor_node *only = cor_node_get(schema, "const");
	const struct cor_node *names = cor_node_get(schema, "enum");
	const struct cor_node *example = cor_node_item(cor_node_get(schema, "examples"), 0);

	if (only)
		return cor_node_copy(&run->arena, only);
	if (example && cor_contract_judge(run, schema, example, COR_CONTRACT_LENIENT, NULL))
		return cor_node_copy(&run->arena, example);
	return names ? cor_node_copy(&run->arena, cor_node_item(names, 0)) : NULL;
}

static struct cor_node *make(struct cor_contract_run *run, const struct cor_node *schema,
	enum cor_contract_extent extent, int depth)
{
	if (cor_node_get(schema, "oneOf"))
		return cor_contract_sample_branch(run, schema, 0, extent, depth);
	if (cor_contract_is_object(schema) || cor_node_get(schema, "allOf"))
		return object_node(run, schema, extent, depth);
	if (cor_contract_is_type(schema, "array"))
		return array_node(run, schema, extent, depth);
	if (cor_contract_is_type(schema, "boolean"))
		return cor_node_bool(&run->arena, true);
	if (cor_contract_is_type(schema, "integer") || cor_contract_is_type(schema, "number"))
		return number_node(run, schema);
	if (cor_contract_is_type(schema, "string"))
		return text_node(run, schema);
	return cor_node_object(&run->arena); /* any JSON */
}

struct cor_node *cor_contract_sample(struct cor_contract_run *run, const struct cor_node *schema,
	enum cor_contract_extent extent, int depth)
{
	const struct cor_node *at = cor_contract_schema(run, schema);
	struct cor_node *value = given(run, at);

	/* A type that requires itself has no value: there is nothing to make. */
	if (!value && depth > 2 * COR_CONTRACT_DEPTH)
		return cor_node_null(&run->arena);
	return value ? value : make(run, at, extent, depth);
}
