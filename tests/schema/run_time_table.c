/* SPDX-License-Identifier: MIT */
#include "run_time_table.h"

#include <stdio.h>
#include <stdlib.h>

#include <coracle/schema_custom.h>
#include <coracle/schema_union.h>

#define ALIGNMENT 16

static const struct kind_name {
	const char *name;
	enum cor_kind kind;
	uint32_t size;
} kind_names[] = {
	{ "bool", COR_KIND_BOOL, sizeof(bool) },
	{ "int32", COR_KIND_INT32, sizeof(int32_t) },
	{ "int64", COR_KIND_INT64, sizeof(int64_t) },
	{ "uint32", COR_KIND_UINT32, sizeof(uint32_t) },
	{ "uint64", COR_KIND_UINT64, sizeof(uint64_t) },
	{ "double", COR_KIND_DOUBLE, sizeof(double) },
	{ "text", COR_KIND_TEXT, sizeof(const char *) },
	{ "str", COR_KIND_STR, sizeof(struct cor_str) },
	{ "chars", COR_KIND_CHARS, 0 },
	{ "timestamp", COR_KIND_TIMESTAMP, sizeof(struct timespec) },
	{ "uuid", COR_KIND_UUID, sizeof(struct cor_uuid) },
	{ "date", COR_KIND_DATE, sizeof(struct cor_date) },
	{ "time", COR_KIND_TIME, sizeof(struct cor_time) },
	{ "duration", COR_KIND_DURATION, sizeof(struct cor_duration) },
	{ "ip", COR_KIND_IP, sizeof(struct cor_ip) },
	{ "network", COR_KIND_NETWORK, sizeof(struct cor_network) },
	{ "base64", COR_KIND_BASE64, sizeof(struct cor_base64) },
	{ "decimal", COR_KIND_DECIMAL, sizeof(struct cor_decimal_number) },
	{ "raw", COR_KIND_RAW, sizeof(struct cor_json) },
	{ "enum", COR_KIND_ENUM, sizeof(uint32_t) },
	{ "flags", COR_KIND_FLAGS, sizeof(uint32_t) },
	{ "object", COR_KIND_OBJECT, 0 },
	{ "pointer", COR_KIND_POINTER, 0 },
	{ "embed", COR_KIND_EMBED, 0 },
	{ "partial", COR_KIND_EMBED, 0 },
	{ "custom", COR_KIND_CUSTOM, sizeof(struct cor_str) },
	{ "mapped", COR_KIND_MAPPED, 0 },
};

/* --- types with functions of their own --- */

/* A text that no keyword describes: without a z. */
static int read_without_z(struct cor_conversion *conversion, struct cor_str text, void *ret)
{
	if (memchr(text.data, 'z', text.len))
		return cor_refuse(conversion, "has a z");
	memcpy(ret, &text, sizeof text);
	return 0;
}

static int write_without_z(
	struct cor_conversion *conversion, const void *value, struct cor_str *ret_text)
{
	(void)conversion;
	memcpy(ret_text, value, sizeof *ret_text);
	return 0;
}

/* What is kept is the struct that JSON has, byte for byte; functions know no size but their own. */
/* clang-format off */
#define MAPPING_BYTES_MAX (16 * ALIGNMENT)
#define COPY(n)                                                                                    \
	static int copy_##n(struct cor_conversion *conversion, const void *from, void *to)         \
	{                                                                                          \
		(void)conversion;                                                                  \
		memcpy(to, from, (n) * ALIGNMENT);                                                 \
		return 0;                                                                          \
	}
#define EACH_SIZE(f)                                                                               \
	f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11) f(12) f(13) f(14) f(15) f(16)
#define MAPPING(n) { copy_##n, copy_##n },
EACH_SIZE(COPY)
static const struct cor_mapping mappings[] = { EACH_SIZE(MAPPING) };
/* clang-format on */

struct maker {
	struct cor_arena *arena;
	struct run_time_tables *tables;
	uint32_t offset; /* of the next member */
};

