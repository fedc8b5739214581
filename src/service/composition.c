/* SPDX-License-Identifier: MIT */
#include "service/composition.h"

#include <errno.h>
#include <string.h>

#include <coracle/files.h>
#include <coracle/response.h>

#include "service/check.h"
#include "service/inheritance.h"
#include "service/operation.h"
#include "service/site.h"

struct composing {
	struct cor_arena *arena;
	const struct cor_check *check; /* NULL: nobody hears of faults */
	struct cor_composition *made;
};

const char *cor_unit_name(const struct cor_unit *unit)
{
	return unit->written->name ? unit->written->name : "service";
}

bool cor_unit_is_within(const struct cor_unit *unit, const struct cor_unit *outer)
{
	while (unit && unit != outer)
		unit = unit->outer;
	return unit != NULL;
}

static bool declares(const struct cor_unit *unit, size_t what)
{
	static const char none[sizeof(void *)];

	return memcmp((const char *)unit->written + what, none, sizeof none) != 0;
}

const struct cor_unit *cor_unit_declarer(const struct cor_unit *unit, size_t what)
{
	const struct cor_unit *at = unit;

	while (at && !declares(at, what))
		at = at->outer;
	return at ? at : unit;
}

bool cor_composition_is_single(const struct cor_composition *composition)
{
	bool is_single = false;

	for (size_t i = 0; i < composition->members_len; i++)
		is_single |= composition->members[i]->single_process;
	return is_single;
}

bool cor_composition_has_limits(const struct cor_composition *composition)
{
	size_t i = 0;

	while (i < composition->len && !cor_service_has_limits(composition->units[i].service))
		i++;
	return i < composition->len;
}

/* --- which mounts can be --- */

