/* SPDX-License-Identifier: MIT */
#include "service/codec.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/error_shape.h>
#include <coracle/response.h>
#include <coracle/security.h>
#include <coracle/session.h>
#include <coracle/topic.h>

#include "cache/known.h"
#include "schema/encode.h"
#include "service/composition.h"
#include "service/operation.h"
#include "service/verb.h"
#include "service/ways.h"

/* Schemas, each once. */
struct found {
	const struct cor_schema **items;
	size_t len;
	size_t room;
	bool is_short; /* there was no memory for one */
};

static void add(struct found *found, const struct cor_schema *schema)
{
	if (!schema || schema->media != COR_MEDIA_JSON)
		return;
	for (size_t i = 0; i < found->len; i++)
		if (found->items[i] == schema)
			return;
	if (found->len == found->room) {
		size_t room = found->room ? 2 * found->room : 64;
		const struct cor_schema **items = realloc(
			found->items, room * sizeof *found->items);
		if (!items) {
			found->is_short = true;
			return;
		}
		found->items = items;
		found->room = room;
	}
	found->items[found->len++] = schema;
}

static void add_responses(struct found *found, const struct cor_response *at)
{
	for (; at && at->status; at++) {
		add(found, at->schema);
		add(found, at->members);
	}
}

static void add_operation(struct found *found, const struct cor_operation *operation)
{
	add(found, operation->in);
	add(found, operation->parts);
	add(found, cor_operation_answer(operation));
	add(found, operation->websocket.receives);
	add(found, operation->websocket.sends);
	add_responses(found, operation->responses);
}

static void add_resources(struct found *found, const struct cor_resource *const *list)
{
	for (; list && *list; list++) {
		add_responses(found, (*list)->problems);
		for (size_t i = 0; i < cor_verbs_len; i++) {
			const struct cor_operation *operation = cor_verb_operation(
				&cor_verbs[i], *list);
			if (operation)
				add_operation(found, operation);
		}
	}
}

static void add_answers(struct found *found, const struct cor_resource *const *list)
{
	for (; list && *list; list++)
		for (size_t i = 0; i < cor_verbs_len; i++) {
			const struct cor_operation *operation = cor_verb_operation(
				&cor_verbs[i], *list);
			if (operation && operation->call)
				add(found, operation->out);
		}
}

static void add_principal(void *arg, const struct cor_security *way)
{
	add(arg, way->scheme->principal);
}

static void add_rest(struct found *found, const struct cor_service *service)
{
	const struct cor_schema *const *more = service->schemas;
	const struct cor_session *const *sessions = service->sessions;

	add_responses(found, service->problems);
	add_resources(found, service->resources);
	cor_ways_visit(service, add_principal, found);
	for (; sessions && *sessions; sessions++)
		add(found, (*sessions)->keeps);
	for (; more && *more; more++)
		add(found, *more);
}

static void add_cached(void *arg, const struct cor_cached *cached)
{
	add(arg, cached->in);
	add(arg, cached->out);
}

/* Those of answers come first. */
static size_t add_all(struct found *found, const struct cor_composition *composition,
	const struct cor_resource *const *const *extra)
{
	const struct cor_topic *const *topics = composition->whole->topics;

	for (size_t i = 0; i < composition->len; i++) {
		add_answers(found, composition->units[i].service->resources);
		add_answers(found, extra ? extra[i] : NULL);
	}
	for (; topics && *topics; topics++)
		add(found, (*topics)->messages);
	for (size_t i = 0; i < composition->len; i++)
		if (composition->units[i].service->errors)
			add(found, composition->units[i].service->errors->schema);
	size_t answers_len = found->len;
	for (size_t i = 0; i < composition->len; i++) {
		add_rest(found, composition->units[i].service);
		add_resources(found, extra ? extra[i] : NULL);
	}
	cor_cached_visit(composition->whole->caches, add_cached, found);
	return answers_len;
}

int cor_service_codec_create(const struct cor_composition *composition,
	const struct cor_resource *const *const *extra, struct cor_arena *arena,
	struct cor_violations *why, struct cor_codec **ret)
{
	struct found found = { 0 };
	struct cor_codec_tables tables = { 0 };

	tables.answers_len = add_all(&found, composition, extra);
	tables.schemas = found.items;
	tables.len = found.len;
	int rc = found.is_short ? -ENOMEM : cor_codec_create_of(&tables, ret, arena, why);
	free(found.items);
	return rc;
}
