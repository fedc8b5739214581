/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/utf8.h"
#include "exchange/exchange.h"
#include "http/media_type.h"
#include "http/response.h"
#include "http/status.h"
#include "runtime/stack.h"
#include "schema/bind.h"
#include "schema/copy.h"
#include "service/check.h"
#include "service/parcel.h"
#include "service/plan.h"
#include "service/selection.h"

/* Less does not hold what the framework itself needs to bind and to answer. */
#define LEAST_STACK_BYTES 32768u

/* An operation under a verb of a resource, while it is checked. */
struct subject {
	const struct cor_check *check;
	const struct cor_resource *resource;
	const struct cor_operation *operation;
	const struct cor_verb *verb;
	const char *where; /* "GET /books/{id}" */
	enum cor_from default_from;
};

#define contradict(s, ...) cor_contradict((s)->check, (s)->where, __VA_ARGS__)

static bool path_has_name(const char *path, const char *name)
{
	struct cor_str rest = cor_str(path);
	struct cor_segment segment;

	while (cor_segment_next(&rest, &segment) > 0)
		if (segment.is_name && cor_str_equal(segment.text, cor_str(name)))
			return true;
	return false;
}

static bool has_path_row(const struct subject *s, struct cor_str name)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, s->operation->in); field;
		field = cor_rows_next(&rows))
		if (cor_row_source(field, s->default_from) == COR_FROM_PATH &&
			cor_str_equal(cor_str(cor_row_key(field)), name))
			return true;
	return false;
}

static void check_names(const struct subject *s)
{
	struct cor_str rest = cor_str(s->resource->path);
	struct cor_segment segment;

	while (cor_segment_next(&rest, &segment) > 0)
		if (segment.is_name && !has_path_row(s, segment.text))
			contradict(s,
				"the path names {%.*s}, but no row of %s has that key and .from = COR_FROM_PATH",
				(int)segment.text.len, segment.text.data, s->operation->in->symbol);
}

static void check_path_row(const struct subject *s, const struct cor_field *field)
{
	const char *key = cor_row_key(field);

	if (!path_has_name(s->resource->path, key))
		contradict(s, "row %s of %s comes from the path, but the path has no {%s}",
			field->member, s->operation->in->symbol, key);
}

static void check_body_row(const struct subject *s, const struct cor_field *field)
{
	if (s->operation->stream)
		contradict(s,
			"row %s of %s comes from the body, which a stream operation reads itself",
			field->member, s->operation->in->symbol);
	else if (!s->verb->takes_body)
		contradict(s, "row %s of %s comes from the body, but a %s has none", field->member,
			s->operation->in->symbol, s->verb->name);
}

/* A form has nothing but text and files. */
static void check_beside_files(const struct subject *s, const struct cor_field *field)
{
	if (!cor_row_is_textual(field) && !cor_row_is_file(field))
		cor_contradict_once(s->check, s->where,
			"row %s of %s is neither text nor a file, and stands beside a file: a form has scalars, arrays of them and files",
			field->member, s->operation->in->symbol);
}

static void check_files(const struct subject *s, struct cor_body_input body)
{
	const struct cor_operation *operation = s->operation;
	struct cor_rows rows;

	if (body.kind != COR_TAKES_FORM)
		return;
	if (cor_operation_is_isolated(operation))
		contradict(s,
			"runs in a process, which the files of %s cannot reach: use threads, or give the process what it needs of them",
			operation->in->symbol);
	for (const struct cor_field *field = cor_rows_first(&rows, operation->in); field;
		field = cor_rows_next(&rows))
		if (cor_row_is_in_body(field, s->default_from))
			check_beside_files(s, field);
}

static void check_row(const struct subject *s, const struct cor_field *field)
{
	const char *symbol = s->operation->in->symbol;
	enum cor_from from = cor_row_source(field, s->default_from);

	if (cor_row_is_file(field) && (from != COR_FROM_BODY || !s->verb->takes_body))
		contradict(s,
			"row %s of %s is a file, which comes in the body of a POST, PUT or PATCH that is no stream: in a stream use <coracle/parts.h>",
			field->member, symbol);
	else if (from == COR_FROM_PATH)
		check_path_row(s, field);
	else if (from == COR_FROM_BODY)
		check_body_row(s, field);
	else if (!cor_row_is_textual(field))
		cor_contradict_once(s->check, s->where,
			"row %s of %s comes from the %s: it must be a scalar or an array of scalars",
			field->member, symbol, from == COR_FROM_QUERY ? "query" : "headers");
}

