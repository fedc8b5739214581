/* SPDX-License-Identifier: MIT */
#include "service/dispatcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/buffer.h"
#include "cookies/jar.h"
#include "files/folder.h"
#include "http/uri.h"
#include "limit/pass.h"
#include "schema/encode.h"
#include "schema/json_hooks.h"
#include "service/answer_check.h"
#include "service/check.h"
#include "service/codec.h"
#include "service/composition.h"
#include "service/metrics.h"
#include "service/outskirts.h"
#include "service/plan.h"
#include "service/router.h"
#include "service/serve.h"
#include "service/site.h"
#include "service/verb.h"
#include "service/views.h"

struct cor_dispatcher {
	struct cor_handler handler; /* the server hands it back */
	struct cor_arena arena;
	struct cor_site site;   /* of all hosts that have none */
	struct cor_site *sites; /* of hosts */
	size_t sites_len;
	const struct cor_place *places; /* where something is */
	struct cor_composition composition;
	struct cor_environment *environments; /* by unit; the first is the handler's */
	struct cor_outskirts *outskirts;      /* by unit */
	struct cor_place **file_places;       /* NULL at the end */
	struct cor_buffer *scratch;
	struct cor_encoder_pool *encoders;
	struct cor_codec *codec;
	struct cor_tally *tally; /* its own: its environments may have another */
	struct cor_limit_counter limits;
	struct cor_limit_table *own_limits; /* NULL: they are the options' */
	struct cor_cookie_jar cookies;
	struct cor_seal_keys *own_cookie_keys; /* NULL: they are the options' */
};

/* What is known while it is made. */
struct making {
	const struct cor_dispatcher_options *options;
	struct cor_dispatcher *dispatcher;
	const struct cor_unit *unit; /* that is being made; its service has no views */
	struct cor_check check;
	size_t files_len; /* of the places of files */
};

static const struct cor_dispatcher *dispatcher_of(const struct cor_handler *handler)
{
	return cor_container_of(handler, const struct cor_dispatcher, handler);
}

/* Out of line: nearly all paths without names need nothing of this. */
static COR_OUT_OF_LINE const struct cor_route *route_further(const struct cor_site *site,
	const struct cor_head *head, struct cor_str path,
	struct cor_route_parameters *ret_parameters)
{
	const struct cor_place *place = cor_router_find_fixed(&site->router, path);

	ret_parameters->len = 0;
	if (!place)
		place = cor_router_find_named(
			&site->router, path, ret_parameters->values, &ret_parameters->len);
	bool is_as_sent = place && ret_parameters->len == 0 && place->resource;
	if (is_as_sent || (place && cor_uri_check_path(path) == 0))
		return &place->actions[head->method].route;
	ret_parameters->len = 0;
	const struct cor_outskirts *outskirts = place ? place->outskirts : site->outskirts;
	return &cor_outskirts_action(outskirts, head, path)->route;
}

static const struct cor_route *route(const struct cor_handler *self, const struct cor_head *head,
	const char *bytes, struct cor_route_parameters *ret_parameters)
{
	const struct cor_dispatcher *dispatcher = dispatcher_of(self);
	struct cor_str path = cor_span_text(bytes, head->path);
	const struct cor_place *place = cor_router_find_at_once(&dispatcher->site.router, path);

	if (!place)
		return route_further(&dispatcher->site, head, path, ret_parameters);
	ret_parameters->len = 0;
	return &place->actions[head->method].route;
}

/* Of a service that has mounts with a host. */
static const struct cor_route *route_by_host(const struct cor_handler *self,
	const struct cor_head *head, const char *bytes, struct cor_route_parameters *ret_parameters)
{
	const struct cor_dispatcher *dispatcher = dispatcher_of(self);
	const struct cor_site *site = cor_site_find(
		dispatcher->sites, dispatcher->sites_len, cor_span_text(bytes, head->host));

	return route_further(site ? site : &dispatcher->site, head,
		cor_span_text(bytes, head->path), ret_parameters);
}

static void serve(const struct cor_handler *self, struct cor_exchange *x)
{
	const struct cor_dispatcher *dispatcher = dispatcher_of(self);

	cor_serve(x, dispatcher->scratch);
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
	const struct cor_service *service = making->unit->service;
	int rc = cor_place_init(place, service, resource, &dispatcher->arena);

	if (rc == 0 && is_limited(service, resource))
		rc = cor_place_plan_limits(place, service, &dispatcher->arena);
	return rc < 0 ? rc
		      : cor_place_code(place, service, dispatcher->encoders, &dispatcher->arena);
}

