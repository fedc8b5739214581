/* SPDX-License-Identifier: MIT */
/* What pages of other origins may send and read follows from the tables of a place. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/caching.h>
#include <coracle/limit.h>
#include <coracle/response.h>

#include "schema/bind.h"
#include "security/credential.h"
#include "service/idempotency.h"
#include "service/plan.h"
#include "service/selection.h"
#include "service/verb.h"

/* Names with ", " between them; each once. */
struct names {
	struct cor_arena *arena;
	const char *text; /* NULL: there was no memory */
};

static bool has_name(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; *at;) {
		size_t own = strcspn(at, ",");
		if (own == len && strncasecmp(at, name, len) == 0)
			return true;
		at += own;
		at += strspn(at, ", ");
	}
	return false;
}

static void add(struct names *names, const char *name)
{
	if (!names->text || has_name(names->text, name))
		return;
	names->text = cor_arena_printf(
		names->arena, "%s%s%s", names->text, names->text[0] ? ", " : "", name);
}

static void add_list(struct names *names, const char *const *list)
{
	for (; list && *list; list++)
		add(names, *list);
}

/* --- what may be sent --- */

static void add_input(struct names *names, const struct cor_schema *in)
{
	struct cor_rows rows;

	if (in->media != COR_MEDIA_JSON)
		return;
	for (const struct cor_field *field = cor_rows_first(&rows, in); field;
		field = cor_rows_next(&rows))
		if (field->from == COR_FROM_HEADER && field->access != COR_READ_ONLY)
			add(names, cor_row_key(field));
}

static void add_credential(struct names *names, const struct cor_security_scheme *scheme)
{
	switch (scheme->kind) {
	case COR_CREDENTIAL_BEARER:
	case COR_CREDENTIAL_BASIC:
		add(names, "Authorization");
		break;
	case COR_CREDENTIAL_CUSTOM:
		if (scheme->http_scheme)
			add(names, "Authorization");
		break;
	case COR_CREDENTIAL_API_KEY:
		if (cor_scheme_source(scheme) == COR_FROM_HEADER)
			add(names, cor_scheme_key(scheme));
		break;
	default:
		break;
	}
}

/* --- what may be read --- */

static void add_output(struct names *names, const struct cor_schema *out)
{
	struct cor_rows rows;

	if (!out || out->media != COR_MEDIA_JSON)
		return;
	for (const struct cor_field *field = cor_rows_first(&rows, out); field;
		field = cor_rows_next(&rows))
		if (field->to == COR_TO_HEADER)
			add(names, cor_row_key(field));
}

static void add_responses(struct names *names, const struct cor_response *list)
{
	for (; list && list->status; list++) {
		add_output(names, list->schema);
		add_output(names, list->members);
	}
}

/* A page can show when to come again. */
static void add_limits(struct names *names, const struct cor_limit *const *limits)
{
	static const char *const told[] = { "RateLimit-Limit", "RateLimit-Remaining",
		"RateLimit-Reset", "RateLimit-Policy", NULL };

	for (; limits && *limits; limits++) {
		add(names, "Retry-After");
		if ((*limits)->count != 0)
			add_list(names, told);
	}
}

/* --- who asks: what is sent, and what a refusal says --- */

static void add_security(
	struct names *headers, struct names *exposes, const struct cor_security *ways)
{
	for (; ways && ways->scheme; ways++) {
		if (ways->scheme != &cor_anonymous) {
			add(exposes, "WWW-Authenticate");
			add(exposes, "Retry-After"); /* of credentials that fail too often */
		}
		add_credential(headers, ways->scheme);
	}
}

/* --- a place --- */

static void add_operation(
	const struct cor_operation *operation, struct names *headers, struct names *exposes)
{
	add_input(headers, operation->in);
	if (operation->selected_by & COR_BY_HEADER)
		add(headers, COR_SELECTION_HEADER);
	add_security(headers, exposes, operation->security);
	add_limits(exposes, operation->limits);
	if (operation->accepts_encoded)
		add(headers, "Content-Encoding");
	const struct cor_caching *caching = cor_operation_caching(operation);
	if (caching) {
		add(headers, "If-Match");
		add(headers, "If-None-Match");
		add(exposes, "ETag");
	}
	if (operation->cache)
		add(exposes, "Age");
	if (operation->idempotency) {
		add(headers, COR_IDEMPOTENCY_HEADER);
		add(exposes, COR_IDEMPOTENCY_REPLAYED);
	}
	if (caching && caching->modified) {
		add(headers, "If-Modified-Since");
		add(headers, "If-Unmodified-Since");
	}
	add_output(exposes, operation->out);
	add_responses(exposes, operation->responses);
}

/* What players and programs that resume ask for, and read. */
static void add_files(struct names *headers, struct names *exposes)
{
	static const char *const asked[] = { "Range", "If-Range", "If-None-Match",
		"If-Modified-Since", NULL };
	static const char *const told[] = { "ETag", "Accept-Ranges", "Content-Range", NULL };

	add_list(headers, asked);
	add_list(exposes, told);
}

/* The nearest one counts. */
static const struct cor_cors *options_of(
	const struct cor_place *place, const struct cor_service *service)
{
	if (place->resource && place->resource->cors)
		return place->resource->cors;
	if (place->files && place->files->files->cors)
		return place->files->files->cors;
	return service->cors;
}

int cor_place_plan_cors(
	struct cor_place *place, const struct cor_service *service, struct cor_arena *arena)
{
	const struct cor_resource *resource = place->resource;
	const struct cor_cors *options = options_of(place, service);
	struct names headers = { arena, "Content-Type" }, exposes = { arena, "" };

	if (!options)
		return 0;
	add_list(&headers, options->headers);
	add_list(&exposes, options->exposes);
	if (place->files) {
		add_files(&headers, &exposes);
		add_security(&headers, &exposes, place->actions[COR_METHOD_GET].gate.ways);
	} else {
		add_security(&headers, &exposes, cor_security_of(service, resource, NULL));
		add_limits(&exposes, service->limits);
		add_limits(&exposes, resource ? resource->limits : NULL);
	}
	add_responses(&exposes, service->problems);
	add_responses(&exposes, resource ? resource->problems : NULL);
	for (size_t i = 0; resource && i < cor_verbs_len; i++) {
		const struct cor_operation *operation = cor_verb_operation(&cor_verbs[i], resource);
		if (operation)
			add_operation(operation, &headers, &exposes);
	}
	struct cor_cors_policy *policy = cor_arena_alloc(arena, sizeof *policy);
	const char *methods = place->files ? place->allow : cor_verbs_allowed(resource, arena);
	if (!policy || !methods || !headers.text || !exposes.text)
		return -ENOMEM;
	*policy = (struct cor_cors_policy){ options, methods, headers.text, exposes.text };
	place->cors = policy;
	return 0;
}
