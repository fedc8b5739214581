/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <coracle/answer_cache.h>
#include <coracle/caching.h>

#include "http/status.h"
#include "openapi/parts.h"
#include "schema/bind.h"
#include "service/error_shape.h"
#include "service/idempotency.h"
#include "schema/walk.h"

static void write_header_rows(
	struct cor_document *document, const struct cor_schema *out, struct cor_members *headers)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, out); field;
		field = cor_rows_next(&rows)) {
		if (field->to != COR_TO_HEADER)
			continue;
		cor_member(headers, cor_row_key(field));
		struct cor_members header = cor_object_open(document->buffer);
		cor_member_text(&header, "description", field->doc);
		cor_member(&header, "schema");
		cor_describe_row(field, COR_USE_ANSWER, COR_DESCRIBE_PARAMETER, &document->names,
			document->buffer);
		if (field->example)
			cor_member_raw(&header, "example", field->example);
		cor_object_close(&header);
	}
}

static bool has_out(const struct cor_schema *out, enum cor_to to)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, out); field;
		field = cor_rows_next(&rows))
		if (field->to == to)
			return true;
	return false;
}

/* OpenAPI knows of cookies in answers by their header alone. */
static void write_cookie_rows(
	struct cor_document *document, const struct cor_schema *out, struct cor_members *headers)
{
	struct cor_buffer text = { 0 };
	struct cor_rows rows;

	if (!has_out(out, COR_TO_COOKIE))
		return;
	for (const struct cor_field *field = cor_rows_first(&rows, out); field;
		field = cor_rows_next(&rows))
		if (field->to == COR_TO_COOKIE)
			cor_buffer_printf(&text, "%s`%s`%s%s", text.len ? "\n- " : "Cookies:\n\n- ",
				cor_row_key(field), field->doc ? ": " : "",
				field->doc ? field->doc : "");
	cor_buffer_byte(&text, '\0');
	if (cor_buffer_error(&text) < 0)
		cor_buffer_fail(document->buffer, cor_buffer_error(&text));
	cor_member(headers, "Set-Cookie");
	struct cor_members header = cor_object_open(document->buffer);
	if (text.data)
		cor_member_text(&header, "description", text.data);
	cor_member_raw(&header, "schema", "{\"type\":\"string\"}");
	cor_object_close(&header);
	cor_buffer_finish(&text);
}

static void write_headers(struct cor_document *document, const struct cor_schema *out)
{
	struct cor_members headers = cor_object_open(document->buffer);

	write_header_rows(document, out, &headers);
	write_cookie_rows(document, out, &headers);
	cor_object_close(&headers);
}

static bool has_headers(const struct cor_schema *out)
{
	return has_out(out, COR_TO_HEADER) || has_out(out, COR_TO_COOKIE);
}

/* What a client has asked for lacks members that the answer requires. */
static void write_selected(struct cor_document *document, const struct cor_schema *answer)
{
	const struct cor_field *bare = cor_schema_bare_row(answer);
	const char *type = bare && bare->shape == COR_SHAPE_ARRAY ? "array" : "object";

	cor_buffer_literal(document->buffer, "{\"anyOf\":[");
	cor_describe_ref(answer, COR_USE_ANSWER, &document->names, document->buffer);
	cor_buffer_printf(document->buffer,
		",{\"type\":\"%s\",\"description\":\"The members that were asked for\"}]}", type);
}

static void write_answer_schema(
	struct cor_document *document, const struct cor_operation *operation)
{
	const struct cor_schema *answer = cor_operation_answer(operation);

	if (answer && answer->media == COR_MEDIA_JSON && operation->selected_by)
		write_selected(document, answer);
	else if (answer && answer->media == COR_MEDIA_JSON)
		cor_describe_ref(answer, COR_USE_ANSWER, &document->names, document->buffer);
	else if (answer && answer->media == COR_MEDIA_TEXT)
		cor_buffer_literal(document->buffer, "{\"type\":\"string\"}");
	else
		cor_buffer_literal(document->buffer, "{\"type\":\"string\",\"format\":\"binary\"}");
}