static struct cor_site *site_of(struct cor_dispatcher *dispatcher, const struct cor_unit *unit)
{
	for (size_t i = 0; unit->host && i < dispatcher->sites_len; i++)
		if (strcmp(dispatcher->sites[i].host, unit->host) == 0)
			return &dispatcher->sites[i];
	return &dispatcher->site;
}

/* Once nothing else is to be planned of it. */
static int settle(struct making *making, struct cor_place *place)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_composition *composition = &dispatcher->composition;

	place->outskirts = &dispatcher->outskirts[making->unit - composition->units];
	place->host = making->unit->host;
	if (making->options->board)
		cor_place_count_in(place, making->options->board);
	if (composition->len == 1)
		return 0;
	return cor_place_belong(
		place, composition, making->unit, dispatcher->environments, &dispatcher->arena);
}

/* Whose path it is: of the units that came before, or of the one that is being made. */
static const struct cor_unit *owner_of(const struct making *making, const char *path)
{
	const struct cor_unit *unit = making->dispatcher->composition.units;

	for (; unit < making->unit; unit++) {
		for (const struct cor_resource *const *r = unit->service->resources; r && *r; r++)
			if ((*r)->path == path)
				return unit;
		for (const struct cor_files *const *f = unit->service->files; f && *f; f++)
			if ((*f)->path == path)
				return unit;
	}
	return unit;
}

static void say_collision(
	struct making *making, const char *path, const char *what, const char *other)
{
	const struct cor_unit *owner = owner_of(making, other);

	if (owner == making->unit)
		cor_contradict(&making->check, path,
			"%s collides with %s: both match the same requests", what, other);
	else
		cor_contradict(&making->check, path,
			"%s, of %s, collides with %s of %s: both match the same requests", what,
			cor_unit_name(making->unit), other, cor_unit_name(owner));
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

	if (rc == 0)
		rc = settle(making, place);
	if (rc == 0)
		keep_place(dispatcher, place);
	if (rc == 0)
		rc = cor_router_add(
			&site_of(dispatcher, making->unit)->router, resource->path, place, &other);
	if (rc != -EEXIST)
		return rc;
	say_collision(making, resource->path, "the path", other);
	return 0;
}

/* The settings of the service, or of the nearest around it that has some. */
static const void *settings_of(const struct making *making, const struct cor_unit *unit)
{
	const struct cor_dispatcher_options *options = making->options;

	unit = cor_unit_declarer(unit, offsetof(struct cor_service, settings));
	if (options->member_settings)
		return options->member_settings[unit->member];
	return unit->outer ? NULL : options->settings;
}

static size_t count_files(const struct cor_files *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

static int add_file_place(struct making *making, const struct cor_files *files)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_place *place = cor_arena_alloc(&dispatcher->arena, sizeof *place);
	const char *other = "";
	int rc = place ? cor_place_init_files(
				 place, making->unit->service, files, &dispatcher->arena)
		       : -ENOMEM;

	if (rc < 0)
		return rc;
	dispatcher->file_places[making->files_len++] = place;
	keep_place(dispatcher, place);
	rc = settle(making, place);
	if (rc == 0)
		rc = cor_router_add_prefix(
			&site_of(dispatcher, making->unit)->router, files->path, place, &other);
	if (rc == 0 && making->options->opens_files)
		return cor_check_open_files(
			&making->check, place->files, settings_of(making, making->unit));
	if (rc != -EEXIST)
		return rc;
	say_collision(making, files->path, "the path of files", other);
	return 0;
}

