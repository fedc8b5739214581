/* SPDX-License-Identifier: MIT */
/* What an operation gives, and the statuses of its problems. */
#include "generate/answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "generate/input.h"
#include "generate/names.h"
#include "generate/rows.h"
#include "generate/types.h"
#include "schema/contradict.h"

static bool is_json(const char *type)
{
	size_t len = strcspn(type, "; ");

	return (len == 16 && strncasecmp(type, "application/json", len) == 0) ||
	       (len > 5 && strncasecmp(type + len - 5, "+json", 5) == 0) ||
	       strncmp(type, "*/*", 3) == 0;
}

/* A form has the members of its object, and is read as JSON is. */
static bool is_form(const char *type)
{
	return strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0;
}

static struct cor_gen_body json_body(
	struct cor_gen *gen, const struct cor_node *media, const char *hint)
{
	const struct cor_node *described = cor_node_get(media, "schema");
	struct cor_gen_schema schema = cor_gen_schema_of(gen, described);
	struct cor_gen_row row = { .at = media, .required = true };
	struct cor_gen_body found = { .media = COR_GEN_JSON };
	bool null = false;

	if (!described)
		schema.at = media;
	else
		schema = cor_gen_itself(gen, &schema, &null);
	cor_gen_resolve(gen, &row, &schema, hint);
	if (row.rule)
		row.rule->uses--;
	if (cor_gen_has_schema(row.type) && row.field.shape == COR_SHAPE_ONE && !row.nullable)
		found.type = row.type;
	else
		found.type = cor_gen_bare(gen, &schema, hint);
	if (!found.type)
		found.media = COR_GEN_NOTHING;
	return found;
}

static void tell_of_others(struct cor_gen *gen, const struct cor_node *content)
{
	for (size_t i = 0; i < cor_node_len(content); i++) {
		const char *type = cor_gen_text(gen, cor_node_key(content, i));
		if (!is_json(type) && !is_form(type))
			cor_gen_note(gen, content, "\"%s\" is left out: JSON is kept", type);
	}
}

struct cor_gen_body cor_gen_body_of(
	struct cor_gen *gen, const struct cor_node *content, const char *hint)
{
	struct cor_gen_body found = { 0 };
	size_t len = cor_node_len(content);

	for (int form = 0; form < 2; form++)
		for (size_t i = 0; i < len; i++) {
			const char *type = cor_gen_text(gen, cor_node_key(content, i));
			if (!(form ? is_form(type) : is_json(type)))
				continue;
			if (!form)
				tell_of_others(gen, content);
			return json_body(gen, cor_node_item(content, i), hint);
		}
	if (len == 0)
		return found;
	const char *type = cor_gen_text(gen, cor_node_key(content, 0));
	bool is_text = strncasecmp(type, "text/", 5) == 0;
	found.media = is_text ? COR_GEN_PLAIN : COR_GEN_BYTES;
	if (strcmp(type, is_text ? "text/plain" : "application/octet-stream") != 0)
		found.content_type = type;
	if (cor_node_get(cor_node_get(cor_node_item(content, 0), "schema"), "$ref"))
		cor_gen_note(gen, content, "the schema of \"%s\" is left out: it is no JSON", type);
	if (strncasecmp(type, "multipart/", 10) == 0)
		cor_gen_note(
			gen, content, "\"%s\" is taken as bytes: the handler has to read it", type);
	return found;
}

static unsigned status_of(struct cor_gen *gen, const struct cor_node *responses, size_t i)
{
	const char *key = cor_gen_text(gen, cor_node_key(responses, i));
	char *end;
	unsigned long status = strtoul(key, &end, 10);

	return *end == '\0' && status >= 100 && status <= 599 ? (unsigned)status : 0;
}

/* Those that any operation can have are not listed. */
static bool is_usual(unsigned status)
{
	static const unsigned usual[] = { 400, 406, 408, 413, 415, 422, 500, 501, 503, 504 };

	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (usual[i] == status)
			return true;
	return false;
}

static void add_problem(struct cor_gen *gen, struct cor_gen_operation *operation, unsigned status)
{
	if (status < 400 || is_usual(status))
		return;
	if (operation->problems_len + 1 < COR_PROBLEMS_MAX) /* 501 is one, too */
		operation->problems[operation->problems_len++] = status;
	else
		cor_gen_note(gen, gen->root, "a status of %s is left out: a row has %d",
			operation->handler, COR_PROBLEMS_MAX);
}

