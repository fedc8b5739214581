/* SPDX-License-Identifier: MIT */
#include "service/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "limit/pass.h"
#include "schema/bind.h"
#include "service/answer_cache.h"
#include "service/caching.h"
#include "service/verb.h"

/*
 * The type without its parameters, in lower case. From a range the handler chooses, so Accept
 * cannot be checked.
 */
static int essence(struct cor_str content_type, struct cor_arena *arena, struct cor_str *ret)
{
	size_t len = 0;

	if (content_type.len && memchr(content_type.data, '*', content_type.len))
		return 0;
	while (len < content_type.len && content_type.data[len] != ';' &&
		content_type.data[len] != ' ')
		len++;
	char *copy = cor_arena_copy(arena, content_type.data, len);
	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] += 'a' - 'A';
	*ret = (struct cor_str){ copy, len };
	return 0;
}

/* The rows that come from cookies, in a list of their own: few operations have any. */
static int plan_cookies_in(
	struct cor_action *action, const struct cor_schema *in, struct cor_arena *arena)
{
	size_t len = cor_rows_from(in, COR_FROM_COOKIE, action->default_from);
	const struct cor_field **list = cor_arena_alloc(arena, (len + 1) * sizeof *list);
	struct cor_rows rows;

	if (!list)
		return -ENOMEM;
	for (const struct cor_field *field = cor_rows_first(&rows, in); field;
		field = cor_rows_next(&rows)) {
		if (field->from != COR_FROM_COOKIE || field->access == COR_READ_ONLY)
			continue;
		list[action->cookies_in_len] = cor_rows_keep(&rows, field, arena);
		if (!list[action->cookies_in_len++])
			return -ENOMEM;
	}
	action->cookies_in = list;
	return 0;
}

static int plan_input(struct cor_action *action, const struct cor_schema *in,
	enum cor_method method, struct cor_arena *arena)
{
	enum cor_from from = cor_operation_default_from(action->operation, method);

	action->default_from = from;
	action->body = cor_operation_body(action->operation, method);
	if (in->media != COR_MEDIA_JSON)
		return 0;
	action->path_rows = (uint32_t)cor_rows_from(in, COR_FROM_PATH, from);
	action->header_rows = (uint32_t)cor_rows_from(in, COR_FROM_HEADER, from);
	action->query_rows = (uint32_t)cor_rows_from(in, COR_FROM_QUERY, from);
	action->checks_query = in->unknown == COR_REFUSE;
	return plan_cookies_in(action, in, arena);
}

/* The rows that go to headers and cookies, in a list of their own: an answer needs no others. */
static int plan_headers_out(
	struct cor_action *action, const struct cor_schema *out, struct cor_arena *arena)
{
	size_t bytes = (cor_rows_count(out) + 1) * sizeof *action->headers_out;
	const struct cor_field **list = cor_arena_alloc(arena, bytes);
	struct cor_rows rows;

	if (!list)
		return -ENOMEM;
	for (const struct cor_field *field = cor_rows_first(&rows, out); field;
		field = cor_rows_next(&rows)) {
		if (field->to == COR_TO_BODY)
			continue;
		list[action->headers_out_len] = cor_rows_keep(&rows, field, arena);
		if (!list[action->headers_out_len++])
			return -ENOMEM;
	}
	action->headers_out = list;
	return 0;
}

static int plan_output(struct cor_action *action, struct cor_arena *arena)
{
	const struct cor_operation *operation = action->operation;

	action->status = cor_operation_status(operation);
	action->has_body_out = cor_operation_has_answer(operation);
	action->answers_json = action->has_body_out && !operation->stream &&
			       operation->out->media == COR_MEDIA_JSON;
	action->content_type = cor_operation_content_type(operation);
	int rc = operation->stream ? 0 : plan_headers_out(action, operation->out, arena);
	return rc < 0 ? rc : essence(action->content_type, arena, &action->produces);
}

static void plan_route(struct cor_action *action)
{
	const struct cor_operation *operation = action->operation;

	action->route = (struct cor_route){
		.name = operation->handler,
		.stack_bytes = operation->stack_bytes,
		.timeout_ms = operation->timeout_ms,
		.body_limit_bytes = operation->body_limit_bytes
					    ? (int64_t)operation->body_limit_bytes
					    : -1,
		.needs_client = operation->on_disconnect == COR_CANCEL,
	};
}

static int plan_action(struct cor_place *place, const struct cor_service *service,
	enum cor_method method, struct cor_arena *arena)
{
	struct cor_action *action = &place->actions[method];
	const struct cor_verb *verb = cor_verb_of(method);
	const struct cor_operation *operation = verb ? cor_verb_operation(verb, place->resource)
						     : NULL;

