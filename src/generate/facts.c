/* SPDX-License-Identifier: MIT */
#include "generate/facts.h"

#include <string.h>

const struct cor_node *cor_gen_get(const struct cor_gen_schema *schema, const char *keyword)
{
	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_node *found = cor_node_get(schema->parts[i], keyword);
		if (found)
			return found;
	}
	return NULL;
}

static bool is_false(const struct cor_node *node)
{
	bool value;

	return cor_node_to_bool(node, &value) == 0 && !value;
}

const char *cor_gen_get_text(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *keyword)
{
	struct cor_str text;

	if (cor_node_to_text(cor_gen_get(schema, keyword), &text) < 0)
		return NULL;
	return cor_gen_text(gen, text);
}

bool cor_gen_any_set(const struct cor_gen_schema *schema, const char *keyword)
{
	for (size_t i = 0; i < schema->len; i++)
		if (cor_gen_is_set(schema->parts[i], keyword))
			return true;
	return false;
}

/* --- types --- */

static unsigned type_of_name(const struct cor_node *name)
{
	static const char *const names[] = { "null", "boolean", "integer", "number", "string",
		"array", "object" };
	struct cor_str text;

	if (cor_node_to_text(name, &text) < 0)
		return 0;
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		if (cor_str_equal(text, cor_str(names[i])))
			return 1u << i;
	return 0;
}

static unsigned named_types(const struct cor_node *type)
{
	unsigned found = type_of_name(type);

	for (size_t i = 0; cor_node_type(type) == COR_JSON_ARRAY && i < cor_node_len(type); i++)
		found |= type_of_name(cor_node_item(type, i));
	if (found & COR_GEN_NUMBER)
		found &= ~(unsigned)COR_GEN_INTEGER;
	return found;
}

/* A number may be an integer, so of the two together the integer is left. */
static unsigned both(unsigned a, unsigned b)
{
	unsigned common = a & b;

	if ((a & COR_GEN_INTEGER && b & COR_GEN_NUMBER) ||
		(b & COR_GEN_INTEGER && a & COR_GEN_NUMBER))
		common |= COR_GEN_INTEGER;
	return common;
}

static unsigned type_of_value(const struct cor_node *value)
{
	int64_t whole;

	switch (cor_node_type(value)) {
	case COR_JSON_OBJECT:
		return COR_GEN_OBJECT;
	case COR_JSON_ARRAY:
		return COR_GEN_ARRAY;
	case COR_JSON_STRING:
		return COR_GEN_STRING;
	case COR_JSON_NUMBER:
		return cor_node_to_int64(value, &whole) == 0 ? COR_GEN_INTEGER : COR_GEN_NUMBER;
	case COR_JSON_BOOL:
		return COR_GEN_BOOL;
	default:
		return COR_GEN_NULL;
	}
}

static unsigned types_of_values(const struct cor_gen_schema *schema)
{
	const struct cor_node *names = cor_gen_get(schema, "enum"),
			      *only = cor_gen_get(schema, "const");
	unsigned found = only ? type_of_value(only) : 0;

	for (size_t i = 0; !only && i < cor_node_len(names); i++)
		found |= type_of_value(cor_node_item(names, i));
	return found;
}

