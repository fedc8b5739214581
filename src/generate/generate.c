/* SPDX-License-Identifier: MIT */
#include "generate/generate.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json.h>
#include <coracle/json_pointer.h>

#include "generate/names.h"
#include "generate/order.h"
#include "generate/print.h"
#include "generate/print_header.h"
#include "generate/print_client.h"
#include "generate/print_service.h"
#include "generate/print_source.h"
#include "generate/service.h"
#include "generate/trial.h"
#include "generate/types.h"

/* Where documents keep schemas that have a name. */
static const char *const shelves[] = { "/components/schemas", "/$defs", "/definitions" };

static void reserve_all(struct cor_gen *gen)
{
	for (size_t i = 0; i < sizeof shelves / sizeof shelves[0]; i++) {
		const struct cor_node *shelf = cor_pointer_get(gen->root, shelves[i]);
		for (size_t j = 0; j < cor_node_len(shelf); j++)
			cor_gen_reserve(gen, cor_node_item(shelf, j),
				cor_gen_text(gen, cor_node_key(shelf, j)));
	}
}

static bool has_type(struct cor_gen *gen, const struct cor_gen_schema *schema)
{
	static const char *const ways[] = { "struct", "bare", "enum", "set", "union" };

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (cor_gen_find_type(gen, schema, ways[i]))
			return true;
	return false;
}

/* A type of its own, unless the rows that refer to it say it all. */
static void make(struct cor_gen *gen, const struct cor_node *schema, const char *name)
{
	struct cor_gen_row row = { .at = schema, .required = true };
	struct cor_gen_schema whole = cor_gen_schema_of(gen, schema);
	bool is_null = false;
	size_t rules = 0;

	if (cor_gen_named(gen, schema) != schema && cor_gen_uses(gen, schema) > 0)
		return; /* another name */
	whole = cor_gen_itself(gen, &whole, &is_null);
	if (has_type(gen, &whole))
		return;
	cor_gen_resolve(gen, &row, &whole, name);
	for (const struct cor_gen_rule *rule = gen->rules; rule; rule = rule->next)
		rules += rule == row.rule;
	if (rules)
		row.rule->uses--;
	if (row.nullable && schema == gen->root)
		cor_gen_note(gen, schema, "may be null: its table takes no null");
	bool is_type = row.type && row.field.shape == COR_SHAPE_ONE &&
		       row.field.type.kind != COR_KIND_FLAGS;
	if (!is_type && cor_gen_uses(gen, schema) == 0)
		cor_ignore(cor_gen_bare(gen, &whole, name) != NULL);
}

static void make_components(struct cor_gen *gen, bool of_branches)
{
	for (size_t i = 0; i < sizeof shelves / sizeof shelves[0]; i++) {
		const struct cor_node *shelf = cor_pointer_get(gen->root, shelves[i]);
		for (size_t j = 0; j < cor_node_len(shelf) && gen->error == 0; j++) {
			const struct cor_node *schema = cor_node_item(shelf, j);
			bool is_branch = cor_gen_uses(gen, schema) > 0 &&
					 cor_gen_own_uses(gen, schema) == 0;
			if (is_branch == of_branches)
				make(gen, schema, cor_gen_text(gen, cor_node_key(shelf, j)));
		}
	}
}

static bool is_branch_of_made(const struct cor_gen *gen, const struct cor_node *schema)
{
	for (size_t i = 0; i < gen->types_len; i++)
		if (gen->types[i]->at == schema)
			return true;
	return false;
}

/* Branches of unions that came to nothing. */
static void make_left_over(struct cor_gen *gen)
{
	for (size_t i = 0; i < sizeof shelves / sizeof shelves[0]; i++) {
		const struct cor_node *shelf = cor_pointer_get(gen->root, shelves[i]);
		for (size_t j = 0; j < cor_node_len(shelf) && gen->error == 0; j++) {
			const struct cor_node *schema = cor_node_item(shelf, j);
			if (cor_gen_own_uses(gen, schema) == 0 && !is_branch_of_made(gen, schema))
				make(gen, schema, cor_gen_text(gen, cor_node_key(shelf, j)));
		}
	}
}

