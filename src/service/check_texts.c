/* SPDX-License-Identifier: MIT */
/*
 * What is only said: .about of a service; .responses, .examples and .callbacks of an operation.
 * Whether examples are what their schemas take is seen once there is a codec: check_examples.c.
 */
#include <string.h>

#include <coracle/document.h>
#include <coracle/mount.h>
#include <coracle/response.h>

#include "base/utf8.h"
#include "http/status.h"
#include "schema/bind.h"
#include "service/check.h"
#include "service/plan.h"
#include "service/verb.h"

/* What tells where a fault is: "responses 404", "webhook sold". */
static const char *part(const struct cor_check *check, const char *what, const char *name)
{
	const char *text = cor_arena_printf(check->arena, "%s %s", what, name);

	return text ? text : what;
}

static bool is_name(const char *name)
{
	return name[0] != '\0' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789._-") == strlen(name);
}

static void check_name(
	const struct cor_check *check, const char *where, const char *what, const char *name)
{
	if (!is_name(name))
		cor_contradict(check, where,
			"%s \"%s\": use letters, digits, '.', '_' and '-' in the name", what, name);
}

static void check_text(
	const struct cor_check *check, const char *where, const char *what, const char *text)
{
	if (text && !cor_utf8_valid(cor_str(text)))
		cor_contradict(check, where, "%s is not UTF-8", what);
}

/* An absolute URL, as all of these are. */
static void check_url(
	const struct cor_check *check, const char *where, const char *what, const char *url)
{
	if (!url)
		return;
	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		cor_contradict(check, where, "%s \"%s\" does not begin with http:// or https://",
			what, url);
	else if (strpbrk(url, " \t\r\n\"<>\\^`{|}"))
		cor_contradict(check, where, "%s \"%s\" has a byte that no URL has", what, url);
	check_text(check, where, what, url);
}

static void check_external_docs(
	const struct cor_check *check, const char *where, const struct cor_external_docs *docs)
{
	if (docs && !docs->url)
		cor_contradict(check, where, ".external_docs has no .url");
	if (!docs)
		return;
	check_url(check, where, "the .url of .external_docs", docs->url);
	check_text(check, where, "the .doc of .external_docs", docs->doc);
}

static void check_outgoing(const struct cor_check *check, const char *where, const char *what,
	const struct cor_outgoing *list, bool has_url)
{
	for (const struct cor_outgoing *at = list; at && at->name; at++) {
		const char *name = part(check, what, at->name);
		check_name(check, where, what, at->name);
		for (const struct cor_outgoing *before = list; before < at; before++)
			if (strcmp(before->name, at->name) == 0)
				cor_contradict(check, where, "%s is listed twice", name);
		if (has_url != (at->url && at->url[0]))
			cor_contradict(check, where,
				has_url ? "%s has no .url: \"{$request.body#/url}\", say"
					: "%s has an .url, but only clients know it: leave it out",
				name);
		if (at->sends && at->sends->media != COR_MEDIA_JSON)
			cor_contradict(check, where,
				"%s: .sends has no table: leave it out if nothing is sent", name);
		check_text(check, where, part(check, name, ".url"), at->url);
		check_text(check, where, part(check, name, ".summary"), at->summary);
		check_text(check, where, part(check, name, ".doc"), at->doc);
	}
}

/* --- the service --- */

static bool uses_tag(const struct cor_service *service, const char *tag)
{
	for (const struct cor_resource *const *r = service->resources; r && *r; r++)
		for (size_t i = 0; i < cor_verbs_len; i++) {
			const struct cor_operation *operation = cor_verb_operation(
				&cor_verbs[i], *r);
			const char *own = operation && operation->tag ? operation->tag : (*r)->tag;
			if (operation && own && strcmp(own, tag) == 0)
				return true;
		}
	return false;
}

/* What is mounted in it is in its document, too. */
static bool is_used_in(const struct cor_service *service, const char *tag, int depth)
{
	const struct cor_mount *mount = service->mounts;
	bool found = uses_tag(service, tag);

	for (; mount && mount->service && depth < COR_MOUNTS_DEPTH_MAX && !found; mount++)
		found = is_used_in(mount->service, tag, depth + 1);
	return found;
}

