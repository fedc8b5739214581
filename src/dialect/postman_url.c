/* SPDX-License-Identifier: MIT */
/* Where a request of a collection goes, and its headers. */
#include "dialect/postman_url.h"

#include <string.h>

#include "dialect/sample.h"

void cor_postman_value(
	const struct cor_rewrite *to, const struct cor_node *schema, const struct cor_node *example)
{
	struct cor_buffer value = { 0 };
	struct cor_rewrite aside = *to;

	if (cor_node_is_text(cor_node_get(schema, "type"), "array"))
		schema = cor_node_get(schema, "items");
	if (cor_node_type(example) == COR_JSON_ARRAY)
		example = cor_node_item(example, 0);
	if (cor_node_type(example) == COR_JSON_STRING) {
		cor_json_write_string(to->buffer, cor_text_of(example));
		return;
	}
	aside.buffer = &value;
	if (example)
		cor_rewrite_copy(&value, example);
	else
		cor_sample_write(&aside, schema);
	if (cor_buffer_error(&value) < 0)
		cor_buffer_fail(to->buffer, cor_buffer_error(&value));
	else if (value.data[0] == '"')
		cor_buffer_append(to->buffer, value.data, value.len);
	else
		cor_json_write_string(to->buffer, (struct cor_str){ value.data, value.len });
	cor_buffer_finish(&value);
}

static void write_parameter(const struct cor_rewrite *to, const struct cor_node *parameter)
{
	bool is_required = cor_node_get(parameter, "required");
	bool is_path = cor_node_is_text(cor_node_get(parameter, "in"), "path");
	struct cor_members object = cor_object_open(to->buffer);

	cor_member_copy(&object, "key", cor_node_get(parameter, "name"));
	cor_member(&object, "value");
	cor_postman_value(
		to, cor_node_get(parameter, "schema"), cor_node_get(parameter, "example"));
	cor_member_copy(&object, "description", cor_node_get(parameter, "description"));
	cor_member_flag(&object, "disabled", !is_required && !is_path);
	cor_object_close(&object);
}

/* The parameters of a place, as items of a list. */
static void write_parameters(const struct cor_rewrite *to, const struct cor_node *operation,
	const char *place, struct cor_members *list)
{
	const struct cor_node *parameters = cor_node_get(operation, "parameters");

	for (size_t i = 0; i < cor_node_len(parameters); i++) {
		const struct cor_node *parameter = cor_node_item(parameters, i);
		if (!cor_node_is_text(cor_node_get(parameter, "in"), place))
			continue;
		cor_item(list);
		write_parameter(to, parameter);
	}
}

/* "{id}" is ":id". */
static struct cor_str variable_of(struct cor_str segment)
{
	if (segment.len > 2 && segment.data[0] == '{')
		return (struct cor_str){ segment.data + 1, segment.len - 2 };
	return (struct cor_str){ NULL, 0 };
}

static struct cor_str next_segment(struct cor_str *rest)
{
	const char *end = memchr(rest->data, '/', rest->len);
	struct cor_str segment = { rest->data, end ? (size_t)(end - rest->data) : rest->len };

	rest->data += segment.len + (end ? 1 : 0);
	rest->len -= segment.len + (end ? 1 : 0);
	return segment;
}

static void write_segments(const struct cor_rewrite *to, struct cor_str path)
{
	struct cor_members list = cor_array_open(to->buffer);
	struct cor_str rest = { path.data + 1, path.len - 1 };

	while (rest.len > 0) {
		struct cor_str segment = next_segment(&rest);
		struct cor_str variable = variable_of(segment);
		cor_item(&list);
		if (variable.len)
			cor_buffer_printf(
				to->buffer, "\":%.*s\"", (int)variable.len, variable.data);
		else
			cor_json_write_string(to->buffer, segment);
	}
	cor_array_close(&list);
}

