/* SPDX-License-Identifier: MIT */
#include "service/reserved.h"

#include <errno.h>

#include "service/check.h"
#include "service/placing.h"

/* The paths of all services of a host, as they will be. */
static int route_all(
	struct cor_making *making, const struct cor_site *site, struct cor_router *router)
{
	const struct cor_composition *composition = &making->dispatcher->composition;
	const char *other = "";
	int rc = 0;

	for (size_t i = 0; i < composition->len; i++) {
		const struct cor_service *service = composition->units[i].service;
		if (cor_making_site(making->dispatcher, &composition->units[i]) != site)
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
	struct cor_making *making, const struct cor_unit *unit, struct cor_router *router)
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
static int check_reserved_on(struct cor_making *making, const struct cor_site *site)
{
	const struct cor_composition *composition = &making->dispatcher->composition;
	struct cor_router router;
	int rc = cor_router_init(&router, making->check.arena);

	if (rc == 0)
		rc = route_all(making, site, &router);
	for (size_t i = 0; i < composition->len && rc == 0; i++)
		if (cor_making_site(making->dispatcher, &composition->units[i]) == site)
			rc = check_reserved_of(making, &composition->units[i], &router);
	return rc;
}

int cor_check_reserved(struct cor_making *making)
{
	int rc = check_reserved_on(making, &making->dispatcher->site);

	for (size_t i = 0; i < making->dispatcher->sites_len && rc == 0; i++)
		rc = check_reserved_on(making, &making->dispatcher->sites[i]);
	return rc;
}
