/* SPDX-License-Identifier: MIT */
#include "openapi/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/document.h>
#include <coracle/error_shape.h>
#include <coracle/limit.h>
#include <coracle/response.h>

#include "limit/pass.h"
#include "openapi/parts.h"
#include "schema/walk.h"
#include "service/error_shape.h"
#include "service/verb.h"
#include "service/views.h"

static bool has_rate(const struct cor_limit *const *limits)
{
	for (; limits && *limits; limits++)
		if ((*limits)->count != 0)
			return true;
	return false;
}

static bool counts_failures(const struct cor_service *service, const struct cor_resource *resource,
	const struct cor_operation *operation)
{
	return cor_security_of(service, resource, operation) &&
	       cor_failed_logins_of(service)->count != 0;
}

static bool look_up(const struct cor_unit *unit, const struct cor_resource *resource,
	const struct cor_verb *verb, struct cor_documented *ret)
{
	const struct cor_service *service = unit->service;
	const struct cor_operation *operation = cor_verb_operation(verb, resource);

	if (!operation || operation->hidden || resource->hidden)
		return false;
	*ret = (struct cor_documented){
		.service = service,
		.unit = unit,
		.resource = resource,
		.operation = operation,
		.method = verb->method,
		.default_from = cor_operation_default_from(operation, verb->method),
		.verb = verb->key,
		.invalid_status = cor_error_invalid_status(service),
		.security = cor_security_of(service, resource, operation),
		.is_limited = service->limits || resource->limits || operation->limits ||
			      counts_failures(service, resource, operation),
		.fails_closed = cor_limits_fail_closed(service->limits) ||
				cor_limits_fail_closed(resource->limits) ||
				cor_limits_fail_closed(operation->limits),
		.says_rates = has_rate(service->limits) || has_rate(resource->limits) ||
			      has_rate(operation->limits),
		.inherited = { resource->problems, service->problems },
	};
	return true;
}

/* What is hidden is so from those around it. */
bool cor_document_shows(const struct cor_document *document, const struct cor_unit *unit)
{
	for (; unit && unit != document->unit; unit = unit->outer)
		if (unit->hidden)
			return false;
	return unit != NULL;
}

int cor_documented_each(const struct cor_document *document,
	int (*each)(void *self, const struct cor_documented *it), void *self)
{
	struct cor_documented it;
	int rc = 0;

	for (size_t i = 0; i < document->composition.len; i++) {
		const struct cor_unit *unit = &document->composition.units[i];
		if (!cor_document_shows(document, unit))
			continue;
		for (const struct cor_resource *const *r = unit->service->resources; r && *r; r++)
			for (size_t verb = 0; verb < cor_verbs_len && rc >= 0; verb++)
				if (look_up(unit, *r, &cor_verbs[verb], &it))
					rc = each(self, &it);
	}
	return rc;
}

/* Schemas that the document refers to directly. */
struct roots {
	struct cor_arena *arena;
	struct cor_schema_form *forms;
	size_t len;
	size_t capacity;
};

static int add_root(struct roots *roots, const struct cor_schema *schema, enum cor_use use)
{
	if (roots->len == roots->capacity) {
		size_t capacity = roots->capacity ? 2 * roots->capacity : 64;
		struct cor_schema_form *forms = cor_arena_alloc(
			roots->arena, capacity * sizeof *forms);
		if (!forms)
			return -ENOMEM;
		if (roots->len)
			memcpy(forms, roots->forms, roots->len * sizeof *forms);
		roots->forms = forms;
		roots->capacity = capacity;
	}
	roots->forms[roots->len++] = (struct cor_schema_form){ .schema = schema, .use = use };
	return 0;
}

static int add_outgoing(struct roots *roots, const struct cor_outgoing *list)
{
	int rc = 0;

	for (; list && list->name && rc == 0; list++)
		if (list->sends)
			rc = add_root(roots, list->sends, COR_USE_ANSWER);
	return rc;
}