static _Noreturn void give_up(const char *what, const char *of)
{
	fprintf(stderr, "run_time_table: %s %s\n", what, of);
	exit(2);
}

static void *zeroed(const struct maker *maker, size_t count, size_t size)
{
	void *room = cor_arena_zalloc(maker->arena, (count ? count : 1) * size);

	if (!room)
		give_up("no memory", "for a table");
	return room;
}

/* NULL where the member is not there. */
static const char *text(const struct maker *maker, const struct cor_node *node, const char *key)
{
	struct cor_str found;

	if (cor_node_to_text(cor_node_get(node, key), &found) < 0)
		return NULL;
	return cor_arena_copy(maker->arena, found.data, found.len);
}

static uint32_t number(const struct cor_node *node, const char *key)
{
	uint64_t found;

	return cor_node_to_uint64(cor_node_get(node, key), &found) < 0 ? 0 : (uint32_t)found;
}

static bool is_set(const struct cor_node *node, const char *key)
{
	bool found;

	return cor_node_to_bool(cor_node_get(node, key), &found) == 0 && found;
}

static double real(const struct cor_node *node, const char *key)
{
	double found;

	return cor_node_to_double(cor_node_get(node, key), &found) < 0 ? 0 : found;
}

static struct cor_bound bound(
	const struct maker *maker, const struct cor_node *row, const char *key)
{
	const struct cor_node *node = cor_node_get(row, key);
	struct cor_bound made = { .exclusive = is_set(node, "exclusive") };
	uint64_t natural;

	if (cor_node_to_int64(cor_node_get(node, "integer"), &made.integer) == 0) {
		made.type = COR_BOUND_INTEGER;
	} else if (cor_node_to_uint64(cor_node_get(node, "natural"), &natural) == 0) {
		made.type = COR_BOUND_NATURAL;
		made.integer = (int64_t)natural;
	} else if (cor_node_get(node, "real")) {
		made.type = COR_BOUND_REAL;
		made.real = real(node, "real");
	} else if (cor_node_get(node, "text")) {
		made.type = COR_BOUND_TEXT;
		made.text = text(maker, node, "text");
	}
	return made;
}

static void set_names(const struct maker *maker, struct cor_type *type, const struct cor_node *list)
{
	struct cor_enum_name *names = zeroed(maker, cor_node_len(list), sizeof *names);

	for (size_t i = 0; i < cor_node_len(list); i++) {
		const struct cor_node *name = cor_node_item(list, i);
		names[i] = (struct cor_enum_name){ text(maker, name, "name"),
			number(name, "value") };
	}
	type->names = names;
	type->names_len = (uint32_t)cor_node_len(list);
}

/* Its rules are the kind's, and not the row's. */
static void set_text_kind(
	const struct maker *maker, struct cor_type *type, const struct cor_node *row)
{
	struct cor_text_kind *kind = zeroed(maker, 1, sizeof *kind);

	*kind = (struct cor_text_kind){
		.read = read_without_z,
		.write = write_without_z,
		.pattern = text(maker, row, "pattern"),
		.format = text(maker, row, "format"),
		.min_length = number(row, "min_length"),
		.max_length = number(row, "max_length"),
	};
	type->text_kind = kind;
}

/* Returns how many bytes the value takes in its struct. */
static uint32_t set_type(
	const struct maker *maker, struct cor_type *type, const struct cor_node *row)
{
	const char *name = text(maker, row, "kind");
	const struct kind_name *found = NULL;

	for (size_t i = 0; name && i < sizeof kind_names / sizeof kind_names[0]; i++)
		if (strcmp(kind_names[i].name, name) == 0)
			found = &kind_names[i];
	if (!found)
		give_up("there is no kind", name ? name : "at all");
	type->kind = found->kind;
	type->size = found->size;
	if (found->kind == COR_KIND_CHARS)
		type->size = number(row, "bytes");
	if (found->kind == COR_KIND_ENUM || found->kind == COR_KIND_FLAGS)
		set_names(maker, type, cor_node_get(row, "names"));
	if (found->kind == COR_KIND_CUSTOM)
		set_text_kind(maker, type, row);
	if (found->size != 0 || found->kind == COR_KIND_CHARS)
		return type->size;
	type->schema = &maker->tables->schemas[number(row, "table")];
	type->size = (uint32_t)type->schema->size;
	if (found->kind == COR_KIND_MAPPED) {
		if (type->size > MAPPING_BYTES_MAX)
			give_up("no mapping for so large a", "struct");
		type->mapping = &mappings[type->size / ALIGNMENT - 1];
	}
	return found->kind == COR_KIND_POINTER ? (uint32_t)sizeof(void *) : type->size;
}

