/* SPDX-License-Identifier: MIT */
#include "service/making.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "service/codec.h"
#include "service/environments.h"
#include "service/outskirts.h"
#include "service/placing.h"
#include "service/reserved.h"
#include "service/verb.h"
#include "service/views.h"

static size_t count_files(const struct cor_files *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

/* Of the unit that is being made, on one of the sites. */
static int make_outskirts(
	struct cor_making *making, const struct cor_site *site, struct cor_outskirts *outskirts)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_service *service = making->unit->service;
	int rc = cor_outskirts_init(outskirts, service, dispatcher->encoders, &dispatcher->arena);

	if (rc == 0)
		rc = cor_making_settle(making, &outskirts->nowhere);
	if (rc == 0)
		rc = cor_making_settle(making, &outskirts->malformed);
	outskirts->nowhere.outskirts = outskirts->malformed.outskirts = outskirts;
	if (service->slashes == COR_SLASHES_REDIRECT)
		outskirts->router = &site->router;
	return rc;
}

static bool is_empty(const struct cor_service *service)
{
	return !(service->resources && service->resources[0]) &&
	       !(service->files && service->files[0]);
}

/* Whether there is anything for hosts that no mount has. */
static bool has_other_hosts(const struct cor_composition *composition)
{
	bool has = !is_empty(composition->units[0].service);

	for (size_t i = 1; i < composition->len; i++)
		has |= !composition->units[i].host;
	return has;
}

/* A service that answers no host by itself has no documentation either. */
static const struct cor_resource *const *extra_of(const struct cor_making *making, size_t at)
{
	const struct cor_composition *composition = &making->dispatcher->composition;
	bool is_closed = at == 0 && composition->len > 1 && !has_other_hosts(composition);

	return is_closed || !making->options->extra ? NULL : making->options->extra[at];
}

static int make_unit(struct cor_making *making, size_t at)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_unit *unit = &dispatcher->composition.units[at];

	making->unit = unit;
	making->check.service = unit->service;
	cor_check_service(&making->check, unit->written);
	int rc = make_outskirts(
		making, cor_making_site(dispatcher, unit), &dispatcher->outskirts[at]);
	if (rc == 0)
		rc = cor_making_add_resources(making, unit->service->resources);
	if (rc == 0)
		rc = cor_making_add_resources(making, extra_of(making, at));
	return rc < 0 ? rc : cor_making_add_files(making);
}

/* Of a host whose mounts all have prefixes: the outermost service's, with the paths of the host. */
static int surround_site(struct cor_making *making, struct cor_site *site)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_outskirts *outskirts = cor_arena_zalloc(&dispatcher->arena, sizeof *outskirts);

	if (!outskirts)
		return -ENOMEM;
	making->unit = dispatcher->composition.units;
	site->outskirts = outskirts;
	return make_outskirts(making, site, outskirts);
}

/* What nobody has beneath a prefix is answered by the service that is mounted there. */
static int surround(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_composition *composition = &dispatcher->composition;
	int rc = 0;

	dispatcher->site.outskirts = dispatcher->outskirts;
	for (size_t i = 1; i < composition->len && rc == 0; i++) {
		const struct cor_unit *unit = &composition->units[i];
		struct cor_site *site = cor_making_site(dispatcher, unit);
		if (unit->prefix[0])
			rc = cor_router_surround(
				&site->router, unit->prefix, &dispatcher->outskirts[i].nowhere);
		else
			site->outskirts = &dispatcher->outskirts[i];
	}
	for (size_t i = 0; i < dispatcher->sites_len && rc == 0; i++)
		if (!dispatcher->sites[i].outskirts)
			rc = surround_site(making, &dispatcher->sites[i]);
	if (dispatcher->sites_len != 0 && !has_other_hosts(composition))
		cor_outskirts_close(dispatcher->outskirts);
	return rc;
}

static int make_units(struct cor_making *making)
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
	return rc < 0 ? rc : surround(making);
}

static int check_examples_of(struct cor_making *making, const struct cor_resource *resource)
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

static int check_examples(struct cor_making *making)
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
		if (!unit->host || cor_making_site(dispatcher, unit)->host)
			continue;
		struct cor_site *site = &dispatcher->sites[dispatcher->sites_len++];
		site->host = unit->host;
		rc = cor_router_init(&site->router, &dispatcher->arena);
	}
	return rc;
}

static int seal_sites(struct cor_dispatcher *dispatcher)
{
	int rc = cor_router_seal(&dispatcher->site.router);

	for (size_t i = 0; i < dispatcher->sites_len && rc == 0; i++)
		rc = cor_router_seal(&dispatcher->sites[i].router);
	return rc;
}

static int compose(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_composition *composition = &dispatcher->composition;
	int rc = cor_compose(
		making->options->service, &dispatcher->arena, &making->check, composition);

	if (rc == 0)
		making->check.whole = composition->whole;
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
	*dispatcher->environments = cor_making_first_environment(making->options);
	dispatcher->handler.environment = dispatcher->environments;
	return 0;
}

/* What can be said against the service is in the contradictions. */
static int check_and_make(struct cor_making *making)
{
	size_t before = making->check.why->count;
	int rc = compose(making);

	if (rc == 0)
		rc = make_units(making);
	if (rc == 0)
		rc = cor_check_composition(&making->check, &making->dispatcher->composition);
	if (rc == 0)
		cor_check_cached(&making->check);
	if (rc == 0)
		rc = cor_check_reserved(making);
	if (rc == 0)
		rc = cor_making_codec(making);
	if (rc == 0 && making->check.why->count == before)
		rc = check_examples(making);
	return rc == 0 && making->check.why->count > before ? -COR_ETABLE : rc;
}

int cor_dispatcher_make(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	int rc;

	dispatcher->scratch = calloc(1, sizeof *dispatcher->scratch);
	dispatcher->encoders = calloc(1, sizeof *dispatcher->encoders);
	if (!dispatcher->scratch || !dispatcher->encoders)
		return -ENOMEM;
	rc = check_and_make(making);
	if (rc == 0)
		rc = cor_making_equip(making);
	return rc < 0 ? rc : seal_sites(dispatcher);
}
