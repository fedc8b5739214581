/* SPDX-License-Identifier: MIT */
/* Structs and enums. */
#include "generate/print_header.h"

#include <string.h>

#include "generate/names.h"
#include "generate/print.h"

static const char *scalar_type(enum cor_kind kind)
{
	static const char *const types[COR_KIND_END_] = {
		[COR_KIND_BOOL] = "bool ",
		[COR_KIND_INT32] = "int32_t ",
		[COR_KIND_INT64] = "int64_t ",
		[COR_KIND_UINT32] = "uint32_t ",
		[COR_KIND_UINT64] = "uint64_t ",
		[COR_KIND_DOUBLE] = "double ",
		[COR_KIND_TEXT] = "const char *",
		[COR_KIND_STR] = "struct cor_str ",
		[COR_KIND_TIMESTAMP] = "struct timespec ",
		[COR_KIND_UUID] = "struct cor_uuid ",
		[COR_KIND_DATE] = "struct cor_date ",
		[COR_KIND_TIME] = "struct cor_time ",
		[COR_KIND_DURATION] = "struct cor_duration ",
		[COR_KIND_IP] = "struct cor_ip ",
		[COR_KIND_NETWORK] = "struct cor_network ",
		[COR_KIND_BASE64] = "struct cor_base64 ",
		[COR_KIND_DECIMAL] = "struct cor_decimal_number ",
		[COR_KIND_RAW] = "struct cor_json ",
		[COR_KIND_FLAGS] = "uint32_t ",
	};

	return types[kind] ? types[kind] : "struct cor_json ";
}

/* With a space or an asterisk at its end, as a declaration has it. */
static const char *value_type(struct cor_gen *gen, const struct cor_gen_row *row)
{
	enum cor_kind kind = row->field.type.kind;

	if (!row->type || kind == COR_KIND_FLAGS)
		return scalar_type(kind);
	if (kind == COR_KIND_ENUM)
		return cor_gen_printf(gen, "enum %s ", row->type->name);
	return cor_gen_printf(
		gen, "struct %s %s", row->type->name, kind == COR_KIND_POINTER ? "*" : "");
}

/* The same as the argument of a macro. */
static const char *trimmed(struct cor_gen *gen, const char *text)
{
	size_t len = strlen(text);

	return cor_gen_printf(
		gen, "%.*s", (int)(len && text[len - 1] == ' ' ? len - 1 : len), text);
}

static const char *member_type(struct cor_gen *gen, const struct cor_gen_row *row)
{
	const char *value = value_type(gen, row);

	if (row->field.shape == COR_SHAPE_ARRAY)
		return cor_gen_printf(gen, "cor_array(%s) ", trimmed(gen, value));
	if (row->field.shape == COR_SHAPE_DICT)
		return cor_gen_printf(gen, "cor_dict(%s) ", trimmed(gen, value));
	return row->field.is_opt ? cor_gen_printf(gen, "cor_opt(%s) ", trimmed(gen, value)) : value;
}

/* What a reader of the struct has to know: how it says that nothing is there. */
static const char *remark(struct cor_gen *gen, const struct cor_gen_row *row)
{
	enum cor_kind kind = row->field.type.kind;

	if (row->field.shape == COR_SHAPE_ONE && !row->field.is_opt && row->field.presence &&
		(kind == COR_KIND_TEXT || kind == COR_KIND_POINTER))
		return "may be NULL";
	if (kind == COR_KIND_ENUM && row->field.shape == COR_SHAPE_ONE && !row->field.is_opt &&
		row->field.presence & COR_OPTIONAL)
		return "0: none";
	if (kind == COR_KIND_FLAGS && row->type)
		return cor_gen_printf(gen, "enum %s, or-ed", row->type->name);
	return NULL;
}

static size_t columns_of(const char *declared)
{
	return COR_GEN_TAB + strlen(declared) - 1; /* a tab */
}

static const char *declaration(struct cor_gen *gen, const struct cor_gen_row *row)
{
	return cor_gen_printf(gen, "\t%s%s;", member_type(gen, row), row->field.member);
}

/* A remark stands behind its member, if there is room. */
static bool is_beside(struct cor_gen *gen, const struct cor_gen_row *row)
{
	const char *said = remark(gen, row);

	return said && columns_of(declaration(gen, row)) + strlen(said) + 7 <= COR_GEN_COLUMNS;
}

/* Where the remarks of neighbours stand: one below the other. */
static size_t remark_column(struct cor_gen *gen, const struct cor_gen_type *type, size_t i)
{
	size_t widest = 0, first = i;

	while (first > 0 && is_beside(gen, &type->rows[first - 1]))
		first--;
	for (size_t j = first; j < type->rows_len && is_beside(gen, &type->rows[j]); j++) {
		size_t width = columns_of(declaration(gen, &type->rows[j]));
		widest = width > widest ? width : widest;
	}
	return widest + 1;
}

static void print_member(
	struct cor_gen *gen, const struct cor_gen_type *type, size_t i, struct cor_buffer *out)
{
	const struct cor_gen_row *row = &type->rows[i];
	const char *said = remark(gen, row), *declared = declaration(gen, row);
	bool is_after = said && is_beside(gen, row);

	if (said && !is_after)
		cor_buffer_printf(out, "\t/* %s */\n", said);
	cor_buffer_append_str(out, cor_str(declared));
	if (said && is_after) {
		size_t column = remark_column(gen, type, i);
		if (column + strlen(said) + 6 > COR_GEN_COLUMNS)
			column = columns_of(declared) + 1;
		for (size_t at = columns_of(declared); at < column; at++)
			cor_buffer_byte(out, ' ');
		cor_buffer_printf(out, "/* %s */", said);
	}
	cor_buffer_byte(out, '\n');
}

