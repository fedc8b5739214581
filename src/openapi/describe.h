/* SPDX-License-Identifier: MIT */
/** The parts of the document: one file each. Errors go into the buffer. Nothing here yields. */
#ifndef CORACLE_OPENAPI_DESCRIBE_H
#define CORACLE_OPENAPI_DESCRIBE_H

#include <coracle/service.h>

#include "openapi/members.h"
#include "schema/describe.h"
#include "service/plan.h"

/** What all parts need to know. */
struct cor_document {
	const struct cor_service *service;
	struct cor_arena *arena;
	struct cor_buffer *buffer;
	struct cor_schema_names names;
	const char *problem_name; /* of the problem's schema among the components */
	bool problems[600];       /* by status: referred to by an operation */
};

/** An operation under its verb. */
struct cor_documented {
	const struct cor_resource *resource;
	const struct cor_operation *operation;
	enum cor_method method;
	enum cor_from default_from;
	const char *verb; /* "get" */
};

/** operation.c: the operation object. `id` is its operationId. */
void cor_document_operation(
	struct cor_document *document, const struct cor_documented *it, const char *id);

/** input.c: the members "parameters" and "requestBody". */
void cor_document_input(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object);

/** responses.c: the member "responses". */
void cor_document_responses(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object);

/** responses.c: the components that it refers to. */
void cor_document_problem_schema(struct cor_buffer *buffer);
void cor_document_problem_responses(struct cor_document *document);

/** A schema in one of its uses: by reference where that says it all. */
void cor_document_schema(struct cor_document *document, const struct cor_schema *schema,
	enum cor_use use, enum cor_from default_from);

/** Whether the operation reads a body: rows, a whole one, or a stream. */
bool cor_documented_has_body(const struct cor_documented *it);

/**
 * Call `each` for every operation of the service, in the order of its tables, until it returns less
 * than 0.
 */
int cor_documented_each(const struct cor_service *service,
	int (*each)(void *self, const struct cor_documented *it), void *self);

#endif