static uint32_t take(struct maker *maker, uint32_t bytes)
{
	uint32_t offset = maker->offset;

	maker->offset = (offset + bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	return offset;
}

static void set_place(
	struct maker *maker, struct cor_field *field, const struct cor_node *row, uint32_t bytes)
{
	const char *shape = text(maker, row, "shape");

	if (shape && strcmp(shape, "array") == 0)
		field->shape = COR_SHAPE_ARRAY;
	if (shape && strcmp(shape, "dict") == 0)
		field->shape = COR_SHAPE_DICT;
	if (field->shape == COR_SHAPE_DICT) {
		field->value_offset = ALIGNMENT;
		field->item_bytes = (2 * ALIGNMENT - 1 + bytes) / ALIGNMENT * ALIGNMENT;
	}
	if (field->shape != COR_SHAPE_ONE)
		bytes = sizeof(cor_array(char));
	field->is_opt = is_set(row, "opt");
	if (field->is_opt)
		field->state_offset = take(maker, sizeof(enum cor_opt_state));
	field->is_partial = strcmp(text(maker, row, "kind"), "partial") == 0;
	if (field->is_partial)
		field->given_offset = take(maker, sizeof(struct cor_given));
	field->offset = take(maker, bytes);
}

static void set_options(
	const struct maker *maker, struct cor_field *field, const struct cor_node *row)
{
	field->member = text(maker, row, "member");
	field->key = text(maker, row, "key");
	field->as = (enum cor_form)number(row, "as");
	field->presence = (is_set(row, "optional") ? COR_OPTIONAL : 0) |
			  (is_set(row, "nullable") ? COR_NULLABLE : 0);
	field->access = (enum cor_access)number(row, "access");
	field->range.min = bound(maker, row, "min");
	field->range.max = bound(maker, row, "max");
	field->min_length = number(row, "min_length");
	field->max_length = number(row, "max_length");
	field->min_items = number(row, "min_items");
	field->max_items = number(row, "max_items");
	field->pattern = text(maker, row, "pattern");
	field->key_pattern = text(maker, row, "key_pattern");
	field->key_max_length = number(row, "key_max_length");
	field->format = text(maker, row, "format");
	field->constant = text(maker, row, "constant");
	field->multiple_of = real(row, "multiple_of");
	field->unique_items = is_set(row, "unique_items");
	field->fallback = text(maker, row, "fallback");
	field->doc = text(maker, row, "doc");
	field->omit = number(row, "omit");
	field->bare = is_set(row, "bare");
}

static void set_contains(
	const struct maker *maker, struct cor_field *field, const struct cor_node *row)
{
	const struct cor_node *wanted = cor_node_get(row, "contains");
	struct cor_rule *rule = zeroed(maker, 1, sizeof *rule);
	struct cor_field options = { 0 };

	if (!wanted)
		return;
	set_options(maker, &options, wanted);
	*rule = (struct cor_rule){
		.range = options.range,
		.min_length = options.min_length,
		.max_length = options.max_length,
		.pattern = options.pattern,
		.format = options.format,
		.constant = options.constant,
		.multiple_of = options.multiple_of,
		.doc = "wanted",
	};
	field->contains = rule;
	field->min_contains = number(row, "min_contains");
	field->max_contains = number(row, "max_contains");
}

static void set_branches(
	struct maker *maker, struct cor_union *table, const struct cor_node *branches)
{
	struct cor_branch *made = zeroed(maker, cor_node_len(branches), sizeof *made);

	table->tag_offset = take(maker, sizeof(uint32_t));
	for (size_t i = 0; i < cor_node_len(branches); i++) {
		const struct cor_node *branch = cor_node_item(branches, i);
		const struct cor_schema *schema = &maker->tables->schemas[number(branch, "table")];
		made[i] = (struct cor_branch){
			.member = text(maker, branch, "name"),
			.type = { COR_KIND_OBJECT, (uint32_t)schema->size, schema },
			.offset = take(maker, (uint32_t)schema->size),
			.value = (uint32_t)i + 1,
			.name = text(maker, branch, "name"),
		};
	}
	table->branches = made;
	table->len = (uint32_t)cor_node_len(branches);
}

static struct cor_field *make_union(struct maker *maker, const struct cor_node *branches)
{
	struct cor_union *table = zeroed(maker, 1, sizeof *table);
	struct cor_field *row = zeroed(maker, 1, sizeof *row);

	set_branches(maker, table, branches);
	row->member = "tag";
	row->type = (struct cor_type){ .kind = COR_KIND_UNION, .one_of = table };
	row->bare = true;
	return row;
}

static void set_name(const struct maker *maker, struct cor_field *field, const struct cor_node *row)
{
	field->member = text(maker, row, "member");
	field->bare = true;
}

static struct cor_field *make_rows(struct maker *maker, const struct cor_node *rows)
{
	struct cor_field *fields = zeroed(maker, cor_node_len(rows), sizeof *fields);

	for (size_t i = 0; i < cor_node_len(rows); i++) {
		const struct cor_node *row = cor_node_item(rows, i);
		if (strcmp(text(maker, row, "kind"), "custom") == 0)
			set_name(maker, &fields[i], row);
		else
			set_options(maker, &fields[i], row);
		set_contains(maker, &fields[i], row);
		set_place(maker, &fields[i], row, set_type(maker, &fields[i].type, row));
	}
	return fields;
}

/* The size is known last: a pointer may be to a later struct. */
static void set_sizes(const struct run_time_tables *tables)
{
	for (size_t i = 0; i < tables->len; i++) {
		const struct cor_schema *schema = &tables->schemas[i];
		struct cor_field *fields = (struct cor_field *)(uintptr_t)schema->fields;
		for (size_t j = 0; j < schema->len; j++) {
			fields[j].owner_size = (uint32_t)schema->size;
			if (fields[j].type.schema)
				fields[j].type.size = (uint32_t)fields[j].type.schema->size;
			if (fields[j].type.one_of)
				fields[j].type.size = (uint32_t)schema->size;
		}
	}
}

static void make_table(
	struct maker *maker, struct cor_schema *schema, const struct cor_node *description)
{
	const struct cor_node *branches = cor_node_get(description, "branches");
	const struct cor_node *rows = cor_node_get(description, "rows");

	maker->offset = 0;
	schema->name = schema->symbol = text(maker, description, "name");
	schema->unknown = is_set(description, "ignores") ? COR_IGNORE : COR_REFUSE;
	schema->discriminator = text(maker, description, "discriminator");
	schema->fields = branches ? make_union(maker, branches) : make_rows(maker, rows);
	schema->len = branches ? 1 : cor_node_len(rows);
	schema->size = maker->offset ? maker->offset : ALIGNMENT;
}

void run_time_tables_make(
	struct run_time_tables *ret, struct cor_arena *arena, const struct cor_node *description)
{
	const struct cor_node *list = cor_node_get(description, "tables");
	struct maker maker = { .arena = arena, .tables = ret };

	ret->len = cor_node_len(list);
	if (ret->len == 0)
		give_up("no", "tables");
	ret->schemas = zeroed(&maker, ret->len, sizeof *ret->schemas);
	for (size_t i = 0; i < ret->len; i++)
		make_table(&maker, &ret->schemas[i], cor_node_item(list, i));
	set_sizes(ret);
}

const struct cor_schema *run_time_tables_root(const struct run_time_tables *tables)
{
	return &tables->schemas[tables->len - 1];
}
