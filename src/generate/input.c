/* SPDX-License-Identifier: MIT */
/* What an operation takes: parameters and a body, in one struct. */
#include "generate/input.h"

#include <string.h>
#include <strings.h>

#include "generate/answer.h"
#include "generate/names.h"
#include "generate/rows.h"
#include "generate/types.h"
#include "schema/contradict.h"
#include "schema/kind.h"

struct input {
	struct cor_gen *gen;
	struct cor_gen_operation *operation;
	struct cor_gen_type *type; /* NULL: no parameter yet */
	const struct cor_node *at;
};

static struct cor_gen_type *type_of(struct input *input)
{
	struct cor_gen *gen = input->gen;

	if (!input->type) {
		input->type = cor_gen_add_type(gen, COR_GEN_STRUCT, input->at,
			cor_gen_tag(
				gen, cor_gen_printf(gen, "%s_input", input->operation->handler)));
		if (input->type)
			input->type->is_input = true;
	}
	return input->type;
}

static bool is_text(
	struct cor_gen *gen, const struct cor_node *node, const char *key, const char *value)
{
	const char *text = cor_gen_member_text(gen, node, key);

	return text && strcmp(text, value) == 0;
}

static enum cor_from place_of(struct cor_gen *gen, const struct cor_node *parameter)
{
	if (is_text(gen, parameter, "in", "path"))
		return COR_FROM_PATH;
	if (is_text(gen, parameter, "in", "query"))
		return COR_FROM_QUERY;
	if (is_text(gen, parameter, "in", "cookie"))
		return COR_FROM_COOKIE;
	return is_text(gen, parameter, "in", "header") ? COR_FROM_HEADER : COR_FROM_DEFAULT;
}

/* Parameters are text: they hold scalars, and but for those of paths arrays of them. */
static bool can_be_parameter(const struct cor_gen_row *row)
{
	if (row->field.shape == COR_SHAPE_DICT || cor_gen_has_schema(row->type) ||
		row->field.type.kind == COR_KIND_RAW || row->field.type.kind == COR_KIND_FLAGS)
		return false;
	return row->field.shape == COR_SHAPE_ONE ||
	       (row->field.from != COR_FROM_PATH && row->field.from != COR_FROM_COOKIE);
}

static void add(struct input *input, const struct cor_gen_row *row)
{
	struct cor_gen_row *place = cor_gen_add_row(input->gen, input->type);

	if (place)
		*place = *row;
}

static const char *example_of(struct cor_gen *gen, const struct cor_node *parameter)
{
	const struct cor_node *value = cor_node_get(parameter, "example");

	if (!value)
		value = cor_node_get(
			cor_node_item(cor_node_get(parameter, "examples"), 0), "value");
	return value ? cor_gen_json(gen, value) : NULL;
}

void cor_gen_resolve_parameter(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_node *parameter, const char *hint)
{
	const struct cor_node *described = cor_node_get(parameter, "schema");
	struct cor_gen_schema schema = cor_gen_schema_of(gen, described);
	const struct cor_gen_row plain = *row;

	if (described)
		cor_gen_resolve(gen, row, &schema, hint);
	else
		row->field.type.kind = COR_KIND_TEXT;
	if (!can_be_parameter(row)) {
		cor_gen_note(gen, parameter, "is taken as text: a parameter is a scalar%s",
			row->field.from == COR_FROM_PATH || row->field.from == COR_FROM_COOKIE
				? ""
				: ", or an array of them");
		*row = plain;
		row->field.type.kind = COR_KIND_TEXT;
		schema = (struct cor_gen_schema){ 0 };
	}
	row->nullable = false;
	cor_gen_finish_row(gen, row, &schema);
	if (row->field.from == COR_FROM_PATH)
		row->field.fallback = NULL;
	row->field.access = COR_READ_WRITE;
	const char *doc = cor_gen_doc(gen, parameter), *example = example_of(gen, parameter);
	row->field.doc = doc ? doc : row->field.doc;
	row->field.example = example ? example : row->field.example;
	cor_gen_settle(gen, row);
}

static void add_parameter(
	struct input *input, const struct cor_node *parameter, enum cor_from from, const char *name)
{
	struct cor_gen *gen = input->gen;
	struct cor_gen_row row = { .at = parameter ? parameter : input->at };

	if (!type_of(input))
		return;
	row.required = from == COR_FROM_PATH || cor_gen_is_set(parameter, "required");
	row.field.member = cor_gen_member(gen, input->type, name);
	row.field.from = from;
	if (strcmp(row.field.member, name) != 0)
		row.field.key = name;
	cor_gen_resolve_parameter(gen, &row, parameter,
		cor_gen_printf(gen, "%s_%s", input->operation->handler, row.field.member));
	add(input, &row);
}

