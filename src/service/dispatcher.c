/* SPDX-License-Identifier: MIT */
#include "service/dispatcher.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "files/folder.h"
#include "http/uri.h"
#include "schema/encode.h"
#include "service/codec.h"
#include "service/making.h"
#include "service/metrics.h"
#include "service/outskirts.h"
#include "service/serve.h"
#include "service/timings.h"

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

static void serve_and_tell(const struct cor_handler *self, struct cor_exchange *x)
{
	const struct cor_dispatcher *dispatcher = dispatcher_of(self);
	struct cor_told_exchange told;
	bool tells = cor_told_times_begin(&told, x, dispatcher->tells) == 0;

	cor_serve(x, dispatcher->scratch);
	if (tells)
		cor_told_times_end(&told, x);
}

static void serve_in_development(const struct cor_handler *self, struct cor_exchange *x)
{
	const struct cor_dispatcher *dispatcher = dispatcher_of(self);

	if (cor_development_answers(&dispatcher->development, x))
		return;
	if (dispatcher->tells.server_timing || dispatcher->tells.response_time)
		serve_and_tell(self, x);
	else
		serve(self, x);
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
	dispatcher->tells = options->tells;
	if (options->tells.server_timing || options->tells.response_time)
		dispatcher->handler.serve = serve_and_tell;
	dispatcher->development = options->development;
	if (options->development.folder)
		dispatcher->handler.serve = serve_in_development;
	struct cor_making making = {
		.options = options,
		.dispatcher = dispatcher,
		.check = {
			.service = options->service,
			.whole = options->service,
			.why = why ? why : &unheard,
			.arena = arena,
		},
	};
	int rc = cor_dispatcher_make(&making);
	if (dispatcher->sites_len != 0)
		dispatcher->handler.route = route_by_host;
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
	cor_tally_destroy(dispatcher->refusal_tally);
	cor_upstream_counter_destroy(dispatcher->calls);
	cor_cache_counter_destroy(dispatcher->kept);
	cor_timings_destroy(dispatcher->timings);
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
