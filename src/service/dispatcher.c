/* SPDX-License-Identifier: MIT */
#include "service/dispatcher.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>
#include <coracle/error_shape.h>
#include <coracle/response.h>

#include "base/compiler.h"
#include "base/buffer.h"
#include "http/uri.h"
#include "limit/pass.h"
#include "schema/encode.h"
#include "schema/json_hooks.h"
#include "service/answer_check.h"
#include "service/check.h"
#include "service/metrics.h"
#include "service/plan.h"
#include "service/router.h"
#include "service/serve.h"
#include "service/verb.h"
#include "service/views.h"
#include "service/ways.h"

struct cor_dispatcher {
	struct cor_handler handler; /* the server hands it back */
	struct cor_environment environment;
	struct cor_arena arena;
	struct cor_router router;
	const struct cor_place *places; /* where something is */
	struct cor_place nowhere;
	struct cor_place malformed;     /* of malformed paths */
	struct cor_action whole_server; /* OPTIONS * */
	struct cor_place **file_places; /* NULL at the end; NULL: none */
	struct cor_buffer *scratch;
	struct cor_encoder_pool *encoders;
	struct cor_limit_counter limits;
	struct cor_limit_table *own_limits; /* NULL: they are the options' */
};

/* What is known while it is made. */
struct making {
	const struct cor_dispatcher_options *options;
	const struct cor_service *service; /* without views */
	struct cor_dispatcher *dispatcher;
	struct cor_check check;
	const struct cor_schema **schemas;
	size_t schemas_len;
};

static const struct cor_dispatcher *dispatcher_of(const struct cor_handler *handler)
{
	return cor_container_of(handler, const struct cor_dispatcher, handler);
}

/* No resource has this path: it is "*", or malformed, or not ours. */
static COR_OUT_OF_LINE const struct cor_action *find_nowhere(
	const struct cor_dispatcher *dispatcher, const struct cor_head *head, struct cor_str path)
{
	if (head->target_form == COR_TARGET_ASTERISK)
		return &dispatcher->whole_server;
	if (cor_uri_check_path(path) < 0)
		return &dispatcher->malformed.actions[head->method];
	return &dispatcher->nowhere.actions[head->method];
}

/* Out of line: nearly all paths without names need nothing of this. */
static COR_OUT_OF_LINE const struct cor_route *route_further(
	const struct cor_dispatcher *dispatcher, const struct cor_head *head, struct cor_str path,
	struct cor_route_parameters *ret_parameters)
{
	const struct cor_place *place = cor_router_find_fixed(&dispatcher->router, path);

	ret_parameters->len = 0;
	if (!place)
		place = cor_router_find_named(
			&dispatcher->router, path, ret_parameters->values, &ret_parameters->len);
	bool is_as_sent = place && ret_parameters->len == 0 && !place->files;
	if (is_as_sent || (place && cor_uri_check_path(path) == 0))
		return &place->actions[head->method].route;
	ret_parameters->len = 0;
	return &find_nowhere(dispatcher, head, path)->route;
}

static const struct cor_route *route(const struct cor_handler *self, const struct cor_head *head,
	const char *bytes, struct cor_route_parameters *ret_parameters)
{
	const struct cor_dispatcher *dispatcher = dispatcher_of(self);
	struct cor_str path = cor_span_text(bytes, head->path);
	const struct cor_place *place = cor_router_find_at_once(&dispatcher->router, path);

	if (!place)
		return route_further(dispatcher, head, path, ret_parameters);
	ret_parameters->len = 0;
	return &place->actions[head->method].route;
}

static void serve(const struct cor_handler *self, struct cor_exchange *x)
{
	const struct cor_dispatcher *dispatcher = dispatcher_of(self);

	cor_serve(x, dispatcher->scratch);
}

static void add_schema(struct making *making, const struct cor_schema *schema)
{
	if (!schema || schema->media != COR_MEDIA_JSON)
		return;
	for (size_t i = 0; i < making->schemas_len; i++)
		if (making->schemas[i] == schema)
			return;
	making->schemas[making->schemas_len++] = schema;
}

