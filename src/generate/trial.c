/* SPDX-License-Identifier: MIT */
#include "generate/trial.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "generate/rows.h"
#include "generate/types.h"

#define ROUNDS_MAX       256
#define SLOT_BYTES       64 /* room for any scalar, array or cor_opt of one */
#define STRUCT_BYTES_MAX (1024 * 1024)

/* The table of a type, made at run time. */
struct cor_gen_trial {
	struct cor_schema schema;
	struct cor_union one_of;
	struct cor_field *fields;
	struct cor_branch *branches;
	struct cor_enum_name *names;
	size_t size;
};

const struct cor_schema *cor_gen_tried_schema(const struct cor_gen_type *type)
{
	return type->trial && cor_gen_has_schema(type) ? &type->trial->schema : NULL;
}

/* --- tables in memory --- */

static size_t rounded(size_t bytes)
{
	return (bytes + 15) & ~(size_t)15;
}

/* Of a struct by value, and of what is embedded: its own; the state of a cor_opt lies in front. */
static size_t slot_of(const struct cor_gen_row *row)
{
	bool is_value = row->field.shape == COR_SHAPE_ONE &&
			(row->field.type.kind == COR_KIND_OBJECT ||
				row->field.type.kind == COR_KIND_EMBED);

	return is_value && row->type ? rounded(row->type->trial->size) : SLOT_BYTES;
}

static void measure(struct cor_gen_type *type)
{
	size_t size = 16;

	for (size_t i = 0; i < type->rows_len; i++)
		size += slot_of(&type->rows[i]);
	for (size_t i = 0; i < type->branches_len; i++)
		size += type->branches[i].is_pointer ? 16
						     : rounded(type->branches[i].type->trial->size);
	type->trial->size = size;
}

static uint32_t size_of_kind(enum cor_kind kind)
{
	switch (kind) {
	case COR_KIND_BOOL:
		return sizeof(bool);
	case COR_KIND_INT32:
	case COR_KIND_UINT32:
	case COR_KIND_ENUM:
	case COR_KIND_FLAGS:
		return sizeof(uint32_t);
	case COR_KIND_STR:
	case COR_KIND_BASE64:
	case COR_KIND_RAW:
		return sizeof(struct cor_str);
	case COR_KIND_TIMESTAMP:
		return sizeof(struct timespec);
	case COR_KIND_UUID:
		return sizeof(struct cor_uuid);
	case COR_KIND_DATE:
		return sizeof(struct cor_date);
	case COR_KIND_TIME:
		return sizeof(struct cor_time);
	case COR_KIND_IP:
		return sizeof(struct cor_ip);
	case COR_KIND_NETWORK:
		return sizeof(struct cor_network);
	case COR_KIND_DECIMAL:
		return sizeof(struct cor_decimal_number);
	default:
		return sizeof(int64_t);
	}
}

static const char *c_type(struct cor_gen *gen, const struct cor_gen_type *type)
{
	return cor_gen_printf(gen, "struct %s", type->name);
}

static void fill_type(const struct cor_gen_row *row, struct cor_type *ret)
{
	ret->size = size_of_kind(ret->kind);
	if (!row->type)
		return;
	ret->names = row->type->trial->names;
	ret->names_len = (uint32_t)row->type->names_len;
	if (!cor_gen_has_schema(row->type))
		return;
	ret->schema = &row->type->trial->schema;
	ret->size = (uint32_t)row->type->trial->size;
}

static void fill_row(struct cor_gen *gen, const struct cor_gen_type *type,
	const struct cor_gen_row *row, size_t *offset, struct cor_field *ret)
{
	*ret = row->field;
	fill_type(row, &ret->type);
	ret->owner = c_type(gen, type);
	ret->owner_size = (uint32_t)type->trial->size;
	ret->offset = (uint32_t)(*offset + (ret->is_opt ? 8 : 0));
	ret->state_offset = ret->is_opt ? (uint32_t)*offset : 0;
	ret->rule = row->rule ? &row->rule->rule : NULL;
	if (ret->shape == COR_SHAPE_DICT) {
		ret->value_offset = 8;
		ret->item_bytes = 8 + (uint32_t)rounded(ret->type.size);
	}
	*offset += slot_of(row);
}