static int add_responses(struct roots *roots, const struct cor_response *list)
{
	int rc = 0;

	for (; list && list->status && rc == 0; list++) {
		if (list->schema)
			rc = add_root(roots, list->schema, COR_USE_ANSWER);
		if (list->members && rc == 0)
			rc = add_root(roots, list->members, COR_USE_ANSWER);
	}
	return rc;
}

static int add_roots(void *self, const struct cor_documented *it)
{
	const struct cor_operation *operation = it->operation;
	const struct cor_schema *answer = cor_operation_answer(operation);
	const int kind = cor_operation_body(operation, it->method).kind;
	int rc = 0;

	if (kind == COR_TAKES_ROWS || kind == COR_TAKES_FORM)
		rc = add_root(self, operation->in, COR_USE_REQUEST);
	if (rc == 0 && operation->parts)
		rc = add_root(self, operation->parts, COR_USE_REQUEST);
	if (rc == 0 && answer && answer->media == COR_MEDIA_JSON &&
		cor_operation_has_answer(operation))
		rc = add_root(self, answer, COR_USE_ANSWER);
	if (rc == 0 && operation->websocket.receives)
		rc = add_root(self, operation->websocket.receives, COR_USE_REQUEST);
	if (rc == 0 && operation->websocket.sends)
		rc = add_root(self, operation->websocket.sends, COR_USE_ANSWER);
	if (rc == 0)
		rc = add_responses(self, operation->responses);
	for (size_t i = 0; i < COR_INHERITED_LISTS && rc == 0; i++)
		rc = add_responses(self, it->inherited[i]);
	if (rc == 0)
		rc = add_outgoing(self, operation->callbacks);
	return rc;
}

static int collect_names(struct cor_document *document)
{
	struct roots roots = { .arena = document->arena };
	int rc = cor_documented_each(document, add_roots, &roots);

	for (size_t i = 0; i < document->composition.len && rc == 0; i++) {
		const struct cor_error_shape *shape = document->composition.units[i]
							      .service->errors;
		if (shape && shape->schema &&
			cor_document_shows(document, &document->composition.units[i]))
			rc = add_root(&roots, shape->schema, COR_USE_ANSWER);
	}

	if (rc == 0 && document->service->about)
		rc = add_outgoing(&roots, document->service->about->webhooks);
	if (rc == 0)
		rc = cor_schema_names_collect(
			roots.forms, roots.len, document->arena, &document->names);
	if (rc == 0)
		rc = cor_operation_ids_make(document);
	if (rc < 0)
		return rc;
	return cor_document_errors_find(document);
}

/* Tags without a text, in the order of their first use. */
struct tags {
	struct cor_members list;
	const struct cor_document *document;
};

static const char *tag_of(const struct cor_documented *it)
{
	return it->operation->tag ? it->operation->tag : it->resource->tag;
}

/* Finds the first operation with a tag. */
struct first_use {
	const char *tag;
	const struct cor_operation *operation;
	const struct cor_resource *resource;
};

static int find_first(void *self, const struct cor_documented *it)
{
	struct first_use *first = self;
	const char *tag = tag_of(it);

	if (first->operation || !tag || strcmp(tag, first->tag) != 0)
		return 0;
	first->operation = it->operation;
	first->resource = it->resource;
	return 0;
}

static int write_tag(void *self, const struct cor_documented *it)
{
	struct tags *tags = self;
	struct first_use first = { .tag = tag_of(it) };

	if (!first.tag || cor_about_tag(tags->document, first.tag))
		return 0;
	(void)cor_documented_each(tags->document, find_first, &first);
	if (first.operation != it->operation || first.resource != it->resource)
		return 0;
	cor_item(&tags->list);
	struct cor_members tag = cor_object_open(tags->list.buffer);
	cor_member_text(&tag, "name", first.tag);
	cor_object_close(&tag);
	return 0;
}