/* A JSON Schema is a schema itself, unless it only holds others. */
static void make_root(struct cor_gen *gen)
{
	const char *title = cor_gen_member_text(gen, gen->root, "title");
	bool is_short = title && strlen(title) <= 40;

	if (gen->is_openapi || !cor_gen_says_more(gen->root, NULL))
		return;
	cor_gen_reserve(gen, gen->root, is_short ? title : gen->options->name);
	make(gen, gen->root, gen->options->name);
}

/* A rule that only one row has is that row's. */
static void inline_rules(struct cor_gen *gen)
{
	for (size_t i = 0; i < gen->types_len; i++)
		for (size_t j = 0; j < gen->types[i]->rows_len; j++) {
			struct cor_gen_row *row = &gen->types[i]->rows[j];
			if (row->rule && row->rule->uses == 1)
				cor_gen_own_rules(row);
		}
}

/* Which file has the names of an enum. */
static void place_names(struct cor_gen *gen, struct cor_gen_type *names)
{
	bool of_source = false, of_service = false;

	for (size_t i = 0; i < gen->types_len; i++) {
		const struct cor_gen_type *type = gen->types[i];
		for (size_t j = 0; j < type->rows_len && !type->is_refused; j++) {
			if (type->rows[j].type != names)
				continue;
			of_source = of_source || !type->is_input;
			of_service = of_service || type->is_input;
		}
	}
	names->is_input = of_service && !of_source;
	names->is_shared = of_service == of_source;
}

static void place_all_names(struct cor_gen *gen)
{
	for (size_t i = 0; i < gen->types_len; i++)
		if (!cor_gen_has_schema(gen->types[i]))
			place_names(gen, gen->types[i]);
}

static int refuse(struct cor_generated *ret, int rc, const char *problem)
{
	ret->problem = problem;
	return rc;
}

static int parse(struct cor_gen *gen, struct cor_str document, struct cor_generated *ret)
{
	const struct cor_node_options options = { .depth_max = COR_NODE_DEPTH_MAX, .borrow = true };
	size_t at = 0;

	if (document.len > COR_GENERATE_BYTES_MAX)
		return refuse(ret, -COR_ETOOLARGE, "the document is longer than 64 MiB");
	int rc = cor_node_parse(gen->arena, document, &options, &gen->root, &at);
	if (rc == -COR_ESYNTAX) {
		struct cor_json_place place = cor_json_place(document, at);
		return refuse(ret, rc,
			cor_gen_printf(gen,
				"line %zu, column %zu: is not JSON (YAML must be turned into JSON first)",
				place.line, place.column));
	}
	if (rc == -COR_ETOOLARGE)
		return refuse(ret, rc,
			cor_gen_printf(gen, "is nested deeper than %d levels", COR_NODE_DEPTH_MAX));
	return rc < 0 ? refuse(ret, rc, "there is no memory left") : 0;
}

static int start(struct cor_gen *gen, struct cor_generated *ret)
{
	bool value;

	gen->rules_end = &gen->rules;
	gen->index = cor_node_object(gen->arena);
	gen->uses = cor_node_object(gen->arena);
	gen->own_uses = cor_node_object(gen->arena);
	gen->tags = cor_node_object(gen->arena);
	gen->constants = cor_node_object(gen->arena);
	gen->told = cor_node_object(gen->arena);
	gen->handlers = cor_node_object(gen->arena);
	if (!gen->told || !gen->handlers || !gen->constants || !gen->tags || !gen->own_uses ||
		!gen->uses || !gen->index)
		return refuse(ret, -ENOMEM, "there is no memory left");
	gen->is_openapi = cor_node_get(gen->root, "openapi") || cor_node_get(gen->root, "swagger");
	if (cor_node_type(gen->root) != COR_JSON_OBJECT && cor_node_to_bool(gen->root, &value) < 0)
		return refuse(ret, -COR_EINVALID, "is no schema: a schema is an object");
	if (cor_node_get(gen->root, "swagger"))
		cor_gen_note(gen, gen->root,
			"of Swagger 2.0 only the definitions are read: turn it into OpenAPI 3 for the rest");
	return 0;
}

