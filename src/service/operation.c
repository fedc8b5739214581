/* SPDX-License-Identifier: MIT */
#include "service/operation.h"

#include <coracle/caching.h>
#include <coracle/files.h>
#include <coracle/idempotency.h>
#include <coracle/limit.h>
#include <coracle/response.h>
#include <coracle/security.h>
#include <coracle/session.h>

#include "schema/bind.h"
#include "schema/describe.h"
#include "security/gate.h"
#include "service/verb.h"

enum cor_from cor_operation_default_from(
	const struct cor_operation *operation, enum cor_method method)
{
	const struct cor_verb *verb = cor_verb_of(method);

	return verb && verb->takes_body && !operation->stream ? COR_FROM_BODY : COR_FROM_QUERY;
}

bool cor_row_is_in_body(const struct cor_field *field, enum cor_from default_from)
{
	return field->access != COR_READ_ONLY &&
	       cor_row_source(field, default_from) == COR_FROM_BODY;
}

static struct cor_body_input body_rows(const struct cor_schema *in, enum cor_from default_from)
{
	struct cor_body_input body = { .may_be_form = true };
	bool has_files = false;
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, in); field;
		field = cor_rows_next(&rows)) {
		if (!cor_row_is_in_body(field, default_from))
			continue;
		body.kind = COR_TAKES_ROWS;
		body.rows++;
		body.is_required |= field->bare || cor_row_is_required(field);
		body.may_be_form &= cor_row_is_textual(field) && !field->bare;
		has_files |= cor_row_is_file(field);
	}
	body.may_be_form &= body.rows > 0;
	if (has_files)
		body.kind = COR_TAKES_FORM;
	return body;
}

struct cor_body_input cor_operation_body(
	const struct cor_operation *operation, enum cor_method method)
{
	const struct cor_verb *verb = cor_verb_of(method);
	const struct cor_schema *in = operation->in;

	if (!verb || !verb->takes_body)
		return (struct cor_body_input){ .kind = COR_TAKES_NOTHING };
	if (operation->stream && !operation->parts)
		return (struct cor_body_input){ .kind = COR_TAKES_STREAM };
	if (operation->stream)
		return (struct cor_body_input){ .kind = COR_TAKES_PARTS,
			.is_required = body_rows(operation->parts, COR_FROM_BODY).is_required };
	if (in->media == COR_MEDIA_TEXT || in->media == COR_MEDIA_BYTES)
		return (struct cor_body_input){ .kind = COR_TAKES_WHOLE };
	return body_rows(in, cor_operation_default_from(operation, method));
}

bool cor_operation_has_answer(const struct cor_operation *operation)
{
	struct cor_rows rows;

	if (operation->stream)
		return !operation->converse;
	if (operation->out->media != COR_MEDIA_JSON)
		return operation->out->media != COR_MEDIA_NONE;
	for (const struct cor_field *field = cor_rows_first(&rows, operation->out); field;
		field = cor_rows_next(&rows))
		if (field->to == COR_TO_BODY)
			return true;
	return cor_rows_count(operation->out) == 0; /* an empty object */
}

const struct cor_schema *cor_operation_answer(const struct cor_operation *operation)
{
	return operation->stream ? operation->answers : operation->out;
}

bool cor_operation_may_answer(const struct cor_operation *operation, int status)
{
	bool is_listed = status == cor_operation_status(operation);

	for (size_t i = 0; i < COR_ALSO_MAX; i++)
		is_listed |= operation->also[i] && operation->also[i] == status;
	return is_listed;
}

bool cor_operation_keys_give(const struct cor_operation *operation, uint16_t status)
{
	const struct cor_idempotency *keys = operation ? operation->idempotency : NULL;

	return keys && (status == 400 || status == 409 || status == 422 ||
			       (status == 503 && keys->is_required));
}

const struct cor_caching *cor_operation_caching(const struct cor_operation *operation)
{
	static const struct cor_caching of_kept = { .etag = true };

	return operation->cache && !operation->caching ? &of_kept : operation->caching;
}