static void fill_names(struct cor_gen_type *type)
{
	for (size_t i = 0; i < type->names_len; i++) {
		struct cor_enum_name *name = &type->trial->names[i];
		name->name = type->names[i].text;
		name->value = type->form == COR_GEN_SET ? 1u << i
							: (uint32_t)i + type->begins_at_one;
	}
}

static void fill_branch(struct cor_gen *gen, const struct cor_gen_type *type, size_t i,
	size_t *offset, struct cor_branch *ret)
{
	const struct cor_gen_branch *branch = &type->branches[i];
	const struct cor_gen_trial *inner = branch->type->trial;

	*ret = (struct cor_branch){
		.member = branch->member,
		.owner = c_type(gen, type),
		.type = { .kind = branch->is_pointer ? COR_KIND_POINTER : COR_KIND_OBJECT,
			.size = (uint32_t)inner->size,
			.schema = &inner->schema },
		.offset = (uint32_t)*offset,
		.value = (uint32_t)i,
		.name = branch->text,
	};
	*offset += branch->is_pointer ? 16 : rounded(inner->size);
}

static void fill_union(struct cor_gen *gen, struct cor_gen_type *type)
{
	struct cor_gen_trial *trial = type->trial;
	size_t offset = 16;

	for (size_t i = 0; i < type->branches_len; i++)
		fill_branch(gen, type, i, &offset, &trial->branches[i]);
	trial->one_of = (struct cor_union){ .branches = trial->branches,
		.len = (uint32_t)type->branches_len };
	trial->fields[0] = (struct cor_field){
		.member = "kind",
		.type = { .kind = COR_KIND_UNION,
			.size = (uint32_t)trial->size,
			.one_of = &trial->one_of },
		.owner_size = (uint32_t)trial->size,
		.owner = c_type(gen, type),
		.bare = true,
	};
}

static void fill(struct cor_gen *gen, struct cor_gen_type *type)
{
	struct cor_gen_trial *trial = type->trial;
	size_t offset = 0;

	fill_names(type);
	if (type->form == COR_GEN_UNION)
		fill_union(gen, type);
	for (size_t i = 0; i < type->rows_len; i++)
		fill_row(gen, type, &type->rows[i], &offset, &trial->fields[i]);
	trial->schema = (struct cor_schema){
		.fields = trial->fields,
		.len = type->form == COR_GEN_UNION ? 1 : type->rows_len,
		.size = trial->size,
		.symbol = cor_gen_printf(gen, "%s_schema", type->name),
		.c_type = c_type(gen, type),
		.name = type->component,
		.doc = type->doc,
		.unknown = type->ignores_unknown && !type->is_bare ? COR_IGNORE : COR_REFUSE,
		.discriminator = type->discriminator,
	};
}

static bool prepare(struct cor_gen *gen, struct cor_gen_type *type)
{
	struct cor_gen_trial *trial = type->trial;

	if (!trial) {
		trial = cor_gen_alloc(gen, sizeof *trial);
		if (!trial)
			return false;
		trial->fields = cor_gen_alloc(gen, (type->rows_len + 1) * sizeof trial->fields[0]);
		trial->names = cor_gen_alloc(gen, (type->names_len + 1) * sizeof trial->names[0]);
		trial->branches = cor_gen_alloc(
			gen, (type->branches_len + 1) * sizeof trial->branches[0]);
		type->trial = trial;
	}
	return trial->fields && trial->names && trial->branches;
}

/* --- what the library says --- */

