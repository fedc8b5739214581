/* SPDX-License-Identifier: MIT */
/* Operations, resources, and a main. */
#include "generate/print_service.h"

#include <string.h>

#include "generate/print.h"
#include "generate/print_body.h"
#include "generate/print_header.h"
#include "generate/print_source.h"

static void print_handler(
	struct cor_gen *gen, const struct cor_gen_operation *operation, struct cor_buffer *out)
{
	struct cor_gen_call call;

	cor_gen_call_begin(
		&call, gen, out, 0, cor_gen_printf(gen, "static int %s(", operation->handler));
	cor_gen_call_argument(&call, "struct cor_ctx *ctx");
	cor_gen_call_argument(&call,
		cor_gen_printf(gen, "const %s *in", cor_gen_body_struct(gen, &operation->in)));
	cor_gen_call_argument(
		&call, cor_gen_printf(gen, "%s *out", cor_gen_body_struct(gen, &operation->out)));
	cor_gen_call_end(&call, ")");
	cor_buffer_printf(out,
		"{\n\t(void)in;\n\t(void)out;\n"
		"\treturn cor_problem(ctx, 501, 0, \"%s is not written yet\");\n}\n",
		operation->handler);
}

static const char *problems(struct cor_gen *gen, const struct cor_gen_operation *operation)
{
	const char *list = "";

	for (size_t i = 0; i < operation->problems_len; i++)
		list = cor_gen_printf(gen, "%s%u, ", list, operation->problems[i]);
	return cor_gen_printf(gen, ".problems = { %s501 }", list);
}

static void text_option(
	struct cor_gen *gen, struct cor_gen_call *call, const char *name, const char *text)
{
	if (text && text[0])
		cor_gen_call_argument(
			call, cor_gen_printf(gen, ".%s = %s", name, cor_gen_literal(gen, text)));
}

static void print_operation(
	struct cor_gen *gen, const struct cor_gen_operation *operation, struct cor_buffer *out)
{
	struct cor_gen_call call;

	print_handler(gen, operation, out);
	cor_gen_call_begin(&call, gen, out, 0, "COR_OPERATION(");
	cor_gen_call_argument(&call, cor_gen_printf(gen, "%s_operation", operation->handler));
	cor_gen_call_argument(&call, operation->handler);
	cor_gen_call_argument(&call, cor_gen_body_schema(gen, &operation->in));
	cor_gen_call_argument(&call, cor_gen_body_schema(gen, &operation->out));
	text_option(gen, &call, "summary", operation->summary);
	text_option(gen, &call, "doc", operation->doc);
	text_option(gen, &call, "tag", operation->tag);
	text_option(gen, &call, "content_type", operation->out.content_type);
	if (operation->status)
		cor_gen_call_argument(
			&call, cor_gen_printf(gen, ".status = %u", operation->status));
	cor_gen_call_argument(&call, problems(gen, operation));
	if (operation->is_deprecated)
		cor_gen_call_argument(&call, ".lifecycle = COR_DEPRECATED");
	cor_gen_call_end(&call, ");");
}

static void print_resource(
	struct cor_gen *gen, const struct cor_gen_resource *resource, struct cor_buffer *out)
{
	static const char *const members[COR_GEN_METHODS] = { "get", "put", "post", "patch",
		"delete" };

	cor_buffer_printf(out, "\nstatic const struct cor_resource %s = {\n\t.path = %s,\n",
		resource->name, cor_gen_literal(gen, resource->path));
	for (int i = 0; i < COR_GEN_METHODS; i++)
		if (!cor_gen_operation_is_refused(resource->operations[i]))
			cor_buffer_printf(out, "\t.%s = &%s_operation,\n", members[i],
				resource->operations[i]->handler);
	cor_buffer_literal(out, "};\n");
}

static bool has_operations(const struct cor_gen_resource *resource)
{
	for (int i = 0; i < COR_GEN_METHODS; i++)
		if (!cor_gen_operation_is_refused(resource->operations[i]))
			return true;
	return false;
}

static void member(struct cor_gen *gen, struct cor_buffer *out, const char *name, const char *text)
{
	struct cor_gen_call call;

	if (!text || !text[0])
		return;
	cor_gen_call_begin(&call, gen, out, 1, "");
	cor_gen_call_argument(
		&call, cor_gen_printf(gen, ".%s = %s", name, cor_gen_literal(gen, text)));
	cor_gen_call_end(&call, ",");
}

static void print_main(struct cor_gen *gen, struct cor_buffer *out)
{
	const struct cor_gen_service *service = gen->service;
	struct cor_gen_call call;

	cor_buffer_literal(out, "\nstatic const struct cor_service service = {\n");
	member(gen, out, "name", gen->options->name);
	member(gen, out, "version", service->version);
	member(gen, out, "title", service->title);
	member(gen, out, "doc", service->doc);
	cor_gen_call_begin(&call, gen, out, 1, ".resources = COR_RESOURCES(");
	for (const struct cor_gen_resource *one = service->resources; one; one = one->next)
		if (has_operations(one))
			cor_gen_call_argument(&call, cor_gen_printf(gen, "&%s", one->name));
	cor_gen_call_end(&call, "),");
	cor_buffer_literal(out, "};\n\nint main(int argc, char **argv)\n{\n"
				"\treturn cor_main(argc, argv, &service);\n}\n");
}

static void print_once(struct cor_gen *gen, struct cor_gen_type *type, struct cor_buffer *out)
{
	if (type->is_printed)
		return;
	type->is_printed = true;
	cor_gen_print_type(gen, type, out);
	cor_gen_print_tables(gen, type, true, out);
	cor_buffer_byte(out, '\n');
}

/* With the enums that only inputs have. */
static void print_input(struct cor_gen *gen, struct cor_gen_type *input, struct cor_buffer *out)
{
	for (size_t i = 0; i < input->rows_len; i++) {
		struct cor_gen_type *type = input->rows[i].type;
		if (type && type->is_input && !cor_gen_has_schema(type))
			print_once(gen, type, out);
	}
	print_once(gen, input, out);
}

void cor_gen_print_service(struct cor_gen *gen, struct cor_buffer *out)
{
	static const char *const methods[COR_GEN_METHODS] = { "GET", "PUT", "POST", "PATCH",
		"DELETE" };

	cor_buffer_printf(out,
		"/* The service of %s.h: every handler answers 501 until you write it. */\n"
		"#include \"%s.h\"\n",
		gen->options->name, gen->options->name);
	for (size_t i = 0; i < gen->types_len; i++)
		gen->types[i]->state = COR_GEN_DONE;
	for (const struct cor_gen_resource *one = gen->service->resources; one; one = one->next) {
		for (int i = 0; i < COR_GEN_METHODS; i++) {
			const struct cor_gen_operation *operation = one->operations[i];
			if (cor_gen_operation_is_refused(operation))
				continue;
			cor_buffer_byte(out, '\n');
			cor_gen_print_comment(
				out, "/*", cor_gen_printf(gen, "%s %s", methods[i], one->path));
			cor_buffer_byte(out, '\n');
			if (operation->in.type && operation->in.type->is_input)
				print_input(gen, operation->in.type, out);
			if (operation->out.type && operation->out.type->is_input)
				print_input(gen, operation->out.type, out);
			print_operation(gen, operation, out);
		}
		if (has_operations(one))
			print_resource(gen, one, out);
	}
	print_main(gen, out);
}
