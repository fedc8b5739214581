/* SPDX-License-Identifier: MIT */
#include "service/check.h"

#include <stdarg.h>
#include <string.h>

#include <coracle/error_shape.h>
#include <coracle/mount.h>

#include "base/utf8.h"
#include "http/uri.h"
#include "service/plan.h"

static bool is_reported(const struct cor_violations *why, const char *where, const char *detail)
{
	for (const struct cor_violation *v = why->first; v; v = v->next)
		if ((!where || strcmp(v->where, where) == 0) && strcmp(v->detail, detail) == 0)
			return true;
	return false;
}

void cor_contradict(const struct cor_check *check, const char *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *detail = cor_arena_vprintf(check->arena, format, args);
	va_end(args);
	if (!detail || !is_reported(check->why, where, detail))
		cor_violate(check->why, check->arena, "service", where, "%s", detail ? detail : "");
}

void cor_contradict_once(const struct cor_check *check, const char *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *detail = cor_arena_vprintf(check->arena, format, args);
	va_end(args);
	if (!detail || !is_reported(check->why, NULL, detail))
		cor_violate(check->why, check->arena, "service", where, "%s", detail ? detail : "");
}

void cor_check_middleware(
	const struct cor_check *check, const char *where, const struct cor_middleware *const *list)
{
	for (; list && *list; list++)
		if (!(*list)->around)
			cor_contradict(check, where, "middleware %s has no .around function",
				(*list)->name ? (*list)->name : "without a name");
}

static void check_schemas(
	const struct cor_check *check, const char *where, const struct cor_schema *const *list)
{
	for (; list && *list; list++)
		if ((*list)->media != COR_MEDIA_JSON)
			cor_contradict(check, where,
				"%s in .schemas has no table: there is nothing to make ready",
				(*list)->symbol);
}

static void check_text(
	const struct cor_check *check, const char *where, const char *option, const char *text)
{
	if (text && !cor_utf8_valid(cor_str(text)))
		cor_contradict(check, where, "%s is not UTF-8", option);
}

static void check_errors(
	const struct cor_check *check, const char *where, const struct cor_error_shape *shape)
{
	if (!shape)
		return;
	if (shape->invalid_status != 0 && shape->invalid_status != 400 &&
		shape->invalid_status != 422)
		cor_contradict(check, where,
			".errors: .invalid_status is %u: use 400, or leave it out for 422",
			shape->invalid_status);
	if (!shape->writer && (!shape->fill || !shape->schema))
		cor_contradict(check, where, ".errors was not written by COR_ERROR_SHAPE");
	else if (!shape->writer && shape->schema->media != COR_MEDIA_JSON)
		cor_contradict(check, where, ".errors: %s has no table: use one that is JSON",
			shape->schema->symbol);
}

void cor_check_service(const struct cor_check *check, const struct cor_service *service)
{
	const char *where = service->name ? service->name : "service";

	if (!service->name || service->name[0] == '\0')
		cor_contradict(check, where, "the service has no .name");
	bool has_resources = service->resources && service->resources[0];
	bool has_files = service->files && service->files[0];
	bool has_mounts = service->mounts && service->mounts[0].service;
	bool is_tools = (service->upstreams && service->upstreams[0]) || /* it may serve nothing */
			(service->caches && service->caches[0]);
	if (!has_resources && !has_files && !has_mounts && !is_tools)
		cor_contradict(check, where,
			"the service has no resources: .resources = COR_RESOURCES(&...)");
	check_text(check, where, ".title", service->title);
	check_text(check, where, ".version", service->version);
	check_text(check, where, ".doc", service->doc);
	cor_check_middleware(check, where, service->middleware);
	cor_check_security(check, service->security, where);
	cor_check_security(check, service->docs_security, where);
	cor_check_problems(check, service->problems, where);
	cor_check_cors(check, service->cors, where);
	cor_check_limits(check, service->limits, where);
	cor_check_failed_logins(check, service->failed_logins, where);
	check_schemas(check, where, service->schemas);
	cor_check_about(check, where);
	cor_check_metrics(check, service);
	cor_check_readiness(check, service);
	cor_check_executors(check, service);
	cor_check_topics(check, service);
	cor_check_upstreams(check, service);
	cor_check_caches(check, service);
	cor_check_sessions(check, service);
	cor_check_languages(check, service);
	cor_check_compression(check, where, service->compression);
	check_errors(check, where, service->errors);
}

/*
 * Bytes that a path cannot hold in its decoded form, or that would make it something else (RFC 3986
 * section 3.3).
 */
static bool has_bad_byte(const char *path)
{
	for (const unsigned char *p = (const unsigned char *)path; *p; p++)
		if (*p <= 0x20 || *p == 0x7f || strchr("%?#\\\"<>", *p))
			return true;
	return false;
}

static bool is_named_before(struct cor_str name, const struct cor_str *names, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (cor_str_equal(names[i], name))
			return true;
	return false;
}

static void check_segments(const struct cor_check *check, const char *path)
{
	struct cor_str names[COR_ROUTE_PARAMETERS_MAX];
	struct cor_str rest = cor_str(path);
	struct cor_segment segment;
	size_t len = 0;
	int rc;

	while ((rc = cor_segment_next(&rest, &segment)) > 0) {
		if (!segment.is_name)
			continue;
		if (len == COR_ROUTE_PARAMETERS_MAX) {
			cor_contradict(check, path, "the path has more than %d parameters",
				COR_ROUTE_PARAMETERS_MAX);
			return;
		}
		if (is_named_before(segment.text, names, len))
			cor_contradict(check, path, "the path names {%.*s} twice",
				(int)segment.text.len, segment.text.data);
		names[len++] = segment.text;
	}
	if (rc < 0)
		cor_contradict(check, path, "a segment of a path must be text or one {name}");
}

void cor_check_path(const struct cor_check *check, const char *path)
{
	if (path[0] != '/')
		cor_contradict(check, path, "the path does not begin with '/'");
	else if (has_bad_byte(path))
		cor_contradict(check, path,
			"a path cannot have such a byte: write it decoded, without a query");
	else if (cor_uri_check_path(cor_str(path)) < 0)
		cor_contradict(
			check, path, "the path has a \".\" or \"..\" segment: clients remove it");
	else
		check_segments(check, path);
}

void cor_check_resource(const struct cor_check *check, const struct cor_resource *resource)
{
	const char *path = resource->path;
	size_t operations = 0;

	if (!path) {
		cor_contradict(check, "a resource", "the resource has no .path");
		return;
	}
	cor_check_path(check, path);
	check_text(check, path, ".tag", resource->tag);
	cor_check_middleware(check, path, resource->middleware);
	cor_check_security(check, resource->security, path);
	cor_check_problems(check, resource->problems, path);
	cor_check_compression(check, path, resource->compression);
	cor_check_cors(check, resource->cors, path);
	cor_check_limits(check, resource->limits, path);
	for (size_t i = 0; i < cor_verbs_len; i++) {
		if (!cor_verb_operation(&cor_verbs[i], resource))
			continue;
		cor_check_operation(check, resource, &cor_verbs[i]);
		operations++;
	}
	if (operations == 0)
		cor_contradict(
			check, path, "the resource has no operations: .get = &..., .post = &...");
}
