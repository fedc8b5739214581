/* SPDX-License-Identifier: MIT */
#include "generate/print_client.h"

#include <ctype.h>
#include <string.h>

#include "generate/document.h"
#include "generate/names.h"
#include "generate/print.h"
#include "generate/print_body.h"
#include "generate/print_header.h"
#include "generate/print_source.h"

static const char *const methods[COR_GEN_METHODS] = { "GET", "PUT", "POST", "PATCH", "DELETE" };
static const char *const calls[COR_GEN_METHODS] = { "get", "put", "post", "patch", "delete" };

/* An operation with its place. */
struct one {
	const struct cor_gen_resource *resource;
	const struct cor_gen_operation *operation;
	int method;
};

/* A body of text goes without the rows that would fill a {name}. */
static bool is_called(const struct one *one)
{
	return !cor_gen_operation_is_refused(one->operation) &&
	       (one->operation->in.media == COR_GEN_JSON || !strchr(one->resource->path, '{'));
}

static void each(struct cor_gen *gen, struct cor_buffer *out,
	void (*print)(struct cor_gen *gen, const struct one *one, struct cor_buffer *out))
{
	const struct cor_gen_resource *resource = gen->service->resources;

	for (; resource; resource = resource->next) {
		for (int i = 0; i < COR_GEN_METHODS; i++) {
			struct one one = { resource, resource->operations[i], i };
			if (is_called(&one))
				print(gen, &one, out);
		}
	}
}

/* The types of one operation that NAME.h does not have: its input's, with their enums, its
   output's. Each is printed once; all have been as they were before that. */
static void own_types(struct cor_gen *gen, const struct one *one, struct cor_buffer *out,
	void (*print)(struct cor_gen *gen, struct cor_gen_type *type, struct cor_buffer *out))
{
	struct cor_gen_type *const types[] = { one->operation->in.type, one->operation->out.type };

	for (size_t t = 0; t < 2; t++) {
		if (!types[t] || !types[t]->is_input)
			continue;
		for (size_t i = 0; i < types[t]->rows_len; i++) {
			struct cor_gen_type *inner = types[t]->rows[i].type;
			if (inner && inner->is_input && !cor_gen_has_schema(inner) &&
				!inner->is_printed)
				print(gen, inner, out);
		}
		if (!types[t]->is_printed)
			print(gen, types[t], out);
	}
}

static void print_struct(struct cor_gen *gen, struct cor_gen_type *type, struct cor_buffer *out)
{
	type->is_printed = true;
	cor_gen_print_type(gen, type, out);
	cor_buffer_byte(out, '\n');
}

static void print_tables(struct cor_gen *gen, struct cor_gen_type *type, struct cor_buffer *out)
{
	type->is_printed = true;
	cor_gen_print_tables(gen, type, true, out);
	cor_buffer_byte(out, '\n');
}

static void print_structs(struct cor_gen *gen, const struct one *one, struct cor_buffer *out)
{
	own_types(gen, one, out, print_struct);
}

static void forget(struct cor_gen *gen)
{
	for (size_t i = 0; i < gen->types_len; i++) {
		gen->types[i]->state = COR_GEN_DONE;
		gen->types[i]->is_printed = false;
	}
}

/* "int get_book(struct cor_ctx *ctx, const struct get_book_input *in, struct book *ret)" */
static void print_signature(
	struct cor_gen *gen, const struct one *one, const char *tail, struct cor_buffer *out)
{
	const struct cor_gen_operation *operation = one->operation;
	struct cor_gen_call call;

	cor_gen_call_begin(&call, gen, out, 0, cor_gen_printf(gen, "int %s(", operation->handler));
	cor_gen_call_argument(&call, "struct cor_ctx *ctx");
	if (operation->in.media != COR_GEN_NOTHING)
		cor_gen_call_argument(&call, cor_gen_printf(gen, "const %s *in",
						     cor_gen_body_struct(gen, &operation->in)));
	if (operation->out.media != COR_GEN_NOTHING)
		cor_gen_call_argument(&call,
			cor_gen_printf(gen, "%s *ret", cor_gen_body_struct(gen, &operation->out)));
	cor_gen_call_end(&call, tail);
}

static void print_prototype(struct cor_gen *gen, const struct one *one, struct cor_buffer *out)
{
	const char *summary = one->operation->summary;

	cor_buffer_byte(out, '\n');
	cor_gen_print_comment(out, "/**",
		cor_gen_printf(gen, "%s %s%s%s", methods[one->method], one->resource->path,
			summary && summary[0] ? ": " : "", summary ? summary : ""));
	print_signature(gen, one, ");", out);
}

