/* SPDX-License-Identifier: MIT */
#include "service/slashes.h"

#include <errno.h>
#include <string.h>

#include "service/plan.h"

/* The path with the slash that it lacks, or without the one that it has. NULL: no memory. */
static const char *other_path(struct cor_arena *arena, struct cor_str path)
{
	bool has_slash = path.data[path.len - 1] == '/';

	return cor_arena_printf(
		arena, "%.*s%s", (int)(path.len - has_slash), path.data, has_slash ? "" : "/");
}

static bool is_resource(const struct cor_router *router, struct cor_str path)
{
	struct cor_span values[COR_ROUTE_PARAMETERS_MAX];
	uint8_t len;
	const struct cor_place *place = cor_router_find_fixed(router, path);

	if (!place)
		place = cor_router_find_named(router, path, values, &len);
	return place && place->resource;
}

/*
 * Relative: scheme, host and whatever prefix a proxy takes away stay what the client has. It
 * begins with a dot: it cannot be taken for a scheme or a host, whatever the segment is.
 */
static const char *location_of(
	struct cor_arena *arena, struct cor_str path, const struct cor_exchange *x)
{
	bool has_slash = path.data[path.len - 1] == '/';
	struct cor_str query = cor_exchange_query(x);
	size_t end = path.len - has_slash, begin = end;

	while (begin > 0 && path.data[begin - 1] != '/')
		begin--;
	return cor_arena_printf(arena, "%s%.*s%s%s%.*s", has_slash ? "../" : "./",
		(int)(end - begin), path.data + begin, has_slash ? "" : "/",
		x->head.has_query ? "?" : "", (int)query.len, query.len ? query.data : "");
}

int cor_slashes_redirect(struct cor_exchange *x, const struct cor_router *router)
{
	struct cor_arena *arena = &x->ctx.arena;
	struct cor_str path = cor_exchange_path(x);

	if (path.len < 2)
		return 0;
	const char *other = other_path(arena, path);
	if (!other)
		return -ENOMEM;
	if (!is_resource(router, cor_str(other)))
		return 0;
	const char *location = location_of(arena, path, x);
	if (!location || cor_reply_header(&x->ctx, "Location", location) < 0)
		return -ENOMEM;
	int rc = cor_exchange_respond(x, 308, (struct cor_str){ 0 }, (struct cor_str){ 0 });
	return rc < 0 ? rc : 1;
}