static void check_input(const struct subject *s)
{
	const struct cor_schema *in = s->operation->in;
	struct cor_rows rows;

	check_names(s);
	if (in->media == COR_MEDIA_TEXT || in->media == COR_MEDIA_BYTES) {
		if (s->operation->stream)
			contradict(s,
				"a stream operation reads the body itself: its input is rows or COR_NONE");
		else if (!s->verb->takes_body)
			contradict(
				s, "the input is a whole body, but a %s has none", s->verb->name);
	}
	for (const struct cor_field *field = cor_rows_first(&rows, in); field;
		field = cor_rows_next(&rows))
		if (field->access != COR_READ_ONLY)
			check_row(s, field);
}

static void check_header_out(const struct subject *s, const struct cor_field *field)
{
	const char *key = cor_row_key(field);

	if (cor_exchange_writes_field(key))
		cor_contradict_once(s->check, s->where,
			"row %s of %s goes to the header %s, which the server writes itself",
			field->member, s->operation->out->symbol, key);
}

static void check_output(const struct subject *s)
{
	const struct cor_operation *operation = s->operation;
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, operation->out); field;
		field = cor_rows_next(&rows))
		if (field->to == COR_TO_HEADER)
			check_header_out(s, field);
	if (operation->content_type && operation->out->media == COR_MEDIA_JSON)
		contradict(s,
			".content_type is for text, bytes and streams: rows are sent as application/json");
	if (operation->content_type && operation->out->media == COR_MEDIA_NONE)
		contradict(s, ".content_type is given, but the output is COR_NONE");
	if (operation->status >= 200 && !cor_status_has_body(operation->status) &&
		cor_operation_has_answer(operation))
		contradict(s,
			"status %u has no body: the output must be COR_NONE, or rows that go to headers",
			operation->status);
}

static void check_answers(const struct subject *s)
{
	const struct cor_schema *answers = s->operation->answers;
	struct cor_rows rows;

	if (!answers)
		return;
	if (!s->operation->stream)
		contradict(s, ".answers is for streams: the output's schema says it already");
	if (answers->media == COR_MEDIA_NONE)
		contradict(s, ".answers is COR_NONE: leave it out");
	for (const struct cor_field *field = cor_rows_first(&rows, answers); field;
		field = cor_rows_next(&rows))
		if (field->to != COR_TO_BODY)
			contradict(s,
				"row %s of %s goes to a header, but a stream sets its headers itself: leave .to out",
				field->member, answers->symbol);
}

static void check_parts(const struct subject *s)
{
	const struct cor_schema *parts = s->operation->parts;
	struct cor_rows rows;

	if (!parts)
		return;
	if (!s->operation->stream || !s->verb->takes_body)
		contradict(s, ".parts is for streams of a POST, PUT or PATCH: leave it out");
	if (parts->media != COR_MEDIA_JSON)
		contradict(s, ".parts is the schema of a struct with a row for each part");
	for (const struct cor_field *field = cor_rows_first(&rows, parts); field;
		field = cor_rows_next(&rows))
		if (!cor_row_is_in_body(field, COR_FROM_BODY) ||
			(!cor_row_is_textual(field) && !cor_row_is_file(field)))
			contradict(s,
				"row %s of %s cannot be a part: parts are scalars, arrays of them and files, from the body",
				field->member, parts->symbol);
}

static void check_file(const struct subject *s)
{
	const struct cor_operation *operation = s->operation;

	if (!operation->sends_file)
		return;
	if (!operation->stream || operation->converse)
		contradict(s, ".sends_file is for streams, which answer with cor_reply_file()");
	else if (cor_operation_status(operation) != 200)
		contradict(s, ".sends_file answers 200: leave .status out");
}

