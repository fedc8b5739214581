/* SPDX-License-Identifier: MIT */
/* Parameters and headers of Swagger 2.0: keywords without a schema around them. */
#include "dialect/swagger20_parameter.h"

#include <string.h>

#include "dialect/form.h"
#include "dialect/schema.h"

/* One value, or the first of several by name. */
static void write_example(struct cor_members *object, const struct cor_node *described)
{
	const struct cor_node *named = cor_node_item(cor_node_get(described, "examples"), 0);

	cor_member_copy(object, "x-example",
		named ? cor_node_get(named, "value") : cor_node_get(described, "example"));
	cor_member_copy(object, "x-deprecated", cor_node_get(described, "deprecated"));
}

static void write_parameter(const struct cor_rewrite *to, const struct cor_node *parameter)
{
	static const char *const same[] = { "name", "in", "description", "required" };
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		cor_member_copy(&object, same[i], cor_node_get(parameter, same[i]));
	cor_rewrite_flat_schema(to, &object, cor_node_get(parameter, "schema"),
		cor_node_is_text(cor_node_get(parameter, "in"), "query"));
	write_example(&object, parameter);
	cor_object_close(&object);
}

void cor_swagger_headers(const struct cor_rewrite *to, const struct cor_node *headers)
{
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < cor_node_len(headers); i++) {
		const struct cor_node *header = cor_node_item(headers, i);
		cor_member_begin(&object, cor_node_key(headers, i));
		struct cor_members inner = cor_object_open(to->buffer);
		cor_member_copy(&inner, "description", cor_node_get(header, "description"));
		cor_rewrite_flat_schema(to, &inner, cor_node_get(header, "schema"), false);
		write_example(&inner, header);
		cor_object_close(&inner);
	}
	cor_object_close(&object);
}

static void write_body(const struct cor_rewrite *to, const struct cor_node *body)
{
	const struct cor_node *media = cor_node_item(cor_node_get(body, "content"), 0);
	struct cor_members object = cor_object_open(to->buffer);

	cor_member_text(&object, "name", "body");
	cor_member_text(&object, "in", "body");
	cor_member_copy(&object, "required", cor_node_get(body, "required"));
	cor_member(&object, "schema");
	cor_rewrite_schema(to, cor_node_get(media, "schema"));
	cor_member_copy(&object, "x-examples", cor_node_get(media, "examples"));
	cor_object_close(&object);
}

/*
 * An operation has a body or a form, not its client's choice of them. The first of the media types
 * is the one with a schema that says all.
 */
static void write_consumes(struct cor_members *object, const struct cor_node *content)
{
	struct cor_buffer *buffer = object->buffer;

	cor_member(object, "consumes");
	cor_buffer_byte(buffer, '[');
	cor_json_write_string(buffer, cor_node_key(content, 0));
	cor_buffer_byte(buffer, ']');
	if (cor_node_len(content) < 2)
		return;
	cor_member(object, "x-consumes");
	struct cor_members others = cor_array_open(buffer);
	for (size_t i = 1; i < cor_node_len(content); i++) {
		cor_item(&others);
		cor_json_write_string(buffer, cor_node_key(content, i));
	}
	cor_array_close(&others);
}

/* 2.0 has no place for cookies. */
static bool is_cookie(const struct cor_node *parameter)
{
	return cor_node_is_text(cor_node_get(parameter, "in"), "cookie");
}

static void write_parameters(
	const struct cor_rewrite *to, const struct cor_node *parameters, struct cor_members *list)
{
	for (size_t i = 0; i < cor_node_len(parameters); i++) {
		const struct cor_node *parameter = cor_node_item(parameters, i);
		if (is_cookie(parameter))
			continue;
		cor_item(list);
		write_parameter(to, parameter);
	}
}

static void write_cookies(
	const struct cor_rewrite *to, const struct cor_node *parameters, struct cor_members *object)
{
	struct cor_members list = { .buffer = to->buffer };

	for (size_t i = 0; i < cor_node_len(parameters); i++) {
		const struct cor_node *parameter = cor_node_item(parameters, i);
		if (!is_cookie(parameter))
			continue;
		if (!list.any) {
			cor_member(object, "x-cookies");
			list = cor_array_open(to->buffer);
		}
		cor_item(&list);
		write_parameter(to, parameter);
	}
	if (list.any)
		cor_array_close(&list);
}

void cor_swagger_input(
	const struct cor_rewrite *to, const struct cor_node *operation, struct cor_members *object)
{
	const struct cor_node *parameters = cor_node_get(operation, "parameters");
	const struct cor_node *body = cor_node_get(operation, "requestBody");

	if (!parameters && !body)
		return;
	if (body)
		write_consumes(object, cor_node_get(body, "content"));
	cor_member(object, "parameters");
	struct cor_members list = cor_array_open(to->buffer);
	write_parameters(to, parameters, &list);
	if (body && cor_form_is_first(cor_node_get(body, "content"))) {
		cor_form_swagger(to, cor_node_get(body, "content"), &list);
	} else if (body) {
		cor_item(&list);
		write_body(to, body);
	}
	cor_array_close(&list);
	write_cookies(to, parameters, object);
}