static void clear_range(struct cor_field *field)
{
	field->range = (struct cor_range){ 0 };
}
static void clear_lengths(struct cor_field *field)
{
	field->min_length = field->max_length = 0;
}
static void clear_items(struct cor_field *field)
{
	field->min_items = field->max_items = 0;
}
static void clear_pattern(struct cor_field *field)
{
	field->pattern = NULL;
}
static void clear_format(struct cor_field *field)
{
	field->format = NULL;
}
static void clear_constant(struct cor_field *field)
{
	field->constant = NULL;
}
static void clear_multiple(struct cor_field *field)
{
	field->multiple_of = 0;
}
static void clear_unique(struct cor_field *field)
{
	field->unique_items = false;
}
static void clear_fallback(struct cor_field *field)
{
	field->fallback = NULL;
}
static void clear_example(struct cor_field *field)
{
	field->example = NULL;
}
static void clear_keys(struct cor_field *field)
{
	field->key_pattern = NULL;
	field->key_max_length = 0;
}
static void clear_access(struct cor_field *field)
{
	field->access = COR_READ_WRITE;
}

static const struct {
	const char *option, *keyword;
	void (*clear)(struct cor_field *field);
} options[] = {
	{ ".example", "example", clear_example },
	{ ".fallback", "default", clear_fallback },
	{ ".constant", "const", clear_constant },
	{ ".range", "the range", clear_range },
	{ ".min_length", "the length", clear_lengths },
	{ ".max_length", "the length", clear_lengths },
	{ ".min_items", "the number of items", clear_items },
	{ ".max_items", "the number of items", clear_items },
	{ ".key_pattern", "propertyNames", clear_keys },
	{ ".key_max_length", "propertyNames", clear_keys },
	{ ".pattern", "pattern", clear_pattern },
	{ ".format", "format", clear_format },
	{ ".multiple_of", "multipleOf", clear_multiple },
	{ ".unique_items", "uniqueItems", clear_unique },
	{ ".access", "readOnly", clear_access },
};

void cor_gen_own_rules(struct cor_gen_row *row)
{
	struct cor_field *field = &row->field;
	const struct cor_gen_rule *rule = row->rule;

	if (!rule)
		return;
	field->range = rule->rule.range;
	field->min_length = rule->rule.min_length;
	field->max_length = rule->rule.max_length;
	field->pattern = rule->rule.pattern;
	field->format = rule->rule.format;
	field->multiple_of = rule->rule.multiple_of;
	field->doc = field->doc ? field->doc : rule->rule.doc;
	row->rule->uses--;
	row->rule = NULL;
}

static void make_raw(struct cor_gen *gen, struct cor_gen_row *row)
{
	struct cor_field plain = { .member = row->field.member,
		.key = row->field.key,
		.doc = row->field.doc,
		.access = row->field.access,
		.from = row->field.from,
		.to = row->field.to,
		.bare = row->field.bare };

	row->field = plain;
	row->rule = NULL;
	cor_gen_resolve_raw(row);
	cor_gen_settle(gen, row);
}

static void mend_row(struct cor_gen *gen, struct cor_gen_row *row, const char *detail)
{
	cor_gen_own_rules(row);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		struct cor_field before;
		if (!strstr(detail, options[i].option))
			continue;
		memcpy(&before, &row->field, sizeof before);
		options[i].clear(&row->field);
		/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): the same bytes */
		if (memcmp(&before, &row->field, sizeof before) == 0)
			continue;
		cor_gen_note(gen, row->at, "%s is left out: %s", options[i].keyword, detail);
		cor_gen_settle(gen, row);
		return;
	}
	cor_gen_note(gen, row->at, "is taken as any JSON: %s", detail);
	make_raw(gen, row);
}

/* Nothing may refer to it any more. */
static void refuse(struct cor_gen *gen, struct cor_gen_type *refused, const char *detail)
{
	refused->is_refused = true;
	cor_gen_note(gen, refused->at, "is left out, and taken as any JSON: %s", detail);
	for (size_t i = 0; i < gen->types_len; i++) {
		struct cor_gen_type *type = gen->types[i];
		for (size_t j = 0; j < type->rows_len; j++)
			if (type->rows[j].type == refused)
				make_raw(gen, &type->rows[j]);
		for (size_t j = 0; j < type->branches_len && !type->is_refused; j++)
			if (type->branches[j].type == refused)
				refuse(gen, type, "one of its structs is left out");
	}
}