static int print(struct cor_gen *gen,
	void (*print_file)(struct cor_gen *gen, struct cor_buffer *out), struct cor_str *ret)
{
	struct cor_buffer out = { .limit = COR_GENERATE_BYTES_MAX };

	print_file(gen, &out);
	int rc = cor_buffer_error(&out);
	if (rc == 0)
		*ret = (struct cor_str){ cor_gen_text(gen, (struct cor_str){ out.data, out.len }),
			out.len };
	cor_buffer_finish(&out);
	return rc ? rc : gen->error;
}

static const struct cor_schema *tried_root(const struct cor_gen *gen)
{
	for (size_t i = 0; i < gen->types_len; i++) {
		const struct cor_gen_type *type = gen->types[i];
		if (type->at == gen->root && !type->is_refused && cor_gen_has_schema(type))
			return cor_gen_tried_schema(type);
	}
	return NULL;
}

static int make_all(struct cor_gen *gen, struct cor_generated *ret)
{
	cor_gen_count_uses(gen);
	reserve_all(gen);
	make_root(gen);
	make_components(gen, false);
	make_left_over(gen);
	struct cor_gen_service *service = (gen->options->service || gen->options->client) &&
							  gen->is_openapi
						  ? cor_gen_service(gen)
						  : NULL;
	if (gen->error == 0 && gen->types_len == 0 && !service)
		return refuse(
			ret, -COR_EINVALID, "holds no schema of an object, a list or a value");
	cor_gen_order(gen);
	inline_rules(gen);
	cor_gen_try(gen);
	ret->tried = tried_root(gen);
	place_all_names(gen);
	int rc = gen->error ? gen->error : print(gen, cor_gen_print_header, &ret->header);
	if (rc == 0)
		rc = print(gen, cor_gen_print_source, &ret->source);
	gen->service = service;
	if (rc == 0 && service && gen->options->service)
		rc = print(gen, cor_gen_print_service, &ret->service);
	if (rc == 0 && service && gen->options->client)
		rc = print(gen, cor_gen_print_client_header, &ret->client_header);
	if (rc == 0 && service && gen->options->client)
		rc = print(gen, cor_gen_print_client, &ret->client);
	if (rc == -COR_ETOOLARGE)
		return refuse(ret, rc,
			cor_gen_printf(gen, "makes more than %d types, or 64 MiB of C",
				COR_GENERATE_TYPES_MAX));
	return rc < 0 ? refuse(ret, rc, cor_strerror(rc)) : 0;
}

int cor_generate(struct cor_arena *arena, struct cor_str document,
	const struct cor_generate_options *options, struct cor_generated *ret)
{
	struct cor_gen gen = { .arena = arena, .options = options };

	*ret = (struct cor_generated){ 0 };
	if (!options->name || cor_gen_snake(&gen, options->name)[0] == '\0')
		return refuse(ret, -COR_EINVALID, "the name has no letter or digit");
	if (options->prefix && !cor_gen_is_identifier(options->prefix))
		return refuse(ret, -COR_EINVALID, "the prefix is no name of C");
	int rc = parse(&gen, document, ret);
	if (rc == 0)
		rc = start(&gen, ret);
	if (rc == 0)
		rc = make_all(&gen, ret);
	ret->notes = gen.notes;
	ret->notes_len = gen.notes_len;
	return rc;
}
