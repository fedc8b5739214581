/* SPDX-License-Identifier: MIT */
#include <strings.h>

#include <coracle/caching.h>
#include <coracle/idempotency.h>

#include "compress/coding.h"
#include "openapi/parts.h"
#include "schema/bind.h"
#include "service/idempotency.h"
#include "service/selection.h"

static const char *place_of(enum cor_from from)
{
	switch (from) {
	case COR_FROM_PATH:
		return "path";
	case COR_FROM_QUERY:
		return "query";
	case COR_FROM_HEADER:
		return "header";
	case COR_FROM_COOKIE:
		return "cookie";
	default:
		return NULL;
	}
}

/*
 * OpenAPI 3.1, Parameter Object: ignored as parameters, because media types and security say the
 * same.
 */
static bool is_left_out(const struct cor_field *field, enum cor_from from)
{
	const char *key = cor_row_key(field);

	return cor_row_is_authorization(field, from) ||
	       (from == COR_FROM_HEADER &&
		       (strcasecmp(key, "accept") == 0 || strcasecmp(key, "content-type") == 0));
}

static void write_parameter(
	struct cor_document *document, const struct cor_field *field, enum cor_from from)
{
	struct cor_members object = cor_object_open(document->buffer);

	cor_member_text(&object, "name", cor_row_key(field));
	cor_member_text(&object, "in", place_of(from));
	cor_member_text(&object, "description", field->doc);
	cor_member_flag(&object, "required", from == COR_FROM_PATH || cor_row_is_required(field));
	cor_member_flag(&object, "deprecated", field->deprecated);
	cor_member(&object, "schema");
	cor_describe_row(
		field, COR_USE_REQUEST, COR_DESCRIBE_PARAMETER, &document->names, document->buffer);
	if (field->example)
		cor_member_raw(&object, "example", field->example);
	cor_object_close(&object);
}

static void write_selection(
	struct cor_document *document, struct cor_members *list, const char *name, const char *in)
{
	cor_item(list);
	struct cor_members object = cor_object_open(document->buffer);
	cor_member_text(&object, "name", name);
	cor_member_text(&object, "in", in);
	cor_member_text(&object, "description",
		"The members of the answer that are wanted: `id,author{name}`; `*` is all others.");
	cor_member_raw(&object, "schema", "{\"type\":\"string\"}");
	cor_object_close(&object);
}

static void write_selections(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *list)
{
	if (it->operation->selected_by & COR_BY_QUERY)
		write_selection(document, list, COR_SELECTION_PARAMETER, "query");
	if (it->operation->selected_by & COR_BY_HEADER)
		write_selection(document, list, COR_SELECTION_HEADER, "header");
}

/* Of the operation: a service that reads the header itself has its own row for it. */
static bool has_row_for_coding(const struct cor_documented *it)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, it->operation->in); field;
		field = cor_rows_next(&rows))
		if (cor_row_source(field, it->default_from) == COR_FROM_HEADER &&
			strcasecmp(cor_row_key(field), "content-encoding") == 0)
			return true;
	return false;
}

static bool says_codings(const struct cor_documented *it)
{
	const struct cor_coding *const *accepted = it->operation->accepts_encoded;

	return accepted && *accepted && !has_row_for_coding(it);
}

/* OpenAPI knows of no codings but by their header. */
static void write_codings(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *list)
{
	const struct cor_coding *const *at = it->operation->accepts_encoded;

	if (!says_codings(it))
		return;
	cor_item(list);
	struct cor_members object = cor_object_open(document->buffer);
	cor_member_text(&object, "name", "Content-Encoding");
	cor_member_text(&object, "in", "header");
	cor_member_text(&object, "description", "What the body is compressed with, if it is.");
	cor_member(&object, "schema");
	cor_buffer_literal(document->buffer, "{\"type\":\"string\",\"enum\":[\"identity\"");
	for (; *at; at++)
		cor_buffer_printf(document->buffer, ",\"%s\"", (*at)->name);
	cor_buffer_literal(document->buffer, "]}");
	cor_object_close(&object);
}

static void open_list(struct cor_document *document, struct cor_members *object)
{
	cor_member(object, "parameters");
	cor_buffer_byte(document->buffer, '[');
}

