/* SPDX-License-Identifier: MIT */
#include "service/refusal_metrics.h"

#include <errno.h>
#include <string.h>

#include <coracle/files.h>
#include <coracle/limit.h>
#include <coracle/security.h>

#include "security/credential.h"
#include "service/operation.h"
#include "service/verb.h"

/* Each once: limits of one name are one, wherever they are listed. */
struct names {
	const char **items;
	uint32_t len, room;
	int rc;
};

struct gathering {
	struct cor_arena *arena;
	struct names limits, schemes;
};

static bool has(const struct names *names, const char *name)
{
	uint32_t i = 0;

	while (i < names->len && strcmp(names->items[i], name) != 0)
		i++;
	return i < names->len;
}

static void grow(struct names *names, struct cor_arena *arena)
{
	uint32_t room = names->room ? 2 * names->room : 8;
	const char **items = cor_arena_alloc(arena, room * sizeof *items);

	if (!items) {
		names->rc = -ENOMEM;
		return;
	}
	if (names->len != 0)
		memcpy(items, names->items, names->len * sizeof *items);
	names->items = items;
	names->room = room;
}

/* Beyond what a metric may have they are not counted. Without a name it is refused elsewhere. */
static void add(struct names *names, const char *name, struct cor_arena *arena)
{
	if (!name || names->len == COR_SERIES_MAX || has(names, name))
		return;
	if (names->len == names->room)
		grow(names, arena);
	if (names->rc == 0)
		names->items[names->len++] = name;
}

static void add_limits(struct gathering *all, const struct cor_limit *const *limits)
{
	for (; limits && *limits; limits++)
		add(&all->limits, (*limits)->name, all->arena);
}

static void add_schemes(struct gathering *all, const struct cor_security *way)
{
	for (; way && way->scheme; way++)
		if (way->scheme != &cor_anonymous)
			add(&all->schemes, cor_scheme_name(way->scheme), all->arena);
}

static void add_resource(struct gathering *all, const struct cor_resource *resource)
{
	add_limits(all, resource->limits);
	add_schemes(all, resource->security);
	for (size_t i = 0; i < cor_verbs_len; i++) {
		const struct cor_operation *operation = cor_verb_operation(&cor_verbs[i], resource);
		if (!operation)
			continue;
		add_limits(all, operation->limits);
		add_schemes(all, operation->security);
	}
}

static void add_service(struct gathering *all, const struct cor_service *service)
{
	const struct cor_limit *failed = cor_failed_logins_of(service);

	add_limits(all, service->limits);
	add_schemes(all, service->security);
	add_schemes(all, service->docs_security);
	for (const struct cor_resource *const *r = service->resources; r && *r; r++)
		add_resource(all, *r);
	for (const struct cor_files *const *f = service->files; f && *f; f++)
		add_schemes(all, (*f)->security);
	if (all->schemes.len != 0 && failed->count != 0)
		add(&all->limits, failed->name, all->arena);
}

static struct cor_metric row(
	const char *name, const char *doc, const char *label, const struct names *names)
{
	return (struct cor_metric){ .kind = COR_METRIC_COUNTER,
		.name = name,
		.doc = doc,
		.labels = { { label, names->items, names->len } } };
}

int cor_refusal_metrics_init(struct cor_refusal_metrics *metrics,
	const struct cor_composition *composition, struct cor_arena *arena)
{
	struct gathering all = { .arena = arena };
	size_t len = 0;

	for (size_t i = 0; i < composition->len; i++)
		add_service(&all, composition->units[i].service);
	*metrics = (struct cor_refusal_metrics){
		.refused = row("coracle_limit_refused",
			"Requests that a limit has refused with a 429.", "limit", &all.limits),
		.failed = row("coracle_login_failed",
			"Credentials that were refused: wrong passwords, unknown tokens.", "scheme",
			&all.schemes),
	};
	if (all.limits.len != 0)
		metrics->list[len++] = &metrics->refused;
	if (all.schemes.len != 0)
		metrics->list[len] = &metrics->failed;
	return all.limits.rc < 0 ? all.limits.rc : all.schemes.rc;
}

static struct cor_limit_tally part(const struct cor_metric *metric, const struct cor_tally *tally)
{
	const struct cor_metric_label *names = &metric->labels[0];

	return (struct cor_limit_tally){ names->values, names->len,
		names->len != 0 ? cor_tally_cells(tally, metric) : NULL };
}

void cor_refusal_metrics_connect(const struct cor_refusal_metrics *metrics,
	const struct cor_tally *tally, struct cor_limit_counter *counter)
{
	if (!tally)
		return;
	counter->refused = part(&metrics->refused, tally);
	counter->failed = part(&metrics->failed, tally);
}
