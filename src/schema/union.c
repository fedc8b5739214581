/* SPDX-License-Identifier: MIT */
/* A value of a union: read, written, copied. */
#include "schema/union.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/schema_union.h>

#include "base/violation_texts.h"
#include "json/writer.h"
#include "schema/copier.h"
#include "schema/decoder.h"
#include "schema/encoder.h"
#include "schema/members.h"
#include "schema/value.h"

static uint32_t tag_of(const struct cor_union *table, const void *at)
{
	uint32_t tag;

	cor_member_get((const char *)at + table->tag_offset, &tag);
	return tag;
}

/* --- reading --- */

/* Ahead of the decoder, whose reader stays. 1: its value stands next; 0: it is missing. */
static int find_discriminator(struct cor_json_reader *ahead, const struct cor_union_plan *one_of)
{
	struct cor_str key;
	int rc = cor_json_enter_object(ahead);

	if (rc == 0 && cor_json_guess_member(ahead, &one_of->guess))
		return 1;
	while (rc == 0 && (rc = cor_json_next_member(ahead, &key)) > 0) {
		if (cor_str_equal(key, one_of->discriminator))
			return 1;
		rc = cor_json_skip(ahead, NULL);
	}
	return rc;
}

static int refuse_type(struct cor_decoder *decoder, const struct cor_json_reader *ahead,
	const struct cor_step *step)
{
	struct cor_json_reader object = decoder->reader;

	decoder->reader = *ahead;
	int rc = cor_decoder_refuse(decoder, "a string", false, step);
	if (rc == 0)
		decoder->reader = object;
	return rc;
}

static void refuse_name(struct cor_decoder *decoder, const struct cor_union_plan *one_of,
	struct cor_str name, const struct cor_step *step)
{
	const struct cor_enum_index *names = &one_of->names;
	int nearest = -1;

	if (decoder->report.violations->count < COR_SUGGESTIONS_MAX)
		nearest = cor_key_index_nearest(&names->names, name);
	if (nearest < 0)
		cor_report(&decoder->report, step, COR_SAYS_NAMES, names->list);
	else
		cor_report(&decoder->report, step, COR_SAYS_NAMES_NEAR, names->list,
			names->table[nearest].name);
}

/* The branch by number; -1: there is none, which was reported. */
static int read_discriminator(struct cor_decoder *decoder, const struct cor_union_plan *one_of,
	int *ret_branch, const struct cor_step *outer)
{
	const struct cor_step step = { .outer = outer, .key = one_of->discriminator };
	struct cor_json_reader ahead = decoder->reader;
	struct cor_str name;

	*ret_branch = -1;
	int rc = find_discriminator(&ahead, one_of);
	if (rc == 0) {
		cor_report(&decoder->report, &step, COR_SAYS_REQUIRED_NAME, one_of->names.list);
		return 0;
	}
	if (rc > 0 && !cor_json_stands(&ahead, '"'))
		return refuse_type(decoder, &ahead, &step);
	if (rc > 0)
		rc = cor_json_read_string(&ahead, &name);
	if (rc < 0) {
		decoder->reader = ahead; /* where the text is wrong */
		return rc;
	}
	*ret_branch = cor_key_index_find(&one_of->names.names, name);
	if (*ret_branch < 0)
		refuse_name(decoder, one_of, name, &step);
	return 0;
}

static int decode_branch(struct cor_decoder *decoder, const struct cor_union_plan *one_of,
	int number, void *at, const struct cor_step *step)
{
	const struct cor_branch *branch = &one_of->table->branches[number];
	const struct cor_plan *plan = one_of->plans[number];
	char *base = (char *)at + branch->offset;

	cor_member_put((char *)at + one_of->table->tag_offset, branch->value);
	if (branch->type.kind == COR_KIND_POINTER) {
		void *nested = cor_arena_zalloc(decoder->report.arena, branch->type.size);
		if (!nested)
			return -ENOMEM;
		cor_member_put(base, nested);
		base = nested;
	}
	return cor_decoder_object(decoder, plan, &plan->taken[decoder->use], base, step);
}

int cor_decode_union(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	const struct cor_union_plan *one_of = row->rule.one_of;
	int branch;

	if (!cor_json_stands(&decoder->reader, '{'))
		return cor_decoder_refuse(decoder, row->rule.facts->noun, row->nullable, step);
	int rc = read_discriminator(decoder, one_of, &branch, step);
	if (rc < 0)
		return rc;
	if (branch < 0)
		return cor_json_skip(&decoder->reader, NULL);
	return decode_branch(decoder, one_of, branch, at, step);
}

/* The branch was chosen by it: it is known to be a string, and which. */
int cor_decode_tag(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	(void)row;
	(void)at;
	(void)step;
	return cor_json_skip(&decoder->reader, NULL);
}

/* --- writing --- */

void cor_encode_tag(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	(void)at;
	(void)step;
	cor_json_write_string(encoder->buffer, cor_str(rule->tag));
}

/* The struct of a branch; NULL: a pointer that is. */
static const void *branch_of(const struct cor_branch *branch, const void *at)
{
	const char *base = (const char *)at + branch->offset;
	const void *nested;

	if (branch->type.kind != COR_KIND_POINTER)
		return base;
	cor_member_get(base, &nested);
	return nested;
}

const struct cor_plan *cor_union_branch(
	const struct cor_union_plan *one_of, void *at, void **ret_base)
{
	const struct cor_enum_name *name = cor_enum_index_name(
		&one_of->names, tag_of(one_of->table, at));

	if (!name)
		return NULL;
	ptrdiff_t number = name - one_of->names.table;
	const struct cor_branch *branch = &one_of->table->branches[number];
	char *base = (char *)at + branch->offset;
	*ret_base = base;
	if (branch->type.kind == COR_KIND_POINTER)
		cor_member_get(base, ret_base);
	return *ret_base ? one_of->plans[number] : NULL;
}

void cor_encode_union(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	const struct cor_union_plan *one_of = rule->one_of;
	const struct cor_enum_name *name = cor_enum_index_name(
		&one_of->names, tag_of(one_of->table, at));

	if (!name) {
		cor_encoder_fail(
			encoder, -COR_EINVALID, step, "has a tag of which there is no branch");
		return;
	}
	ptrdiff_t number = name - one_of->names.table;
	const struct cor_plan *plan = one_of->plans[number];
	const void *base = branch_of(&one_of->table->branches[number], at);
	if (base)
		cor_encoder_object(encoder, plan, &plan->taken[encoder->use], base, step);
	else
		cor_encoder_fail(encoder, -COR_EINVALID, step, "has a branch that is NULL");
}

bool cor_value_is_no_union(const struct cor_value_rule *rule, const void *at)
{
	const char *bytes = at;

	return rule->one_of->zero_has_no_json && bytes[0] == 0 &&
	       memcmp(bytes, bytes + 1, rule->size - 1) == 0;
}

/* --- copies --- */

/* A tag without a branch has nothing behind it. */
int cor_copy_union(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	const struct cor_union *table = field->type.one_of;
	uint32_t tag = tag_of(table, at);

	for (uint32_t i = 0; i < table->len; i++) {
		const struct cor_branch *branch = &table->branches[i];
		const struct cor_field member = { .type = branch->type };
		if (branch->value == tag)
			return cor_kind_facts(branch->type.kind)
				->copy(copier, &member, (char *)at + branch->offset);
	}
	return 0;
}
