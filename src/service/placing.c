/* SPDX-License-Identifier: MIT */
#include "service/placing.h"

#include <errno.h>
#include <string.h>

#include "files/server.h"
#include "service/check.h"
#include "service/environments.h"
#include "service/outskirts.h"

/* The documentation is not: a page of it takes several requests. */
static bool is_limited(const struct cor_service *service, const struct cor_resource *resource)
{
	const struct cor_resource *const *r = service->resources;

	while (resource && r && *r && *r != resource)
		r++;
	return !resource || (r && *r);
}

static int init_place(
	struct cor_making *making, struct cor_place *place, const struct cor_resource *resource)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_service *service = making->unit->service;
	int rc = cor_place_init(place, service, resource, &dispatcher->arena);

	if (rc == 0 && is_limited(service, resource))
		rc = cor_place_plan_limits(place, service, &dispatcher->arena);
	return rc < 0 ? rc
		      : cor_place_code(place, service, dispatcher->encoders, &dispatcher->arena);
}

struct cor_site *cor_making_site(struct cor_dispatcher *dispatcher, const struct cor_unit *unit)
{
	for (size_t i = 0; unit->host && i < dispatcher->sites_len; i++)
		if (strcmp(dispatcher->sites[i].host, unit->host) == 0)
			return &dispatcher->sites[i];
	return &dispatcher->site;
}

/* Once nothing else is to be planned of it. */
int cor_making_settle(struct cor_making *making, struct cor_place *place)
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
static const struct cor_unit *owner_of(const struct cor_making *making, const char *path)
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
	struct cor_making *making, const char *path, const char *what, const char *other)
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

static int add_place(struct cor_making *making, const struct cor_resource *resource)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_place *place = cor_arena_alloc(&dispatcher->arena, sizeof *place);
	const char *other = "";
	int rc = place ? init_place(making, place, resource) : -ENOMEM;

	if (rc == 0)
		rc = cor_making_settle(making, place);
	if (rc == 0)
		keep_place(dispatcher, place);
	if (rc == 0)
		rc = cor_router_add(&cor_making_site(dispatcher, making->unit)->router,
			resource->path, place, &other);
	if (rc != -EEXIST)
		return rc;
	say_collision(making, resource->path, "the path", other);
	return 0;
}

static int add_file_place(struct cor_making *making, const struct cor_files *files)
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
	rc = cor_making_settle(making, place);
	if (rc == 0)
		rc = cor_router_add_prefix(&cor_making_site(dispatcher, making->unit)->router,
			files->path, place, &other);
	if (rc == 0 && making->options->opens_files)
		return cor_check_open_files(
			&making->check, place->files, cor_making_settings(making, making->unit));
	if (rc != -EEXIST)
		return rc;
	say_collision(making, files->path, "the path of files", other);
	return 0;
}

/* Behind the resources, so that it is seen where they collide. */
int cor_making_add_files(struct cor_making *making)
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
int cor_making_add_resources(struct cor_making *making, const struct cor_resource *const *list)
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