static void check_also(const struct subject *s, uint16_t status)
{
	const struct cor_operation *operation = s->operation;

	if (operation->stream)
		contradict(
			s, ".also is for answers with an output: a stream says its status itself");
	else if (status < 200 || status > 399)
		contradict(s, "%u in .also is not a status of success, 200 to 399", status);
	else if (status == cor_operation_status(operation))
		contradict(s, "%u in .also is the operation's .status: leave it out", status);
	else if (cor_operation_has_answer(operation) && !cor_status_has_body(status))
		contradict(s, "%u in .also has no body, and the operation has an output", status);
}

static void check_statuses(const struct subject *s)
{
	const struct cor_operation *operation = s->operation;

	if (operation->status && (operation->status < 200 || operation->status > 399))
		contradict(
			s, ".status %u is not a status of success, 200 to 399", operation->status);
	for (size_t i = 0; i < COR_ALSO_MAX && operation->also[i]; i++)
		check_also(s, operation->also[i]);
	for (size_t i = 0; i < COR_PROBLEMS_MAX; i++)
		if (operation->problems[i] &&
			(operation->problems[i] < 400 || operation->problems[i] > 599))
			contradict(s, "%u in .problems is not the status of a problem: 400 to 599",
				operation->problems[i]);
}

/* The documentation's files send themselves. */
static bool is_of_service(const struct subject *s)
{
	const struct cor_resource *const *r = s->check->service->resources;

	while (r && *r && *r != s->resource)
		r++;
	return r && *r;
}

static void check_content_type(const struct subject *s)
{
	const struct cor_operation *operation = s->operation;
	struct cor_media_type media;

	if (operation->content_type &&
		cor_media_type_parse(cor_str(operation->content_type), &media) < 0)
		contradict(s, ".content_type \"%s\" is not a media type", operation->content_type);
	if (operation->call && operation->content_type && strchr(operation->content_type, '*') &&
		is_of_service(s))
		contradict(s,
			".content_type \"%s\" is a range, which only a stream can choose from",
			operation->content_type);
	if (operation->stream && cor_status_has_body(cor_operation_status(operation)) &&
		cor_operation_content_type(operation).len == 0)
		contradict(s,
			"a stream must say what it sends: .content_type = \"text/csv\", or \"*/*\" if cor_reply_start() does");
}

static void check_text(const struct subject *s, const char *option, const char *text)
{
	if (text && !cor_utf8_valid(cor_str(text)))
		contradict(s, "%s is not UTF-8", option);
}

static void check_texts(const struct subject *s)
{
	check_text(s, ".summary", s->operation->summary);
	check_text(s, ".doc", s->operation->doc);
	check_text(s, ".tag", s->operation->tag);
}

static bool has_query_row(const struct subject *s, const char *key)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, s->operation->in); field;
		field = cor_rows_next(&rows))
		if (cor_row_source(field, s->default_from) == COR_FROM_QUERY &&
			strcmp(cor_row_key(field), key) == 0)
			return true;
	return false;
}

static void check_selection(const struct subject *s)
{
	const struct cor_operation *operation = s->operation;

	if (!operation->selected_by)
		return;
	if (operation->selected_by & ~(uint32_t)(COR_BY_QUERY | COR_BY_HEADER))
		contradict(s, ".selected_by is %u: use COR_BY_QUERY and COR_BY_HEADER",
			operation->selected_by);
	else if (operation->stream || operation->out->media != COR_MEDIA_JSON ||
		 !cor_operation_has_answer(operation))
		contradict(s, ".selected_by is for answers that are JSON: leave it out");
	else if ((operation->selected_by & COR_BY_QUERY) &&
		 has_query_row(s, COR_SELECTION_PARAMETER))
		contradict(s,
			"a row of %s has the key \"" COR_SELECTION_PARAMETER
			"\", which .selected_by = COR_BY_QUERY takes from the query",
			operation->in->symbol);
}

static void check_stack(const struct subject *s)
{
	uint32_t bytes = s->operation->stack_bytes;

	if (bytes != 0 && (bytes < LEAST_STACK_BYTES || bytes > COR_STACK_MAX_BYTES))
		contradict(s, ".stack_bytes %u is not between %u and %u", bytes, LEAST_STACK_BYTES,
			COR_STACK_MAX_BYTES);
}