static void write_content(struct cor_document *document, const struct cor_operation *operation,
	const struct cor_example *examples)
{
	struct cor_str type = cor_operation_content_type(operation);
	struct cor_members content = cor_object_open(document->buffer);

	cor_item(&content);
	cor_json_write_string(document->buffer, type.len ? type : COR_STR("*/*"));
	cor_buffer_byte(document->buffer, ':');
	struct cor_members media = cor_object_open(document->buffer);
	cor_member(&media, "schema");
	write_answer_schema(document, operation);
	cor_document_examples(&media, examples);
	cor_object_close(&media);
	cor_object_close(&content);
}

void cor_document_examples(struct cor_members *object, const struct cor_example *list)
{
	if (!list || !list->name)
		return;
	cor_member(object, "examples");
	struct cor_members examples = cor_object_open(object->buffer);
	for (; list->name; list++) {
		cor_member(&examples, list->name);
		struct cor_members example = cor_object_open(object->buffer);
		cor_member_text(&example, "summary", list->summary);
		cor_member_text(&example, "description", list->doc);
		cor_member_raw(&example, "value", list->value);
		cor_object_close(&example);
	}
	cor_object_close(&examples);
}

/* --- links --- */

/* The operation that it leads to, as the service has it. */
struct target {
	const struct cor_operation *operation; /* as it was written */
	const struct cor_unit *unit;           /* of the one that leads there */
	struct cor_documented found;
};

static int find_target(void *self, const struct cor_documented *it)
{
	struct target *target = self;

	if (!target->found.operation && it->unit == target->unit &&
		cor_operation_written(it->operation) == target->operation)
		target->found = *it;
	return 0;
}

static void write_link(struct cor_document *document, const struct cor_link *link)
{
	struct target target = { .operation = link->operation, .unit = document->at->unit };
	struct cor_members object = cor_object_open(document->buffer);

	(void)cor_documented_each(document, find_target, &target);
	cor_member_text(&object, "operationId", cor_operation_id(&document->ids, &target.found));
	cor_member_text(&object, "description", link->doc);
	if (link->values && link->values->key) {
		cor_member(&object, "parameters");
		struct cor_members values = cor_object_open(document->buffer);
		for (const struct cor_link_value *at = link->values; at->key; at++)
			cor_member_text(&values, at->key, at->from);
		cor_object_close(&values);
	}
	cor_object_close(&object);
}

static void write_links(struct cor_document *document, const struct cor_response *response,
	struct cor_members *object)
{
	const struct cor_link *link = response ? response->links : NULL;

	if (!link || !link->name)
		return;
	cor_member(object, "links");
	struct cor_members links = cor_object_open(document->buffer);
	for (; link->name; link++) {
		cor_member(&links, link->name);
		write_link(document, link);
	}
	cor_object_close(&links);
}

/* --- statuses --- */

static void write_description(
	struct cor_members *object, const struct cor_response *said, uint16_t status)
{
	cor_member_text(
		object, "description", said && said->doc ? said->doc : cor_status_reason(status));
}

static void begin_status(struct cor_members *responses, uint16_t status)
{
	char text[8];

	snprintf(text, sizeof text, "%u", status);
	cor_member(responses, text);
}

#define TEXT_HEADER   "{\"schema\":{\"type\":\"string\"}}"
#define NUMBER_HEADER "{\"schema\":{\"type\":\"integer\",\"minimum\":0}}"

/* What .caching and .cache set. */
static void write_kept_headers(struct cor_members *headers, const struct cor_operation *operation)
{
	const struct cor_caching *caching = cor_operation_caching(operation);
	const struct cor_answer_rules *rules = operation->cache_rules;

	if (caching && (caching->etag || caching->version))
		cor_member_raw(headers, "ETag", TEXT_HEADER);
	if (caching && caching->modified)
		cor_member_raw(headers, "Last-Modified", TEXT_HEADER);
	if ((caching && caching->control) || operation->cache)
		cor_member_raw(headers, "Cache-Control", TEXT_HEADER);
	if (operation->cache)
		cor_member_raw(headers, "Age", NUMBER_HEADER);
	if (operation->cache && rules && rules->says_status)
		cor_member_raw(headers, "Cache-Status", TEXT_HEADER);
	if (operation->idempotency)
		cor_member_raw(headers, COR_IDEMPOTENCY_REPLAYED, TEXT_HEADER);
}

/* What cor_reply_file() sets, of a 200, a 206 and a 304. */
static bool is_of_file(const struct cor_documented *it, uint16_t status)
{
	return it->method == COR_METHOD_GET && it->operation->sends_file &&
	       (status == 200 || cor_operation_sends_file(it->operation, status));
}

