/* SPDX-License-Identifier: MIT */
/* What errors look like: a component for each shape that a service of the document has. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error_shape.h>

#include "http/status.h"
#include "openapi/parts.h"
#include "service/error_shape.h"

static void write_problem_schema(struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer,
		"{\"type\":\"object\",\"description\":\"What went wrong (RFC 9457)\","
		"\"required\":[\"type\",\"title\",\"status\"],\"properties\":{"
		"\"type\":{\"type\":\"string\",\"format\":\"uri-reference\"},"
		"\"title\":{\"type\":\"string\",\"description\":\"The status in words\"},"
		"\"status\":{\"type\":\"integer\",\"format\":\"int32\"},"
		"\"detail\":{\"type\":\"string\",\"description\":\"What happened this time\"},"
		"\"instance\":{\"type\":\"string\",\"format\":\"uri-reference\","
		"\"description\":\"The path of the request\"},"
		"\"request_id\":{\"type\":\"string\",\"description\":\"The id of the request in the log\"},"
		"\"errors\":{\"type\":\"array\",\"description\":\"Each rule that the request breaks\","
		"\"items\":{\"type\":\"object\",\"required\":[\"in\",\"detail\"],\"properties\":{"
		"\"in\":{\"type\":\"string\",\"enum\":[\"body\",\"form\",\"path\",\"query\",\"header\",\"cookie\"]},"
		"\"pointer\":{\"type\":\"string\",\"description\":\"Where in the body (RFC 6901)\"},"
		"\"parameter\":{\"type\":\"string\",\"description\":\"The parameter's name\"},"
		"\"detail\":{\"type\":\"string\"}}}},"
		"\"errors_count\":{\"type\":\"integer\",\"description\":\"How many there are, if the list is cut\"}"
		"}}");
}

/* Without it the page would show one with every member there can be. */
static void write_example(
	struct cor_buffer *buffer, unsigned status, const struct cor_response *said)
{
	const char *title = said ? said->title : NULL;

	cor_buffer_printf(buffer, ",\"example\":{\"type\":\"%s\",\"title\":",
		said && said->type ? said->type : "about:blank");
	cor_json_write_string(buffer, cor_str(title ? title : cor_status_reason((int)status)));
	cor_buffer_printf(buffer, ",\"status\":%u", status);
	if (status == 422)
		cor_buffer_literal(buffer, ",\"errors\":[{\"in\":\"query\",\"parameter\":\"limit\","
					   "\"detail\":\"must be at least 1\"}]");
	cor_buffer_byte(buffer, '}');
}

void cor_document_error_content(const struct cor_document_errors *errors,
	struct cor_members *response, unsigned status, const struct cor_response *said)
{
	const struct cor_service like = { .errors = errors->shape };

	cor_member(response, "content");
	cor_buffer_printf(response->buffer,
		"{\"%s\":{\"schema\":{\"$ref\":\"#/components/schemas/%s\"}",
		cor_error_media_type(&like).data, errors->name);
	if (status && !errors->shape)
		write_example(response->buffer, status, said);
	cor_buffer_literal(response->buffer, "}}");
}

static void write_header(
	struct cor_members *headers, const char *name, const char *type, const char *description)
{
	cor_member(headers, name);
	struct cor_members header = cor_object_open(headers->buffer);
	cor_member_text(&header, "description", description);
	cor_buffer_printf(headers->buffer, ",\"schema\":{\"type\":\"%s\"}", type);
	cor_object_close(&header);
}

void cor_document_rate_headers(struct cor_members *headers)
{
	write_header(headers, "RateLimit-Limit", "integer", "How many requests may come at once");
	write_header(headers, "RateLimit-Remaining", "integer", "How many of them are left");
	write_header(headers, "RateLimit-Reset", "integer", "In how many seconds there are more");
	write_header(headers, "RateLimit-Policy", "string", "How many in how many seconds");
}

static void write_limit_headers(struct cor_members *response)
{
	cor_member(response, "headers");
	struct cor_members headers = cor_object_open(response->buffer);
	write_header(&headers, "Retry-After", "integer", "How many seconds to wait");
	cor_document_rate_headers(&headers);
	cor_object_close(&headers);
}