static bool has_executor(const struct cor_service *service, const struct cor_executor *executor)
{
	const struct cor_executor *const *at = service->executors;

	while (at && *at && *at != executor)
		at++;
	return at && *at;
}

static void check_executor(const struct subject *s)
{
	const struct cor_executor *executor = s->operation->executor;

	if (!executor)
		return;
	if (s->operation->stream)
		contradict(s, "a stream cannot run on an executor: let it offload what blocks");
	if (!has_executor(s->check->service, executor))
		contradict(s, "the service does not list executor %s in its .executors",
			executor->name ? executor->name : "without a name");
	if (executor->call_bytes != 0 && executor->call_bytes < COR_PARCEL_BYTES_MIN)
		contradict(s,
			"a request does not fit into the %u .call_bytes of executor %s: %d or more",
			executor->call_bytes, executor->name ? executor->name : "without a name",
			COR_PARCEL_BYTES_MIN);
}

/* What comes out of a process is copied without trusting it. */
static void check_isolation(const struct subject *s)
{
	const struct cor_schema *out = s->operation->out;
	const struct cor_schema *obstacle = out && cor_operation_is_isolated(s->operation)
						    ? cor_copy_obstacle(out)
						    : NULL;

	if (obstacle)
		contradict(s,
			"runs in a process, which %s cannot leave: if its C type holds no pointer, say .is_flat = true; else answer with another type, or use threads",
			obstacle->symbol);
}

static bool has_before(const struct cor_resource *resource, const struct cor_verb *end,
	const struct cor_operation *operation)
{
	for (const struct cor_verb *verb = cor_verbs; verb < end; verb++)
		if (cor_verb_operation(verb, resource) == operation)
			return true;
	return false;
}

/*
 * Whether the operation stands under an earlier path or verb, where its own faults were reported.
 */
static bool was_seen(const struct cor_check *check, const struct cor_resource *resource,
	const struct cor_verb *verb)
{
	const struct cor_operation *operation = cor_verb_operation(verb, resource);
	const struct cor_resource *const *r = check->service->resources;

	for (; r && *r && *r != resource; r++)
		if ((*r)->path && has_before(*r, cor_verbs + cor_verbs_len, operation))
			return true;
	return has_before(resource, verb, operation);
}

void cor_check_operation(const struct cor_check *check, const struct cor_resource *resource,
	const struct cor_verb *verb)
{
	const struct cor_operation *operation = cor_verb_operation(verb, resource);
	struct subject s = {
		.check = check,
		.resource = resource,
		.operation = operation,
		.verb = verb,
		.where = cor_arena_printf(check->arena, "%s %s", verb->name, resource->path),
		.default_from = cor_operation_default_from(operation, verb->method),
	};

	if (!s.where)
		s.where = resource->path;
	if (!operation->call == !operation->stream || !operation->in ||
		(operation->call && !operation->out)) {
		contradict(&s,
			"the operation has no handler: define it with COR_OPERATION, COR_STREAM_OPERATION or COR_WEBSOCKET_OPERATION");
		return;
	}
	check_input(&s);
	check_files(&s, cor_operation_body(operation, verb->method));
	if (was_seen(check, resource, verb))
		return;
	cor_check_cookie_rows(check, operation->in);
	cor_check_cookie_rows(check, operation->out);
	if (operation->out)
		check_output(&s);
	check_answers(&s);
	check_parts(&s);
	check_file(&s);
	check_statuses(&s);
	cor_check_security(check, operation->security, s.where);
	cor_check_limits(check, operation->limits, s.where);
	if (is_of_service(&s))
		cor_check_limits_together(check, resource, operation, s.where);
	cor_check_websocket(check, verb, operation, s.where);
	cor_check_operation_codings(check, operation,
		cor_operation_body(operation, verb->method).kind != COR_TAKES_NOTHING, s.where);
	cor_check_caching(check, verb, operation, s.where);
	cor_check_answer_cache(check, resource, verb, s.where);
	cor_check_idempotency(check, verb, operation, s.where);
	check_content_type(&s);
	check_selection(&s);
	check_stack(&s);
	check_executor(&s);
	check_isolation(&s);
	check_texts(&s);
	cor_check_texts(check, operation, verb->method, s.where);
}
