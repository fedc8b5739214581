/* SPDX-License-Identifier: MIT */
#include "dialect/rewrite.h"

#include <string.h>

struct cor_str cor_text_of(const struct cor_node *node)
{
	struct cor_str text = { 0 };

	return cor_node_to_text(node, &text) == 0 ? text : (struct cor_str){ "", 0 };
}

bool cor_node_is_text(const struct cor_node *node, const char *text)
{
	return cor_node_type(node) == COR_JSON_STRING &&
	       cor_str_equal(cor_text_of(node), cor_str(text));
}

static void copy_members(struct cor_buffer *buffer, const struct cor_node *node)
{
	struct cor_members object = cor_object_open(buffer);

	for (size_t i = 0; i < cor_node_len(node); i++) {
		cor_member_begin(&object, cor_node_key(node, i));
		cor_rewrite_copy(buffer, cor_node_item(node, i));
	}
	cor_object_close(&object);
}

static void copy_items(struct cor_buffer *buffer, const struct cor_node *node)
{
	struct cor_members array = cor_array_open(buffer);

	for (size_t i = 0; i < cor_node_len(node); i++) {
		cor_item(&array);
		cor_rewrite_copy(buffer, cor_node_item(node, i));
	}
	cor_array_close(&array);
}

static void copy_scalar(struct cor_buffer *buffer, const struct cor_node *node)
{
	struct cor_str number;
	bool truth;

	if (cor_node_to_number(node, &number) == 0)
		cor_buffer_append_str(buffer, number);
	else if (cor_node_to_bool(node, &truth) == 0)
		cor_json_write_bool(buffer, truth);
	else if (cor_node_type(node) == COR_JSON_STRING)
		cor_json_write_string(buffer, cor_text_of(node));
	else
		cor_json_write_null(buffer);
}

void cor_rewrite_copy(struct cor_buffer *buffer, const struct cor_node *node)
{
	if (cor_node_type(node) == COR_JSON_OBJECT)
		copy_members(buffer, node);
	else if (cor_node_type(node) == COR_JSON_ARRAY)
		copy_items(buffer, node);
	else
		copy_scalar(buffer, node);
}

void cor_member_begin(struct cor_members *object, struct cor_str name)
{
	cor_item(object);
	cor_json_write_string(object->buffer, name);
	cor_buffer_byte(object->buffer, ':');
}

void cor_member_copy(struct cor_members *object, const char *name, const struct cor_node *value)
{
	if (!value)
		return;
	cor_member(object, name);
	cor_rewrite_copy(object->buffer, value);
}

void cor_member_extend(struct cor_members *object, struct cor_str name)
{
	cor_item(object);
	if (name.len >= 2 && memcmp(name.data, "x-", 2) == 0) {
		cor_json_write_string(object->buffer, name);
	} else {
		cor_buffer_literal(object->buffer, "\"x-");
		cor_buffer_append_str(object->buffer, name); /* a keyword: nothing to escape */
		cor_buffer_byte(object->buffer, '"');
	}
	cor_buffer_byte(object->buffer, ':');
}

void cor_member_extension(
	struct cor_members *object, struct cor_str name, const struct cor_node *value)
{
	if (!value)
		return;
	cor_member_extend(object, name);
	cor_rewrite_copy(object->buffer, value);
}

/* --- references --- */

static bool begins(struct cor_str text, struct cor_str with)
{
	return text.len > with.len && memcmp(text.data, with.data, with.len) == 0;
}

#define SCHEMAS   COR_STR("#/components/schemas/")
#define RESPONSES COR_STR("#/components/responses/")

static struct cor_str behind(struct cor_str text, struct cor_str with)
{
	return (struct cor_str){ text.data + with.len, text.len - with.len };
}

void cor_rewrite_reference(const struct cor_rewrite *to, struct cor_str reference)
{
	struct cor_buffer *buffer = to->buffer;
	struct cor_str name = reference;

	cor_buffer_byte(buffer, '"');
	if (cor_rewrite_is_swagger(to) && begins(reference, SCHEMAS)) {
		cor_buffer_literal(buffer, "#/definitions/");
		name = behind(reference, SCHEMAS);
	} else if (cor_rewrite_is_swagger(to) && begins(reference, RESPONSES)) {
		cor_buffer_literal(buffer, "#/responses/");
		name = behind(reference, RESPONSES);
	}
	cor_buffer_append_str(buffer, name); /* names of components: nothing to escape */
	cor_buffer_byte(buffer, '"');
}

const struct cor_node *cor_rewrite_resolve(
	const struct cor_rewrite *to, const struct cor_node *object)
{
	struct cor_str reference = cor_text_of(cor_node_get(object, "$ref"));
	const struct cor_node *components = cor_node_get(to->root, "components");

	if (begins(reference, SCHEMAS))
		return cor_node_get_text(
			cor_node_get(components, "schemas"), behind(reference, SCHEMAS));
	if (begins(reference, RESPONSES))
		return cor_node_get_text(
			cor_node_get(components, "responses"), behind(reference, RESPONSES));
	return object;
}