static struct cor_gen_type *type_at(struct cor_gen *gen, const char *where)
{
	size_t len = strcspn(where, ",");

	for (size_t i = 0; i < gen->types_len; i++) {
		const struct cor_schema *schema = cor_gen_tried_schema(gen->types[i]);
		if (schema && strlen(schema->symbol) == len &&
			memcmp(schema->symbol, where, len) == 0)
			return gen->types[i];
	}
	return NULL;
}

static bool mend(struct cor_gen *gen, const struct cor_violation *fault)
{
	struct cor_gen_type *type = type_at(gen, fault->where);
	const char *member = strstr(fault->where, ", row ");

	if (!type || type->is_refused)
		return false;
	for (size_t i = 0; member && i < type->rows_len; i++) {
		struct cor_gen_row *row = &type->rows[i];
		if (strcmp(row->field.member, member + 6) != 0 || row->is_embedded)
			continue;
		mend_row(gen, row, fault->detail);
		return true;
	}
	refuse(gen, type, fault->detail);
	return true;
}

/* The row that takes most of a struct. */
static struct cor_gen_row *largest_row(struct cor_gen_type *type)
{
	struct cor_gen_row *largest = NULL;

	for (size_t i = 0; i < type->rows_len; i++)
		if (!type->rows[i].is_embedded &&
			(!largest || slot_of(&type->rows[i]) > slot_of(largest)))
			largest = &type->rows[i];
	return largest;
}

/*
 * A few structs that each hold the next one twice are larger together than any memory: those inside
 * come first in the list.
 */
static void measure_all(struct cor_gen *gen)
{
	for (size_t i = 0; i < gen->types_len; i++) {
		struct cor_gen_type *type = gen->types[i];
		struct cor_gen_row *row;
		measure(type);
		while (type->trial->size > STRUCT_BYTES_MAX && (row = largest_row(type)) &&
			slot_of(row) > SLOT_BYTES) {
			cor_gen_note(gen, row->at,
				"is taken as any JSON: the struct around it would have more than 1 MiB");
			make_raw(gen, row);
			measure(type);
		}
	}
}

static int try_once(struct cor_gen *gen, struct cor_arena *arena, struct cor_violations *why)
{
	const struct cor_schema **schemas = cor_gen_alloc(
		gen, (gen->types_len + 1) * sizeof schemas[0]);
	struct cor_codec *codec = NULL;
	size_t len = 0;

	for (size_t i = 0; i < gen->types_len; i++)
		if (!prepare(gen, gen->types[i]))
			return -ENOMEM;
	measure_all(gen);
	for (size_t i = 0; i < gen->types_len; i++)
		fill(gen, gen->types[i]);
	for (size_t i = 0; schemas && i < gen->types_len; i++)
		if (cor_gen_has_schema(gen->types[i]) && !gen->types[i]->is_refused)
			schemas[len++] = &gen->types[i]->trial->schema;
	int rc = schemas ? cor_codec_create(schemas, len, &codec, arena, why) : -ENOMEM;
	cor_codec_destroy(codec);
	return rc;
}

void cor_gen_try(struct cor_gen *gen)
{
	int rc = -COR_ETABLE;

	for (unsigned round = 0; rc == -COR_ETABLE && round < ROUNDS_MAX && !gen->error; round++) {
		struct cor_violations why = { 0 };
		bool is_mended = false;
		rc = try_once(gen, gen->arena, &why);
		for (const struct cor_violation *fault = why.first; fault; fault = fault->next)
			is_mended = mend(gen, fault) || is_mended;
		if (rc == -COR_ETABLE && !is_mended)
			break;
	}
	if (rc < 0 && gen->error == 0)
		gen->error = rc;
}