void cor_gen_print_client_header(struct cor_gen *gen, struct cor_buffer *out)
{
	const char *name = cor_gen_snake(gen, gen->options->name);
	struct cor_buffer guard = { 0 };

	for (const char *at = name; *at; at++)
		cor_buffer_byte(&guard, (char)toupper((unsigned char)*at));
	cor_buffer_byte(&guard, '\0');
	const char *capitals = guard.data ? cor_gen_printf(gen, "%s", guard.data) : "";
	cor_buffer_finish(&guard);
	cor_buffer_printf(out,
		"/*\n * Generated once by coracle-generate; from here on yours to edit: functions that call\n"
		" * the operations of %s.h. They return and wait as cor_http_call() of <coracle/client.h>.\n"
		" */\n#ifndef %s_CLIENT_H\n#define %s_CLIENT_H\n\n#include \"%s.h\"\n\n",
		gen->options->name, capitals, capitals, gen->options->name);
	cor_buffer_printf(out,
		"/** For .upstreams = COR_UPSTREAMS(&%s_upstream) of the service that calls. */\n"
		"extern const struct cor_upstream %s_upstream;\n"
		"/** For its .schemas, or among them. */\n"
		"extern const struct cor_schema *const %s_client_schemas[];\n\n",
		name, name, name);
	forget(gen);
	each(gen, out, print_structs);
	each(gen, out, print_prototype);
	cor_buffer_literal(out, "\n#endif\n");
}

/* --- the source --- */

static void print_call(struct cor_gen *gen, const struct one *one, struct cor_buffer *out)
{
	const struct cor_gen_operation *operation = one->operation;
	struct cor_gen_call call;

	own_types(gen, one, out, print_tables);
	print_signature(gen, one, ")", out);
	cor_buffer_literal(out, "{\n");
	cor_gen_call_begin(
		&call, gen, out, 1, cor_gen_printf(gen, "return cor_http_%s(", calls[one->method]));
	cor_gen_call_argument(&call, "ctx");
	cor_gen_call_argument(
		&call, cor_gen_printf(gen, "&%s_upstream", cor_gen_snake(gen, gen->options->name)));
	cor_gen_call_argument(&call, cor_gen_body_schema(gen, &operation->out));
	cor_gen_call_argument(&call, operation->out.media == COR_GEN_NOTHING ? "NULL" : "ret");
	cor_gen_call_argument(&call,
		cor_gen_printf(gen, "COR_PATH(%s)", cor_gen_literal(gen, one->resource->path)));
	if (operation->in.media == COR_GEN_JSON)
		cor_gen_call_argument(&call, cor_gen_printf(gen, ".in = COR_VALUE(%s, in)",
						     cor_gen_body_schema(gen, &operation->in)));
	else if (operation->in.media != COR_GEN_NOTHING)
		cor_gen_call_argument(
			&call, cor_gen_printf(gen, ".body = *in, .content_type = %s",
				       cor_gen_literal(gen, operation->in.content_type
								    ? operation->in.content_type
							    : operation->in.media == COR_GEN_PLAIN
								    ? "text/plain; charset=utf-8"
								    : "application/octet-stream")));
	cor_gen_call_end(&call, ");");
	cor_buffer_literal(out, "}\n\n");
}

static void list_schema(
	struct cor_gen *gen, const struct cor_gen_body *body, struct cor_buffer *out)
{
	if (body->media != COR_GEN_JSON || body->type->is_printed)
		return;
	body->type->is_printed = true;
	cor_buffer_printf(out, "\t&%s.schema,\n", cor_gen_body_schema(gen, body));
}

static void list_schemas(struct cor_gen *gen, const struct one *one, struct cor_buffer *out)
{
	list_schema(gen, &one->operation->in, out);
	list_schema(gen, &one->operation->out, out);
}

/* The first of "servers", if it is whole. */
static const char *base_url(struct cor_gen *gen)
{
	const char *url = cor_gen_member_text(
		gen, cor_node_item(cor_node_get(gen->root, "servers"), 0), "url");

	return url && strncmp(url, "http", 4) == 0 && !strchr(url, '{') ? url : NULL;
}

void cor_gen_print_client(struct cor_gen *gen, struct cor_buffer *out)
{
	const char *name = cor_gen_snake(gen, gen->options->name), *url = base_url(gen);
	char *dashed = (char *)(uintptr_t)cor_gen_printf(gen, "%s", name);

	for (char *at = dashed; *at; at++)
		*at = *at == '_' ? '-' : *at;
	cor_buffer_printf(out,
		"#include \"%s_client.h\"\n\nconst struct cor_upstream %s_upstream = {\n",
		gen->options->name, name);
	cor_buffer_printf(out, "\t.name = \"%s\",\n", dashed);
	if (url)
		cor_buffer_printf(out, "\t.base_url = %s,\n", cor_gen_literal(gen, url));
	else
		cor_buffer_printf(out, "\t/* Where it is, --upstream-%s-url says. */\n", dashed);
	cor_buffer_literal(out, "};\n\n");
	forget(gen);
	each(gen, out, print_call);
	forget(gen);
	cor_buffer_printf(out, "const struct cor_schema *const %s_client_schemas[] = {\n", name);
	each(gen, out, list_schemas);
	cor_buffer_literal(out, "\tNULL,\n};\n");
}
