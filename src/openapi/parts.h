/* SPDX-License-Identifier: MIT */
/** The parts of the document, a file each. Errors go into the buffer. Nothing here yields. */
#ifndef CORACLE_OPENAPI_PARTS_H
#define CORACLE_OPENAPI_PARTS_H

#include <coracle/document.h>
#include <coracle/response.h>
#include <coracle/security.h>
#include <coracle/service.h>

#include "json/members.h"
#include "openapi/document.h"
#include "schema/describe.h"
#include "service/composition.h"
#include "service/plan.h"

/** The operationId of each operation of a service: unique, and the same at every start. */
struct cor_operation_ids {
	struct cor_operation_id *items;
	size_t len;
	size_t capacity;
};

/** What all parts share. */
struct cor_document {
	const struct cor_service *service;  /* that it is about */
	struct cor_composition composition; /* that it is in */
	const struct cor_unit *unit;        /* where */
	struct cor_document_access access;
	struct cor_arena *arena;
	struct cor_buffer *buffer;
	struct cor_schema_names names;
	struct cor_operation_ids ids;
	struct cor_document_errors *errors; /* each shape once; the first is the unit's own */
	size_t errors_len;
	const struct cor_documented *at; /* the operation that is being written */
};

/** What errors look like, of one service or several. */
struct cor_document_errors {
	const struct cor_error_shape *shape; /* NULL: problems */
	const char *name;                    /* of the schema among the components */
	const char *suffix;                  /* of the names of its responses there */
	bool statuses[600];                  /* that an operation refers to */
};

/** An operation under its verb. */
struct cor_documented {
	const struct cor_service *service; /* that has it */
	const struct cor_unit *unit;       /* where that is mounted */
	const struct cor_resource *resource;
	const struct cor_operation *operation;
	enum cor_method method;
	enum cor_from default_from;
	const char *verb; /* "get" */
	uint16_t invalid_status;
	bool is_limited;   /* requests are counted for a limit: a 429 is possible */
	bool fails_closed; /* and a 503, where that cannot be counted */
	bool says_rates;   /* its answers say what is left */
	const struct cor_security *security; /* who may call it; NULL: everybody */
	/* .problems of its resource and of the service; NULL: there are none */
	const struct cor_response *inherited[COR_INHERITED_LISTS];
};

/** operation.c: the operation object. */
void cor_document_operation(struct cor_document *document, const struct cor_documented *it);

/** input.c: the members "parameters" and "requestBody". */
void cor_document_input(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object);

/**
 * security.c: the member "security", of an operation that not everybody may call, or with a row for
 * the header Authorization.
 */
void cor_document_security(const struct cor_document *document, const struct cor_documented *it,
	struct cor_members *object);

/** security.c: the member "security" of the document, for operations that have none. */
void cor_document_default_security(const struct cor_document *document, struct cor_members *root);

/** security.c: the member "securitySchemes" of the components, if there are any. */
void cor_document_security_schemes(struct cor_document *document, struct cor_members *components);

/** scheme.c: the Security Scheme Object of a scheme. */
void cor_document_scheme(const struct cor_security_scheme *scheme, struct cor_buffer *buffer);

/** security.c: whether the row is that header. */
bool cor_row_is_authorization(const struct cor_field *field, enum cor_from from);

/** responses.c: the member "responses". */
void cor_document_responses(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object);

/** errors.c: find the shapes of errors, once schemas have their names. Returns 0 or -ENOMEM. */
int cor_document_errors_find(struct cor_document *document) COR_CHECKED;

/** errors.c: of the service. */
struct cor_document_errors *cor_document_errors_of(
	const struct cor_document *document, const struct cor_service *service);

/** errors.c: members of "schemas" and "responses" among the components. */
void cor_document_error_schemas(const struct cor_document *document, struct cor_members *schemas);
void cor_document_error_responses(
	const struct cor_document *document, struct cor_members *responses);

/** errors.c: headers of what is left of limits. */
void cor_document_rate_headers(struct cor_members *headers);

/** errors.c: the member "content" of a response; `said` is what there is to say, or NULL. */
void cor_document_error_content(const struct cor_document_errors *errors,
	struct cor_members *response, unsigned status, const struct cor_response *said);

/** responses.c: the member "examples" of what has a schema, if there are any. */
void cor_document_examples(struct cor_members *object, const struct cor_example *list);

/** about.c: the members "info" and "externalDocs" of the document. */
void cor_document_info(const struct cor_document *document, struct cor_members *root);

/** about.c: the member "servers". */
void cor_document_servers(const struct cor_document *document, struct cor_members *root);

/** about.c: tags that have a text, as items of a list. */
void cor_document_tags(const struct cor_document *document, struct cor_members *list);

/** about.c: the text of a tag; NULL: it has none. */
const struct cor_tag *cor_about_tag(const struct cor_document *document, const char *name);

/** about.c: a member "externalDocs"; nothing for NULL. */
void cor_document_external_docs(struct cor_members *object, const struct cor_external_docs *docs);

/** outgoing.c: the member "webhooks" of the document, if there are any. */
void cor_document_webhooks(struct cor_document *document, struct cor_members *root);

/** outgoing.c: the member "callbacks" of an operation, if there are any. */
void cor_document_callbacks(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object);

/** websocket.c: the member "x-websocket" of an operation that is one. */
void cor_document_websocket(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object);

/** Whether the operation takes a body: rows, a whole one, or a stream. */
bool cor_documented_has_body(const struct cor_documented *it);

/** operation_ids.c: give each operation its operationId. Returns 0 or -ENOMEM. */
int cor_operation_ids_make(struct cor_document *document) COR_CHECKED;

const char *cor_operation_id(const struct cor_operation_ids *ids, const struct cor_documented *it);

/** Whether the document has what the unit has. */
bool cor_document_shows(const struct cor_document *document, const struct cor_unit *unit);

/**
 * Call `each` for every operation that the document shows, in the order of the tables, its own
 * before those of what is mounted there, until it returns a negative code.
 */
int cor_documented_each(const struct cor_document *document,
	int (*each)(void *self, const struct cor_documented *it), void *self);

#endif
