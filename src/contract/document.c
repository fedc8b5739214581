/* SPDX-License-Identifier: MIT */
#include "contract/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "app/inside.h"
#include "document/reference.h"

/* In the order of the tables. */
static const char *const verbs[] = { "get", "put", "post", "patch", "delete" };
static const char *const verb_names[] = { "GET", "PUT", "POST", "PATCH", "DELETE" };
enum { VERBS = sizeof verbs / sizeof verbs[0] };

static const char *const headers_of_the_library[] = { "If-Match", "If-None-Match",
	"If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range", "Content-Encoding",
	"Idempotency-Key", NULL };

const char *cor_contract_text(
	struct cor_arena *arena, const struct cor_node *object, const char *name)
{
	const struct cor_node *member = cor_node_get(object, name);
	struct cor_str text;

	if (!member || cor_node_to_text(member, &text) < 0)
		return NULL;
	return cor_arena_copy(arena, text.data, text.len);
}

const struct cor_node *cor_contract_response(const struct cor_contract_document *document,
	const struct cor_contract_operation *operation, int status)
{
	char text[16];

	snprintf(text, sizeof text, "%d", status);
	return cor_reference_follow(document->root, cor_node_get(operation->responses, text));
}

static bool is_of_the_library(const char *in, const char *name)
{
	const char *const *at = headers_of_the_library;

	while (*at && strcasecmp(*at, name) != 0)
		at++;
	return *at && strcmp(in, "header") == 0;
}

static bool flag(const struct cor_node *object, const char *name)
{
	bool is_set = false;

	return cor_node_to_bool(cor_node_get(object, name), &is_set) == 0 && is_set;
}

static int read_parameter(struct cor_contract_document *document, const struct cor_node *node,
	struct cor_contract_parameter *ret)
{
	*ret = (struct cor_contract_parameter){
		.in = cor_contract_text(&document->arena, node, "in"),
		.name = cor_contract_text(&document->arena, node, "name"),
		.is_required = flag(node, "required"),
		.schema = cor_node_get(node, "schema"),
		.example = cor_node_get(node, "example"),
	};
	if (!ret->in || !ret->name)
		return -ENOMEM;
	ret->is_the_librarys = is_of_the_library(ret->in, ret->name);
	ret->row = cor_arena_printf(&document->arena, "%s %s", ret->in, ret->name);
	return ret->row ? 0 : -ENOMEM;
}

static int read_parameters(struct cor_contract_document *document, const struct cor_node *list,
	struct cor_contract_operation *operation)
{
	size_t len = cor_node_len(list);

	operation->parameters = cor_arena_zalloc(
		&document->arena, (len + 1) * sizeof *operation->parameters);
	if (!operation->parameters)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		int rc = read_parameter(
			document, cor_node_item(list, i), &operation->parameters[i]);
		if (rc < 0)
			return rc;
	}
	operation->parameters_len = len;
	return 0;
}

static int read_operation(struct cor_contract_document *document, struct cor_str path,
	const struct cor_node *path_item, size_t verb, struct cor_contract_operation *ret)
{
	const struct cor_node *node = cor_node_get(path_item, verbs[verb]);
	const struct cor_node *body = cor_node_get(node, "requestBody");
	const struct cor_node *security = cor_node_get(node, "security");

	*ret = (struct cor_contract_operation){
		.method = verb_names[verb],
		.path = cor_arena_copy(&document->arena, path.data, path.len),
		.path_item = path_item,
		.is_websocket = cor_node_get(node, "x-websocket") != NULL,
		.needs_body = flag(body, "required"),
		.content = cor_node_get(body, "content"),
		.responses = cor_node_get(node, "responses"),
		.security = security ? security : cor_node_get(document->root, "security"),
	};
	ret->name = ret->path ? cor_arena_printf(&document->arena, "%s %s", ret->method, ret->path)
			      : NULL;
	if (!ret->name)
		return -ENOMEM;
	return read_parameters(document, cor_node_get(node, "parameters"), ret);
}

static int read_path(struct cor_contract_document *document, struct cor_str path,
	const struct cor_node *path_item)
{
	bool is_first = true;

	for (size_t verb = 0; verb < VERBS; verb++) {
		if (!cor_node_get(path_item, verbs[verb]))
			continue;
		struct cor_contract_operation *next = &document->operations[document->len];
		int rc = read_operation(document, path, path_item, verb, next);
		if (rc < 0)
			return rc;
		next->is_first = is_first;
		is_first = false;
		document->len++;
	}
	return 0;
}

static int read_paths(struct cor_contract_document *document)
{
	const struct cor_node *paths = cor_node_get(document->root, "paths");
	size_t len = cor_node_len(paths);
	int rc = 0;

	document->operations = cor_arena_zalloc(
		&document->arena, (len * VERBS + 1) * sizeof *document->operations);
	if (!document->operations)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < len; i++)
		rc = read_path(document, cor_node_key(paths, i), cor_node_item(paths, i));
	return rc;
}

int cor_contract_document_init(
	struct cor_contract_document *document, const struct cor_service *service)
{
	struct cor_node *root;
	char *text = NULL;

	*document = (struct cor_contract_document){ .len = 0 };
	cor_arena_init(&document->arena, NULL, 0, 0);
	if (cor_inside_calls.interface != COR_INSIDE_INTERFACE) {
		fprintf(stderr, "libcoracle and libcoracle-testing are of different versions\n");
		return -COR_ETABLE;
	}
	int rc = cor_inside_calls.document(service, &text);
	if (rc < 0)
		return rc;
	rc = cor_node_parse(&document->arena, cor_str(text), NULL, &root, NULL);
	free(text);
	if (rc < 0)
		return rc;
	document->root = root;
	return read_paths(document);
}

void cor_contract_document_finish(struct cor_contract_document *document)
{
	cor_arena_finish(&document->arena);
}
