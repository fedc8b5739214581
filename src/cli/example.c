/* SPDX-License-Identifier: MIT */
#include "cli/example.h"

#include <string.h>

#include "cli/api_changes.h"
#include "cli/service.h"
#include "document/reference.h"

#define DEPTH_MAX  16   /* of schemas in each other */
#define LENGTH_MAX 4096 /* of a text, and of an array */

struct making {
	const struct cor_cli *cli;
	const struct cor_node *document;
	const char **ret_why;
	unsigned depth;
};

static struct cor_node *make(struct making *making, const struct cor_node *schema);

static struct cor_node *fail(const struct making *making, const char *why)
{
	if (!*making->ret_why)
		*making->ret_why = why;
	return NULL;
}

static struct cor_node *text_of(const struct making *making, const char *text)
{
	return cor_node_text(making->cli->arena, cor_str(text));
}

/* What the document has itself; NULL: nothing. */
static const struct cor_node *given(const struct cor_node *schema)
{
	static const char *const keys[] = { "example", "const", "default" };
	const struct cor_node *first = cor_node_item(cor_node_get(schema, "examples"), 0);

	if (first) /* of a media type it is an object with a value */
		return cor_node_get(first, "value") ? cor_node_get(first, "value") : first;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (cor_node_get(schema, keys[i]))
			return cor_node_get(schema, keys[i]);
	return cor_node_item(cor_node_get(schema, "enum"), 0);
}

/* --- of each type --- */

static struct cor_node *make_text(struct making *making, const struct cor_node *schema)
{
	static const char *const formats[][2] = {
		{ "date-time", "2026-01-01T00:00:00Z" },
		{ "date", "2026-01-01" },
		{ "time", "12:00:00Z" },
		{ "duration", "PT1S" },
		{ "uuid", "00000000-0000-4000-8000-000000000001" },
		{ "email", "ada@example.com" },
		{ "hostname", "example.com" },
		{ "uri", "https://example.com/" },
		{ "uri-reference", "/" },
		{ "ipv4", "192.0.2.1" },
		{ "ipv6", "2001:db8::1" },
		{ "byte", "AAAA" },
		{ "decimal", "1" },
	};
	const char *format = cor_cli_member(making->cli, schema, "format");
	int64_t len = cor_cli_number(schema, "minLength");

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(format, formats[i][0]) == 0)
			return text_of(making, formats[i][1]);
	if (cor_node_get(schema, "pattern"))
		return fail(making, "its pattern is not made up, and it has no .example");
	if (len > LENGTH_MAX)
		return fail(making, "it is long, and has no .example");
	char *text = cor_cli_alloc(making->cli, (size_t)len + 2);
	memset(text, 'a', len > 0 ? (size_t)len : 1);
	return text_of(making, text);
}

/* The bound of a number; false: there is none. */
static bool bound(const struct cor_node *schema, const char *key, double *ret)
{
	return cor_node_to_double(cor_node_get(schema, key), ret) == 0;
}

/* 1, or what is nearest to it. */
static struct cor_node *make_number(struct making *making, const struct cor_node *schema)
{
	double value = 1, limit;

	if (bound(schema, "minimum", &limit) && value < limit)
		value = limit;
	if (bound(schema, "exclusiveMinimum", &limit) && value <= limit)
		value = limit + 1;
	if (bound(schema, "maximum", &limit) && value > limit)
		value = limit;
	if (bound(schema, "exclusiveMaximum", &limit) && value >= limit)
		value = limit - 1;
	if (bound(schema, "multipleOf", &limit) && limit > 0)
		value = limit * (double)(int64_t)((value + limit - limit / 1e6) / limit);
	if (value == (double)(int64_t)value)
		return cor_node_int64(making->cli->arena, (int64_t)value);
	return cor_node_double(making->cli->arena, value);
}

static struct cor_node *make_array(struct making *making, const struct cor_node *schema)
{
	struct cor_node *array = cor_node_array(making->cli->arena);
	int64_t len = cor_cli_number(schema, "minItems");

