/* SPDX-License-Identifier: MIT */
#include "service/inheritance.h"

#include <errno.h>
#include <string.h>

#include <coracle/files.h>
#include <coracle/response.h>

static size_t count(const void *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

/* What becomes of an item that is in both lists. */
enum twice { STAYS_TWICE, STAYS_ONCE };

/* Both lists, in that order. */
static int join(const void *const *outer, const void *const *own, enum twice twice,
	struct cor_arena *arena, const void *const **ret)
{
	size_t outer_len = count(outer), own_len = count(own), len = outer_len;

	*ret = outer_len == 0 ? own : outer;
	if (outer_len == 0 || own_len == 0)
		return 0;
	const void **both = cor_arena_zalloc(arena, (outer_len + own_len + 1) * sizeof *both);
	if (!both)
		return -ENOMEM;
	memcpy(both, outer, outer_len * sizeof *both);
	for (size_t i = 0; i < own_len; i++) {
		size_t at = 0;
		while (twice == STAYS_ONCE && at < outer_len && outer[at] != own[i])
			at++;
		if (twice == STAYS_TWICE || at == outer_len)
			both[len++] = own[i];
	}
	*ret = both;
	return 0;
}

static size_t count_rows(const struct cor_response *rows)
{
	size_t len = 0;

	while (rows && rows[len].status)
		len++;
	return len;
}

/* The nearest says what a status means. */
static int join_problems(
	struct cor_service *made, const struct cor_service *outer, struct cor_arena *arena)
{
	size_t own_len = count_rows(made->problems), outer_len = count_rows(outer->problems);
	struct cor_response *both;

	if (outer_len == 0)
		return 0;
	both = cor_arena_zalloc(arena, (own_len + outer_len + 1) * sizeof *both);
	if (!both)
		return -ENOMEM;
	if (own_len != 0)
		memcpy(both, made->problems, own_len * sizeof *both);
	for (size_t i = 0; i < outer_len; i++) {
		size_t at = 0;
		while (at < own_len && both[at].status != outer->problems[i].status)
			at++;
		if (at == own_len)
			both[own_len++] = outer->problems[i];
	}
	made->problems = both;
	return 0;
}

static int join_lists(
	struct cor_service *made, const struct cor_service *outer, struct cor_arena *arena)
{
	const void *const *list;
	int rc = join((const void *const *)outer->middleware, (const void *const *)made->middleware,
		STAYS_TWICE, arena, &list);

	made->middleware = (const struct cor_middleware *const *)list;
	if (rc == 0)
		rc = join((const void *const *)outer->limits, (const void *const *)made->limits,
			STAYS_ONCE, arena, &list);
	made->limits = (const struct cor_limit *const *)list;
	return rc < 0 ? rc : join_problems(made, outer, arena);
}

/* What it does not say itself is as there. */
static void take_options(struct cor_service *made, const struct cor_service *outer)
{
	if (!made->settings)
		made->settings = outer->settings;
	if (!made->security)
		made->security = outer->security;
	if (!made->sessions)
		made->sessions = outer->sessions;
	if (!made->sealing)
		made->sealing = outer->sealing;
	if (!made->failed_logins)
		made->failed_logins = outer->failed_logins;
	if (!made->cors)
		made->cors = outer->cors;
	if (!made->docs_security)
		made->docs_security = outer->docs_security;
	if (!made->languages)
		made->languages = outer->languages;
	if (!made->errors)
		made->errors = outer->errors;
	if (!made->compression)
		made->compression = outer->compression;
	if (outer->slashes == COR_SLASHES_REDIRECT)
		made->slashes = COR_SLASHES_REDIRECT;
}

/* --- whole paths --- */

/* A path that is none stays: it is told with the rest. */
static const char *whole(const char *prefix, const char *path, struct cor_arena *arena)
{
	if (!path || path[0] != '/')
		return path;
	return cor_arena_printf(arena, "%s%s", prefix, path);
}

/* One that is listed twice stays so. */
static size_t first_of(const void *const *list, size_t at)
{
	size_t first = 0;

	while (list[first] != list[at])
		first++;
	return first;
}

static int move_resources(struct cor_service *made, const char *prefix, struct cor_arena *arena)
{
	const struct cor_resource *const *old = made->resources;
	size_t len = count((const void *const *)old);
	const struct cor_resource **list = cor_arena_zalloc(arena, (len + 1) * sizeof *list);

	for (size_t i = 0; list && i < len; i++) {
		size_t first = first_of((const void *const *)old, i);
		struct cor_resource *moved = cor_arena_alloc(arena, sizeof *moved);
		if (!moved)
			return -ENOMEM;
		*moved = *old[i];
		moved->path = whole(prefix, old[i]->path, arena);
		if (old[i]->path && !moved->path)
			return -ENOMEM;
		list[i] = first < i ? list[first] : moved;
	}
	made->resources = list;
	return list ? 0 : -ENOMEM;
}

static int move_files(struct cor_service *made, const char *prefix, struct cor_arena *arena)
{
	const struct cor_files *const *old = made->files;
	size_t len = count((const void *const *)old);
	const struct cor_files **list = cor_arena_zalloc(arena, (len + 1) * sizeof *list);

	for (size_t i = 0; list && i < len; i++) {
		bool is_root = old[i]->path && strcmp(old[i]->path, "/") == 0;
		struct cor_files *moved = cor_arena_alloc(arena, sizeof *moved);
		if (!moved)
			return -ENOMEM;
		*moved = *old[i];
		moved->path = is_root ? prefix : whole(prefix, old[i]->path, arena);
		if (old[i]->path && !moved->path)
			return -ENOMEM;
		list[i] = moved;
	}
	made->files = list;
	return list ? 0 : -ENOMEM;
}

int cor_inherit(struct cor_unit *unit, struct cor_arena *arena)
{
	const struct cor_service *outer = unit->outer->service;
	struct cor_service *made = cor_arena_alloc(arena, sizeof *made);

	if (!made)
		return -ENOMEM;
	*made = *unit->written;
	unit->service = made;
	unit->own_middleware = (uint32_t)count((const void *const *)outer->middleware);
	unit->own_limits = (uint32_t)count((const void *const *)outer->limits);
	take_options(made, outer);
	int rc = join_lists(made, outer, arena);
	if (rc == 0 && made->resources && unit->prefix[0])
		rc = move_resources(made, unit->prefix, arena);
	if (rc == 0 && made->files && unit->prefix[0])
		rc = move_files(made, unit->prefix, arena);
	return rc;
}