static size_t count_resources(const struct cor_resource *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

static size_t count_topics(const struct cor_topic *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

/* A row has two schemas at most. */
static size_t count_in_rows(const struct cor_response *rows)
{
	size_t count = 0;

	for (; rows && rows->status; rows++)
		count += 2;
	return count;
}

static size_t count_in_responses(const struct cor_service *service)
{
	size_t count = count_in_rows(service->problems);

	for (const struct cor_resource *const *r = service->resources; r && *r; r++) {
		count += count_in_rows((*r)->problems);
		for (size_t i = 0; i < cor_verbs_len; i++) {
			const struct cor_operation *operation = cor_verb_operation(
				&cor_verbs[i], *r);
			count += operation ? count_in_rows(operation->responses) : 0;
		}
	}
	return count;
}

static size_t count_schemas(const struct cor_schema *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

static void add_responses(struct making *making, const struct cor_response *at)
{
	for (; at && at->status; at++) {
		add_schema(making, at->schema);
		add_schema(making, at->members);
	}
}

static void add_schemas_of(struct making *making, const struct cor_resource *const *list)
{
	for (; list && *list; list++) {
		add_responses(making, (*list)->problems);
		for (size_t i = 0; i < cor_verbs_len; i++) {
			const struct cor_operation *operation = cor_verb_operation(
				&cor_verbs[i], *list);
			if (!operation)
				continue;
			add_schema(making, operation->in);
			add_schema(making, operation->parts);
			add_schema(making, cor_operation_answer(operation));
			add_schema(making, operation->websocket.receives);
			add_schema(making, operation->websocket.sends);
			add_responses(making, operation->responses);
		}
	}
}

static void add_answers_of(struct making *making, const struct cor_resource *const *list)
{
	for (; list && *list; list++)
		for (size_t i = 0; i < cor_verbs_len; i++) {
			const struct cor_operation *operation = cor_verb_operation(
				&cor_verbs[i], *list);
			if (operation && operation->call)
				add_schema(making, operation->out);
		}
}

static void count_way(void *arg, const struct cor_security *way)
{
	(void)way;
	++*(size_t *)arg;
}

static void add_principal(void *arg, const struct cor_security *way)
{
	add_schema(arg, way->scheme->principal);
}

/*
 * The codec of each schema that an operation reads or writes, of what topics carry, of principals,
 * which a scheme may decode, and of the service's .schemas.
 */
static int make_codec(struct making *making)
{
	const struct cor_dispatcher_options *options = making->options;
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_schema *const *more = making->service->schemas;
	const struct cor_topic *const *topics = options->service->topics;
	size_t resources = count_resources(making->service->resources) +
			   count_resources(options->extra);
	size_t ways = 0;

	cor_ways_visit(making->service, count_way, &ways);
	making->schemas = calloc(5 * resources * cor_verbs_len + count_topics(topics) +
					 count_schemas(more) + count_in_responses(making->service) +
					 ways + 2,
		sizeof *making->schemas);
	if (!making->schemas)
		return -ENOMEM;
	add_answers_of(making, making->service->resources);
	add_answers_of(making, options->extra);
	for (; topics && *topics; topics++)
		add_schema(making, (*topics)->messages);
	if (options->service->errors)
		add_schema(making, options->service->errors->schema);
	struct cor_codec_tables tables = { .schemas = making->schemas,
		.answers_len = making->schemas_len };
	add_responses(making, making->service->problems);
	add_schemas_of(making, making->service->resources);
	add_schemas_of(making, options->extra);
	cor_ways_visit(making->service, add_principal, making);
	for (; more && *more; more++)
		add_schema(making, *more);
	tables.len = making->schemas_len;
	int rc = cor_codec_create_of(
		&tables, &dispatcher->environment.codec, making->check.arena, making->check.why);
	free(making->schemas);
	if (rc == 0)
		dispatcher->environment.has_before_load = cor_codec_is_hooked(
			dispatcher->environment.codec);
	return rc == -COR_ETABLE ? 0 : rc; /* it is among the contradictions */
}

/* The documentation is not: a page of it takes several requests. */
static bool is_limited(const struct cor_service *service, const struct cor_resource *resource)
{
	const struct cor_resource *const *r = service->resources;

	while (resource && r && *r && *r != resource)
		r++;
	return !resource || (r && *r);
}

static int init_place(
	struct making *making, struct cor_place *place, const struct cor_resource *resource)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	int rc = cor_place_init(place, making->service, resource, &dispatcher->arena);

	if (rc == 0 && is_limited(making->service, resource))
		rc = cor_place_plan_limits(place, making->service, &dispatcher->arena);
	return rc < 0 ? rc
		      : cor_place_code(
				place, making->service, dispatcher->encoders, &dispatcher->arena);
}

static void keep_place(struct cor_dispatcher *dispatcher, struct cor_place *place)
{
	place->next = dispatcher->places;
	dispatcher->places = place;
}

static int add_place(struct making *making, const struct cor_resource *resource)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_place *place = cor_arena_alloc(&dispatcher->arena, sizeof *place);
	const char *other = "";
	int rc = place ? init_place(making, place, resource) : -ENOMEM;

	if (rc == 0 && making->options->board)
		cor_place_count_in(place, making->options->board);
	if (rc == 0)
		keep_place(dispatcher, place);
	if (rc == 0)
		rc = cor_router_add(&dispatcher->router, resource->path, place, &other);
	if (rc != -EEXIST)
		return rc;
	cor_contradict(&making->check, resource->path,
		"the path collides with %s: both match the same requests", other);
	return 0;
}

static size_t count_files(const struct cor_files *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

static int add_file_place(struct making *making, const struct cor_files *files, size_t at)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_place *place = cor_arena_alloc(&dispatcher->arena, sizeof *place);
	const char *other = "";
	int rc = place ? cor_place_init_files(place, making->service, files, &dispatcher->arena)
		       : -ENOMEM;

	if (rc < 0)
		return rc;
	dispatcher->file_places[at] = place;
	keep_place(dispatcher, place);
	if (making->options->board)
		cor_place_count_in(place, making->options->board);
	rc = cor_router_add_prefix(&dispatcher->router, files->path, place, &other);
	if (rc == 0 && making->options->opens_files)
		return cor_check_open_files(
			&making->check, place->files, making->options->settings);
	if (rc != -EEXIST)
		return rc;
	cor_contradict(&making->check, files->path,
		"the path of files collides with %s: both match the same requests", other);
	return 0;
}

/* Behind the resources, so that it is seen where they collide. */
static int add_files(struct making *making)
{
	const struct cor_files *const *list = making->service->files;
	size_t bytes = (count_files(list) + 1) * sizeof(struct cor_place *);
	struct cor_place **places = cor_arena_zalloc(&making->dispatcher->arena, bytes);
	int rc = places ? 0 : -ENOMEM;

	making->dispatcher->file_places = places;
	for (size_t at = 0; list && *list && rc == 0; list++) {
		size_t before = making->check.why->count;
		cor_check_files(&making->check, *list);
		if (making->check.why->count == before)
			rc = add_file_place(making, *list, at++);
	}
	return rc;
}

static bool is_listed(const struct cor_resource *const *list, const struct cor_resource *const *end)
{
	for (; list < end; list++)
		if (*list == *end)
			return (*end)->path != NULL;
	return false;
}

/* Only a resource without contradictions of its own can be made ready. */
static int add_resources(struct making *making, const struct cor_resource *const *list)
{
	int rc = 0;

	for (const struct cor_resource *const *first = list; list && *list && rc == 0; list++) {
		size_t before = making->check.why->count;
		if (is_listed(first, list))
			cor_contradict(
				&making->check, (*list)->path, "the resource is listed twice");
		else
			cor_check_resource(&making->check, *list);
		if (making->check.why->count == before)
			rc = add_place(making, *list);
	}
	return rc;
}

/*
 * A router finds whether a reserved path is taken, since it compares them as it does for requests.
 */
static int check_reserved(struct making *making)
{
	const struct cor_dispatcher_options *options = making->options;
	const struct cor_resource *const *own = making->service->resources;
	struct cor_router router;
	const char *other = "";
	int rc = cor_router_init(&router, making->check.arena);

	for (; own && *own && rc != -ENOMEM; own++)
		if ((*own)->path && (*own)->path[0] == '/')
			rc = cor_router_add(&router, (*own)->path, *own, &other);
	for (const struct cor_files *const *files = making->service->files;
		files && *files && rc != -ENOMEM; files++)
		if ((*files)->path && (*files)->path[0] == '/')
			rc = cor_router_add_prefix(&router, (*files)->path, *files, &other);
	for (const char *const *path = options->reserved; path && *path && rc != -ENOMEM; path++) {
		rc = cor_router_add(&router, *path, options, &other);
		if (rc == -EEXIST)
			cor_contradict(&making->check, other, "the path is that of %s",
				options->reserved_for);
	}
	return rc == -ENOMEM ? rc : 0;
}

static void refuse_malformed(struct cor_place *place)
{
	for (int method = 0; method < COR_METHOD_COUNT; method++) {
		place->actions[method].refusal = 400;
		place->actions[method].route.name = "400";
		place->actions[method].detail =
			"the path has a bad percent-encoding, a %00, or a segment \".\" or \"..\"";
	}
}

static int make_places(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	int rc = init_place(making, &dispatcher->nowhere, NULL);

	if (rc == 0)
		rc = init_place(making, &dispatcher->malformed, NULL);
	if (rc < 0)
		return rc;
	refuse_malformed(&dispatcher->malformed);
	dispatcher->nowhere.allow = cor_verbs_allowed(NULL, &dispatcher->arena); /* OPTIONS * */
	if (!dispatcher->nowhere.allow)
		return -ENOMEM;
	dispatcher->whole_server = (struct cor_action){
		.route = { .name = "OPTIONS", .body_limit_bytes = -1 },
		.kind = COR_ACTION_OPTIONS,
		.place = &dispatcher->nowhere,
	};
	rc = add_resources(making, making->service->resources);
	if (rc == 0)
		rc = add_resources(making, making->options->extra);
	return rc < 0 ? rc : add_files(making);
}

static int check_examples(struct making *making)
{
	const struct cor_resource *const *r = making->service->resources;
	struct cor_codec *codec = making->dispatcher->environment.codec;
	int rc = 0;

	for (; r && *r; r++)
		for (size_t i = 0; i < cor_verbs_len && rc == 0; i++) {
			const struct cor_verb *verb = &cor_verbs[i];
			const struct cor_operation *operation = cor_verb_operation(verb, *r);
			const char *where = cor_arena_printf(
				making->check.arena, "%s %s", verb->name, (*r)->path);
			if (operation && where)
				rc = cor_check_examples(
					&making->check, codec, operation, verb->method, where);
		}
	return rc;
}

static int make_tally(struct making *making)
{
	const struct cor_dispatcher_options *options = making->options;
	struct cor_environment *environment = &making->dispatcher->environment;
	struct cor_tally_options of_tally = {
		.metrics = options->service->metrics,
		.ledger = options->ledger,
		.slot = options->slot,
		.thread = options->thread,
	};

	return cor_tally_create(&of_tally, &environment->tally);
}

static int count_limits(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_limit_table *table = making->options->limits;

	if (!cor_service_has_limits(making->service))
		return 0;
	if (!table)
		table = dispatcher->own_limits = cor_limit_table_create();
	dispatcher->limits = (struct cor_limit_counter){ table, making->options->slot };
	dispatcher->environment.limits = &dispatcher->limits;
	return table ? 0 : -ENOMEM;
}

static int make(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	size_t before = making->check.why->count;
	int rc;

	dispatcher->scratch = calloc(1, sizeof *dispatcher->scratch);
	dispatcher->encoders = calloc(1, sizeof *dispatcher->encoders);
	if (!dispatcher->scratch || !dispatcher->encoders)
		return -ENOMEM;
	rc = cor_router_init(&dispatcher->router, &dispatcher->arena);
	if (rc == 0)
		rc = cor_service_take_views(making->options->service, &dispatcher->arena,
			&making->check, &making->check.service);
	if (rc < 0)
		return rc;
	making->service = making->check.service;
	cor_check_service(&making->check, making->service);
	rc = make_places(making);
	if (rc == 0)
		rc = check_reserved(making);
	if (rc == 0)
		rc = make_codec(making);
	if (rc == 0 && making->check.why->count == before)
		rc = check_examples(making);
	if (rc == 0 && making->check.why->count > before)
		rc = -COR_ETABLE;
	if (rc == 0)
		rc = make_tally(making);
	if (rc == 0)
		rc = count_limits(making);
	return rc < 0 ? rc : cor_router_seal(&dispatcher->router);
}

/* Nobody shall wait behind it for a job that its handler has given up on, whatever it answers. */
static COR_COLD void retire(struct cor_ctx *ctx)
{
	struct cor_exchange *x = ctx->request;

	if (x && x->ops->retire)
		x->ops->retire(x);
}

int cor_dispatcher_create(const struct cor_dispatcher_options *options, struct cor_arena *arena,
	struct cor_violations *why, struct cor_dispatcher **ret)
{
	struct cor_violations unheard = { 0 };
	struct cor_dispatcher *dispatcher = calloc(1, sizeof *dispatcher);

	if (!dispatcher)
		return -ENOMEM;
	dispatcher->environment = (struct cor_environment){
		.pools = options->pools,
		.service = options->service,
		.settings = options->settings,
		.state = options->state,
		.logger = options->logger,
		.answer_checks = options->answer_checks,
		.uploads = options->uploads,
		.check_message = options->answer_checks ? cor_message_check : NULL,
		.leaves_job = retire,
	};
	dispatcher->handler = (struct cor_handler){
		.route = route,
		.serve = serve,
		.environment = &dispatcher->environment,
	};
	struct making making = {
		.options = options,
		.dispatcher = dispatcher,
		.check = {
			.service = options->service,
			.why = why ? why : &unheard,
			.arena = arena,
		},
	};
	int rc = make(&making);
	if (options->board) { /* rows that come later are other programs' */
		dispatcher->handler.figures = options->block->rows;
		dispatcher->handler.figures_len = cor_board_rows_len(options->board);
	}
	if (rc < 0)
		cor_dispatcher_destroy(dispatcher);
	else
		*ret = dispatcher;
	return rc;
}

void cor_dispatcher_destroy(struct cor_dispatcher *dispatcher)
{
	if (!dispatcher)
		return;
	if (dispatcher->scratch)
		cor_buffer_finish(dispatcher->scratch);
	free(dispatcher->scratch);
	if (dispatcher->encoders)
		cor_encoder_pool_finish(dispatcher->encoders);
	free(dispatcher->encoders);
	for (struct cor_place **place = dispatcher->file_places; place && *place; place++)
		cor_file_server_close((*place)->files);
	free(dispatcher->own_limits);
	cor_tally_destroy(dispatcher->environment.tally);
	cor_codec_destroy(dispatcher->environment.codec);
	cor_arena_finish(&dispatcher->arena);
	free(dispatcher);
}

const struct cor_handler *cor_dispatcher_handler(const struct cor_dispatcher *dispatcher)
{
	return &dispatcher->handler;
}

const struct cor_place *cor_dispatcher_places(const struct cor_dispatcher *dispatcher)
{
	return dispatcher->places;
}

struct cor_environment *cor_dispatcher_environment(struct cor_dispatcher *dispatcher)
{
	return &dispatcher->environment;
}
