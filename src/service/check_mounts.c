/* SPDX-License-Identifier: MIT */
/*
 * Names that tell things apart in a program, of services that are mounted together: of two things
 * of one name, what one counts, publishes or runs would be the other's.
 */
#include <errno.h>
#include <string.h>

#include <coracle/executor.h>
#include <coracle/limit.h>
#include <coracle/metrics.h>
#include <coracle/readiness.h>
#include <coracle/security.h>
#include <coracle/store.h>
#include <coracle/topic.h>
#include <coracle/upstream.h>

#include "cookies/session.h"
#include "security/credential.h"
#include "service/check.h"
#include "service/composition.h"
#include "service/verb.h"
#include "service/ways.h"

/* Things of one kind, each with the service that has it. */
struct names {
	const struct cor_check *check;
	const char *kind;                  /* "a topic" */
	const struct cor_service *service; /* that is looked at */
	struct named {
		const struct cor_service *service;
		const char *name;
		const void *thing;
	} * items;
	size_t len;
	size_t room;
	bool is_short; /* there was no memory for one */
};

static const char *name_of(const struct cor_service *service)
{
	return service->name ? service->name : "service";
}

static void keep(struct names *names, const char *name, const void *thing)
{
	if (names->len == names->room) {
		size_t room = names->room ? 2 * names->room : 32;
		struct named *items = cor_arena_alloc(names->check->arena, room * sizeof *items);
		if (!items) {
			names->is_short = true;
			return;
		}
		if (names->len != 0)
			memcpy(items, names->items, names->len * sizeof *items);
		names->items = items;
		names->room = room;
	}
	names->items[names->len++] = (struct named){ names->service, name, thing };
}

/* What is one thing, or stands in one service, is no matter of mounts. */
static void add(struct names *names, const char *name, const void *thing)
{
	if (!name)
		return;
	for (size_t i = 0; i < names->len; i++) {
		const struct named *before = &names->items[i];
		if (before->thing == thing && before->service == names->service)
			return;
		if (before->thing == thing || before->service == names->service ||
			strcmp(before->name, name) != 0)
			continue;
		cor_contradict(names->check, name,
			"%s and %s, which are mounted together, each have %s of that name, and "
			"not the same one: rename one, or let both use one",
			name_of(before->service), name_of(names->service), names->kind);
		return;
	}
	keep(names, name, thing);
}

/* --- lists of a service --- */

static void add_metrics(struct names *names, const struct cor_service *service)
{
	for (const struct cor_metric *const *at = service->metrics; at && *at; at++)
		add(names, (*at)->name, *at);
}

static void add_topics(struct names *names, const struct cor_service *service)
{
	for (const struct cor_topic *const *at = service->topics; at && *at; at++)
		add(names, (*at)->name, *at);
}

static void add_upstreams(struct names *names, const struct cor_service *service)
{
	for (const struct cor_upstream *const *at = service->upstreams; at && *at; at++)
		add(names, (*at)->name, *at);
}

static void add_caches(struct names *names, const struct cor_service *service)
{
	for (const struct cor_cache *const *at = service->caches; at && *at; at++)
		add(names, (*at)->name, *at);
}

static void add_sessions(struct names *names, const struct cor_service *service)
{
	for (const struct cor_session *const *at = service->sessions; at && *at; at++)
		add(names, cor_session_name(*at), *at);
}

static void add_executors(struct names *names, const struct cor_service *service)
{
	for (const struct cor_executor *const *at = service->executors; at && *at; at++)
		add(names, (*at)->name, *at);
}

static void add_readiness(struct names *names, const struct cor_service *service)
{
	for (const struct cor_readiness *const *at = service->readiness; at && *at; at++)
		add(names, (*at)->name, *at);
}

/* --- what stands on resources and operations, too --- */

static void add_list(struct names *names, const struct cor_limit *const *limits)
{
	for (; limits && *limits; limits++)
		add(names, (*limits)->name, *limits);
}

static void add_limits(struct names *names, const struct cor_service *service)
{
	add_list(names, service->limits);
	if (service->failed_logins)
		add(names, service->failed_logins->name, service->failed_logins);
	for (const struct cor_resource *const *r = service->resources; r && *r; r++) {
		add_list(names, (*r)->limits);
		for (size_t i = 0; i < cor_verbs_len; i++) {
			const struct cor_operation *operation = cor_verb_operation(
				&cor_verbs[i], *r);
			if (operation)
				add_list(names, operation->limits);
		}
	}
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* As far as the document says it: versions of a service may each write their own. */
static bool means_same(const struct cor_security_scheme *a, const struct cor_security_scheme *b)
{
	return a->kind == b->kind && a->in == b->in && is_same_text(a->key, b->key) &&
	       is_same_text(a->format, b->format) && a->oauth2 == b->oauth2 &&
	       is_same_text(a->openid_url, b->openid_url) &&
	       is_same_text(a->http_scheme, b->http_scheme);
}

static void add_scheme(void *arg, const struct cor_security *way)
{
	struct names *names = arg;
	const void *thing = way->scheme;

	if (way->scheme == &cor_anonymous)
		return;
	for (size_t i = 0; i < names->len; i++)
		if (strcmp(names->items[i].name, cor_scheme_name(way->scheme)) == 0 &&
			means_same(names->items[i].thing, way->scheme))
			thing = names->items[i].thing;
	add(names, cor_scheme_name(way->scheme), thing);
}

static void add_schemes(struct names *names, const struct cor_service *service)
{
	cor_ways_visit(service, add_scheme, names);
}

static const struct {
	const char *kind;
	void (*add)(struct names *names, const struct cor_service *service);
} kinds[] = {
	{ "a metric", add_metrics },
	{ "a topic", add_topics },
	{ "an upstream", add_upstreams },
	{ "a cache", add_caches },
	{ "a session", add_sessions },
	{ "an executor", add_executors },
	{ "a readiness check", add_readiness },
	{ "a limit", add_limits },
	{ "a security scheme", add_schemes },
};

int cor_check_composition(const struct cor_check *check, const struct cor_composition *composition)
{
	if (composition->len == 1)
		return 0;
	for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
		struct names names = { .check = check, .kind = kinds[kind].kind };
		for (size_t i = composition->members_len; i-- > 0;) {
			names.service = composition->members[i];
			kinds[kind].add(&names, names.service);
		}
		if (names.is_short)
			return -ENOMEM;
	}
	/* how many of them there are, all together */
	cor_check_metrics(check, composition->whole);
	cor_check_readiness(check, composition->whole);
	cor_check_executors(check, composition->whole);
	cor_check_topics(check, composition->whole);
	cor_check_upstreams(check, composition->whole);
	cor_check_caches(check, composition->whole);
	return 0;
}