/* What keeps the mount from being made; NULL: nothing. Other faults are only told. */
static const char *obstacle(const struct composing *composing, const struct cor_unit *outer,
	const struct cor_mount *mount)
{
	size_t depth = 0;

	for (const struct cor_unit *at = outer; at; at = at->outer, depth++)
		if (at->written == mount->service)
			return "it is mounted in itself";
	if (depth > COR_MOUNTS_DEPTH_MAX)
		return "it is mounted too deep: COR_MOUNTS_DEPTH_MAX is 4";
	if (composing->made->len > COR_MOUNTS_MAX)
		return "there are more mounts than COR_MOUNTS_MAX, which is 64";
	if (!mount->prefix && !mount->host)
		return "its mount has neither .prefix nor .host";
	if (mount->host && outer->outer)
		return "its mount has a .host: only mounts of the outermost service have one";
	return NULL;
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Two in one place, whatever they are mounted in. */
static void check_place(const struct composing *composing, const struct cor_unit *unit)
{
	const char *where = unit->prefix[0] || !unit->host ? unit->prefix : unit->host;

	for (const struct cor_unit *before = composing->made->units; before < unit; before++)
		if (is_same_text(before->prefix, unit->prefix) &&
			is_same_text(before->host, unit->host))
			cor_contradict(composing->check, where, "%s and %s are both mounted here",
				cor_unit_name(before), cor_unit_name(unit));
}

static void check_host(const struct composing *composing, const char *host)
{
	const char *fault = cor_host_fault(host);

	if (fault)
		cor_contradict(composing->check, host, "%s", fault);
}

static void check_prefix(const struct composing *composing, const struct cor_mount *mount)
{
	const char *prefix = mount->prefix;
	size_t len = strlen(prefix);

	cor_check_path(composing->check, prefix);
	if (len != 0 && prefix[len - 1] == '/')
		cor_contradict(composing->check, prefix,
			"a .prefix has no slash at its end: the paths of %s begin with one",
			mount->service->name ? mount->service->name : "the service");
	if (strchr(prefix, '{'))
		cor_contradict(composing->check, prefix,
			"the .prefix of a mount has no {names}: no operation of %s would know them",
			mount->service->name ? mount->service->name : "the service");
}

/* --- a unit --- */

static int add_member(struct composing *composing, struct cor_unit *unit)
{
	struct cor_composition *made = composing->made;

	for (size_t i = 0; i < made->members_len; i++)
		if (made->members[i] == unit->written) {
			unit->member = (uint32_t)i;
			return 0;
		}
	unit->member = (uint32_t)made->members_len;
	made->members[made->members_len++] = unit->written;
	return 0;
}

static int add(struct composing *composing, const struct cor_unit *outer,
	const struct cor_mount *mount, struct cor_unit **ret)
{
	struct cor_unit *unit = &composing->made->units[composing->made->len++];
	int rc = 0;

	*unit = (struct cor_unit){ .written = mount->service,
		.service = mount->service,
		.outer = outer,
		.prefix = "",
		.hidden = mount->hidden || mount->host };
	if (outer) {
		unit->host = mount->host ? mount->host : outer->host;
		unit->prefix = cor_arena_printf(composing->arena, "%s%s", outer->prefix,
			mount->prefix ? mount->prefix : "");
		rc = unit->prefix ? cor_inherit(unit, composing->arena) : -ENOMEM;
	}
	*ret = unit;
	return rc;
}

static void check_mount(const struct composing *composing, const struct cor_mount *mount)
{
	if (mount->host)
		check_host(composing, mount->host);
	if (mount->prefix)
		check_prefix(composing, mount);
}

/* It ends the list: what is behind it would silently not be there. */
static void check_end(const struct composing *composing, const struct cor_mount *end)
{
	if (end->prefix || end->host)
		cor_contradict(composing->check, end->prefix ? end->prefix : end->host,
			"its mount has no .service: .mounts ends with a row without anything");
}

/* Those inside start first. */
static int add_all(
	struct composing *composing, const struct cor_unit *outer, const struct cor_mount *mount)
{
	const struct cor_mount *at = mount->service->mounts;
	struct cor_unit *unit;
	int rc = add(composing, outer, mount, &unit);

	if (rc == 0 && outer && composing->check)
		check_place(composing, unit);
	for (; rc == 0 && at && at->service; at++) {
		const char *why = obstacle(composing, unit, at);
		const char *where = at->service->name ? at->service->name : "a service";
		if (why && composing->check)
			cor_contradict(composing->check, where, "%s", why);
		if (why)
			continue;
		if (composing->check)
			check_mount(composing, at);
		rc = add_all(composing, unit, at);
	}
	if (rc == 0 && at && composing->check)
		check_end(composing, at);
	return rc < 0 ? rc : add_member(composing, unit);
}

/* --- what all of them list --- */

static const void *const *list_of(const struct cor_service *service, size_t member)
{
	return *(const void *const *const *)((const char *)service + member);
}

static bool has(const void *const *list, size_t len, const void *item)
{
	for (size_t i = 0; i < len; i++)
		if (list[i] == item)
			return true;
	return false;
}

/* One that several of them list is there once. */
static int gather(struct composing *composing, struct cor_service *whole, size_t member)
{
	const struct cor_composition *made = composing->made;
	size_t len = 0;

	for (size_t i = 0; i < made->members_len; i++)
		for (const void *const *at = list_of(made->members[i], member); at && *at; at++)
			len++;
	if (len == 0)
		return 0;
	const void **all = cor_arena_zalloc(composing->arena, (len + 1) * sizeof *all);
	if (!all)
		return -ENOMEM;
	len = 0;
	for (size_t i = made->members_len; i-- > 0;) /* the outermost's own first */
		for (const void *const *at = list_of(made->members[i], member); at && *at; at++)
			if (!has(all, len, *at))
				all[len++] = *at;
	memcpy((char *)whole + member, &all, sizeof all);
	return 0;
}

size_t cor_composition_owner(
	const struct cor_composition *composition, size_t list, const void *thing)
{
	size_t member = composition->members_len - 1;

	for (size_t i = composition->members_len; i-- > 0;)
		for (const void *const *at = list_of(composition->members[i], list); at && *at;
			at++)
			if (*at == thing)
				return i;
	return member;
}

size_t cor_composition_unit(const struct cor_composition *composition, size_t member)
{
	size_t unit = 0;

	while (unit + 1 < composition->len && composition->units[unit].member != member)
		unit++;
	return unit;
}

static int make_whole(struct composing *composing)
{
	static const size_t lists[] = {
		offsetof(struct cor_service, metrics),
		offsetof(struct cor_service, executors),
		offsetof(struct cor_service, topics),
		offsetof(struct cor_service, upstreams),
		offsetof(struct cor_service, caches),
		offsetof(struct cor_service, sessions),
		offsetof(struct cor_service, readiness),
	};
	struct cor_composition *made = composing->made;
	struct cor_service *whole = cor_arena_alloc(composing->arena, sizeof *whole);
	int rc = whole ? 0 : -ENOMEM;

	if (!whole)
		return rc;
	*whole = *made->units[0].written;
	for (size_t i = 0; rc == 0 && i < sizeof lists / sizeof lists[0]; i++)
		rc = gather(composing, whole, lists[i]);
	for (size_t i = 0; i < made->len && !whole->tls; i++)
		whole->tls = made->units[i].written->tls;
	for (size_t i = 0; i < made->len && !whole->sealing; i++)
		whole->sealing = made->units[i].written->sealing;
	made->whole = whole;
	return rc;
}

int cor_compose(const struct cor_service *service, struct cor_arena *arena,
	const struct cor_check *check, struct cor_composition *ret)
{
	struct cor_composition made = { 0 };
	struct composing composing = { arena, check, &made };
	bool has_mounts = service->mounts && service->mounts[0].service;
	size_t room = has_mounts ? COR_MOUNTS_MAX + 1 : 1;

	made.units = cor_arena_zalloc(arena, room * sizeof *made.units);
	made.members = cor_arena_zalloc(arena, room * sizeof *made.members);
	if (!made.units || !made.members)
		return -ENOMEM;
	int rc = add_all(&composing, NULL, &(struct cor_mount){ .service = service });
	made.whole = service;
	if (rc == 0 && has_mounts)
		rc = make_whole(&composing);
	*ret = made;
	return rc;
}
