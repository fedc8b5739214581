/* SPDX-License-Identifier: MIT */
#include "app/upstream_settings.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <coracle/upstream.h>

#include "client/upstream_limit.h"

/* Each upstream gets a copy, with its name and place; of the first two one, as it has targets or a
   single URL. */
enum row { URL, URLS, IN_FLIGHT, ADAPTS, IN_FLIGHT_MIN, ROWS };

static const struct cor_field like[ROWS] = {
	[URL] = COR_FIELD(struct cor_upstream_settings, url, .presence = COR_OPTIONAL),
	[URLS] = COR_ARRAY(struct cor_upstream_settings, urls, .presence = COR_OPTIONAL),
	[IN_FLIGHT] = COR_FIELD(struct cor_upstream_settings, in_flight, .range = COR_MIN(1)),
	[ADAPTS] = COR_FIELD(struct cor_upstream_settings, adapts),
	[IN_FLIGHT_MIN] = COR_FIELD(
		struct cor_upstream_settings, in_flight_min, .range = COR_MIN(1)),
};

#define ROWS_OF_EACH (ROWS - 1)

static const struct cor_upstream *const *upstreams_of(const struct cor_setup *setup)
{
	return setup->composition.whole->upstreams;
}

/* One without a name, or with a wrong one, is told by the checks of the service. */
static bool has_name(const struct cor_upstream *upstream)
{
	return upstream->name && upstream->name[0] &&
	       upstream->name[strspn(upstream->name, "abcdefghijklmnopqrstuvwxyz0123456789-")] ==
		       '\0';
}

static const char *key_of(
	struct cor_arena *arena, const struct cor_upstream *upstream, const char *what)
{
	char *key = cor_arena_printf(arena, "upstream_%s_%s", upstream->name, what);

	for (char *c = key; c && *c; c++)
		if (*c == '-')
			*c = '_';
	return key;
}

/* As JSON. One that cannot be is refused anyway. */
static const char *quote(struct cor_arena *arena, const char *url)
{
	return url && !strpbrk(url, "\"\\") ? cor_arena_printf(arena, "\"%s\"", url) : NULL;
}

static const char *fallback_of(struct cor_arena *arena, const struct cor_upstream *upstream)
{
	const char *list = "";

	if (!cor_upstream_has_targets(upstream))
		return quote(arena, upstream->base_url);
	for (const char *const *at = upstream->targets; at && *at && list; at++) {
		const char *url = quote(arena, *at);
		list = url ? cor_arena_printf(arena, "%s%s%s", list, list[0] ? "," : "", url)
			   : NULL;
	}
	return list && list[0] ? cor_arena_printf(arena, "[%s]", list) : NULL;
}

static bool is_named_before(const struct cor_upstream *const *all, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (all[i]->name && strcmp(all[i]->name, all[at]->name) == 0)
			return true;
	return false;
}

static void put_row(struct cor_arena *arena, const struct cor_upstream *upstream, enum row row,
	const char *what, struct cor_field *field)
{
	*field = like[row];
	field->key = field->member = key_of(arena, upstream, what);
}

static void put_url(
	struct cor_arena *arena, const struct cor_upstream *upstream, struct cor_field *field)
{
	put_row(arena, upstream, cor_upstream_has_targets(upstream) ? URLS : URL, "url", field);
	field->doc = cor_arena_printf(arena, "where %s is%s%s", upstream->name,
		upstream->doc ? ": " : "", upstream->doc ? upstream->doc : "");
	field->fallback = fallback_of(arena, upstream);
	field->presence = field->fallback ? 0 : COR_OPTIONAL;
}

static uint32_t min_of(const struct cor_upstream *upstream)
{
	return upstream->adaptive_limit && upstream->adaptive_limit->min
		       ? upstream->adaptive_limit->min
		       : COR_ADAPTIVE_MIN;
}

static void put_limits(
	struct cor_arena *arena, const struct cor_upstream *upstream, struct cor_field *fields)
{
	const struct cor_upstream_limit limit = cor_upstream_limit_of(upstream, NULL);

	put_row(arena, upstream, IN_FLIGHT, "in_flight", &fields[0]);
	fields[0].fallback = cor_arena_printf(arena, "%" PRIu32, limit.in_flight);
	fields[0].doc = cor_arena_printf(
		arena, "calls of %s that a thread has on their way, at most", upstream->name);
	put_row(arena, upstream, ADAPTS, "in_flight_adapts", &fields[1]);
	fields[1].fallback = limit.adapts ? "true" : "false";
	fields[1].doc = cor_arena_printf(
		arena, "send %s fewer requests at once when it becomes slow", upstream->name);
	put_row(arena, upstream, IN_FLIGHT_MIN, "in_flight_min", &fields[2]);
	fields[2].fallback = cor_arena_printf(arena, "%" PRIu32, min_of(upstream));
	fields[2].doc = cor_arena_printf(
		arena, "but never fewer, of all threads, if it adapts: for %s", upstream->name);
}

