/* SPDX-License-Identifier: MIT */
/* Swagger 2.0: bodies are parameters, media types stand apart, and there is one server. */
#include "dialect/swagger20.h"

#include <string.h>

#include "dialect/schema.h"
#include "dialect/security.h"
#include "dialect/swagger20_parameter.h"

/* --- responses --- */

/* One response has one schema, whatever its media types. */
static void write_response_schema(
	const struct cor_rewrite *to, struct cor_members *object, const struct cor_node *content)
{
	const struct cor_node *schema = cor_node_get(cor_node_item(content, 0), "schema");

	if (!schema)
		return;
	cor_member(object, "schema");
	cor_rewrite_schema(to, schema);
}

/* The first of several: each media type has one. */
static const struct cor_node *example_of(const struct cor_node *media)
{
	const struct cor_node *first = cor_node_item(cor_node_get(media, "examples"), 0);

	return first ? cor_node_get(first, "value") : cor_node_get(media, "example");
}

static void write_examples(
	const struct cor_rewrite *to, struct cor_members *object, const struct cor_node *content)
{
	const struct cor_node *media = cor_node_item(content, 0);

	if (!example_of(media))
		return;
	cor_member(object, "examples");
	struct cor_members examples = cor_object_open(to->buffer);
	cor_member_begin(&examples, cor_node_key(content, 0));
	cor_rewrite_copy(to->buffer, example_of(media));
	cor_object_close(&examples);
	cor_member_copy(object, "x-examples", cor_node_get(media, "examples"));
}

static void write_response(const struct cor_rewrite *to, const struct cor_node *response)
{
	const struct cor_node *reference = cor_node_get(response, "$ref");
	const struct cor_node *content = cor_node_get(response, "content");
	const struct cor_node *headers = cor_node_get(response, "headers");
	struct cor_members object = cor_object_open(to->buffer);

	if (reference) {
		cor_member(&object, "$ref");
		cor_rewrite_reference(to, cor_text_of(reference));
	} else {
		cor_member_copy(&object, "description", cor_node_get(response, "description"));
		write_response_schema(to, &object, content);
	}
	if (headers) {
		cor_member(&object, "headers");
		cor_swagger_headers(to, headers);
	}
	write_examples(to, &object, content);
	cor_member_copy(&object, "x-links", cor_node_get(response, "links"));
	cor_object_close(&object);
}

static void write_responses(const struct cor_rewrite *to, const struct cor_node *responses)
{
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < cor_node_len(responses); i++) {
		cor_member_begin(&object, cor_node_key(responses, i));
		write_response(to, cor_node_item(responses, i));
	}
	cor_object_close(&object);
}

/* The media type of a response, the first of each; empty: it has no body. */
static struct cor_str type_of(const struct cor_rewrite *to, const struct cor_node *response)
{
	return cor_node_key(cor_node_get(cor_rewrite_resolve(to, response), "content"), 0);
}

static bool is_first_of_type(
	const struct cor_rewrite *to, const struct cor_node *responses, size_t index)
{
	struct cor_str type = type_of(to, cor_node_item(responses, index));

	for (size_t i = 0; i < index; i++)
		if (cor_str_equal(type_of(to, cor_node_item(responses, i)), type))
			return false;
	return type.len > 0;
}

static void write_produces(
	const struct cor_rewrite *to, const struct cor_node *responses, struct cor_members *object)
{
	cor_member(object, "produces");
	struct cor_members types = cor_array_open(to->buffer);
	for (size_t i = 0; i < cor_node_len(responses); i++) {
		if (!is_first_of_type(to, responses, i))
			continue;
		cor_item(&types);
		cor_json_write_string(to->buffer, type_of(to, cor_node_item(responses, i)));
	}
	cor_array_close(&types);
}

/* --- operations --- */

static void write_paths(const struct cor_rewrite *to, const struct cor_node *paths);

static void write_callbacks(
	const struct cor_rewrite *to, const struct cor_node *callbacks, struct cor_members *object)
{
	if (!callbacks)
		return;
	cor_member(object, "x-callbacks");
	struct cor_members all = cor_object_open(to->buffer);
	for (size_t i = 0; i < cor_node_len(callbacks); i++) {
		cor_member_begin(&all, cor_node_key(callbacks, i));
		write_paths(to, cor_node_item(callbacks, i));
	}
	cor_object_close(&all);
}

