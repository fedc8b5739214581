/* SPDX-License-Identifier: MIT */
/*
 * A location for each place of the service, with what is special about its operations. nginx takes
 * an exact path before all others, then the first pattern that fits, then the longest beginning:
 * patterns stand in the order in which the router would take them.
 */
#include "nginx/locations.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nginx/cache.h"
#include "nginx/files.h"
#include "nginx/text.h"
#include "nginx/upstream.h"
#include "service/composition.h"
#include "service/router.h"
#include "service/verb.h"

#define MARGIN_MS  5000 /* the service's own deadline comes first */
#define FOREVER_MS 3600000

static const char *path_of(const struct cor_place *place)
{
	return place->files ? place->files->files->path : place->resource->path;
}

/* --- their order --- */

static int compare_text(struct cor_str a, struct cor_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len != 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Text before a {name}, segment by segment. */
static int compare_paths(const char *one, const char *other)
{
	struct cor_str a = cor_str(one), b = cor_str(other);
	struct cor_segment x, y;

	for (;;) {
		bool has_x = cor_segment_next(&a, &x) > 0, has_y = cor_segment_next(&b, &y) > 0;
		if (!has_x || !has_y)
			return has_x - has_y;
		if (x.is_name != y.is_name)
			return x.is_name - y.is_name;
		int order = x.is_name ? 0 : compare_text(x.text, y.text);
		if (order != 0)
			return order;
	}
}

static int compare(const void *a, const void *b)
{
	const struct cor_place *one = *(const struct cor_place *const *)a;
	const struct cor_place *other = *(const struct cor_place *const *)b;

	if (!one->files != !other->files)
		return one->files ? 1 : -1;
	return compare_paths(path_of(one), path_of(other));
}

int cor_nginx_order(struct cor_nginx_site *site)
{
	size_t len = 0;

	for (const struct cor_place *at = site->options->places; at; at = at->next)
		len++;
	site->places = cor_arena_alloc(site->arena, (len + 1) * sizeof(struct cor_place *));
	if (!site->places)
		return -ENOMEM;
	for (const struct cor_place *at = site->options->places; at; at = at->next)
		site->places[site->places_len++] = at;
	if (len != 0)
		qsort(site->places, len, sizeof(struct cor_place *), compare);
	return 0;
}

static bool is_same_host(const char *one, const char *other)
{
	return one && other ? strcmp(one, other) == 0 : !one && !other;
}

bool cor_nginx_is_here(const struct cor_nginx_site *site, const struct cor_place *place)
{
	return is_same_host(site->host, place->host);
}

/* --- what is special --- */

/* Of all operations of a place: nginx has one location for them. */
struct traits {
	uint64_t body_bytes;
	uint64_t silence_ms; /* the longest of an answer */
	bool has_stream;     /* what is written goes out at once */
	bool takes_stream;   /* what comes is read at once */
	bool has_websocket;
};

static bool is_of_events(const struct cor_action *action)
{
	return cor_str_equal(action->produces, COR_STR("text/event-stream"));
}

static uint64_t silence_of(const struct cor_nginx_site *site, const struct cor_action *action)
{
	const struct cor_operation *operation = action->operation;
	uint32_t timeout_ms = operation->timeout_ms
				      ? operation->timeout_ms
				      : site->options->server->requests.request_timeout_ms;

	if (operation->converse || is_of_events(action))
		return FOREVER_MS;
	return timeout_ms + (uint64_t)MARGIN_MS;
}

static void add_traits(
	const struct cor_nginx_site *site, const struct cor_action *action, struct traits *traits)
{
	const struct cor_operation *operation = action->operation;
	uint64_t silence_ms = silence_of(site, action);
	uint64_t body_bytes = operation->body_limit_bytes
				      ? operation->body_limit_bytes
				      : site->options->server->requests.body_limit_bytes;

	if (body_bytes > traits->body_bytes)
		traits->body_bytes = body_bytes;
	if (silence_ms > traits->silence_ms)
		traits->silence_ms = silence_ms;
	traits->has_websocket |= operation->converse != NULL;
	traits->has_stream |= operation->stream && !operation->converse;
	traits->takes_stream |= action->body.kind == COR_TAKES_STREAM ||
				action->body.kind == COR_TAKES_PARTS ||
				action->body.kind == COR_TAKES_FORM;
}

static struct traits traits_of(const struct cor_nginx_site *site, const struct cor_place *place)
{
	struct traits traits = { 0 };

	for (int method = 0; method < COR_METHOD_COUNT; method++)
		if (place->actions[method].operation)
			add_traits(site, &place->actions[method], &traits);
	return traits;
}

bool cor_nginx_has_websocket(const struct cor_nginx_site *site)
{
	bool has_websocket = false;

	for (size_t i = 0; i < site->places_len; i++)
		has_websocket |= traits_of(site, site->places[i]).has_websocket;
	return has_websocket;
}

static void write_time(const struct cor_nginx_site *site, const char *directive, uint64_t ms)
{
	cor_buffer_printf(site->buffer, "        %s_%s ", site->module, directive);
	cor_nginx_time(site->buffer, ms);
	cor_buffer_literal(site->buffer, ";\n");
}

static void write_traits(const struct cor_nginx_site *site, const struct cor_place *place)
{
	const struct cor_http_settings *limits = &site->options->server->requests;
	const struct traits traits = traits_of(site, place);

	if (traits.body_bytes != limits->body_limit_bytes)
		cor_buffer_printf(site->buffer, "        client_max_body_size %" PRIu64 ";\n",
			traits.body_bytes + COR_NGINX_BODY_MARGIN);
	if (traits.silence_ms != limits->request_timeout_ms + (uint64_t)MARGIN_MS) {
		write_time(site, "read_timeout", traits.silence_ms);
		write_time(site, "send_timeout", traits.silence_ms);
	}
	if (traits.has_stream)
		cor_nginx_set(site, "buffering", "off");
	if (traits.takes_stream && site->spoken != COR_SPOKEN_UWSGI)
		cor_nginx_set(site, "request_buffering", "off");
}

/* --- a location --- */

static const char *kind_of(const struct cor_action *action)
{
	if (action->operation->converse)
		return " (WebSocket)";
	if (is_of_events(action))
		return " (events)";
	if (action->operation->stream)
		return " (stream)";
	return cor_nginx_may_keep(action) ? " (kept by nginx)" : "";
}

static void write_operations(const struct cor_nginx_site *site, const struct cor_place *place)
{
	const char *between = "\n    # ";

	for (size_t i = 0; i < cor_verbs_len; i++) {
		const struct cor_action *action = &place->actions[cor_verbs[i].method];
		if (!action->operation)
			continue;
		cor_buffer_printf(site->buffer, "%s%s ", between, cor_verbs[i].name);
		cor_nginx_remark(site->buffer, action->operation->handler);
		cor_buffer_printf(site->buffer, "%s", kind_of(action));
		between = ", ";
	}
	cor_buffer_byte(site->buffer, '\n');
}

/* Paths of resources are written decoded, as nginx compares them. */
static void write_pattern(const struct cor_nginx_site *site, const char *path)
{
	struct cor_str rest = cor_str(path);
	struct cor_segment segment;

	cor_buffer_literal(site->buffer, "    location ~ ^");
	while (cor_segment_next(&rest, &segment) > 0) {
		cor_buffer_byte(site->buffer, '/');
		if (segment.is_name)
			cor_buffer_literal(site->buffer, "[^/]+");
		else
			cor_nginx_literal(site->buffer, segment.text);
	}
	cor_buffer_literal(site->buffer, "$ {\n");
}

static void write_exact(const struct cor_nginx_site *site, const char *path)
{
	cor_buffer_literal(site->buffer, "    location = ");
	cor_nginx_word(site->buffer, path);
	cor_buffer_literal(site->buffer, " {\n");
}

/* --docs auto means: for this machine. Behind nginx everybody comes from this machine. */
static void write_access(const struct cor_nginx_site *site, const char *path)
{
	const char *const *local = site->options->local_paths;

	while (local && *local && strcmp(*local, path) != 0)
		local++;
	if (!local || !*local)
		return;
	cor_buffer_literal(site->buffer,
		"        allow 127.0.0.1; # --docs auto: for this machine alone; --docs on: for all\n"
		"        allow ::1;\n        deny all;\n");
}

/* Of an exact path that ends in a slash nginx would lead there whoever leaves it out: by itself,
   before any gate is asked, and with a 301, which makes a GET of a POST. */
static bool is_exact(const struct cor_place *place)
{
	size_t len = strlen(place->resource->path);

	return place->names_len == 0 && (len == 1 || place->resource->path[len - 1] != '/');
}

static void write_place(const struct cor_nginx_site *site, const struct cor_place *place)
{
	const char *path = place->resource->path;

	write_operations(site, place);
	if (is_exact(place))
		write_exact(site, path);
	else
		write_pattern(site, path);
	cor_nginx_write_pass(site);
	write_traits(site, place);
	cor_nginx_write_keeping(site, place);
	write_access(site, path);
	cor_buffer_literal(site->buffer, "    }\n");
}

/* --- what is beneath a mount --- */

/* Whether files, or else a resource, have a location with just this path. */
static bool is_taken(const struct cor_nginx_site *site, const char *path, bool by_files)
{
	for (size_t i = 0; i < site->places_len; i++)
		if (!site->places[i]->files == !by_files &&
			cor_nginx_is_here(site, site->places[i]) &&
			strcmp(path_of(site->places[i]), path) == 0)
			return true;
	return false;
}

/* Several services may stand beneath one prefix, if none of their paths is the same. */
static bool is_first_at_prefix(const struct cor_composition *composition, size_t at)
{
	const struct cor_unit *units = composition->units;

	for (size_t i = 1; i < at; i++)
		if (is_same_host(units[i].host, units[at].host) &&
			strcmp(units[i].prefix, units[at].prefix) == 0)
			return false;
	return true;
}

static int write_mount(const struct cor_nginx_site *site, const struct cor_unit *unit)
{
	struct cor_buffer *buffer = site->buffer;
	const char *beneath = cor_arena_printf(site->arena, "%s/", unit->prefix);

	if (!beneath)
		return -ENOMEM;
	cor_buffer_literal(buffer, "\n    # What is beneath a mount is its service's: ");
	cor_nginx_remark(buffer, cor_unit_name(unit));
	cor_buffer_literal(buffer, ".\n    location ");
	cor_nginx_word(buffer, beneath);
	cor_buffer_literal(buffer, " {\n");
	cor_nginx_write_pass(site);
	cor_buffer_literal(buffer, "    }\n");
	if (is_taken(site, unit->prefix, false))
		return 0;
	write_exact(site, unit->prefix);
	cor_nginx_write_pass(site);
	cor_buffer_literal(buffer, "    }\n");
	return 0;
}

/* Or the files of the service around it, which are not asked who may read them, would be found. */
static int write_mounts(const struct cor_nginx_site *site)
{
	const struct cor_composition *composition = site->options->composition;
	int rc = 0;

	for (size_t i = 1; i < composition->len && rc == 0; i++) {
		const struct cor_unit *unit = &composition->units[i];
		if (unit->prefix[0] && is_same_host(site->host, unit->host) &&
			is_first_at_prefix(composition, i) && !is_taken(site, unit->prefix, true))
			rc = write_mount(site, unit);
	}
	return rc;
}

int cor_nginx_write_locations(const struct cor_nginx_site *site)
{
	bool has_root = false;
	int rc = 0;

	for (size_t i = 0; i < site->places_len && rc == 0; i++) {
		const struct cor_place *place = site->places[i];
		if (!cor_nginx_is_here(site, place))
			continue;
		has_root |= place->files && strcmp(path_of(place), "/") == 0;
		if (place->files)
			rc = cor_nginx_write_files(site, i);
		else
			write_place(site, place);
	}
	if (rc == 0)
		rc = write_mounts(site);
	if (has_root)
		return rc;
	cor_buffer_literal(
		site->buffer, "\n    # Nothing is here: the service says so.\n    location / {\n");
	cor_nginx_write_pass(site);
	cor_buffer_literal(site->buffer, "    }\n");
	return rc;
}