static void check_tags(const struct cor_check *check, const char *where, const struct cor_tag *list)
{
	for (const struct cor_tag *tag = list; tag && tag->name; tag++) {
		for (const struct cor_tag *before = list; before < tag; before++)
			if (strcmp(before->name, tag->name) == 0)
				cor_contradict(
					check, where, "tag \"%s\" is listed twice", tag->name);
		if (!is_used_in(check->service, tag->name, 0))
			cor_contradict(check, where,
				"no operation has the tag \"%s\": spell it as .tag does",
				tag->name);
		check_text(check, where, part(check, "tag", tag->name), tag->name);
		check_text(check, where, part(check, "the .doc of tag", tag->name), tag->doc);
		check_external_docs(check, where, tag->external_docs);
	}
}

static void check_licence(
	const struct cor_check *check, const char *where, const struct cor_about *about)
{
	if (!about->license_name && (about->license_identifier || about->license_url))
		cor_contradict(check, where, "the licence has no .license_name");
	if (about->license_identifier && about->license_url)
		cor_contradict(
			check, where, "OpenAPI has .license_identifier or .license_url, not both");
	check_text(check, where, ".license_name", about->license_name);
	check_text(check, where, ".license_identifier", about->license_identifier);
	check_url(check, where, ".license_url", about->license_url);
}

void cor_check_about(const struct cor_check *check, const char *where)
{
	const struct cor_about *about = check->service->about;

	if (!about)
		return;
	check_text(check, where, ".contact_name", about->contact_name);
	check_text(check, where, ".contact_email", about->contact_email);
	check_url(check, where, ".contact_url", about->contact_url);
	check_url(check, where, ".terms_url", about->terms_url);
	check_licence(check, where, about);
	check_external_docs(check, where, about->external_docs);
	check_tags(check, where, about->tags);
	for (const struct cor_server *at = about->servers; at && at->url; at++) {
		check_url(check, where, "the .url of a server", at->url);
		check_text(check, where, "the .doc of a server", at->doc);
	}
	check_outgoing(check, where, "webhook", about->webhooks, false);
}

/* --- operations --- */

/* An operation, where it stands. */
struct subject {
	const struct cor_check *check;
	const struct cor_operation *operation;
	const char *where;
};

#define contradict(s, ...) cor_contradict((s)->check, (s)->where, __VA_ARGS__)

/* A resource of the service that shows the operation which a link leads to. */
static bool is_shown(const struct cor_service *service, const struct cor_operation *operation)
{
	for (const struct cor_resource *const *r = service->resources; r && *r; r++)
		for (size_t i = 0; i < cor_verbs_len; i++) {
			const struct cor_operation *at = cor_verb_operation(&cor_verbs[i], *r);
			if (at && cor_operation_written(at) == operation)
				return !at->hidden && !(*r)->hidden;
		}
	return false;
}

static bool has_row(const struct cor_schema *in, const char *key)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, in); field;
		field = cor_rows_next(&rows))
		if (strcmp(cor_row_key(field), key) == 0)
			return true;
	return false;
}

static bool has_value(const struct cor_link *link, const char *key)
{
	for (const struct cor_link_value *at = link->values; at && at->key; at++)
		if (strcmp(at->key, key) == 0)
			return true;
	return false;
}

/* OpenAPI 3.1, "Runtime Expressions". */
static bool is_expression(const char *text)
{
	static const char *const beginnings[] = { "$response.body#", "$response.header.",
		"$request.body#", "$request.path.", "$request.query.", "$request.header." };

	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (strncmp(text, beginnings[i], strlen(beginnings[i])) == 0)
			return cor_utf8_valid(cor_str(text));
	return false;
}