static void write_extensions(
	const struct cor_rewrite *to, const struct cor_node *operation, struct cor_members *object)
{
	const struct cor_node *websocket = cor_node_get(operation, "x-websocket");

	write_callbacks(to, cor_node_get(operation, "callbacks"), object);
	if (!websocket)
		return;
	cor_member(object, "x-websocket");
	cor_rewrite_websocket(to, websocket);
}

static void write_operation(const struct cor_rewrite *to, const struct cor_node *operation)
{
	static const char *const same[] = { "operationId", "summary", "description", "tags",
		"externalDocs", "deprecated" };
	const struct cor_node *responses = cor_node_get(operation, "responses");
	const struct cor_node *security = cor_node_get(operation, "security");
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		cor_member_copy(&object, same[i], cor_node_get(operation, same[i]));
	if (security) {
		cor_member(&object, "security");
		cor_rewrite_security(to, security);
	}
	cor_swagger_input(to, operation, &object);
	write_produces(to, responses, &object);
	cor_member(&object, "responses");
	write_responses(to, responses);
	write_extensions(to, operation, &object);
	cor_object_close(&object);
}

static void write_path(const struct cor_rewrite *to, const struct cor_node *path)
{
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < cor_node_len(path); i++) {
		cor_member_begin(&object, cor_node_key(path, i));
		write_operation(to, cor_node_item(path, i));
	}
	cor_object_close(&object);
}

static void write_paths(const struct cor_rewrite *to, const struct cor_node *paths)
{
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < cor_node_len(paths); i++) {
		cor_member_begin(&object, cor_node_key(paths, i));
		write_path(to, cor_node_item(paths, i));
	}
	cor_object_close(&object);
}

/* --- the document --- */

static void write_licence(
	const struct cor_rewrite *to, const struct cor_node *licence, struct cor_members *object)
{
	if (!licence)
		return;
	cor_member(object, "license");
	struct cor_members inner = cor_object_open(to->buffer);
	cor_member_copy(&inner, "name", cor_node_get(licence, "name"));
	cor_member_copy(&inner, "url", cor_node_get(licence, "url"));
	cor_member_copy(&inner, "x-identifier", cor_node_get(licence, "identifier"));
	cor_object_close(&inner);
}

static void write_info(const struct cor_rewrite *to, const struct cor_node *info)
{
	static const char *const same[] = { "title", "version", "description", "termsOfService",
		"contact" };
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		cor_member_copy(&object, same[i], cor_node_get(info, same[i]));
	write_licence(to, cor_node_get(info, "license"), &object);
	cor_object_close(&object);
}

/*
 * Without "host" the server is the one that the document came from. "basePath" cannot be relative,
 * so that a proxy's prefix is not told.
 */
static void write_root(const struct cor_rewrite *to, struct cor_members *root)
{
	const struct cor_node *components = cor_node_get(to->root, "components");

	cor_member(root, "paths");
	write_paths(to, cor_node_get(to->root, "paths"));
	cor_member(root, "definitions");
	cor_rewrite_schemas(to, cor_node_get(components, "schemas"));
	cor_member(root, "responses");
	write_responses(to, cor_node_get(components, "responses"));
	cor_rewrite_schemes(to, "securityDefinitions", root);
	cor_member_copy(root, "x-servers", cor_node_get(to->root, "servers"));
	cor_rewrite_say_mutual(to, root);
}

void cor_rewrite_swagger20(const struct cor_rewrite *to)
{
	const struct cor_node *webhooks = cor_node_get(to->root, "webhooks");
	struct cor_members root = cor_object_open(to->buffer);

	cor_member_text(&root, "swagger", "2.0");
	cor_member(&root, "info");
	write_info(to, cor_node_get(to->root, "info"));
	cor_member_copy(&root, "externalDocs", cor_node_get(to->root, "externalDocs"));
	cor_member(&root, "security");
	cor_rewrite_security(to, cor_node_get(to->root, "security"));
	cor_member_copy(&root, "tags", cor_node_get(to->root, "tags"));
	write_root(to, &root);
	if (webhooks) {
		cor_member(&root, "x-webhooks");
		write_paths(to, webhooks);
	}
	cor_object_close(&root);
}