static void tell_of_problems(struct cor_gen *gen, const struct cor_node *response)
{
	const struct cor_node *content = cor_node_get(response, "content");

	for (size_t i = 0; i < cor_node_len(content); i++)
		if (!cor_str_equal(cor_node_key(content, i), COR_STR("application/problem+json")))
			cor_gen_note(gen, gen->root,
				"the schemas of errors are left out: they are answered as application/problem+json (RFC 9457)");
}

static void add_header(struct cor_gen *gen, struct cor_gen_type *type, const char *name,
	const struct cor_node *header)
{
	struct cor_gen_row row = { .at = header, .required = cor_gen_is_set(header, "required") };

	if (strcasecmp(name, "Age") == 0) /* whoever keeps an answer counts it: no handler does */
		return;
	if (!cor_row_is_header_name(name)) {
		cor_gen_note(gen, header, "is left out: no header can have this name");
		return;
	}
	row.field.member = cor_gen_member(gen, type, name);
	row.field.to = COR_TO_HEADER;
	if (strcmp(row.field.member, name) != 0)
		row.field.key = name;
	cor_gen_resolve_parameter(
		gen, &row, header, cor_gen_printf(gen, "%s_%s", type->name, row.field.member));
	row.field.fallback = NULL;
	cor_gen_settle(gen, &row);
	struct cor_gen_row *place = cor_gen_add_row(gen, type);
	if (place)
		*place = row;
}

/* Answers with the same body and headers share their struct. */
static struct cor_gen_type *find_output(
	struct cor_gen *gen, const struct cor_gen_type *body, const struct cor_node *headers)
{
	for (size_t i = 0; i < gen->types_len; i++) {
		struct cor_gen_type *type = gen->types[i];
		if (type->is_input && type->rows_len &&
			type->rows[type->rows_len - 1].type == body &&
			cor_node_equal(cor_node_get(type->at, "headers"), headers))
			return type;
	}
	return NULL;
}

/* The answer and its headers in one struct. */
static void take_headers(
	struct cor_gen *gen, struct cor_gen_operation *operation, const struct cor_node *response)
{
	const struct cor_node *headers = cor_node_get(response, "headers");
	struct cor_gen_type *body = operation->out.type, *type;

	if (operation->out.media != COR_GEN_JSON) {
		cor_gen_note(gen, response,
			"\"headers\" is left out: this answer is no struct; call cor_reply_header()");
		return;
	}
	operation->out.type = find_output(gen, body, headers);
	if (operation->out.type)
		return;
	operation->out.type = body;
	type = cor_gen_add_type(gen, COR_GEN_STRUCT, response,
		cor_gen_tag(gen, cor_gen_printf(gen, "%s_output", body->name)));
	if (!type)
		return;
	type->is_input = true;
	for (size_t i = 0; i < cor_node_len(headers); i++)
		add_header(gen, type, cor_gen_text(gen, cor_node_key(headers, i)),
			cor_gen_referred(gen, cor_node_item(headers, i)));
	cor_gen_add_body(gen, type, body);
	operation->out.type = type;
}

static void take_answer(struct cor_gen *gen, struct cor_gen_operation *operation,
	const struct cor_node *response, unsigned status)
{
	const struct cor_node *content = cor_node_get(response, "content");

	operation->out = cor_gen_body_of(
		gen, content, cor_gen_printf(gen, "%s_answer", operation->handler));
	if (status != (operation->out.media == COR_GEN_NOTHING ? 204u : 200u))
		operation->status = status;
	if (cor_node_len(cor_node_get(response, "headers")) > 0)
		take_headers(gen, operation, response);
}

void cor_gen_answers(
	struct cor_gen *gen, struct cor_gen_operation *operation, const struct cor_node *responses)
{
	bool is_found = false;

	for (size_t i = 0; i < cor_node_len(responses); i++) {
		unsigned status = status_of(gen, responses, i);
		const struct cor_node *response = cor_gen_referred(
			gen, cor_node_item(responses, i));
		if (status >= 200 && status < 300 && !is_found) {
			take_answer(gen, operation, response, status);
			is_found = true;
		} else if (status >= 100 && status < 400) {
			cor_gen_note(gen, response,
				"is left out: an operation has one answer that is no problem");
		} else {
			add_problem(gen, operation, status);
			tell_of_problems(gen, response);
		}
	}
}
