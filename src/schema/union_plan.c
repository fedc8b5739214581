/* SPDX-License-Identifier: MIT */
/* Unions made ready. */
#include <errno.h>

#include <coracle/schema_union.h>

#include "schema/compile.h"
#include "schema/decoder.h"
#include "schema/encoder.h"
#include "schema/union.h"
#include "schema/walk.h"

const char *cor_union_discriminator(const struct cor_schema *schema)
{
	return schema->discriminator ? schema->discriminator : cor_schema_bare_row(schema)->member;
}

static int index_names(struct cor_arena *arena, struct cor_union_plan *one_of)
{
	uint32_t len = one_of->table->len;
	struct cor_enum_name *names = cor_arena_alloc(arena, len * sizeof *names);

	if (!names)
		return -ENOMEM;
	for (uint32_t i = 0; i < len; i++)
		names[i] = (struct cor_enum_name){
			one_of->table->branches[i].name,
			one_of->table->branches[i].value,
		};
	return cor_enum_index_build(&one_of->names, arena, names, len);
}

int cor_union_compile(struct cor_codec *codec, const struct cor_schema *schema,
	const struct cor_union *table, struct cor_union_plan **ret)
{
	struct cor_arena *arena = &codec->arena;
	struct cor_union_plan *one_of = cor_arena_zalloc(arena, sizeof *one_of);

	if (!one_of)
		return -ENOMEM;
	one_of->table = table;
	one_of->discriminator = cor_str(cor_union_discriminator(schema));
	one_of->plans = cor_arena_zalloc(arena, table->len * sizeof(struct cor_plan *));
	int rc = one_of->plans ? index_names(arena, one_of) : -ENOMEM;
	if (rc == 0)
		rc = cor_plan_make_prefix(arena, one_of->discriminator, &one_of->prefix);
	if (rc < 0)
		return rc;
	one_of->guess = cor_plan_guess(one_of->prefix);
	*ret = one_of;
	return 0;
}

bool cor_union_zero_has_no_json(const struct cor_union_plan *one_of)
{
	for (uint32_t i = 0; i < one_of->table->len; i++)
		if (one_of->table->branches[i].value == 0)
			return one_of->table->branches[i].type.kind == COR_KIND_POINTER ||
			       one_of->plans[i]->zero_has_no_json;
	return true;
}

/* --- the plans of branches --- */

/* It is read and written without looking at the struct. */
static const struct cor_kind_facts tag_facts = {
	.noun = "a string",
	.type = "string",
	.family = COR_FAMILY_WORD,
	.decode = cor_decode_tag,
	.encode = cor_encode_tag,
};

static int add_tag(struct cor_codec *codec, const struct cor_union_plan *one_of, uint32_t branch,
	struct cor_plan *plan)
{
	struct cor_field *field = cor_arena_zalloc(&codec->arena, sizeof *field);

	if (!field)
		return -ENOMEM;
	field->member = field->key = one_of->discriminator.data;
	field->type.kind = COR_KIND_TEXT;
	cor_plan_add_row(plan, &(struct cor_row){
				       .field = field,
				       .decode = tag_facts.decode,
				       .key = one_of->discriminator,
				       .prefix = one_of->prefix,
				       .is_plain = true,
				       .rule = { .kind = COR_KIND_TEXT,
					       .facts = &tag_facts,
					       .tag = one_of->table->branches[branch].name },
			       });
	return 0;
}

/* The rows of the branch's own table are checked and tried there, not here again. */
static void add_rows(struct cor_plan *plan, const struct cor_plan *base)
{
	for (uint32_t i = 0; i < base->len; i++) {
		struct cor_row row = base->rows[i];
		row.is_own = false;
		cor_plan_add_row(plan, &row);
	}
	plan->base = base;
	plan->rest = base->rest;
	plan->has_dump_hooks = base->has_dump_hooks;
	plan->is_nested = true;
	plan->zero_has_no_json = base->zero_has_no_json;
}

static int make_branch(struct cor_codec *codec, const struct cor_union_plan *one_of, uint32_t i)
{
	const struct cor_plan *base = one_of->plans[i];
	struct cor_schema *schema = cor_arena_alloc(&codec->arena, sizeof *schema);

	if (!schema)
		return -ENOMEM;
	*schema = *base->schema;
	struct cor_plan *plan = cor_plan_begin(codec, schema, base->len + 1);
	int rc = plan ? add_tag(codec, one_of, i, plan) : -ENOMEM;
	if (rc < 0)
		return rc;
	add_rows(plan, base);
	one_of->plans[i] = plan;
	return cor_plan_finish(codec, plan);
}

static int make_branches(struct cor_codec *codec, const struct cor_union_plan *one_of)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && one_of && i < one_of->table->len; i++)
		if (!one_of->plans[i]->has_faults)
			rc = make_branch(codec, one_of, i);
	return rc;
}

int cor_codec_make_branches(struct cor_codec *codec)
{
	size_t len = codec->len; /* without those that are made here */
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < len; i++)
		if (codec->plans[i]->bare)
			rc = make_branches(codec, codec->plans[i]->bare->rule.one_of);
	return rc;
}