/* Keywords that only one type has. */
static unsigned implied(const struct cor_gen_schema *schema)
{
	static const struct {
		const char *keyword;
		unsigned type;
	} of[] = {
		{ "properties", COR_GEN_OBJECT },
		{ "required", COR_GEN_OBJECT },
		{ "unevaluatedProperties", COR_GEN_OBJECT },
		{ "additionalProperties", COR_GEN_OBJECT },
		{ "patternProperties", COR_GEN_OBJECT },
		{ "propertyNames", COR_GEN_OBJECT },
		{ "minProperties", COR_GEN_OBJECT },
		{ "maxProperties", COR_GEN_OBJECT },
		{ "items", COR_GEN_ARRAY },
		{ "prefixItems", COR_GEN_ARRAY },
		{ "minItems", COR_GEN_ARRAY },
		{ "maxItems", COR_GEN_ARRAY },
		{ "uniqueItems", COR_GEN_ARRAY },
		{ "pattern", COR_GEN_STRING },
		{ "minLength", COR_GEN_STRING },
		{ "maxLength", COR_GEN_STRING },
		{ "minimum", COR_GEN_NUMBER },
		{ "maximum", COR_GEN_NUMBER },
		{ "exclusiveMinimum", COR_GEN_NUMBER },
		{ "exclusiveMaximum", COR_GEN_NUMBER },
		{ "multipleOf", COR_GEN_NUMBER },
	};
	unsigned found = 0;

	for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
		if (cor_gen_get(schema, of[i].keyword))
			found |= of[i].type;
	return found;
}

static const char *name_of(unsigned type)
{
	return type == COR_GEN_OBJECT   ? "an object"
	       : type == COR_GEN_ARRAY  ? "an array"
	       : type == COR_GEN_STRING ? "a string"
					: "a number";
}

unsigned cor_gen_types_of(struct cor_gen *gen, const struct cor_gen_schema *schema)
{
	unsigned found = 0;
	bool is_said = false;

	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_node *type = cor_node_get(schema->parts[i], "type");
		unsigned one = type ? named_types(type) : 0;
		if (one && cor_gen_is_set(schema->parts[i], "nullable"))
			one |= COR_GEN_NULL;
		if (!one)
			continue;
		found = is_said ? both(found, one) : one;
		is_said = true;
	}
	if (is_said && !found)
		cor_gen_note(gen, schema->at,
			"is of types that exclude one another, so any JSON is taken");
	if (is_said)
		return found;
	found = types_of_values(schema);
	if (found)
		return found;
	found = implied(schema);
	if (found == 0 || cor_gen_get(schema, "oneOf") || cor_gen_get(schema, "anyOf"))
		return found & (found - 1) ? 0 : found;
	if (found & (found - 1)) {
		cor_gen_note(gen, schema->at,
			"has no \"type\", and keywords of several: any JSON is taken");
		return 0;
	}
	cor_gen_note(gen, schema->at, "has no \"type\": it is taken for %s, and others are refused",
		name_of(found));
	return found;
}

/* --- sizes and bounds --- */

static bool size_of(const struct cor_node *part, const char *keyword, uint64_t *ret)
{
	const struct cor_node *node = cor_node_get(part, keyword);

	return node && cor_node_to_uint64(node, ret) == 0;
}

uint32_t cor_gen_largest(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *keyword)
{
	uint64_t found = 0, one;

	for (size_t i = 0; i < schema->len; i++)
		if (size_of(schema->parts[i], keyword, &one) && one > found)
			found = one;
	if (found <= UINT32_MAX)
		return (uint32_t)found;
	cor_gen_note(gen, schema->at, "\"%s\" of %llu is made %u", keyword,
		(unsigned long long)found, UINT32_MAX);
	return UINT32_MAX;
}

uint32_t cor_gen_smallest(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *keyword)
{
	uint64_t found = UINT64_MAX, one;

	for (size_t i = 0; i < schema->len; i++)
		if (size_of(schema->parts[i], keyword, &one) && one < found)
			found = one;
	if (found == UINT64_MAX)
		return 0;
	if (found == 0)
		cor_gen_note(gen, schema->at,
			"\"%s\" of 0 is left out: a 0 in a table means no limit", keyword);
	if (found > UINT32_MAX)
		cor_gen_note(gen, schema->at, "\"%s\" of %llu is left out: nothing is that long",
			keyword, (unsigned long long)found);
	return found > UINT32_MAX ? 0 : (uint32_t)found;
}

static double value_of(const struct cor_node *node)
{
	double value = 0;

	cor_ignore(cor_node_to_double(node, &value));
	return value;
}