/* --- enums --- */

static const char *enumerator(
	struct cor_gen *gen, const struct cor_gen_type *type, size_t i, const char *constant)
{
	if (type->form == COR_GEN_SET)
		return cor_gen_printf(gen, "%s = 1 << %zu", constant, i);
	if (type->begins_at_one && i == 0)
		return cor_gen_printf(gen, "%s = 1", constant);
	return constant;
}

static void print_constants(struct cor_gen *gen, const struct cor_gen_type *type, const char *name,
	const char *const *constants, size_t len, struct cor_buffer *out)
{
	size_t width = strlen(name) + 12;

	for (size_t i = 0; i < len; i++)
		width += strlen(enumerator(gen, type, i, constants[i])) + 2;
	bool is_short = width <= COR_GEN_COLUMNS && len <= 6;
	cor_buffer_printf(out, "enum %s {%s", name, is_short ? " " : "\n");
	for (size_t i = 0; i < len; i++) {
		const char *one = enumerator(gen, type, i, constants[i]);
		if (is_short)
			cor_buffer_printf(out, "%s%s", i ? ", " : "", one);
		else
			cor_buffer_printf(out, "\t%s,\n", one);
	}
	cor_buffer_append_str(out, is_short ? COR_STR(" };\n") : COR_STR("};\n"));
}

static void print_enum(struct cor_gen *gen, const struct cor_gen_type *type, struct cor_buffer *out)
{
	const char **constants = cor_gen_alloc(gen, (type->names_len + 1) * sizeof constants[0]);

	for (size_t i = 0; constants && i < type->names_len; i++)
		constants[i] = type->names[i].constant;
	if (constants)
		print_constants(gen, type, type->name, constants, type->names_len, out);
}

/* --- structs --- */

/* A type behind this one that it points to. */
static void declare_ahead(
	const struct cor_gen_type *self, struct cor_gen_type *type, struct cor_buffer *out)
{
	if (!cor_gen_has_schema(type) || type->state != COR_GEN_NEW || type == self)
		return;
	type->state = COR_GEN_OPEN;
	cor_buffer_printf(out, "struct %s;\n", type->name);
}

static void declare_all_ahead(const struct cor_gen_type *type, struct cor_buffer *out)
{
	size_t before = out->len;

	for (size_t i = 0; i < type->rows_len; i++)
		declare_ahead(type, type->rows[i].type, out);
	for (size_t i = 0; i < type->branches_len; i++)
		declare_ahead(type, type->branches[i].type, out);
	if (out->len != before)
		cor_buffer_byte(out, '\n');
}

static void print_branches(const struct cor_gen_type *type, struct cor_buffer *out)
{
	cor_buffer_printf(out, "\tenum %s kind;\n\tunion {\n", type->tag);
	for (size_t i = 0; i < type->branches_len; i++)
		cor_buffer_printf(out, "\t\tstruct %s %s%s;\n", type->branches[i].type->name,
			type->branches[i].is_pointer ? "*" : "", type->branches[i].member);
	cor_buffer_literal(out, "\t};\n");
}

static void print_tag(struct cor_gen *gen, const struct cor_gen_type *type, struct cor_buffer *out)
{
	const char **constants = cor_gen_alloc(gen, (type->branches_len + 1) * sizeof constants[0]);

	for (size_t i = 0; constants && i < type->branches_len; i++)
		constants[i] = type->branches[i].constant;
	if (constants)
		print_constants(gen, type, type->tag, constants, type->branches_len, out);
}

void cor_gen_print_type(struct cor_gen *gen, struct cor_gen_type *type, struct cor_buffer *out)
{
	declare_all_ahead(type, out);
	type->state = COR_GEN_DONE;
	if (type->form == COR_GEN_UNION)
		print_tag(gen, type, out);
	if (type->doc)
		cor_gen_print_comment(out, "/**", type->doc);
	if (!cor_gen_has_schema(type)) {
		print_enum(gen, type, out);
		return;
	}
	cor_buffer_printf(out, "struct %s {\n", type->name);
	for (size_t i = 0; i < type->rows_len; i++)
		print_member(gen, type, i, out);
	if (type->form == COR_GEN_UNION)
		print_branches(type, out);
	else if (type->rows_len == 0)
		cor_buffer_literal(out, "\tchar nothing; /* it has no members */\n");
	cor_buffer_literal(out, "};\n");
}

static const char *guard(struct cor_gen *gen)
{
	return cor_gen_printf(gen, "%s_H", cor_gen_capitals(gen, gen->options->name));
}

void cor_gen_print_header(struct cor_gen *gen, struct cor_buffer *out)
{
	const char *title = cor_gen_printf(gen,
		"Generated once by coracle-generate; from here on yours to edit. The tables are in %s.c.",
		gen->options->name);

	cor_gen_print_comment(out, "/*", title);
	cor_buffer_printf(out, "#ifndef %s\n#define %s\n\n#include <coracle/coracle.h>\n",
		guard(gen), guard(gen));
	for (size_t i = 0; i < gen->types_len; i++)
		gen->types[i]->state = COR_GEN_NEW;
	for (size_t i = 0; i < gen->types_len; i++) {
		struct cor_gen_type *type = gen->types[i];
		if (type->is_refused || type->is_input)
			continue;
		cor_buffer_byte(out, '\n');
		cor_gen_print_type(gen, type, out);
		if (cor_gen_has_schema(type))
			cor_buffer_printf(out, "COR_DECLARE_SCHEMA(%s_schema, struct %s);\n",
				type->name, type->name);
		else if (type->is_shared)
			cor_buffer_printf(out, "extern const struct cor_enum_name %s_names[%zu];\n",
				type->name, type->names_len);
	}
	cor_buffer_literal(out, "\n#endif\n");
}