static void read_parameter(struct input *input, const struct cor_node *parameter)
{
	struct cor_gen *gen = input->gen;
	enum cor_from from = place_of(gen, parameter);
	const char *name = cor_gen_member_text(gen, parameter, "name");

	if (!name || !name[0])
		return;
	if (from == COR_FROM_HEADER &&
		(!strcasecmp(name, "Accept") || !strcasecmp(name, "Content-Type")))
		return; /* OpenAPI passes them over, too */
	if (from == COR_FROM_DEFAULT) {
		cor_gen_note(gen, parameter,
			"is left out: parameters come from the path, the query, a header or a cookie");
		return;
	}
	bool is_field = from == COR_FROM_HEADER || from == COR_FROM_COOKIE;
	if (is_field && !cor_row_is_header_name(name)) {
		cor_gen_note(gen, parameter, "is left out: no %s can have this name",
			from == COR_FROM_HEADER ? "header" : "cookie");
		return;
	}
	for (size_t i = 0; input->type && i < input->type->rows_len; i++) {
		const struct cor_field *field = &input->type->rows[i].field;
		if (field->from == from &&
			strcmp(field->key ? field->key : field->member, name) == 0)
			return; /* that of the operation was first */
	}
	add_parameter(input, parameter, from, name);
}

static void read_parameters(struct input *input, const struct cor_node *list)
{
	for (size_t i = 0; i < cor_node_len(list); i++)
		read_parameter(input, cor_gen_referred(input->gen, cor_node_item(list, i)));
}

/* Names of the path that nobody has described are text. */
static void add_missing(struct input *input, const char *path)
{
	struct cor_gen *gen = input->gen;

	for (const char *at = strchr(path, '{'); at; at = strchr(at + 1, '{')) {
		size_t len = strcspn(at + 1, "}");
		const char *name = cor_gen_printf(gen, "%.*s", (int)len, at + 1);
		bool is_there = false;
		for (size_t i = 0; input->type && i < input->type->rows_len; i++) {
			const struct cor_field *field = &input->type->rows[i].field;
			is_there = is_there ||
				   (field->from == COR_FROM_PATH &&
					   strcmp(field->key ? field->key : field->member, name) ==
						   0);
		}
		if (!is_there)
			add_parameter(input, NULL, COR_FROM_PATH, name);
	}
}

/* --- the body --- */

static bool has_member(const struct cor_gen_type *type, const char *key)
{
	for (size_t i = 0; i < type->rows_len; i++) {
		const struct cor_gen_row *row = &type->rows[i];
		if (row->is_embedded ? has_member(row->type, key)
				     : strcmp(row->field.key ? row->field.key : row->field.member,
					       key) == 0)
			return true;
	}
	return false;
}

/* Its rows stand beside those that are there, if no key is there twice. */
static bool can_embed(const struct cor_gen_type *type, const struct cor_gen_type *body)
{
	if (body->form != COR_GEN_STRUCT || body->is_bare || body->rows_len == 0)
		return false;
	for (size_t i = 0; i < type->rows_len; i++) {
		const struct cor_field *field = &type->rows[i].field;
		if (has_member(body, field->key ? field->key : field->member))
			return false;
	}
	return true;
}

void cor_gen_add_body(struct cor_gen *gen, struct cor_gen_type *type, struct cor_gen_type *body)
{
	struct cor_gen_row row = { .at = type->at, .type = body, .required = true };
	struct cor_gen_row *place = cor_gen_add_row(gen, type);

	if (!place)
		return;
	type->rows_len--; /* not yet one of those that are looked at */
	row.field.member = cor_gen_member(gen, type, body->is_bare ? "body" : body->name);
	row.is_embedded = can_embed(type, body);
	row.field.type.kind = row.is_embedded ? COR_KIND_EMBED : COR_KIND_OBJECT;
	row.field.bare = !row.is_embedded;
	*place = row;
	type->rows_len++;
	if (!row.is_embedded)
		return;
	type->ignores_unknown = body->ignores_unknown;
	type->component = body->component ? body->component : body->name;
	type->doc = body->doc;
}

static void read_body(struct input *input, const struct cor_node *body)
{
	struct cor_gen *gen = input->gen;
	struct cor_gen_body found = cor_gen_body_of(gen, cor_node_get(body, "content"),
		cor_gen_printf(gen, "%s_body", input->operation->handler));

	if (found.media == COR_GEN_NOTHING)
		return;
	if (!cor_gen_is_set(body, "required"))
		cor_gen_note(gen, body,
			"the body may be absent in the document: here that is one without members");
	if (!input->type) {
		input->operation->in = found;
		return;
	}
	if (found.media == COR_GEN_JSON)
		cor_gen_add_body(gen, input->type, found.type);
	else
		cor_gen_note(gen, body,
			"is left out: a body that is no JSON has no parameters beside it; write a COR_STREAM_OPERATION");
}

void cor_gen_input(struct cor_gen *gen, struct cor_gen_operation *operation,
	const struct cor_node *path_item, const struct cor_node *described,
	enum cor_gen_method method, const char *path)
{
	struct input input = { .gen = gen, .operation = operation, .at = described };
	const struct cor_node *body = cor_gen_referred(gen, cor_node_get(described, "requestBody"));

	read_parameters(&input, cor_node_get(described, "parameters"));
	read_parameters(&input, cor_node_get(path_item, "parameters"));
	add_missing(&input, path);
	if (body && (method == COR_GEN_GET || method == COR_GEN_DELETE))
		cor_gen_note(gen, body, "is left out: this method has no body");
	else if (body)
		read_body(&input, body);
	if (input.type)
		operation->in = (struct cor_gen_body){ .media = COR_GEN_JSON, .type = input.type };
}