static void write_tags(const struct cor_document *document, struct cor_members *root)
{
	struct tags tags = { .document = document };

	cor_member(root, "tags");
	tags.list = cor_array_open(document->buffer);
	cor_document_tags(document, &tags.list);
	(void)cor_documented_each(document, write_tag, &tags);
	cor_array_close(&tags.list);
}

static void write_path(struct cor_document *document, const struct cor_unit *unit,
	const struct cor_resource *resource)
{
	struct cor_members item = cor_object_open(document->buffer);
	struct cor_documented it;

	for (size_t verb = 0; verb < cor_verbs_len; verb++) {
		if (!look_up(unit, resource, &cor_verbs[verb], &it))
			continue;
		cor_member(&item, it.verb);
		cor_document_operation(document, &it);
	}
	cor_object_close(&item);
}

/* That the document shows. */
static bool has_operation(const struct cor_unit *unit, const struct cor_resource *resource)
{
	struct cor_documented it;

	for (size_t verb = 0; verb < cor_verbs_len; verb++)
		if (look_up(unit, resource, &cor_verbs[verb], &it))
			return true;
	return false;
}

/* The document stands behind the unit's prefix, and so do its paths. */
static void write_paths(struct cor_document *document, struct cor_members *root)
{
	size_t prefix_len = strlen(document->unit->prefix);

	cor_member(root, "paths");
	struct cor_members paths = cor_object_open(document->buffer);
	for (size_t i = 0; i < document->composition.len; i++) {
		const struct cor_unit *unit = &document->composition.units[i];
		if (!cor_document_shows(document, unit))
			continue;
		for (const struct cor_resource *const *r = unit->service->resources; r && *r; r++) {
			if (!has_operation(unit, *r))
				continue;
			cor_member(&paths, (*r)->path + prefix_len);
			write_path(document, unit, *r);
		}
	}
	cor_object_close(&paths);
}

static void write_components(struct cor_document *document, struct cor_members *root)
{
	cor_member(root, "components");
	struct cor_members components = cor_object_open(document->buffer);
	cor_member(&components, "schemas");
	struct cor_members schemas = cor_object_open(document->buffer);
	for (size_t i = 0; i < document->names.len; i++) {
		const struct cor_schema_form *form = &document->names.forms[i];
		cor_member(&schemas, form->name);
		cor_describe_form(form, &document->names, document->buffer);
	}
	cor_document_error_schemas(document, &schemas);
	cor_object_close(&schemas);
	cor_member(&components, "responses");
	struct cor_members responses = cor_object_open(document->buffer);
	cor_document_error_responses(document, &responses);
	cor_object_close(&responses);
	cor_document_security_schemes(document, &components);
	cor_object_close(&components);
}

static void write_root(struct cor_document *document)
{
	struct cor_members root = cor_object_open(document->buffer);

	cor_member_text(&root, "openapi", "3.1.0");
	cor_document_info(document, &root);
	cor_document_servers(document, &root);
	cor_document_default_security(document, &root);
	write_tags(document, &root);
	write_paths(document, &root);
	cor_document_webhooks(document, &root);
	write_components(document, &root);
	cor_object_close(&root);
}

static int compose(struct cor_document *document, const struct cor_service *service)
{
	struct cor_composition *composition = &document->composition;
	int rc = cor_compose(service, document->arena, NULL, composition);

	for (size_t i = 0; i < composition->len && rc == 0; i++)
		rc = cor_service_take_views(composition->units[i].service, document->arena, NULL,
			&composition->units[i].service);
	if (rc < 0)
		return rc;
	document->unit = &composition->units[document->access.unit];
	document->service = document->unit->service;
	return 0;
}

int cor_openapi_write(const struct cor_service *service, const struct cor_document_access *access,
	struct cor_arena *arena, struct cor_buffer *buffer)
{
	struct cor_document document = { .access = *access, .arena = arena, .buffer = buffer };
	int rc = compose(&document, service);

	if (rc == 0)
		rc = collect_names(&document);
	if (rc < 0)
		return rc;
	write_root(&document);
	return cor_buffer_error(buffer);
}
