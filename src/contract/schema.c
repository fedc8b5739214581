/* SPDX-License-Identifier: MIT */
#include "contract/schema.h"

#include <string.h>

#include "base/buffer.h"
#include "document/reference.h"

static bool is_null_type(const struct cor_node *schema)
{
	return cor_contract_is_type(schema, "null") && !cor_node_len(cor_node_get(schema, "type"));
}

bool cor_contract_is_type(const struct cor_node *schema, const char *type)
{
	const struct cor_node *is = cor_node_get(schema, "type");
	struct cor_str text;

	if (cor_node_type(is) == COR_JSON_STRING)
		return cor_node_to_text(is, &text) == 0 && cor_str_equal(text, cor_str(type));
	for (size_t i = 0; i < cor_node_len(is); i++)
		if (cor_node_to_text(cor_node_item(is, i), &text) == 0 &&
			cor_str_equal(text, cor_str(type)))
			return true;
	return false;
}

const struct cor_node *cor_contract_schema(
	const struct cor_contract_run *run, const struct cor_node *schema)
{
	const struct cor_node *at = cor_reference_follow(run->document->root, schema);
	const struct cor_node *either = cor_node_get(at, "anyOf");

	if (cor_node_len(either) != 2 || !is_null_type(cor_node_item(either, 1)))
		return at;
	return cor_reference_follow(run->document->root, cor_node_item(either, 0));
}

bool cor_contract_takes_null(const struct cor_contract_run *run, const struct cor_node *schema)
{
	const struct cor_node *at = cor_reference_follow(run->document->root, schema);

	return at != cor_contract_schema(run, schema) || cor_contract_is_type(at, "null");
}

bool cor_contract_is_object(const struct cor_node *schema)
{
	return cor_contract_is_type(schema, "object") || cor_node_get(schema, "properties") ||
	       cor_node_get(schema, "oneOf");
}

static size_t count(const struct cor_contract_run *run, const struct cor_node *schema, int depth)
{
	const struct cor_node *at = cor_reference_follow(run->document->root, schema);
	const struct cor_node *parts = cor_node_get(at, "allOf");
	size_t len = cor_node_len(cor_node_get(at, "properties"));

	for (size_t i = 0; depth < 16 && i < cor_node_len(parts); i++)
		len += count(run, cor_node_item(parts, i), depth + 1);
	return len;
}

static bool is_listed(const struct cor_node *list, struct cor_str name)
{
	struct cor_str text;

	for (size_t i = 0; i < cor_node_len(list); i++)
		if (cor_node_to_text(cor_node_item(list, i), &text) == 0 &&
			cor_str_equal(text, name))
			return true;
	return false;
}

static size_t list(const struct cor_contract_run *run, const struct cor_node *schema, int depth,
	struct cor_contract_property *ret)
{
	const struct cor_node *at = cor_reference_follow(run->document->root, schema);
	const struct cor_node *parts = cor_node_get(at, "allOf");
	const struct cor_node *own = cor_node_get(at, "properties");
	size_t len = 0;

	for (size_t i = 0; depth < 16 && i < cor_node_len(parts); i++)
		len += list(run, cor_node_item(parts, i), depth + 1, ret + len);
	for (size_t i = 0; i < cor_node_len(own); i++) {
		struct cor_str name = cor_node_key(own, i);
		ret[len++] = (struct cor_contract_property){ name, cor_node_item(own, i),
			is_listed(cor_node_get(at, "required"), name) };
	}
	return len;
}

size_t cor_contract_properties(struct cor_contract_run *run, const struct cor_node *schema,
	struct cor_contract_property **ret)
{
	*ret = cor_contract_alloc(run, (count(run, schema, 0) + 1) * sizeof **ret);
	return list(run, schema, 0, *ret);
}

const char *cor_contract_pointer(
	struct cor_contract_run *run, const char *before, struct cor_str name)
{
	struct cor_buffer text = { 0 };

	cor_buffer_printf(&text, "%s/", before);
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '~')
			cor_buffer_literal(&text, "~0");
		else if (name.data[i] == '/')
			cor_buffer_literal(&text, "~1");
		else
			cor_buffer_byte(&text, name.data[i]);
	}
	const char *copy = cor_contract_printf(
		run, "%.*s", (int)text.len, text.data ? text.data : "");
	cor_buffer_finish(&text);
	return copy;
}

bool cor_contract_is_along(const char *a, const char *b)
{
	size_t len = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	return strncmp(a, b, len) == 0 && (!a[len] || a[len] == '/') && (!b[len] || b[len] == '/');
}

bool cor_contract_open(struct cor_contract_open *open, const struct cor_node *type)
{
	for (size_t i = 0; i < open->len; i++)
		if (open->types[i] == type)
			return true;
	if (open->len < sizeof open->types / sizeof open->types[0])
		open->types[open->len++] = type;
	return false;
}

void cor_contract_close(struct cor_contract_open *open, const struct cor_node *type)
{
	if (open->len > 0 && open->types[open->len - 1] == type)
		open->len--;
}
