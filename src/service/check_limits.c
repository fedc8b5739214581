/* SPDX-License-Identifier: MIT */
/* Limits: each has a name of its own, and can be reached. */
#include <string.h>

#include <coracle/limit.h>

#include "service/check.h"

static bool is_plain(const char *name)
{
	return name[0] != '\0' &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

#define NAME_LEN_MAX 64 /* in keys of a cache */
#define PER_S_MAX    1000000
#define BURST_S_MAX  (10 * 31536000) /* ten years: nanoseconds of that can be counted */

static double time_of_burst_s(const struct cor_limit *limit)
{
	uint32_t burst = limit->burst ? limit->burst : limit->count;

	return (double)burst * limit->per_s / limit->count;
}

static void check_cache(
	const struct cor_check *check, const struct cor_limit *limit, const char *where)
{
	const struct cor_cache *const *at = check->whole->caches;

	if (!limit->cache) {
		if (limit->fails_closed)
			cor_contradict(check, where, "limit %s has .fails_closed without a .cache",
				limit->name ? limit->name : "");
		return;
	}
	while (at && *at && *at != limit->cache)
		at++;
	if (!at || !*at)
		cor_contradict(check, where,
			"limit %s is counted in the cache %s, which the service does not list in .caches",
			limit->name ? limit->name : "",
			limit->cache->name ? limit->cache->name : "");
	if (limit->name && strlen(limit->name) > NAME_LEN_MAX)
		cor_contradict(check, where,
			"limit %s is counted in a cache: there its name has %d characters at most",
			limit->name, NAME_LEN_MAX);
	if (limit->count == 0)
		cor_contradict(check, where,
			"limit %s has a .cache without a .count: what is in progress is counted on each machine",
			limit->name ? limit->name : "");
}

static void check_limit(
	const struct cor_check *check, const struct cor_limit *limit, const char *where)
{
	const char *name = limit->name ? limit->name : "";

	if (!is_plain(name))
		cor_contradict(check, where,
			"the name of a limit has small letters, digits and '-': \"%s\"", name);
	if (!limit->count != !limit->per_s)
		cor_contradict(check, where,
			"limit %s: .count and .per_s go together: so many in so many seconds",
			name);
	if (limit->per_s != 0 && limit->count / limit->per_s > PER_S_MAX)
		cor_contradict(check, where, "limit %s: more than %d in a second are no limit",
			name, PER_S_MAX);
	if (limit->count != 0 && time_of_burst_s(limit) > BURST_S_MAX)
		cor_contradict(check, where,
			"limit %s: its burst would take more than %d years to be there again", name,
			BURST_S_MAX / 31536000);
	if (limit->count == 0 && limit->in_progress == 0)
		cor_contradict(check, where,
			"limit %s has neither .count and .per_s nor .in_progress", name);
	if (limit->burst != 0 && limit->count == 0)
		cor_contradict(check, where, "limit %s has a .burst without a .count", name);
	if (limit->key && limit->by != COR_BY_CLIENT)
		cor_contradict(check, where, "limit %s has .by and .key: use one", name);
	check_cache(check, limit, where);
}

void cor_check_limits(
	const struct cor_check *check, const struct cor_limit *const *limits, const char *where)
{
	for (; limits && *limits; limits++)
		check_limit(check, *limits, where);
}

void cor_check_failed_logins(
	const struct cor_check *check, const struct cor_limit *limit, const char *where)
{
	if (!limit || limit == &cor_unlimited)
		return;
	check_limit(check, limit, where);
	if (limit->in_progress != 0 || limit->key || limit->by != COR_BY_CLIENT)
		cor_contradict(check, where,
			".failed_logins counts by client, with .count and .per_s alone");
	if (limit->cache)
		cor_contradict(check, where,
			".failed_logins are counted on each machine: leave out the .cache");
}

/* Limits that are one are listed once; two of one name would be one in what is used of them. */
static void check_pair(const struct cor_check *check, const struct cor_limit *a,
	const struct cor_limit *b, const char *where)
{
	if (a == b)
		cor_contradict(check, where, "limit %s counts twice", a->name);
	else if (a->name && b->name && strcmp(a->name, b->name) == 0)
		cor_contradict(check, where, "two limits are called %s", a->name);
}

void cor_check_limits_together(const struct cor_check *check, const struct cor_resource *resource,
	const struct cor_operation *operation, const char *where)
{
	const struct cor_limit *const *lists[] = { check->service->limits, resource->limits,
		operation->limits };
	const struct cor_limit *all[COR_LIMITS_MAX];
	size_t len = 0;

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		for (const struct cor_limit *const *at = lists[i]; at && *at; at++) {
			if (len == COR_LIMITS_MAX) {
				cor_contradict(check, where, "more than %d limits count for it",
					COR_LIMITS_MAX);
				return;
			}
			for (size_t before = 0; before < len; before++)
				check_pair(check, all[before], *at, where);
			all[len++] = *at;
		}
}