/* Which of two is stricter; the exclusive one of equals. */
static struct cor_gen_bound stricter(struct cor_gen_bound a, struct cor_gen_bound b, bool is_max)
{
	if (!a.node || !b.node)
		return a.node ? a : b;
	double x = value_of(a.node), y = value_of(b.node);
	if (x < y)
		return is_max ? a : b;
	if (x > y)
		return is_max ? b : a;
	return a.exclusive ? a : b;
}

struct cor_gen_bound cor_gen_bound_of(const struct cor_gen_schema *schema, bool is_max)
{
	const char *inclusive = is_max ? "maximum" : "minimum";
	const char *exclusive = is_max ? "exclusiveMaximum" : "exclusiveMinimum";
	struct cor_gen_bound found = { 0 };

	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_node *part = schema->parts[i];
		const struct cor_node *other = cor_node_get(part, exclusive);
		struct cor_gen_bound one = { cor_node_get(part, inclusive),
			cor_gen_is_set(part, exclusive) }; /* draft-04 and OpenAPI 3.0 */
		if (cor_node_type(one.node) == COR_JSON_NUMBER)
			found = stricter(found, one, is_max);
		if (cor_node_type(other) == COR_JSON_NUMBER)
			found = stricter(found, (struct cor_gen_bound){ other, true }, is_max);
	}
	return found;
}

/* --- properties --- */

struct cor_gen_schema cor_gen_property(
	struct cor_gen *gen, const struct cor_gen_schema *schema, struct cor_str key)
{
	struct cor_gen_schema found = { 0 };

	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_node *one = cor_node_get_text(
			cor_node_get(schema->parts[i], "properties"), key);
		if (!one)
			continue;
		found.at = found.at ? found.at : one;
		found.roots++;
		cor_gen_expand(gen, one, &found);
	}
	return found;
}

bool cor_gen_requires(const struct cor_gen_schema *schema, struct cor_str key)
{
	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_node *list = cor_node_get(schema->parts[i], "required");
		for (size_t j = 0; j < cor_node_len(list); j++) {
			struct cor_str text;
			if (cor_node_to_text(cor_node_item(list, j), &text) == 0 &&
				cor_str_equal(text, key))
				return true;
		}
	}
	return false;
}

/* Whether a part may allow members that it does not list. */
static bool is_open(struct cor_gen *gen, const struct cor_node *part)
{
	const struct cor_node *more = cor_node_get(part, "additionalProperties"),
			      *others = cor_node_get(part, "unevaluatedProperties");

	return (more && !is_false(more)) || (others && !is_false(others)) ||
	       cor_node_len(cor_node_get(part, "patternProperties")) > 0 ||
	       (cor_node_get(part, "$ref") && !cor_gen_follow(gen, part));
}

/* Alternatives may allow them, too. */
static bool has_alternatives(const struct cor_node *part)
{
	return cor_node_get(part, "oneOf") || cor_node_get(part, "anyOf") ||
	       cor_node_get(part, "if") || cor_node_get(part, "dependentSchemas");
}

bool cor_gen_refuses_more(struct cor_gen *gen, const struct cor_gen_schema *schema)
{
	bool is_closed = false, is_closed_late = false, may_be_open = false;

	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_node *part = schema->parts[i];
		if (cor_node_len(cor_node_get(part, "patternProperties")) > 0)
			return false; /* some are allowed, and nobody knows which */
		is_closed = is_closed || is_false(cor_node_get(part, "additionalProperties"));
		is_closed_late = is_closed_late ||
				 is_false(cor_node_get(part, "unevaluatedProperties"));
		may_be_open = may_be_open || is_open(gen, part) || has_alternatives(part);
	}
	return is_closed || (is_closed_late && !may_be_open);
}

bool cor_gen_has_properties(const struct cor_gen_schema *schema)
{
	for (size_t i = 0; i < schema->len; i++)
		if (cor_node_len(cor_node_get(schema->parts[i], "properties")) > 0)
			return true;
	return false;
}

/* --- what is left out --- */