static int make_rows(struct cor_setup *setup, struct cor_field *fields, size_t *len)
{
	const struct cor_upstream *const *all = upstreams_of(setup);
	struct cor_arena *arena = &setup->arena;

	for (size_t i = 0; all[i]; i++) {
		if (!has_name(all[i]) || is_named_before(all, i))
			continue;
		struct cor_field *its = &fields[*len];
		put_url(arena, all[i], &its[0]);
		put_limits(arena, all[i], &its[1]);
		*len += ROWS_OF_EACH;
		for (size_t k = 0; k < ROWS_OF_EACH; k++) {
			its[k].offset += (uint32_t)(i * sizeof(struct cor_upstream_settings));
			if (!its[k].key || !its[k].doc || (k && !its[k].fallback))
				return -ENOMEM;
		}
	}
	return 0;
}

int cor_upstream_settings_offer(struct cor_setup *setup, struct cor_config_group *ret)
{
	const struct cor_upstream *const *all = upstreams_of(setup);
	size_t len = 0, rows = 0;

	while (all && all[len])
		len++;
	if (len == 0)
		return 0;
	struct cor_field *fields = cor_arena_zalloc(
		&setup->arena, len * ROWS_OF_EACH * sizeof *fields);
	struct cor_schema *schema = cor_arena_zalloc(&setup->arena, sizeof *schema);
	struct cor_upstream_settings *said = cor_arena_zalloc(
		&setup->arena, (len + 1) * sizeof *said);
	if (!fields || !schema || !said || make_rows(setup, fields, &rows) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < rows; i++)
		fields[i].owner_size = (uint32_t)((len + 1) * sizeof *said);
	*schema = (struct cor_schema){
		.fields = fields,
		.len = rows,
		.size = (len + 1) * sizeof *said,
		.symbol = "upstream_schema",
		.c_type = like[0].owner,
	};
	setup->upstream_settings = said;
	if (rows != 0)
		*ret = (struct cor_config_group){
			.schema = schema, .settings = said, .heading = "Upstreams"
		};
	return 0;
}

static enum cor_exit refuse(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_upstream *upstream, const char *url, const char *fault)
{
	return cor_setup_refuse(setup, key_of(arena, upstream, "url"),
		strchr(url, '@') ? "***" : url, fault); /* a password */
}

static enum cor_exit check_targets(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_upstream *upstream, const struct cor_upstream_settings *said)
{
	for (size_t i = 0; i < said->urls.len; i++) {
		const char *fault = cor_upstream_fault(arena, upstream, said->urls.items[i]);
		if (fault)
			return refuse(setup, arena, upstream, said->urls.items[i], fault);
	}
	const char *fault = cor_targets_fault(
		arena, (const char *const *)said->urls.items, said->urls.len);
	return fault ? refuse(setup, arena, upstream, said->urls.items[0], fault) : COR_EXIT_OK;
}

/* What its settings say beside each other. */
static enum cor_exit check_limit(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_upstream *upstream, const struct cor_upstream_settings *said)
{
	const char *key = key_of(arena, upstream, "in_flight_min");
	const char *min = cor_arena_printf(arena, "%" PRIu32, said->in_flight_min);

	if (cor_upstream_limit_fault(arena, upstream))
		return COR_EXIT_OK; /* told elsewhere */
	if (!said->adapts && said->in_flight_min != min_of(upstream))
		return cor_setup_refuse(setup, key, min,
			cor_arena_printf(arena,
				"is for a limit that adapts: give --upstream-%s-in-flight-adapts, "
				"too",
				upstream->name));
	if (said->adapts && said->in_flight_min > said->in_flight)
		return cor_setup_refuse(setup, key, min,
			cor_arena_printf(arena,
				"is more than --upstream-%s-in-flight, which is %" PRIu32,
				upstream->name, said->in_flight));
	return COR_EXIT_OK;
}

/* What is wrong with its table is told by the checks of the service. */
enum cor_exit cor_upstream_settings_check(const struct cor_setup *setup)
{
	const struct cor_upstream *const *all = upstreams_of(setup);
	enum cor_exit status = COR_EXIT_OK;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; all && all[i]; i++) {
		const char *url = setup->upstream_settings[i].url;
		if (has_name(all[i]) && !is_named_before(all, i)) {
			enum cor_exit found = check_limit(
				setup, &arena, all[i], &setup->upstream_settings[i]);
			status = found == COR_EXIT_OK ? status : found;
		}
		if (has_name(all[i]) && setup->upstream_settings[i].urls.len) {
			enum cor_exit found = check_targets(
				setup, &arena, all[i], &setup->upstream_settings[i]);
			status = found == COR_EXIT_OK ? status : found;
			continue;
		}
		if (!has_name(all[i]) ||
			(all[i]->base_url && url && strcmp(url, all[i]->base_url) == 0))
			continue;
		const char *fault = cor_upstream_fault(&arena, all[i], url);
		if (fault && url)
			status = refuse(setup, &arena, all[i], url, fault);
		else if (fault) {
			cor_setup_say(setup, "%s: the upstream %s", all[i]->name, fault);
			status = COR_EXIT_CONFIG;
		}
	}
	cor_arena_finish(&arena);
	return status;
}