static bool has_header_row(const struct cor_documented *it, const char *name)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, it->operation->in); field;
		field = cor_rows_next(&rows))
		if (cor_row_source(field, it->default_from) == COR_FROM_HEADER &&
			strcasecmp(cor_row_key(field), name) == 0)
			return true;
	return false;
}

struct header {
	const char *name;
	const char *description;
	const char *schema;
	bool is_required;
};

/* What the library reads, unless a row does, too. */
static void write_header(struct cor_document *document, const struct cor_documented *it,
	struct cor_members *list, const struct header *header)
{
	if (has_header_row(it, header->name))
		return;
	cor_item(list);
	struct cor_members object = cor_object_open(document->buffer);
	cor_member_text(&object, "name", header->name);
	cor_member_text(&object, "in", "header");
	cor_member_text(&object, "description", header->description);
	if (header->is_required)
		cor_member_raw(&object, "required", "true");
	cor_member_raw(&object, "schema", header->schema);
	cor_object_close(&object);
}

static void write_condition(struct cor_document *document, const struct cor_documented *it,
	struct cor_members *list, const char *name, const char *description)
{
	write_header(document, it, list,
		&(const struct header){ name, description, "{\"type\":\"string\"}", false });
}

static void write_key(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *list)
{
	const struct cor_idempotency *keys = it->operation->idempotency;
	struct header header = {
		.name = COR_IDEMPOTENCY_HEADER,
		.description = "Made up at random; the same one when this is sent again. It may "
			       "stand in quotes",
		.schema = "{\"type\":\"string\",\"pattern\":" COR_IDEMPOTENCY_PATTERN "}",
	};

	if (!keys)
		return;
	header.is_required = keys->is_required;
	write_header(document, it, list, &header);
}

static bool sends_file(const struct cor_documented *it)
{
	return it->method == COR_METHOD_GET && it->operation->sends_file;
}

/* None is required: any one will do. */
static void write_conditions(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *list)
{
	const struct cor_caching *caching = cor_operation_caching(it->operation);
	bool is_read = it->method == COR_METHOD_GET;

	if (sends_file(it)) {
		write_condition(document, it, list, "Range", "The part that is wanted: bytes=0-99");
		write_condition(document, it, list, "If-Range",
			"The ETag of what the client has a part of; of another all is sent");
		write_condition(
			document, it, list, "If-None-Match", "The ETag of what the client has");
	}
	if (!caching)
		return;
	if (is_read)
		write_condition(
			document, it, list, "If-None-Match", "The ETag of what the client has");
	else
		write_condition(
			document, it, list, "If-Match", "The ETag of what the client has seen");
	if (caching->modified)
		write_condition(document, it, list,
			is_read ? "If-Modified-Since" : "If-Unmodified-Since",
			"The Last-Modified of that");
}

static void write_parameters(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object)
{
	struct cor_members list = { .buffer = document->buffer };
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, it->operation->in); field;
		field = cor_rows_next(&rows)) {
		enum cor_from from = cor_row_source(field, it->default_from);
		if (!place_of(from) || field->access == COR_READ_ONLY || is_left_out(field, from))
			continue;
		if (!list.any)
			open_list(document, object);
		cor_item(&list);
		write_parameter(document, field, from);
	}
	if (!list.any && (it->operation->selected_by || says_codings(it) ||
				 cor_operation_caching(it->operation) ||
				 it->operation->idempotency || sends_file(it)))
		open_list(document, object);
	write_selections(document, it, &list);
	write_codings(document, it, &list);
	write_conditions(document, it, &list);
	write_key(document, it, &list);
	if (list.any)
		cor_array_close(&list);
}

bool cor_documented_has_body(const struct cor_documented *it)
{
	return cor_operation_body(it->operation, it->method).kind != COR_TAKES_NOTHING;
}

/* The two kinds of form, which differ in what there is to say of a row. */
struct form_kind {
	const char *type;
	bool (*has_encoding)(const struct cor_field *field);
	void (*write_encoding)(struct cor_members *encoding, const struct cor_field *field);
};