static const char by_check[] = "is left out: check it in a function (COR_CHECK)";

static const struct {
	const char *keyword, *what;
} left_out[] = {
	{ "not", by_check },
	{ "if", by_check },
	{ "dependentRequired", by_check },
	{ "dependentSchemas", by_check },
	{ "dependencies", by_check },
	{ "contains", by_check },
	{ "unevaluatedItems", by_check },
	{ "additionalItems", "is left out: arrays hold one type of item" },
	{ "contentMediaType", "is left out: it is for readers" },
	{ "contentSchema", by_check },
	{ "externalDocs", "is left out: it is for readers" },
	{ "xml", "is left out: it is for XML" },
	{ "$dynamicRef", "is left out: write a $ref" },
	{ "$recursiveRef", "is left out: write a $ref" },
};

/* What has been read, here or elsewhere, or goes along with what is left out. */
static const char *const known[] = { "$ref", "$id", "id", "$schema", "$anchor", "$comment", "$defs",
	"$vocabulary", "$dynamicAnchor", "$recursiveAnchor", "definitions", "title", "description",
	"default", "example", "examples", "readOnly", "writeOnly", "deprecated", "nullable",
	"summary", "type", "enum", "const", "allOf", "anyOf", "oneOf", "discriminator",
	"properties", "required", "additionalProperties", "patternProperties", "propertyNames",
	"unevaluatedProperties", "minProperties", "maxProperties", "items", "prefixItems",
	"minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "pattern", "minLength",
	"maxLength", "format", "contentEncoding", "minimum", "maximum", "exclusiveMinimum",
	"exclusiveMaximum", "multipleOf", "then", "else", "formatMinimum", "formatMaximum",
	"formatExclusiveMinimum", "formatExclusiveMaximum", "collectionFormat" };

static void tell(struct cor_gen *gen, const struct cor_node *part, struct cor_str key)
{
	for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
		if (cor_str_equal(key, cor_str(left_out[i].keyword))) {
			cor_gen_note(gen, part, "\"%s\" %s", left_out[i].keyword, left_out[i].what);
			return;
		}
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (cor_str_equal(key, cor_str(known[i])))
			return;
	if (key.len >= 2 && memcmp(key.data, "x-", 2) == 0)
		return;
	cor_gen_note(
		gen, part, "\"%s\" is left out: no such keyword is known", cor_gen_text(gen, key));
}

/* Lists that must be empty, and objects that may have no member. */
static void tell_of_false(struct cor_gen *gen, const struct cor_node *part)
{
	static const char *const words[] = { "items", "propertyNames" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (is_false(cor_node_get(part, words[i])))
			cor_gen_note(gen, part, "\"%s\" of false %s", words[i], by_check);
}

void cor_gen_tell_left_out(struct cor_gen *gen, const struct cor_gen_schema *schema)
{
	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_node *part = schema->parts[i];
		for (size_t j = 0; j < cor_node_len(part); j++)
			tell(gen, part, cor_node_key(part, j));
		const struct cor_node *late = cor_node_get(part, "unevaluatedProperties");
		if (cor_node_len(late) > 0)
			cor_gen_note(gen, part, "\"unevaluatedProperties\" %s", by_check);
		else if (is_false(late) && (i > 0 || !cor_gen_refuses_more(gen, schema)))
			cor_gen_note(gen, part,
				"\"unevaluatedProperties\" is read for the whole object, or left out");
		tell_of_false(gen, part);
		if (cor_gen_is_set(part, "deprecated"))
			cor_gen_note(
				gen, part, "\"deprecated\" is left out: say it in the row's .doc");
	}
}

const char *cor_gen_doc(struct cor_gen *gen, const struct cor_node *schema)
{
	const char *text = cor_gen_member_text(gen, schema, "description");

	if (text && text[0])
		return text;
	text = cor_gen_member_text(gen, schema, "title");
	return text && strchr(text, ' ') ? text : NULL;
}