static void check_link_values(const struct subject *s, const struct cor_link *link)
{
	const struct cor_schema *in = link->operation->in;
	struct cor_rows rows;

	for (const struct cor_link_value *at = link->values; at && at->key; at++) {
		if (!has_row(in, at->key))
			contradict(s, "link %s gives \"%s\", of which %s has no row", link->name,
				at->key, in->symbol);
		if (!at->from || !is_expression(at->from))
			contradict(s,
				"link %s: \"%s\" is no expression: write \"$response.body#/%s\", say",
				link->name, at->from ? at->from : "", at->key);
	}
	for (const struct cor_field *field = cor_rows_first(&rows, in); field;
		field = cor_rows_next(&rows))
		if (field->from == COR_FROM_PATH && !has_value(link, cor_row_key(field)))
			contradict(s,
				"link %s does not give \"%s\", which is in the path that it leads to",
				link->name, cor_row_key(field));
}

static void check_links(const struct subject *s, const struct cor_link *links)
{
	for (const struct cor_link *link = links; link && link->name; link++) {
		check_name(s->check, s->where, "link", link->name);
		check_text(s->check, s->where, part(s->check, "link", link->name), link->doc);
		if (!link->operation || !is_shown(s->check->service, link->operation))
			contradict(s,
				"link %s leads to no operation that the document shows: list it in COR_RESOURCES",
				link->name);
		else
			check_link_values(s, link);
	}
}

static void check_examples(
	const struct subject *s, const char *what, const struct cor_example *list, bool has_json)
{
	if (list && !has_json)
		contradict(s, "%s has .examples, but no body of JSON that they could be of", what);
	for (const struct cor_example *at = list; at && at->name; at++) {
		check_name(s->check, s->where, "example", at->name);
		check_text(s->check, s->where, part(s->check, "example", at->name), at->summary);
		check_text(s->check, s->where, part(s->check, "example", at->name), at->doc);
		for (const struct cor_example *before = list; before < at; before++)
			if (strcmp(before->name, at->name) == 0)
				contradict(s, "example %s is listed twice", at->name);
		if (!at->value)
			contradict(s, "example %s has no .value", at->name);
	}
}

static void check_response_schema(const struct subject *s, const struct cor_response *response)
{
	const struct cor_schema *schema = response->schema;
	unsigned status = response->status;

	if (!schema)
		return;
	if (cor_operation_may_answer(s->operation, (int)status))
		contradict(s,
			"response %u has a .schema, but it is that of the output: leave it out",
			status);
	else if (schema->media != COR_MEDIA_JSON)
		contradict(s, "the .schema of response %u has no table: leave it out", status);
	else if (!cor_status_has_body(status))
		contradict(s, "response %u has a .schema, but a %u has no body", status, status);
}

static void check_response(const struct subject *s, const struct cor_response *response)
{
	unsigned status = response->status;
	bool is_own = cor_operation_may_answer(s->operation, (int)status);
	const struct cor_schema *schema = is_own ? cor_operation_answer(s->operation)
						 : response->schema;

	if (status < 200 || status > 599)
		contradict(s, "response %u is not a status of an answer: 200 to 599", status);
	if (cor_responses_find(s->operation->responses, response->status) != response)
		contradict(s, "response %u is listed twice", status);
	for (size_t i = 0; i < COR_PROBLEMS_MAX && response->schema; i++)
		if (s->operation->problems[i] == status)
			contradict(s,
				"%u is among .problems, but has a .schema in .responses: leave one out",
				status);
	check_response_schema(s, response);
	cor_check_problem(s->check, response, s->where);
	check_text(s->check, s->where, "the .doc of a response", response->doc);
	check_examples(s, "a response", response->examples,
		schema && schema->media == COR_MEDIA_JSON &&
			(!is_own || cor_operation_has_answer(s->operation)));
	check_links(s, response->links);
}

void cor_check_texts(const struct cor_check *check, const struct cor_operation *operation,
	enum cor_method method, const char *where)
{
	const struct subject s = { check, operation, where };

	for (const struct cor_response *at = operation->responses; at && at->status; at++)
		check_response(&s, at);
	check_examples(&s, "the operation", operation->examples,
		cor_operation_body(operation, method).kind == COR_TAKES_ROWS);
	check_outgoing(check, where, "callback", operation->callbacks, true);
	check_external_docs(check, where, operation->external_docs);
}