static void write_file_headers(
	struct cor_members *headers, const struct cor_documented *it, uint16_t status)
{
	if (!is_of_file(it, status))
		return;
	cor_member_raw(headers, "ETag", TEXT_HEADER);
	cor_member_raw(headers, "Last-Modified", TEXT_HEADER);
	if (status != 304)
		cor_member_raw(headers, "Accept-Ranges", TEXT_HEADER);
	if (status == 206)
		cor_member_raw(headers, "Content-Range", TEXT_HEADER);
}

/* Of rows, and those that the library sets. */
static void write_success_headers(struct cor_document *document, const struct cor_documented *it,
	uint16_t status, struct cor_members *response)
{
	const struct cor_operation *operation = it->operation;
	bool has_rows = operation->out && has_headers(operation->out);

	if (!has_rows && !cor_operation_caching(operation) && !operation->idempotency &&
		!it->says_rates && !is_of_file(it, status))
		return;
	cor_member(response, "headers");
	struct cor_members headers = cor_object_open(document->buffer);
	if (has_rows)
		write_header_rows(document, operation->out, &headers);
	if (has_rows)
		write_cookie_rows(document, operation->out, &headers);
	write_kept_headers(&headers, operation);
	write_file_headers(&headers, it, status);
	if (it->says_rates)
		cor_document_rate_headers(&headers);
	cor_object_close(&headers);
}

static void write_success(struct cor_document *document, const struct cor_documented *it,
	uint16_t status, struct cor_members *responses)
{
	const struct cor_operation *operation = it->operation;
	const struct cor_response *said = cor_responses_find(operation->responses, status);

	begin_status(responses, status);
	struct cor_members response = cor_object_open(document->buffer);
	write_description(&response, said, status);
	write_success_headers(document, it, status, &response);
	if (cor_operation_has_answer(operation)) {
		cor_member(&response, "content");
		write_content(document, operation, said ? said->examples : NULL);
	}
	write_links(document, said, &response);
	cor_object_close(&response);
}

/* What cor_respond() sends. */
static void write_chosen(struct cor_document *document, const struct cor_response *said)
{
	struct cor_members response = cor_object_open(document->buffer);

	write_description(&response, said, said->status);
	if (said->schema && has_headers(said->schema)) {
		cor_member(&response, "headers");
		write_headers(document, said->schema);
	}
	if (said->schema) {
		cor_member(&response, "content");
		cor_buffer_literal(document->buffer, "{\"application/json\":");
		struct cor_members media = cor_object_open(document->buffer);
		cor_member(&media, "schema");
		cor_describe_ref(said->schema, COR_USE_ANSWER, &document->names, document->buffer);
		cor_document_examples(&media, said->examples);
		cor_object_close(&media);
		cor_buffer_byte(document->buffer, '}');
	}
	write_links(document, said, &response);
	cor_object_close(&response);
}

static bool is_of_caching(const struct cor_documented *it, uint16_t status)
{
	bool is_read = it->method == COR_METHOD_GET;

	return status == 412 || (status == 304 && is_read) ||
	       (status == 428 && cor_operation_caching(it->operation)->needs_condition);
}

/* Of a range the handler chooses one: Accept is not looked at. */
static bool has_one_type(const struct cor_operation *operation)
{
	struct cor_str type = cor_operation_content_type(operation);

	return type.len > 0 && !memchr(type.data, '*', type.len);
}

/* Whether the library itself may answer with that status, before or after the handler. */
static bool is_possible(const struct cor_documented *it, uint16_t status)
{
	const struct cor_schema *in = it->operation->in;
	bool has_body = cor_documented_has_body(it);
	bool is_bound = in->media == COR_MEDIA_JSON;

	if (cor_security_gives(it->security, it->method != COR_METHOD_GET, status))
		return true;
	if (cor_operation_caching(it->operation) && is_of_caching(it, status))
		return true;
	if (is_of_file(it, status) || cor_operation_keys_give(it->operation, status))
		return true;
	switch (status) {
	case 400:
		return is_bound || has_body || it->operation->converse ||
		       it->operation->selected_by;
	case 403:
	case 426:
		return it->operation->converse;
	case 406:
		return has_one_type(it->operation);
	case 429:
		return it->is_limited;
	case 503:
		return it->fails_closed;
	case 413:
	case 415:
		return has_body;
	case 422:
		return it->invalid_status == 422 && (is_bound || it->operation->selected_by);
	case 502:
	case 504:
		return cor_operation_is_isolated(it->operation);
	default:
		return false;
	}
}

