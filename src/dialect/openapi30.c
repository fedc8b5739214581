/* SPDX-License-Identifier: MIT */
/* The same document, its schemas in an older dialect, without webhooks and mutualTLS. */
#include "dialect/openapi30.h"

#include <string.h>

#include "dialect/schema.h"
#include "dialect/security.h"

/*
 * How a member of an object is written; a member without a row is copied. The tables below follow
 * the document from the root down to its schemas.
 */
struct member {
	const char *name;
	void (*write)(const struct cor_rewrite *to, const struct cor_node *value);
};

static void write_object(const struct cor_rewrite *to, const struct cor_node *node,
	const struct member *table, size_t len)
{
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < cor_node_len(node); i++) {
		struct cor_str name = cor_node_key(node, i);
		const struct member *row = table;
		while (row < table + len && !cor_str_equal(cor_str(row->name), name))
			row++;
		cor_member_begin(&object, name);
		if (row < table + len)
			row->write(to, cor_node_item(node, i));
		else
			cor_rewrite_copy(to->buffer, cor_node_item(node, i));
	}
	cor_object_close(&object);
}

/* An object, or a list, of things that are alike. */
static void write_each(const struct cor_rewrite *to, const struct cor_node *node,
	void (*write)(const struct cor_rewrite *to, const struct cor_node *value))
{
	bool is_list = cor_node_type(node) == COR_JSON_ARRAY;
	struct cor_members all = is_list ? cor_array_open(to->buffer) : cor_object_open(to->buffer);

	for (size_t i = 0; i < cor_node_len(node); i++) {
		if (is_list)
			cor_item(&all);
		else
			cor_member_begin(&all, cor_node_key(node, i));
		write(to, cor_node_item(node, i));
	}
	cor_buffer_byte(to->buffer, is_list ? ']' : '}');
}

#define WRITE_OBJECT(table) write_object(to, node, table, sizeof(table) / sizeof((table)[0]))

static const struct member with_schema[] = { { "schema", cor_rewrite_schema } };

/* A parameter, a header, or what a body of one media type is. */
static void write_described(const struct cor_rewrite *to, const struct cor_node *node)
{
	WRITE_OBJECT(with_schema);
}

static void write_all_described(const struct cor_rewrite *to, const struct cor_node *node)
{
	write_each(to, node, write_described);
}

static const struct member body[] = {
	{ "content", write_all_described },
	{ "headers", write_all_described },
};

/* A request's body, or a response. */
static void write_body(const struct cor_rewrite *to, const struct cor_node *node)
{
	WRITE_OBJECT(body);
}

static void write_responses(const struct cor_rewrite *to, const struct cor_node *node)
{
	write_each(to, node, write_body);
}

static void write_paths(const struct cor_rewrite *to, const struct cor_node *node);

static void write_callbacks(const struct cor_rewrite *to, const struct cor_node *node)
{
	write_each(to, node, write_paths);
}

static const struct member operation[] = {
	{ "parameters", write_all_described },
	{ "requestBody", write_body },
	{ "responses", write_responses },
	{ "callbacks", write_callbacks },
	{ "security", cor_rewrite_security },
	{ "x-websocket", cor_rewrite_websocket },
};

static void write_operation(const struct cor_rewrite *to, const struct cor_node *node)
{
	WRITE_OBJECT(operation);
}

static void write_path(const struct cor_rewrite *to, const struct cor_node *node)
{
	write_each(to, node, write_operation);
}

static void write_paths(const struct cor_rewrite *to, const struct cor_node *node)
{
	write_each(to, node, write_path);
}

static void write_components(const struct cor_rewrite *to, struct cor_members *root)
{
	const struct cor_node *components = cor_node_get(to->root, "components");

	cor_member(root, "components");
	struct cor_members object = cor_object_open(to->buffer);
	cor_member(&object, "schemas");
	cor_rewrite_schemas(to, cor_node_get(components, "schemas"));
	cor_member(&object, "responses");
	write_responses(to, cor_node_get(components, "responses"));
	cor_rewrite_schemes(to, "securitySchemes", &object);
	cor_object_close(&object);
}

/* 3.0 knows the licence by its URL, not by its SPDX identifier. */
static void write_licence(const struct cor_rewrite *to, const struct cor_node *licence)
{
	struct cor_members object = cor_object_open(to->buffer);

	cor_member_copy(&object, "name", cor_node_get(licence, "name"));
	cor_member_copy(&object, "url", cor_node_get(licence, "url"));
	cor_member_copy(&object, "x-identifier", cor_node_get(licence, "identifier"));
	cor_object_close(&object);
}

static const struct member info[] = { { "license", write_licence } };

static void write_info(const struct cor_rewrite *to, const struct cor_node *node)
{
	WRITE_OBJECT(info);
}

void cor_rewrite_openapi30(const struct cor_rewrite *to)
{
	const struct cor_node *webhooks = cor_node_get(to->root, "webhooks");
	struct cor_members root = cor_object_open(to->buffer);

	cor_member_text(&root, "openapi", "3.0.3");
	cor_member(&root, "info");
	write_info(to, cor_node_get(to->root, "info"));
	cor_member_copy(&root, "externalDocs", cor_node_get(to->root, "externalDocs"));
	cor_member_copy(&root, "servers", cor_node_get(to->root, "servers"));
	cor_member(&root, "security");
	cor_rewrite_security(to, cor_node_get(to->root, "security"));
	cor_member_copy(&root, "tags", cor_node_get(to->root, "tags"));
	cor_member(&root, "paths");
	write_paths(to, cor_node_get(to->root, "paths"));
	if (webhooks) {
		cor_member(&root, "x-webhooks");
		write_paths(to, webhooks);
	}
	write_components(to, &root);
	cor_rewrite_say_mutual(to, &root);
	cor_object_close(&root);
}