/* Behind the resources, so that it is seen where they collide. */
static int add_files(struct making *making)
{
	const struct cor_files *const *list = making->unit->service->files;
	int rc = 0;

	for (; list && *list && rc == 0; list++) {
		size_t before = making->check.why->count;
		cor_check_files(&making->check, *list);
		if (making->check.why->count == before)
			rc = add_file_place(making, *list);
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

/* The paths of all services of a host, as they will be. */
static int route_all(struct making *making, const struct cor_site *site, struct cor_router *router)
{
	const struct cor_composition *composition = &making->dispatcher->composition;
	const char *other = "";
	int rc = 0;

	for (size_t i = 0; i < composition->len; i++) {
		const struct cor_service *service = composition->units[i].service;
		if (site_of(making->dispatcher, &composition->units[i]) != site)
			continue;
		for (const struct cor_resource *const *r = service->resources;
			r && *r && rc != -ENOMEM; r++)
			if ((*r)->path && (*r)->path[0] == '/')
				rc = cor_router_add(router, (*r)->path, *r, &other);
		for (const struct cor_files *const *f = service->files; f && *f && rc != -ENOMEM;
			f++)
			if ((*f)->path && (*f)->path[0] == '/')
				rc = cor_router_add_prefix(router, (*f)->path, *f, &other);
	}
	return rc == -ENOMEM ? rc : 0;
}

static int check_reserved_of(
	struct making *making, const struct cor_unit *unit, struct cor_router *router)
{
	const struct cor_dispatcher_options *options = making->options;
	const char *other = "";
	int rc = 0;

	for (const char *const *path = options->reserved; path && *path && rc != -ENOMEM; path++) {
		const char *whole = cor_arena_printf(
			making->check.arena, "%s%s", unit->prefix, *path);
		rc = whole ? cor_router_add(router, whole, options, &other) : -ENOMEM;
		if (rc == -EEXIST)
			cor_contradict(&making->check, other, "the path is that of %s",
				options->reserved_for);
	}
	return rc == -ENOMEM ? rc : 0;
}

/*
 * A router finds whether a reserved path is taken, since it compares them as it does for requests.
 */
static int check_reserved_on(struct making *making, const struct cor_site *site)
{
	const struct cor_composition *composition = &making->dispatcher->composition;
	struct cor_router router;
	int rc = cor_router_init(&router, making->check.arena);

	if (rc == 0)
		rc = route_all(making, site, &router);
	for (size_t i = 0; i < composition->len && rc == 0; i++)
		if (site_of(making->dispatcher, &composition->units[i]) == site)
			rc = check_reserved_of(making, &composition->units[i], &router);
	return rc;
}

static int check_reserved(struct making *making)
{
	int rc = check_reserved_on(making, &making->dispatcher->site);

	for (size_t i = 0; i < making->dispatcher->sites_len && rc == 0; i++)
		rc = check_reserved_on(making, &making->dispatcher->sites[i]);
	return rc;
}

static int make_unit(struct making *making, size_t at)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_unit *unit = &dispatcher->composition.units[at];
	struct cor_outskirts *outskirts = &dispatcher->outskirts[at];

	making->unit = unit;
	making->check.service = unit->service;
	cor_check_service(&making->check, unit->written);
	int rc = cor_outskirts_init(
		outskirts, unit->service, dispatcher->encoders, &dispatcher->arena);
	if (rc == 0)
		rc = settle(making, &outskirts->nowhere);
	if (rc == 0)
		rc = settle(making, &outskirts->malformed);
	if (unit->service->slashes == COR_SLASHES_REDIRECT)
		outskirts->router = &site_of(dispatcher, unit)->router;
	if (rc == 0)
		rc = add_resources(making, unit->service->resources);
	if (rc == 0 && making->options->extra)
		rc = add_resources(making, making->options->extra[at]);
	return rc < 0 ? rc : add_files(making);
}

/* Whether there is anything for hosts that no mount has. */
static bool has_other_hosts(const struct cor_composition *composition)
{
	const struct cor_service *first = composition->units[0].service;
	bool has = (first->resources && first->resources[0]) || (first->files && first->files[0]);

	for (size_t i = 1; i < composition->len; i++)
		has |= !composition->units[i].host;
	return has;
}

/* What nobody has beneath a prefix is answered by the service that is mounted there. */
static int surround(struct cor_dispatcher *dispatcher)
{
	const struct cor_composition *composition = &dispatcher->composition;
	int rc = 0;

	dispatcher->site.outskirts = dispatcher->outskirts;
	for (size_t i = 0; i < dispatcher->sites_len; i++)
		dispatcher->sites[i].outskirts = dispatcher->outskirts;
	for (size_t i = 1; i < composition->len && rc == 0; i++) {
		const struct cor_unit *unit = &composition->units[i];
		struct cor_site *site = site_of(dispatcher, unit);
		if (unit->prefix[0])
			rc = cor_router_surround(
				&site->router, unit->prefix, &dispatcher->outskirts[i].nowhere);
		else
			site->outskirts = &dispatcher->outskirts[i];
	}
	if (dispatcher->sites_len != 0 && !has_other_hosts(composition))
		cor_outskirts_close(dispatcher->outskirts);
	return rc;
}

static int make_units(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_composition *composition = &dispatcher->composition;
	size_t files = 0;
	int rc = 0;

	for (size_t i = 0; i < composition->len; i++)
		files += count_files(composition->units[i].service->files);
	dispatcher->file_places = cor_arena_zalloc(
		&dispatcher->arena, (files + 1) * sizeof(struct cor_place *));
	if (!dispatcher->file_places)
		return -ENOMEM;
	for (size_t i = 0; i < composition->len && rc == 0; i++)
		rc = make_unit(making, i);
	return rc < 0 ? rc : surround(dispatcher);
}

static int check_examples_of(struct making *making, const struct cor_resource *resource)
{
	struct cor_codec *codec = making->dispatcher->environments->codec;
	int rc = 0;

	for (size_t i = 0; i < cor_verbs_len && rc == 0; i++) {
		const struct cor_verb *verb = &cor_verbs[i];
		const struct cor_operation *operation = cor_verb_operation(verb, resource);
		const char *where = cor_arena_printf(
			making->check.arena, "%s %s", verb->name, resource->path);
		if (operation && where)
			rc = cor_check_examples(
				&making->check, codec, operation, verb->method, where);
	}
	return rc;
}

static int check_examples(struct making *making)
{
	const struct cor_composition *composition = &making->dispatcher->composition;
	int rc = 0;

	for (size_t i = 0; i < composition->len; i++) {
		making->check.service = composition->units[i].service;
		for (const struct cor_resource *const *r = making->check.service->resources;
			r && *r && rc == 0; r++)
			rc = check_examples_of(making, *r);
	}
	return rc;
}

static int make_tally(struct making *making)
{
	const struct cor_dispatcher_options *options = making->options;
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_tally_options of_tally = {
		.metrics = dispatcher->composition.whole->metrics,
		.ledger = options->ledger,
		.slot = options->slot,
		.thread = options->thread,
	};

	int rc = cor_tally_create(&of_tally, &dispatcher->tally);

	dispatcher->environments->tally = dispatcher->tally;
	return rc;
}

static int count_limits(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_limit_table *table = making->options->limits;

	if (!cor_composition_has_limits(&dispatcher->composition))
		return 0;
	if (!table)
		table = dispatcher->own_limits = cor_limit_table_create();
	dispatcher->limits = (struct cor_limit_counter){ table, making->options->slot };
	dispatcher->environments->limits = &dispatcher->limits;
	return table ? 0 : -ENOMEM;
}

/* Keys of its own seal nothing that another process can read: of a tool, or of a test. */
static int make_cookie_keys(struct making *making, const struct cor_sealing *sealing)
{
	struct cor_cookie_secret secret;
	const char *why;

	cor_cookie_secret_init(&secret, sizeof secret);
	return cor_cookie_keys_make(sealing, NULL, &secret, making->check.arena,
		&making->dispatcher->own_cookie_keys, &why);
}

static int fill_jar(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_service *whole = dispatcher->composition.whole;
	const struct cor_seal_keys *keys = making->options->cookie_keys;
	int rc = whole->sealing && !keys ? make_cookie_keys(making, whole->sealing) : 0;

	dispatcher->cookies = (struct cor_cookie_jar){
		.sealing = whole->sealing,
		.keys = keys ? keys : dispatcher->own_cookie_keys,
		.sessions = whole->sessions,
	};
	dispatcher->environments->cookies = &dispatcher->cookies;
	return rc;
}

/* Faults of tables are among the contradictions. */
static int make_codec(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_environment *environment = dispatcher->environments;
	int rc = cor_service_codec_create(&dispatcher->composition, making->options->extra,
		making->check.arena, making->check.why, &dispatcher->codec);

	environment->codec = dispatcher->codec;
	if (rc == 0)
		environment->has_before_load = cor_codec_is_hooked(environment->codec);
	return rc == -COR_ETABLE ? 0 : rc;
}

static uint32_t errors_unit(const struct cor_composition *composition, const struct cor_unit *unit)
{
	while (unit->outer && !unit->written->errors)
		unit = unit->outer;
	return (uint32_t)(unit - composition->units);
}

/* All units share what the first has, but for what is their own. */
static void share_environment(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_composition *composition = &dispatcher->composition;

	for (size_t i = 0; i < composition->len; i++) {
		const struct cor_unit *unit = &composition->units[i];
		struct cor_environment *environment = &dispatcher->environments[i];
		if (i != 0)
			*environment = dispatcher->environments[0];
		environment->service = unit->written;
		environment->mounted = unit->service;
		environment->settings = settings_of(making, unit);
		environment->unit = (uint32_t)i;
		environment->errors_unit = errors_unit(composition, unit);
		environment->all = composition->len > 1 ? dispatcher->environments : NULL;
	}
}

/* Nobody shall wait behind it for a job that its handler has given up on, whatever it answers. */
static COR_COLD void retire(struct cor_ctx *ctx)
{
	struct cor_exchange *x = ctx->request;

	if (x && x->ops->retire)
		x->ops->retire(x);
}

static struct cor_environment first_environment(const struct cor_dispatcher_options *options)
{
	return (struct cor_environment){
		.pools = options->pools,
		.state = options->state,
		.logger = options->logger,
		.answer_checks = options->answer_checks,
		.uploads = options->uploads,
		.check_message = options->answer_checks ? cor_message_check : NULL,
		.leaves_job = retire,
	};
}

/* One for each host that a mount has. */
static int make_sites(struct cor_dispatcher *dispatcher)
{
	const struct cor_composition *composition = &dispatcher->composition;
	int rc = cor_router_init(&dispatcher->site.router, &dispatcher->arena);

	dispatcher->sites = cor_arena_zalloc(
		&dispatcher->arena, composition->len * sizeof *dispatcher->sites);
	if (!dispatcher->sites)
		return -ENOMEM;
	for (size_t i = 0; i < composition->len && rc == 0; i++) {
		const struct cor_unit *unit = &composition->units[i];
		if (!unit->host || site_of(dispatcher, unit)->host)
			continue;
		struct cor_site *site = &dispatcher->sites[dispatcher->sites_len++];
		site->host = unit->host;
		rc = cor_router_init(&site->router, &dispatcher->arena);
	}
	if (dispatcher->sites_len != 0)
		dispatcher->handler.route = route_by_host;
	return rc;
}

static int seal_sites(struct cor_dispatcher *dispatcher)
{
	int rc = cor_router_seal(&dispatcher->site.router);

	for (size_t i = 0; i < dispatcher->sites_len && rc == 0; i++)
		rc = cor_router_seal(&dispatcher->sites[i].router);
	return rc;
}

static int compose(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_composition *composition = &dispatcher->composition;
	int rc = cor_compose(
		making->options->service, &dispatcher->arena, &making->check, composition);

	for (size_t i = 0; i < composition->len && rc == 0; i++) {
		making->check.service = composition->units[i].service;
		rc = cor_service_take_views(composition->units[i].service, &dispatcher->arena,
			&making->check, &composition->units[i].service);
	}
	if (rc < 0)
		return rc;
	dispatcher->environments = cor_arena_zalloc(
		&dispatcher->arena, composition->len * sizeof *dispatcher->environments);
	dispatcher->outskirts = cor_arena_zalloc(
		&dispatcher->arena, composition->len * sizeof *dispatcher->outskirts);
	if (!dispatcher->environments || !dispatcher->outskirts)
		return -ENOMEM;
	rc = make_sites(dispatcher);
	if (rc < 0)
		return rc;
	*dispatcher->environments = first_environment(making->options);
	dispatcher->handler.environment = dispatcher->environments;
	return 0;
}

/* What can be said against the service is in the contradictions. */
static int check_and_make(struct making *making)
{
	size_t before = making->check.why->count;
	int rc = compose(making);

	if (rc == 0)
		rc = make_units(making);
	if (rc == 0)
		rc = cor_check_composition(&making->check, &making->dispatcher->composition);
	if (rc == 0)
		rc = check_reserved(making);
	if (rc == 0)
		rc = make_codec(making);
	if (rc == 0 && making->check.why->count == before)
		rc = check_examples(making);
	return rc == 0 && making->check.why->count > before ? -COR_ETABLE : rc;
}

static int make(struct making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	int rc;

	dispatcher->scratch = calloc(1, sizeof *dispatcher->scratch);
	dispatcher->encoders = calloc(1, sizeof *dispatcher->encoders);
	if (!dispatcher->scratch || !dispatcher->encoders)
		return -ENOMEM;
	rc = check_and_make(making);
	if (rc == 0)
		rc = make_tally(making);
	if (rc == 0)
		rc = count_limits(making);
	if (rc == 0)
		rc = fill_jar(making);
	if (rc < 0)
		return rc;
	share_environment(making);
	return seal_sites(dispatcher);
}

int cor_dispatcher_create(const struct cor_dispatcher_options *options, struct cor_arena *arena,
	struct cor_violations *why, struct cor_dispatcher **ret)
{
	struct cor_violations unheard = { 0 };
	struct cor_dispatcher *dispatcher = calloc(1, sizeof *dispatcher);

	if (!dispatcher)
		return -ENOMEM;
	dispatcher->handler = (struct cor_handler){
		.route = route,
		.serve = serve,
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
	if (dispatcher->own_cookie_keys)
		dispatcher->cookies.sealing->keys_destroy(dispatcher->own_cookie_keys);
	cor_tally_destroy(dispatcher->tally);
	cor_codec_destroy(dispatcher->codec);
	cor_arena_finish(&dispatcher->arena);
	free(dispatcher);
}

const struct cor_handler *cor_dispatcher_handler(const struct cor_dispatcher *dispatcher)
{
	return &dispatcher->handler;
}

const struct cor_file_server *cor_dispatcher_denied_files(
	const struct cor_dispatcher *dispatcher, const struct cor_file_server *before)
{
	bool is_behind = before == NULL;

	for (struct cor_place **place = dispatcher->file_places; place && *place; place++) {
		const struct cor_file_server *server = (*place)->files;
		if (is_behind && server->folder >= 0 && cor_folder_try(server->folder) < 0)
			return server;
		is_behind |= server == before;
	}
	return NULL;
}

const struct cor_place *cor_dispatcher_places(const struct cor_dispatcher *dispatcher)
{
	return dispatcher->places;
}

const struct cor_composition *cor_dispatcher_composition(const struct cor_dispatcher *dispatcher)
{
	return &dispatcher->composition;
}

struct cor_environment *cor_dispatcher_environment(struct cor_dispatcher *dispatcher)
{
	return dispatcher->environments;
}

struct cor_environment *cor_dispatcher_member(struct cor_dispatcher *dispatcher, size_t member)
{
	struct cor_environment *environment = dispatcher->environments;

	for (size_t i = 0; i < dispatcher->composition.len; i++)
		if (dispatcher->composition.units[i].member == member)
			return &environment[i];
	return environment;
}

void cor_dispatcher_set_state(struct cor_dispatcher *dispatcher, size_t member, void *state)
{
	const struct cor_unit *units = dispatcher->composition.units;

	for (size_t i = 0; i < dispatcher->composition.len; i++)
		if (cor_unit_declarer(&units[i], offsetof(struct cor_service, start))->member ==
			member)
			cor_environment_set_state(&dispatcher->environments[i], state);
}

void cor_dispatcher_set_thread_state(struct cor_dispatcher *dispatcher, size_t member, void *state)
{
	const struct cor_unit *units = dispatcher->composition.units;

	for (size_t i = 0; i < dispatcher->composition.len; i++)
		if (cor_unit_declarer(&units[i], offsetof(struct cor_service, start_thread))
				->member == member)
			dispatcher->environments[i].thread_state = state;
}

void cor_dispatcher_set_pools(struct cor_dispatcher *dispatcher, const struct cor_pools *pools)
{
	for (size_t i = 0; i < dispatcher->composition.len; i++)
		dispatcher->environments[i].pools = pools;
}

void cor_dispatcher_set_topics(struct cor_dispatcher *dispatcher, struct cor_topics *topics)
{
	for (size_t i = 0; i < dispatcher->composition.len; i++)
		dispatcher->environments[i].topics = topics;
}