static void write_problem_response(
	const struct cor_document_errors *errors, struct cor_members *responses, unsigned status)
{
	char name[40]; /* "Problem" and two of any unsigned */

	if (status)
		snprintf(name, sizeof name, "Problem%u%s", status, errors->suffix);
	else
		snprintf(name, sizeof name, "Problem%s", errors->suffix);
	cor_member(responses, name);
	struct cor_members response = cor_object_open(responses->buffer);
	cor_member_text(&response, "description",
		status ? cor_status_reason((int)status) : "Any other problem");
	if (status == 429)
		write_limit_headers(&response);
	if (status == 401)
		cor_member_raw(&response, "headers",
			"{\"WWW-Authenticate\":{\"description\":\"How to be let in\","
			"\"schema\":{\"type\":\"string\"}}}");
	cor_document_error_content(errors, &response, status, NULL);
	cor_object_close(&response);
}

void cor_document_error_responses(
	const struct cor_document *document, struct cor_members *responses)
{
	for (size_t i = 0; i < document->errors_len; i++) {
		const struct cor_document_errors *errors = &document->errors[i];
		if (i == 0 || errors->statuses[0])
			write_problem_response(errors, responses, 0);
		for (unsigned status = 400; status < 600; status++)
			if (errors->statuses[status])
				write_problem_response(errors, responses, status);
	}
}

void cor_document_error_schemas(const struct cor_document *document, struct cor_members *schemas)
{
	for (size_t i = 0; i < document->errors_len; i++) {
		const struct cor_document_errors *errors = &document->errors[i];
		if (errors->shape && errors->shape->schema)
			continue; /* it is among the schemas that have names */
		cor_member(schemas, errors->name);
		if (errors->shape)
			errors->shape->writer->describe(schemas->buffer, errors->name);
		else
			write_problem_schema(schemas->buffer);
	}
}

/* --- names --- */

static bool is_taken(const struct cor_document *document, const char *name)
{
	for (size_t i = 0; i < document->names.len; i++)
		if (strcmp(document->names.forms[i].name, name) == 0)
			return true;
	for (size_t i = 0; i < document->errors_len; i++)
		if (strcmp(document->errors[i].name, name) == 0)
			return true;
	return false;
}

/* Its own name, or "Problem", unless a schema of the service is called that. */
static const char *name_of(const struct cor_document *document, const struct cor_error_shape *shape)
{
	const char *name = "Problem";

	if (shape && shape->schema)
		return cor_schema_names_find(&document->names, shape->schema, COR_USE_ANSWER);
	for (unsigned i = 1; name && is_taken(document, name); i++)
		name = i == 1 ? "Coracle.Problem"
			      : cor_arena_printf(document->arena, "Coracle.Problem_%u", i);
	return name;
}

static int add(struct cor_document *document, const struct cor_error_shape *shape)
{
	size_t at = 0;

	while (at < document->errors_len && document->errors[at].shape != shape)
		at++;
	if (at < document->errors_len)
		return 0;
	struct cor_document_errors *errors = &document->errors[at];
	errors->shape = shape;
	errors->name = name_of(document, shape);
	errors->suffix = at == 0 ? "" : cor_arena_printf(document->arena, "_%zu", at + 1);
	if (!errors->name || !errors->suffix)
		return -ENOMEM;
	document->errors_len++;
	return 0;
}

int cor_document_errors_find(struct cor_document *document)
{
	const struct cor_composition *composition = &document->composition;
	int rc;

	document->errors = cor_arena_zalloc(
		document->arena, composition->len * sizeof *document->errors);
	if (!document->errors)
		return -ENOMEM;
	rc = add(document, document->service->errors);
	for (size_t i = 0; i < composition->len && rc == 0; i++)
		if (cor_document_shows(document, &composition->units[i]))
			rc = add(document, composition->units[i].service->errors);
	return rc;
}

struct cor_document_errors *cor_document_errors_of(
	const struct cor_document *document, const struct cor_service *service)
{
	size_t at = 0;

	while (at + 1 < document->errors_len && document->errors[at].shape != service->errors)
		at++;
	return &document->errors[at];
}