	if (!operation)
		return 0;
	action->kind = operation->stream ? COR_ACTION_STREAM : COR_ACTION_CALL;
	action->refusal = 0;
	action->operation = operation;
	plan_route(action);
	if (operation->security)
		action->gate.ways = cor_security_of(NULL, NULL, operation);
	action->is_plain = action->kind == COR_ACTION_CALL && place->middleware_len == 0 &&
			   !action->operation->executor && !action->gate.ways && !place->cors;
	action->takes_nothing = operation->in->media == COR_MEDIA_NONE && !operation->selected_by;
	int rc = plan_input(action, operation->in, method, arena);
	if (rc == 0)
		rc = cor_caching_plan_make(operation, arena, &action->caching);
	if (rc == 0)
		rc = cor_answer_cache_plan_make(service, place, action, arena, &action->kept);
	if (action->caching || operation->also[0] || operation->idempotency)
		action->is_plain = false;
	return rc < 0 ? rc : plan_output(action, arena);
}

/* What is not there, and a method that is not offered, are nobody's business but theirs. */
static void inherit(struct cor_place *place, const struct cor_service *service,
	const struct cor_resource *resource)
{
	const struct cor_security *ways = cor_security_of(service, resource, NULL);

	place->guard.realm = service->name;
	for (int method = 0; method < COR_METHOD_COUNT; method++) {
		struct cor_action *action = &place->actions[method];
		action->gate = (struct cor_gate){ .ways = ways, .guard = &place->guard };
		action->inherited[0] = resource ? resource->problems : NULL;
		action->inherited[1] = service->problems;
	}
	if (resource)
		place->actions[COR_METHOD_OPTIONS].gate.ways = NULL;
}

/*
 * RFC 9110 section 15.6.2 has 501 for a method that is not known, section 15.5.6 has 405 for one
 * that is known and not offered.
 */
static void refuse_all(struct cor_place *place)
{
	bool is_there = place->resource || place->files;

	for (int method = 0; method < COR_METHOD_COUNT; method++) {
		struct cor_action *action = &place->actions[method];
		action->place = place;
		action->kind = COR_ACTION_REFUSE;
		action->refusal = is_there ? 405 : 404;
		action->route = (struct cor_route){ .name = is_there ? "405" : "404",
			.body_limit_bytes = -1 };
		action->detail = is_there ? "the method is not offered here: see Allow"
					  : "there is nothing at this path";
	}
	place->actions[COR_METHOD_OTHER].refusal = 501;
	place->actions[COR_METHOD_OTHER].route.name = "501";
	place->actions[COR_METHOD_OTHER].detail = "the method is not known to this server";
}

