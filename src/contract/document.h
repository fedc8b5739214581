/* SPDX-License-Identifier: MIT */
/**
 * The contract of a service: its OpenAPI document, made in memory, and the operations that it
 * promises. It is read before the first test, and all tests share it.
 */
#ifndef CORACLE_CONTRACT_DOCUMENT_H
#define CORACLE_CONTRACT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/arena.h>
#include <coracle/json_node.h>
#include <coracle/service.h>

/** A row that is not in the body. */
struct cor_contract_parameter {
	const char *in; /* "path", "query", "header", "cookie" */
	const char *name;
	const char *row; /* "path id" */
	bool is_required;
	bool is_the_librarys; /* If-Match, Range ...: what they mean is tried, not their values */
	const struct cor_node *schema;
	const struct cor_node *example; /* NULL: none */
};

struct cor_contract_operation {
	const char *name; /* "GET /books/{id}" */
	const char *method;
	const char *path;
	const struct cor_node *path_item;
	bool is_first; /* of its path */
	bool is_websocket;
	bool needs_body;
	struct cor_contract_parameter *parameters;
	size_t parameters_len;
	const struct cor_node *content;   /* of the body, by media type; NULL: it has none */
	const struct cor_node *responses; /* by status */
	const struct cor_node *security;  /* ways, any of which will do; NULL: everybody may */
};

struct cor_contract_document {
	struct cor_arena arena;
	const struct cor_node *root;
	struct cor_contract_operation *operations;
	size_t len;
};

/**
 * Make it. Returns 0, -ENOMEM, or -COR_ETABLE: what contradicts itself stands on standard error.
 * The caller finishes it in any case.
 */
int cor_contract_document_init(
	struct cor_contract_document *document, const struct cor_service *service) COR_CHECKED;
void cor_contract_document_finish(struct cor_contract_document *document);

/** A member that is a text, as long as the arena; NULL: it is not there. */
const char *cor_contract_text(
	struct cor_arena *arena, const struct cor_node *object, const char *name);

/** The response object of a status; NULL: the operation does not declare it. */
const struct cor_node *cor_contract_response(const struct cor_contract_document *document,
	const struct cor_contract_operation *operation, int status);

#endif