/* What is said of a status, by the operation or for all of them. */
static const struct cor_response *response_of(const struct cor_documented *it, uint16_t status)
{
	const struct cor_response *found = cor_responses_find(it->operation->responses, status);

	for (size_t i = 0; i < COR_INHERITED_LISTS && !found; i++)
		found = cor_responses_find(it->inherited[i], status);
	return found;
}

static bool is_declared(const struct cor_documented *it, uint16_t status)
{
	for (size_t i = 0; i < COR_PROBLEMS_MAX; i++)
		if (it->operation->problems[i] == status)
			return true;
	return response_of(it, status) != NULL;
}

static void write_problem_ref(struct cor_document *document, unsigned status)
{
	struct cor_document_errors *errors = cor_document_errors_of(
		document, document->at->service);

	errors->statuses[status] = true;
	cor_buffer_literal(document->buffer, "{\"$ref\":\"#/components/responses/Problem");
	if (status != 0)
		cor_buffer_printf(document->buffer, "%u", status);
	cor_buffer_printf(document->buffer, "%s\"}", errors->suffix);
}

/* A problem with members of its own: those of any problem, and these. */
static void write_extended_content(struct cor_document *document, struct cor_members *response,
	const struct cor_response *said)
{
	const struct cor_service *service = document->at->service;

	cor_member(response, "content");
	cor_buffer_printf(document->buffer,
		"{\"%s\":{\"schema\":{\"allOf\":[{\"$ref\":\"#/components/schemas/%s\"},",
		cor_error_media_type(service).data,
		cor_document_errors_of(document, service)->name);
	cor_describe_ref(said->members, COR_USE_ANSWER, &document->names, document->buffer);
	cor_buffer_literal(document->buffer, "]}");
	cor_buffer_literal(document->buffer, "}}");
}

/* A problem about which there is more to say than its status. */
static void write_own_problem(struct cor_document *document, const struct cor_response *said)
{
	struct cor_members response = cor_object_open(document->buffer);

	write_description(&response, said, said->status);
	if (said->members && has_headers(said->members)) {
		cor_member(&response, "headers");
		write_headers(document, said->members);
	}
	if (said->members)
		write_extended_content(document, &response, said);
	else
		cor_document_error_content(cor_document_errors_of(document, document->at->service),
			&response, said->status, said);
	write_links(document, said, &response);
	cor_object_close(&response);
}

static void write_unchanged(struct cor_document *document, const struct cor_documented *it)
{
	struct cor_members response = cor_object_open(document->buffer);

	cor_member_text(&response, "description", "The client has it already");
	cor_member(&response, "headers");
	struct cor_members headers = cor_object_open(document->buffer);
	write_kept_headers(&headers, it->operation);
	write_file_headers(&headers, it, 304);
	if (it->says_rates)
		cor_document_rate_headers(&headers);
	cor_object_close(&headers);
	cor_object_close(&response);
}

static void write_other(
	struct cor_document *document, const struct cor_documented *it, uint16_t status)
{
	const struct cor_response *said = response_of(it, status);

	if (!said && status == 304) {
		write_unchanged(document, it);
	} else if (said && (said->schema || status < 400)) {
		write_chosen(document, said);
	} else if (said && (said->doc || said->links || said->members || said->type)) {
		write_own_problem(document, said);
	} else {
		write_problem_ref(document, status);
	}
}

void cor_document_responses(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object)
{
	document->at = it;
	cor_member(object, "responses");
	struct cor_members responses = cor_object_open(document->buffer);
	write_success(document, it, cor_operation_status(it->operation), &responses);
	for (size_t i = 0; i < COR_ALSO_MAX && it->operation->also[i]; i++)
		write_success(document, it, it->operation->also[i], &responses);
	for (uint16_t status = 200; status < 600; status++) {
		if (cor_operation_may_answer(it->operation, status) ||
			(!is_declared(it, status) && !is_possible(it, status)))
			continue;
		if (status == 206 && is_of_file(it, status)) {
			write_success(document, it, status, &responses);
			continue;
		}
		begin_status(&responses, status);
		write_other(document, it, status);
	}
	cor_member(&responses, "default");
	write_problem_ref(document, 0);
	cor_object_close(&responses);
}