	if (len > LENGTH_MAX)
		return fail(making, "it is long, and has no .example");
	for (int64_t i = 0; array && i < len; i++) {
		struct cor_node *item = make(making, cor_node_get(schema, "items"));
		if (!item || cor_node_append(making->cli->arena, array, item) < 0)
			return fail(making, "its items are not made up");
	}
	return array;
}

static bool is_required(const struct cor_node *schema, struct cor_str name)
{
	const struct cor_node *required = cor_node_get(schema, "required");
	struct cor_str text;

	for (size_t i = 0; i < cor_node_len(required); i++)
		if (cor_node_to_text(cor_node_item(required, i), &text) == 0 &&
			text.len == name.len && memcmp(text.data, name.data, name.len) == 0)
			return true;
	return false;
}

/* Into an object, the members of a schema of one. Returns false with why. */
static bool add_members(
	struct making *making, const struct cor_node *schema, struct cor_node *object)
{
	const struct cor_node *properties = cor_node_get(schema, "properties");

	for (size_t i = 0; i < cor_node_len(properties); i++) {
		struct cor_str name = cor_node_key(properties, i);
		const struct cor_node *member = cor_reference_follow(
			making->document, cor_node_item(properties, i));
		if (cor_cli_flag(member, "readOnly") ||
			(!is_required(schema, name) && !given(member)))
			continue;
		struct cor_node *value = make(making, member);
		if (value && cor_node_set_text(making->cli->arena, object, name, value) == 0)
			continue;
		*making->ret_why = cor_cli_text(making->cli, "%.*s: %s", (int)name.len, name.data,
			*making->ret_why ? *making->ret_why : "it is not made up");
		return false;
	}
	return true;
}

static struct cor_node *make_object(struct making *making, const struct cor_node *schema)
{
	const struct cor_node *all = cor_node_get(schema, "allOf");
	struct cor_node *object = cor_node_object(making->cli->arena);

	for (size_t i = 0; object && i < cor_node_len(all); i++)
		if (!add_members(making,
			    cor_reference_follow(making->document, cor_node_item(all, i)), object))
			return NULL;
	return object && add_members(making, schema, object) ? object : NULL;
}

static const char *type_of(const struct making *making, const struct cor_node *schema)
{
	const struct cor_node *type = cor_node_get(schema, "type");
	struct cor_str text;

	if (cor_node_type(type) == COR_JSON_ARRAY)
		type = cor_node_item(type, 0);
	if (cor_node_to_text(type, &text) == 0)
		return cor_cli_text(making->cli, "%.*s", (int)text.len, text.data);
	return cor_node_get(schema, "properties") || cor_node_get(schema, "allOf") ? "object" : "";
}

static struct cor_node *make(struct making *making, const struct cor_node *schema)
{
	schema = cor_reference_follow(making->document, schema);
	const struct cor_node *value = given(schema), *first;
	const char *type = type_of(making, schema);
	struct cor_node *made;

	if (value)
		return cor_node_copy(making->cli->arena, value);
	first = cor_node_item(cor_node_get(schema, "oneOf"), 0);
	if (!first)
		first = cor_node_item(cor_node_get(schema, "anyOf"), 0);
	if (making->depth == DEPTH_MAX)
		return fail(making, "it is in itself, and has no .example");
	making->depth++;
	if (first)
		made = make(making, first);
	else if (strcmp(type, "object") == 0)
		made = make_object(making, schema);
	else if (strcmp(type, "array") == 0)
		made = make_array(making, schema);
	else if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
		made = make_number(making, schema);
	else if (strcmp(type, "boolean") == 0)
		made = cor_node_bool(making->cli->arena, true);
	else if (strcmp(type, "null") == 0)
		made = cor_node_null(making->cli->arena);
	else
		made = make_text(making, schema);
	making->depth--;
	return made;
}

struct cor_node *cor_example_of(const struct cor_cli *cli, const struct cor_node *document,
	const struct cor_node *schema, const char **ret_why)
{
	struct making making = { .cli = cli, .document = document, .ret_why = ret_why };

	*ret_why = NULL;
	struct cor_node *made = make(&making, schema);
	if (!made && !*ret_why)
		*ret_why = "it is not made up";
	return made;
}