/* An array repeats its name: the default for a query, but a form must say it. */
static bool is_repeated(const struct cor_field *field)
{
	return field->shape == COR_SHAPE_ARRAY || cor_row_is_set(field);
}

static void write_repeated(struct cor_members *encoding, const struct cor_field *field)
{
	cor_member_raw(encoding, cor_row_key(field), "{\"style\":\"form\",\"explode\":true}");
}

/* Parts of one name are an array by themselves; the type of text is text/plain. */
static bool has_types(const struct cor_field *field)
{
	return cor_row_is_file(field) && field->media_types;
}

static void write_types(struct cor_members *encoding, const struct cor_field *field)
{
	cor_member(encoding, cor_row_key(field));
	struct cor_members of_row = cor_object_open(encoding->buffer);
	cor_member_text(&of_row, "contentType", field->media_types);
	cor_object_close(&of_row);
}

static const struct form_kind urlencoded = {
	.type = "application/x-www-form-urlencoded",
	.has_encoding = is_repeated,
	.write_encoding = write_repeated,
};
static const struct form_kind multipart = {
	.type = "multipart/form-data",
	.has_encoding = has_types,
	.write_encoding = write_types,
};

static void write_encoding(const struct form_kind *kind, const struct cor_schema *schema,
	enum cor_from default_from, struct cor_members *media)
{
	struct cor_members encoding = { .buffer = media->buffer };
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows)) {
		if (!kind->has_encoding(field) || !cor_row_is_in_body(field, default_from))
			continue;
		if (!encoding.any) {
			cor_member(media, "encoding");
			cor_buffer_byte(media->buffer, '{');
		}
		kind->write_encoding(&encoding, field);
	}
	if (encoding.any)
		cor_object_close(&encoding);
}

static void write_form(struct cor_document *document, const struct form_kind *kind,
	const struct cor_schema *schema, enum cor_from default_from, struct cor_members *content)
{
	cor_member(content, kind->type);
	struct cor_members media = cor_object_open(document->buffer);
	cor_member(&media, "schema");
	cor_describe_ref(schema, COR_USE_REQUEST, &document->names, document->buffer);
	write_encoding(kind, schema, default_from, &media);
	cor_object_close(&media);
}

static void write_json(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *content)
{
	cor_member(content, "application/json");
	struct cor_members media = cor_object_open(document->buffer);
	cor_member(&media, "schema");
	cor_describe_ref(it->operation->in, COR_USE_REQUEST, &document->names, document->buffer);
	cor_document_examples(&media, it->operation->examples);
	cor_object_close(&media);
}

static void write_content(
	struct cor_document *document, const struct cor_documented *it, struct cor_body_input input)
{
	struct cor_members content = cor_object_open(document->buffer);

	if (it->operation->in->media == COR_MEDIA_TEXT) {
		cor_member_raw(&content, "text/plain", "{\"schema\":{\"type\":\"string\"}}");
	} else if (input.kind == COR_TAKES_FORM) {
		write_form(document, &multipart, it->operation->in, it->default_from, &content);
	} else if (input.kind == COR_TAKES_PARTS) {
		write_form(document, &multipart, it->operation->parts, COR_FROM_BODY, &content);
	} else if (input.kind != COR_TAKES_ROWS) {
		cor_member_raw(&content, "application/octet-stream",
			"{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}");
	} else {
		const struct cor_schema *in = it->operation->in;
		write_json(document, it, &content);
		if (input.may_be_form)
			write_form(document, &urlencoded, in, it->default_from, &content);
		if (input.may_be_form)
			write_form(document, &multipart, in, it->default_from, &content);
	}
	cor_object_close(&content);
}

static void write_body(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object)
{
	struct cor_body_input input = cor_operation_body(it->operation, it->method);

	cor_member(object, "requestBody");
	struct cor_members body = cor_object_open(document->buffer);
	cor_member_flag(&body, "required", input.is_required);
	cor_member(&body, "content");
	write_content(document, it, input);
	cor_object_close(&body);
}

void cor_document_input(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object)
{
	write_parameters(document, it, object);
	if (cor_documented_has_body(it))
		write_body(document, it, object);
}
