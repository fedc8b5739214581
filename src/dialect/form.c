/* SPDX-License-Identifier: MIT */
#include "dialect/form.h"

#include "dialect/postman_url.h"
#include "dialect/schema.h"

/* A field of the form. */
struct field {
	struct cor_str name;
	const struct cor_node *schema;   /* as it stands there */
	const struct cor_node *resolved; /* of an array: of its items */
	bool is_array;
	bool is_required;
};

bool cor_form_is_first(const struct cor_node *content)
{
	return cor_str_equal(cor_node_key(content, 0), COR_STR("multipart/form-data"));
}

static const struct cor_node *schema_of(
	const struct cor_rewrite *to, const struct cor_node *content)
{
	return cor_rewrite_resolve(to, cor_node_get(cor_node_item(content, 0), "schema"));
}

static bool has_text(const struct cor_node *list, struct cor_str text)
{
	for (size_t i = 0; i < cor_node_len(list); i++)
		if (cor_str_equal(cor_text_of(cor_node_item(list, i)), text))
			return true;
	return false;
}

static struct field field_of(
	const struct cor_rewrite *to, const struct cor_node *schema, size_t index)
{
	const struct cor_node *properties = cor_node_get(schema, "properties");
	struct field field = {
		.name = cor_node_key(properties, index),
		.schema = cor_node_item(properties, index),
	};

	field.resolved = cor_rewrite_resolve(to, field.schema);
	field.is_array = cor_node_is_text(cor_node_get(field.resolved, "type"), "array");
	field.is_required = has_text(cor_node_get(schema, "required"), field.name);
	if (field.is_array)
		field.resolved = cor_rewrite_resolve(to, cor_node_get(field.resolved, "items"));
	return field;
}

static bool is_file(const struct field *field)
{
	return cor_node_is_text(cor_node_get(field->resolved, "format"), "binary");
}

static size_t count(const struct cor_node *schema)
{
	return cor_node_len(cor_node_get(schema, "properties"));
}

/* The type "file" cannot be that of items: several files are an array of bytes. */
static void write_parameter(const struct cor_rewrite *to, const struct field *field)
{
	struct cor_members object = cor_object_open(to->buffer);

	cor_member(&object, "name");
	cor_json_write_string(to->buffer, field->name);
	cor_member_text(&object, "in", "formData");
	cor_member_copy(&object, "description", cor_node_get(field->schema, "description"));
	cor_member_flag(&object, "required", field->is_required);
	if (is_file(field) && !field->is_array) {
		cor_member_text(&object, "type", "file");
		cor_member_copy(&object, "maxLength", cor_node_get(field->resolved, "maxLength"));
	} else {
		cor_rewrite_flat_schema(to, &object, field->schema, true);
	}
	cor_object_close(&object);
}

void cor_form_swagger(
	const struct cor_rewrite *to, const struct cor_node *content, struct cor_members *list)
{
	const struct cor_node *schema = schema_of(to, content);

	for (size_t i = 0; i < count(schema); i++) {
		const struct field field = field_of(to, schema, i);
		cor_item(list);
		write_parameter(to, &field);
	}
}

static void write_field(const struct cor_rewrite *to, const struct field *field)
{
	struct cor_members object = cor_object_open(to->buffer);

	cor_member(&object, "key");
	cor_json_write_string(to->buffer, field->name);
	if (is_file(field)) {
		cor_member_text(&object, "type", "file");
		cor_member_raw(&object, "src", "[]");
	} else {
		cor_member_text(&object, "type", "text");
		cor_member(&object, "value");
		cor_postman_value(to, field->schema, NULL);
	}
	cor_member_copy(&object, "description", cor_node_get(field->schema, "description"));
	cor_member_flag(&object, "disabled", !field->is_required);
	cor_object_close(&object);
}

void cor_form_postman(
	const struct cor_rewrite *to, const struct cor_node *content, struct cor_members *body)
{
	const struct cor_node *schema = schema_of(to, content);

	cor_member_text(body, "mode", "formdata");
	cor_member(body, "formdata");
	struct cor_members list = cor_array_open(to->buffer);
	for (size_t i = 0; i < count(schema); i++) {
		const struct field field = field_of(to, schema, i);
		cor_item(&list);
		write_field(to, &field);
	}
	cor_array_close(&list);
}