uint16_t cor_operation_status(const struct cor_operation *operation)
{
	if (operation->status)
		return operation->status;
	if (operation->converse)
		return 101;
	return cor_operation_has_answer(operation) ? 200 : 204;
}

struct cor_str cor_operation_content_type(const struct cor_operation *operation)
{
	const struct cor_schema *answer = cor_operation_answer(operation);

	if (!cor_operation_has_answer(operation))
		return (struct cor_str){ 0 };
	if (operation->content_type)
		return cor_str(operation->content_type);
	if (!answer)
		return (struct cor_str){ 0 };
	switch (answer->media) {
	case COR_MEDIA_TEXT:
		return COR_STR("text/plain; charset=utf-8");
	case COR_MEDIA_BYTES:
		return COR_STR("application/octet-stream");
	default:
		return COR_STR("application/json");
	}
}

bool cor_operation_is_isolated(const struct cor_operation *operation)
{
	return operation->executor && operation->executor->kind == COR_PROCESSES;
}

bool cor_operation_sends_file(const struct cor_operation *operation, uint16_t status)
{
	return operation && operation->sends_file &&
	       (status == 206 || status == 304 || status == 412 || status == 416);
}

/* Besides what every operation can answer: its handshake is refused. */
static bool is_of_handshake(const struct cor_operation *operation, uint16_t status)
{
	return operation->converse && (status == 403 || status == 426);
}

bool cor_operation_declares(const struct cor_operation *operation, uint16_t status)
{
	static const uint16_t every[] = { 400, 404, 405, 406, 408, 413, 414, 415, 422 };

	for (size_t i = 0; i < sizeof every / sizeof every[0]; i++)
		if (every[i] == status)
			return true;
	if (operation && is_of_handshake(operation, status))
		return true;
	for (size_t i = 0; operation && i < COR_PROBLEMS_MAX; i++)
		if (operation->problems[i] == status)
			return true;
	return operation && cor_responses_find(operation->responses, status);
}

const struct cor_response *cor_responses_find(const struct cor_response *list, uint16_t status)
{
	while (list && list->status != 0 && list->status != status)
		list++;
	return list && list->status != 0 ? list : NULL;
}

const struct cor_security *cor_security_of(const struct cor_service *service,
	const struct cor_resource *resource, const struct cor_operation *operation)
{
	const struct cor_security *ways = operation ? operation->security : NULL;

	if (!ways && resource)
		ways = resource->security;
	if (!ways && service)
		ways = service->security;
	return ways && ways->scheme ? ways : NULL; /* COR_PUBLIC is an empty list */
}

const struct cor_limit *cor_failed_logins_of(const struct cor_service *service)
{
	static const struct cor_limit usual = { .name = "failed-logins", .count = 30, .per_s = 60 };

	return service->failed_logins ? service->failed_logins : &usual;
}

static bool resource_has_limits(const struct cor_resource *resource)
{
	bool has = resource->limits || resource->security;

	for (size_t i = 0; i < cor_verbs_len && !has; i++) {
		const struct cor_operation *operation = cor_verb_operation(&cor_verbs[i], resource);
		has = operation && (operation->limits || operation->security);
	}
	return has;
}

/* Who asks for files with wrong credentials is counted, too. */
static bool files_have_limits(const struct cor_files *const *files)
{
	while (files && *files && !(*files)->security)
		files++;
	return files && *files;
}

bool cor_service_has_limits(const struct cor_service *service)
{
	const struct cor_resource *const *r = service->resources;

	if (service->limits || service->security || service->docs_security)
		return true;
	while (r && *r && !resource_has_limits(*r))
		r++;
	return (r && *r) || files_have_limits(service->files);
}

static bool way_gives(const struct cor_security *way, bool changes, uint16_t status)
{
	switch (status) {
	case 401:
		return true;
	case 403:
		return way->scopes || (changes && cor_scheme_is_ambient(way->scheme));
	case 503:
		return way->scheme->session && way->scheme->session->cache;
	default:
		return false;
	}
}

bool cor_security_gives(const struct cor_security *ways, bool changes, uint16_t status)
{
	for (; ways && ways->scheme; ways++)
		if (way_gives(ways, changes, status))
			return true;
	return false;
}
