/* SPDX-License-Identifier: MIT */
#include "app/routes.h"

#include <inttypes.h>

#include <coracle/cache.h>
#include <coracle/executor.h>
#include <coracle/files.h>
#include <coracle/idempotency.h>
#include <coracle/limit.h>
#include <coracle/security.h>
#include <coracle/store.h>

#include "app/cache_uses.h"
#include "app/setup.h"
#include "json/members.h"
#include "security/credential.h"
#include "security/scope.h"
#include "service/operation.h"
#include "service/verb.h"

/* An operation, and where it stands. */
struct route {
	const struct cor_unit *unit;
	const struct cor_resource *resource;
	const struct cor_operation *operation;
	const struct cor_verb *verb;
};

/* A member that is not 0. */
static void member_number(struct cor_members *object, const char *name, uint32_t value)
{
	if (value == 0)
		return;
	cor_member(object, name);
	cor_buffer_printf(object->buffer, "%" PRIu32, value);
}

/* Of several ways any will do; [] is everybody. */
static void write_security(const struct cor_security *ways, struct cor_members *route)
{
	cor_member(route, "security");
	struct cor_members list = cor_array_open(route->buffer);
	for (; ways && ways->scheme; ways++) {
		struct cor_str rest = cor_str(ways->scopes), scope;
		cor_item(&list);
		struct cor_members way = cor_object_open(list.buffer);
		if (ways->scheme == &cor_anonymous)
			cor_member_text(&way, "scheme", "anonymous");
		else
			cor_member_text(&way, "scheme", cor_scheme_name(ways->scheme));
		cor_member(&way, "scopes");
		struct cor_members scopes = cor_array_open(list.buffer);
		while (cor_scopes_next(&rest, &scope)) {
			cor_item(&scopes);
			cor_json_write_string(list.buffer, scope);
		}
		cor_array_close(&scopes);
		cor_object_close(&way);
	}
	cor_array_close(&list);
}

static const char *limit_by(const struct cor_limit *limit)
{
	if (limit->key)
		return "key";
	return limit->by == COR_BY_PRINCIPAL ? "principal"
	       : limit->by == COR_BY_NOBODY  ? "nobody"
					     : "client";
}

static void write_limits(const struct cor_limit *const *limits, struct cor_members *list)
{
	for (; limits && *limits; limits++) {
		cor_item(list);
		struct cor_members limit = cor_object_open(list->buffer);
		cor_member_text(&limit, "name", (*limits)->name);
		member_number(&limit, "count", (*limits)->count);
		member_number(&limit, "per_s", (*limits)->per_s);
		member_number(&limit, "burst", (*limits)->burst);
		member_number(&limit, "in_progress", (*limits)->in_progress);
		cor_member_text(&limit, "by", limit_by(*limits));
		cor_object_close(&limit);
	}
}

static const char *kind_of(const struct cor_operation *operation)
{
	return operation->converse ? "websocket" : operation->stream ? "stream" : "typed";
}

/* Whether documents leave it out. */
static bool is_hidden(const struct route *route)
{
	for (const struct cor_unit *unit = route->unit; unit; unit = unit->outer) {
		if (unit->hidden)
			return true;
	}
	return route->operation->hidden || route->resource->hidden;
}

static void write_route(const struct route *route, struct cor_buffer *buffer)
{
	const struct cor_operation *operation = route->operation;
	const struct cor_service *service = route->unit->service;
	struct cor_members object = cor_object_open(buffer);

	cor_member_text(&object, "method", route->verb->name);
	cor_member_text(&object, "path", route->resource->path);
	cor_member_text(&object, "host", route->unit->host);
	cor_member_text(&object, "operation", operation->handler);
	cor_member_text(&object, "service", cor_unit_name(route->unit));
	cor_member_text(&object, "kind", kind_of(operation));
	cor_member_text(&object, "summary", operation->summary);
	cor_member_text(&object, "tag", operation->tag ? operation->tag : route->resource->tag);
	write_security(cor_security_of(service, route->resource, operation), &object);
	cor_member(&object, "limits");
	struct cor_members limits = cor_array_open(buffer);
	write_limits(service->limits, &limits);
	write_limits(route->resource->limits, &limits);
	write_limits(operation->limits, &limits);
	cor_array_close(&limits);
	member_number(&object, "body_limit_bytes", operation->body_limit_bytes);
	member_number(&object, "timeout_ms", operation->timeout_ms);
	cor_member_text(&object, "cache", operation->cache ? operation->cache->name : NULL);
	cor_member_text(
		&object, "executor", operation->executor ? operation->executor->name : NULL);
	cor_member_flag(&object, "idempotency_key", operation->idempotency != NULL);
	cor_member_flag(&object, "deprecated", operation->lifecycle == COR_DEPRECATED);
	cor_member_flag(&object, "hidden", is_hidden(route));
	cor_object_close(&object);
}

static void write_resource(
	const struct cor_unit *unit, const struct cor_resource *resource, struct cor_members *list)
{
	for (size_t i = 0; i < cor_verbs_len; i++) {
		struct route route = { unit, resource, NULL, &cor_verbs[i] };
		route.operation = cor_verb_operation(route.verb, resource);
		if (!route.operation)
			continue;
		cor_item(list);
		write_route(&route, list->buffer);
	}
}

static void write_files(const struct cor_unit *unit, struct cor_members *list)
{
	for (const struct cor_files *const *files = unit->service->files; files && *files;
		files++) {
		cor_item(list);
		struct cor_members object = cor_object_open(list->buffer);
		cor_member_text(&object, "path", (*files)->path);
		cor_member_text(&object, "host", unit->host);
		cor_object_close(&object);
	}
}

/* Of caches that keep what a client relies on: what that is. */
static void write_caches(const struct cor_setup *setup, struct cor_members *root)
{
	const struct cor_cache *const *caches = setup->composition.whole->caches;

	cor_member(root, "cache_uses");
	struct cor_members uses = cor_object_open(root->buffer);
	for (; caches && *caches; caches++)
		cor_member_text(
			&uses, (*caches)->name, cor_cache_use(&setup->composition, *caches));
	cor_object_close(&uses);
}

void cor_routes_write(const struct cor_setup *setup, struct cor_buffer *buffer)
{
	const struct cor_composition *composition = &setup->composition;
	struct cor_members root = cor_object_open(buffer);

	cor_member_text(&root, "service", setup->service->name);
	cor_member_text(&root, "version", setup->service->version);
	cor_member_flag(&root, "single_process", cor_composition_is_single(&setup->composition));
	cor_member_flag(&root, "seals", setup->composition.whole->sealing != NULL);
	write_caches(setup, &root);
	cor_member(&root, "operations");
	struct cor_members list = cor_array_open(buffer);
	for (size_t i = 0; i < composition->len; i++) {
		const struct cor_unit *unit = &composition->units[i];
		for (const struct cor_resource *const *r = unit->service->resources; r && *r; r++)
			write_resource(unit, *r, &list);
	}
	cor_array_close(&list);
	cor_member(&root, "files");
	list = cor_array_open(buffer);
	for (size_t i = 0; i < composition->len; i++)
		write_files(&composition->units[i], &list);
	cor_array_close(&list);
	cor_object_close(&root);
	cor_buffer_byte(buffer, '\n');
}
