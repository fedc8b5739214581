/* SPDX-License-Identifier: MIT */
#include "app/upstream_settings.h"

#include <errno.h>
#include <string.h>

#include <coracle/upstream.h>

#include "client/upstreams.h"

/* The rows of one with a single URL, and of one with targets; each gets a copy, with its name and
   place. */
static const struct cor_field like[] = {
	COR_FIELD(struct cor_upstream_urls, url, .presence = COR_OPTIONAL),
	COR_ARRAY(struct cor_upstream_urls, urls, .presence = COR_OPTIONAL),
};

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

static const char *key_of(struct cor_arena *arena, const struct cor_upstream *upstream)
{
	char *key = cor_arena_printf(arena, "upstream_%s_url", upstream->name);

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

static int make_rows(struct cor_setup *setup, struct cor_field *fields, size_t *len)
{
	const struct cor_upstream *const *all = upstreams_of(setup);
	struct cor_arena *arena = &setup->arena;

	for (size_t i = 0; all[i]; i++) {
		if (!has_name(all[i]) || is_named_before(all, i))
			continue;
		struct cor_field *field = &fields[(*len)++];
		*field = like[cor_upstream_has_targets(all[i])];
		field->key = field->member = key_of(arena, all[i]);
		field->doc = cor_arena_printf(arena, "where %s is%s%s", all[i]->name,
			all[i]->doc ? ": " : "", all[i]->doc ? all[i]->doc : "");
		field->fallback = fallback_of(arena, all[i]);
		field->presence = field->fallback ? 0 : COR_OPTIONAL;
		field->offset += (uint32_t)(i * sizeof(struct cor_upstream_urls));
		if (!field->key || !field->doc)
			return -ENOMEM;
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
	struct cor_field *fields = cor_arena_zalloc(&setup->arena, len * sizeof *fields);
	struct cor_schema *schema = cor_arena_zalloc(&setup->arena, sizeof *schema);
	struct cor_upstream_urls *urls = cor_arena_zalloc(&setup->arena, (len + 1) * sizeof *urls);
	if (!fields || !schema || !urls || make_rows(setup, fields, &rows) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < rows; i++)
		fields[i].owner_size = (uint32_t)((len + 1) * sizeof *urls);
	*schema = (struct cor_schema){
		.fields = fields,
		.len = rows,
		.size = (len + 1) * sizeof *urls,
		.symbol = "upstream_schema",
		.c_type = like[0].owner,
	};
	setup->upstream_urls = urls;
	if (rows != 0)
		*ret = (struct cor_config_group){
			.schema = schema, .settings = urls, .heading = "Upstreams"
		};
	return 0;
}

static enum cor_exit refuse(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_upstream *upstream, const char *url, const char *fault)
{
	return cor_setup_refuse(setup, key_of(arena, upstream), strchr(url, '@') ? "***" : url,
		fault); /* a password */
}

static enum cor_exit check_targets(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_upstream *upstream, const struct cor_upstream_urls *said)
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

/* What is wrong with its table is told by the checks of the service. */
enum cor_exit cor_upstream_settings_check(const struct cor_setup *setup)
{
	const struct cor_upstream *const *all = upstreams_of(setup);
	enum cor_exit status = COR_EXIT_OK;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; all && all[i]; i++) {
		const char *url = setup->upstream_urls[i].url;
		if (has_name(all[i]) && setup->upstream_urls[i].urls.len) {
			enum cor_exit found = check_targets(
				setup, &arena, all[i], &setup->upstream_urls[i]);
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