static size_t count_middleware(const struct cor_middleware *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

static int join_middleware(struct cor_place *place, const struct cor_service *service,
	const struct cor_middleware *const *inner, struct cor_arena *arena)
{
	size_t outer_len = count_middleware(service->middleware);
	size_t inner_len = count_middleware(inner);

	place->middleware = cor_arena_alloc(
		arena, (outer_len + inner_len + 1) * sizeof *place->middleware);
	if (!place->middleware)
		return -ENOMEM;
	for (size_t i = 0; i < outer_len; i++)
		place->middleware[i] = service->middleware[i];
	for (size_t i = 0; i < inner_len; i++)
		place->middleware[outer_len + i] =
			inner[i]; /* NOLINT: inner_len is 0 without inner */
	place->middleware_len = (uint32_t)(outer_len + inner_len);
	return 0;
}

static void take_names(struct cor_place *place)
{
	struct cor_str rest = cor_str(place->resource->path);
	struct cor_segment segment;

	while (cor_segment_next(&rest, &segment) > 0)
		if (segment.is_name)
			place->names[place->names_len++] = segment.text;
}

const struct cor_response *cor_action_response(const struct cor_action *action, uint16_t status)
{
	const struct cor_response *own = action->operation ? action->operation->responses : NULL;
	const struct cor_response *found = cor_responses_find(own, status);

	for (size_t i = 0; i < COR_INHERITED_LISTS && !found; i++)
		found = cor_responses_find(action->inherited[i], status);
	return found;
}

bool cor_action_declares(const struct cor_action *action, uint16_t status)
{
	bool is_limited = action->limits || action->gate.ways;
	bool is_judged = action->caching && (status == 304 || status == 412 || status == 428);

	return cor_operation_declares(action->operation, status) ||
	       cor_security_gives(action->gate.ways, true, status) ||
	       (status == 429 && is_limited) ||
	       (status == 503 && cor_limits_fail_closed(action->limits)) || is_judged ||
	       cor_operation_keys_give(action->operation, status) ||
	       cor_operation_sends_file(action->operation, status) ||
	       cor_action_response(action, status);
}

static void plan_options(struct cor_place *place)
{
	struct cor_action *action = &place->actions[COR_METHOD_OPTIONS];

	action->kind = COR_ACTION_OPTIONS;
	action->refusal = 0;
	action->route.name = "OPTIONS";
}

static void plan_files(struct cor_place *place, enum cor_method method)
{
	struct cor_action *action = &place->actions[method];

	action->kind = COR_ACTION_FILES;
	action->refusal = 0;
	action->route.name = place->files->files->path;
}

int cor_place_init_files(struct cor_place *place, const struct cor_service *service,
	const struct cor_files *files, struct cor_arena *arena)
{
	const struct cor_resource like = { .security = files->security };
	struct cor_file_server *server = cor_arena_alloc(arena, sizeof *server);

	if (!server)
		return -ENOMEM;
	cor_file_server_init(server, files);
	*place = (struct cor_place){ .files = server, .allow = "GET, HEAD, OPTIONS" };
	refuse_all(place);
	inherit(place, service, &like);
	plan_options(place);
	plan_files(place, COR_METHOD_GET);
	plan_files(place, COR_METHOD_HEAD);
	int rc = join_middleware(place, service, files->middleware, arena);
	return rc < 0 ? rc : cor_place_plan_cors(place, service, arena);
}

int cor_place_init(struct cor_place *place, const struct cor_service *service,
	const struct cor_resource *resource, struct cor_arena *arena)
{
	int rc;

	*place = (struct cor_place){ .resource = resource };
	refuse_all(place);
	inherit(place, service, resource);
	rc = join_middleware(place, service, resource ? resource->middleware : NULL, arena);
	if (rc == 0)
		rc = cor_place_plan_cors(place, service, arena);
	if (rc < 0 || !resource)
		return rc;
	take_names(place);
	place->allow = cor_verbs_allowed(resource, arena);
	if (!place->allow)
		return -ENOMEM;
	plan_options(place);
	for (int method = 0; method < COR_METHOD_COUNT && rc == 0; method++)
		rc = plan_action(place, service, (enum cor_method)method, arena);
	return rc;
}

/* The nearest one counts; a WebSocket compresses by itself (RFC 7692). */
static const struct cor_compression *compression_of(const struct cor_place *place,
	const struct cor_service *service, const struct cor_operation *operation)
{
	if (operation && operation->converse)
		return NULL;
	if (operation && operation->compression)
		return operation->compression;
	if (place->resource && place->resource->compression)
		return place->resource->compression;
	return service->compression;
}

static int code_action(struct cor_action *action, const struct cor_service *service,
	struct cor_encoder_pool *pool, struct cor_arena *arena)
{
	const struct cor_operation *operation = action->operation;
	const struct cor_coding_wish wish = {
		.compression = operation && operation->sends_file
				       ? NULL
				       : compression_of(action->place, service, operation),
		.accepts = operation ? operation->accepts_encoded : NULL,
		.content_type = action->content_type,
		.ratio_limit = operation ? operation->body_ratio_limit : 0,
	};
	int rc = cor_coding_plan_make(&wish, pool, arena, &action->coding);

	if (action->coding)
		action->is_plain = false;
	return rc;
}

int cor_place_code(struct cor_place *place, const struct cor_service *service,
	struct cor_encoder_pool *pool, struct cor_arena *arena)
{
	int rc = 0;

	for (int method = 0; method < COR_METHOD_COUNT && rc == 0; method++)
		rc = code_action(&place->actions[method], service, pool, arena);
	return rc;
}

/* "GET /books/{id}". A longer one finds no row, as one that was cut might be another's. */
void cor_place_count_in(struct cor_place *place, struct cor_board *board)
{
	char name[COR_ROW_NAME_BYTES + 1];

	for (int method = 0; method < COR_METHOD_COUNT; method++) {
		struct cor_action *action = &place->actions[method];
		if (!action->operation && action->kind != COR_ACTION_FILES)
			continue;
		const char *path = place->files ? place->files->files->path : place->resource->path;
		const char *verb = method == COR_METHOD_HEAD
					   ? "HEAD"
					   : cor_verb_of((enum cor_method)method)->name;
		snprintf(name, sizeof name, "%s %s%s", verb, place->host ? place->host : "", path);
		action->route.figures = cor_board_row(board, name) *
					(uint32_t)sizeof(struct cor_request_figures);
	}
}