/* The same in one text. A path has no byte that JSON would escape: the start checks that. */
static void write_raw(const struct cor_rewrite *to, struct cor_str path)
{
	struct cor_str rest = { path.data + 1, path.len - 1 };

	cor_buffer_literal(to->buffer, "\"{{baseUrl}}");
	do {
		struct cor_str segment = next_segment(&rest);
		struct cor_str variable = variable_of(segment);
		cor_buffer_append_str(to->buffer, variable.len ? COR_STR("/:") : COR_STR("/"));
		cor_buffer_append_str(to->buffer, variable.len ? variable : segment);
	} while (rest.len > 0);
	cor_buffer_byte(to->buffer, '"');
}

void cor_postman_url(const struct cor_rewrite *to, struct cor_str path,
	const struct cor_node *operation, struct cor_members *request)
{
	cor_member(request, "url");
	struct cor_members url = cor_object_open(to->buffer);
	cor_member(&url, "raw");
	write_raw(to, path);
	cor_member_raw(&url, "host", "[\"{{baseUrl}}\"]");
	cor_member(&url, "path");
	write_segments(to, path);
	cor_member(&url, "query");
	struct cor_members query = cor_array_open(to->buffer);
	write_parameters(to, operation, "query", &query);
	cor_array_close(&query);
	cor_member(&url, "variable");
	struct cor_members variables = cor_array_open(to->buffer);
	write_parameters(to, operation, "path", &variables);
	cor_array_close(&variables);
	cor_object_close(&url);
}

static void write_fixed_header(
	struct cor_members *list, const char *name, struct cor_str value, bool is_disabled)
{
	cor_item(list);
	struct cor_members object = cor_object_open(list->buffer);
	cor_member_text(&object, "key", name);
	cor_member(&object, "value");
	cor_json_write_string(list->buffer, value);
	cor_member_flag(&object, "disabled", is_disabled);
	cor_object_close(&object);
}

/* The header Authorization, where the operation takes it. */
static void write_authorization(const struct cor_node *operation, struct cor_members *list)
{
	const struct cor_node *security = cor_node_get(operation, "security");
	bool is_taken = false, is_needed = security;

	for (size_t i = 0; i < cor_node_len(security); i++) {
		bool has_it = cor_node_get(cor_node_item(security, i), "Authorization");
		is_taken |= has_it;
		is_needed &= has_it;
	}
	if (is_taken)
		write_fixed_header(list, "Authorization", COR_STR("{{authorization}}"), !is_needed);
}

/* Postman keeps cookies in a jar of its own; those of the document stand in one header. */
static void write_cookies(const struct cor_node *operation, struct cor_members *list)
{
	const struct cor_node *parameters = cor_node_get(operation, "parameters");
	struct cor_buffer text = { 0 };
	bool is_needed = false;

	for (size_t i = 0; i < cor_node_len(parameters); i++) {
		const struct cor_node *parameter = cor_node_item(parameters, i);
		struct cor_str name = cor_text_of(cor_node_get(parameter, "name"));
		if (!cor_node_is_text(cor_node_get(parameter, "in"), "cookie"))
			continue;
		cor_buffer_printf(&text, "%s%.*s=", text.len ? "; " : "", (int)name.len, name.data);
		is_needed |= cor_node_get(parameter, "required") != NULL;
	}
	if (cor_buffer_error(&text) < 0)
		cor_buffer_fail(list->buffer, cor_buffer_error(&text));
	else if (text.len)
		write_fixed_header(
			list, "Cookie", (struct cor_str){ text.data, text.len }, !is_needed);
	cor_buffer_finish(&text);
}

void cor_postman_headers(const struct cor_rewrite *to, const struct cor_node *operation,
	struct cor_str content_type, struct cor_members *request)
{
	cor_member(request, "header");
	struct cor_members list = cor_array_open(to->buffer);
	if (content_type.len)
		write_fixed_header(&list, "Content-Type", content_type, false);
	write_authorization(operation, &list);
	write_parameters(to, operation, "header", &list);
	write_cookies(operation, &list);
	cor_array_close(&list);
}
