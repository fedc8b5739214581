/* SPDX-License-Identifier: MIT */
/* Answers that nginx keeps for others: what RFC 9111 allows of what operations declare. */
#include "nginx/cache.h"

#include <string.h>
#include <strings.h>

#include <coracle/caching.h>

#include "nginx/text.h"
#include "schema/walk.h"

/* --- what may be kept --- */

/* The next directive of a Cache-Control; data NULL: there is none. */
static struct cor_str next_directive(const char **at)
{
	*at += strspn(*at, " \t,");
	struct cor_str directive = { **at ? *at : NULL, strcspn(*at, ",") };

	*at += directive.len;
	return directive;
}

static bool is_directive(struct cor_str directive, const char *name)
{
	size_t len = strlen(name);

	return directive.len >= len && strncasecmp(directive.data, name, len) == 0 &&
	       (directive.len == len || strchr("= \t", directive.data[len]));
}

/* `is_told`: only what is meant for all caches by its words counts. */
static bool allows_sharing(const char *control, bool is_told)
{
	bool is_shared = false, is_kept = false;

	for (const char *at = control;;) {
		struct cor_str directive = next_directive(&at);
		if (!directive.data)
			return is_kept && (is_shared || !is_told);
		if (is_directive(directive, "private") || is_directive(directive, "no-store") ||
			is_directive(directive, "no-cache"))
			return false;
		bool is_s_maxage = is_directive(directive, "s-maxage");
		is_shared |= is_s_maxage || is_directive(directive, "public");
		is_kept |= is_s_maxage || is_directive(directive, "max-age");
	}
}

/* Whether nginx has a variable for a header, and nothing of who asks is in it. */
static bool is_key(const char *name)
{
	static const char bytes[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	return name[strspn(name, bytes)] == '\0' && strcasecmp(name, "Authorization") != 0 &&
	       strcasecmp(name, "Cookie") != 0;
}

static enum cor_from from_of(const struct cor_action *action, const struct cor_field *field)
{
	return field->from ? field->from : action->default_from;
}

/* What is read of a request beside its target is part of the key, or nothing is kept. */
static bool has_key(const struct cor_action *action)
{
	const struct cor_schema *in = action->operation->in;
	struct cor_rows rows;

	if (in->media != COR_MEDIA_JSON)
		return in->media == COR_MEDIA_NONE;
	for (const struct cor_field *field = cor_rows_first(&rows, in); field;
		field = cor_rows_next(&rows)) {
		enum cor_from from = from_of(action, field);
		bool is_named = from == COR_FROM_HEADER && is_key(cor_row_key(field));
		if (from != COR_FROM_PATH && from != COR_FROM_QUERY && !is_named)
			return false;
	}
	return true;
}

/* A kept answer asks no middleware and no scheme. */
bool cor_nginx_may_keep(const struct cor_action *action)
{
	const struct cor_operation *operation = action->operation;

	return action->kind == COR_ACTION_CALL && !action->gate.ways && operation->caching &&
	       operation->caching->control &&
	       allows_sharing(operation->caching->control, action->place->middleware_len != 0) &&
	       has_key(action);
}

/* --- what is written --- */

void cor_nginx_write_cache(const struct cor_nginx_site *site)
{
	struct cor_buffer *buffer = site->buffer;
	bool is_kept = false;

	for (size_t i = 0; i < site->places_len; i++)
		is_kept |= cor_nginx_may_keep(&site->places[i]->actions[COR_METHOD_GET]);
	if (!is_kept)
		return;
	cor_buffer_printf(buffer,
		"# Answers that their operations let shared caches keep, for as long as they say. nginx "
		"sends no Age with them.\n"
		"%s_cache_path /var/cache/nginx-%s levels=1:2 keys_zone=%s_cache:1m max_size=256m "
		"inactive=1h use_temp_path=off;\n",
		site->module, site->id, site->id);
	cor_buffer_printf(buffer,
		"map $upstream_cache_status $%s_kept { # RFC 9211\n"
		"    HIT \"nginx; hit\";\n    REVALIDATED \"nginx; hit\";\n"
		"    MISS \"nginx; fwd=uri-miss\";\n    EXPIRED \"nginx; fwd=stale\";\n"
		"    STALE \"nginx; hit; detail=stale\";\n    UPDATING \"nginx; hit; detail=stale\";\n"
		"    BYPASS \"nginx; fwd=bypass\";\n    default \"\";\n}\n\n",
		site->id);
}

static void write_header_keys(const struct cor_nginx_site *site, const struct cor_action *action)
{
	const struct cor_schema *in = action->operation->in;
	struct cor_rows rows;

	if (in->media != COR_MEDIA_JSON)
		return;
	for (const struct cor_field *field = cor_rows_first(&rows, in); field;
		field = cor_rows_next(&rows)) {
		if (from_of(action, field) != COR_FROM_HEADER)
			continue;
		cor_buffer_literal(site->buffer, "|$http_");
		for (const char *at = cor_row_key(field); *at; at++)
			cor_buffer_byte(site->buffer, *at == '-' ? '_'
						      : *at >= 'A' && *at <= 'Z'
							      ? (char)(*at | 0x20)
							      : *at);
	}
}

void cor_nginx_write_keeping(const struct cor_nginx_site *site, const struct cor_place *place)
{
	const struct cor_action *action = &place->actions[COR_METHOD_GET];
	struct cor_buffer *buffer = site->buffer;

	if (!cor_nginx_may_keep(action))
		return;
	cor_buffer_printf(buffer,
		"        %s_cache %s_cache;\n        %s_cache_key \"$scheme://$%s_host$request_uri",
		site->module, site->id, site->module, site->id);
	write_header_keys(site, action);
	cor_buffer_literal(buffer, "\";\n");
	cor_nginx_set(site, "cache_lock", "on");
	cor_nginx_set(site, "cache_revalidate", "on");
	cor_nginx_set(site, "cache_bypass", "$http_authorization");
	cor_nginx_set(site, "no_cache", "$http_authorization");
	cor_buffer_printf(buffer,
		"        max_ranges 0; # the service has no ranges here\n"
		"        add_header Cache-Status $%s_kept;\n",
		site->id);
}
