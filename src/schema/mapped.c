/* SPDX-License-Identifier: MIT */
/* A struct that functions of the service make of another one, which JSON has, and back. */
#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/violation_texts.h"
#include "schema/copier.h"
#include "schema/custom.h"
#include "schema/decoder.h"
#include "schema/encoder.h"
#include "schema/value.h"

#define ROOM_BYTES 256 /* on the stack, for what is written */

/* --- reading --- */

static int read_json(struct cor_decoder *decoder, const struct cor_row *row, void *json,
	const struct cor_step *step)
{
	const struct cor_plan *plan = row->rule.plan;

	if (plan->bare)
		return cor_decoder_row(decoder, plan->bare, json, step);
	if (!cor_json_stands(&decoder->reader, '{'))
		return cor_decoder_refuse(decoder, "an object", row->nullable, step);
	return cor_decoder_object(decoder, plan, &plan->taken[decoder->use], json, step);
}

/* The row whose member was refused; NULL: the whole. */
static const struct cor_row *refused_row(
	const struct cor_conversion *conversion, const struct cor_plan *plan)
{
	for (uint32_t i = 0; conversion->refused == plan->schema && i < plan->len; i++)
		if (!plan->rows[i].field->computed &&
			plan->rows[i].offset == conversion->refused_offset)
			return &plan->rows[i];
	return NULL;
}

static void report_refusal(const struct cor_report *report, const struct cor_plan *plan,
	const struct cor_conversion *conversion, const struct cor_step *step)
{
	const struct cor_row *row = refused_row(conversion, plan);
	const struct cor_step member = { .outer = step,
		.key = row ? row->key : (struct cor_str){ 0 } };

	cor_report(report, row && !row->field->bare ? &member : step, "%s",
		cor_conversion_reason(conversion, COR_SAYS_INVALID));
}

int cor_decode_mapped(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	const struct cor_plan *plan = row->rule.plan;
	size_t before = decoder->report.violations->count;
	struct cor_conversion conversion = { .arena = decoder->report.arena };
	void *json = cor_arena_zalloc(decoder->report.arena, plan->schema->size);

	if (!json)
		return -ENOMEM;
	int rc = read_json(decoder, row, json, step);
	if (rc < 0 || decoder->report.violations->count != before)
		return rc;
	memset(at, 0, row->rule.size);
	rc = row->rule.mapping->load(&conversion, json, at);
	if (rc < 0 && rc != -ENOMEM)
		report_refusal(&decoder->report, plan, &conversion, step);
	return rc == -ENOMEM ? rc : 0;
}

/* --- writing --- */

static int dump(struct cor_conversion *conversion, const struct cor_mapping *mapping,
	const void *at, size_t bytes, void **ret_json)
{
	*ret_json = cor_arena_zalloc(conversion->arena, bytes);
	int rc = *ret_json ? mapping->dump(conversion, at, *ret_json) : -ENOMEM;
	return rc < 0 && rc != -ENOMEM ? -COR_EINVALID : rc;
}

void cor_encode_mapped(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	const struct cor_plan *plan = rule->plan;
	char room[ROOM_BYTES] __attribute__((aligned(16)));
	struct cor_arena scratch;
	struct cor_conversion conversion = { .arena = &scratch };
	void *json;

	cor_arena_init(&scratch, room, sizeof room, 0);
	int rc = dump(&conversion, rule->mapping, at, plan->schema->size, &json);
	if (rc < 0)
		cor_encoder_fail(
			encoder, rc, step, cor_conversion_reason(&conversion, "cannot be dumped"));
	else if (plan->bare)
		cor_encoder_bare_struct(encoder, plan, json, step);
	else
		cor_encoder_object(encoder, plan, &plan->taken[encoder->use], json, step);
	cor_arena_finish(&scratch);
}

/* --- copies --- */

/* What the copy of the other struct points to is the copy's, and so is what is loaded from it. */
static int copy_by_json(
	struct cor_copier *copier, const struct cor_type *type, void *at, struct cor_arena *scratch)
{
	struct cor_conversion from = { .arena = scratch }, to = { .arena = copier->arena };
	void *value = cor_arena_zalloc(scratch, type->size);
	void *copy = cor_arena_alloc(copier->arena, type->schema->size);
	void *json;

	if (!value || !copy)
		return -ENOMEM;
	int rc = dump(&from, type->mapping, at, type->schema->size, &json);
	if (rc == 0)
		rc = cor_copier_copy(copier, type->schema, json, copy);
	if (rc == 0)
		rc = type->mapping->load(&to, copy, value);
	if (rc == 0)
		memcpy(at, value, type->size);
	return rc < 0 && rc != -ENOMEM && rc != -COR_ETOOLARGE ? -COR_EINVALID : rc;
}

int cor_copy_mapped(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	struct cor_arena scratch;

	if (cor_bytes_are_zero(at, field->type.size))
		return 0;
	if (copier->foreign)
		return -COR_EINVALID;
	cor_arena_init(&scratch, NULL, 0, 0);
	int rc = copy_by_json(copier, &field->type, at, &scratch);
	cor_arena_finish(&scratch);
	return rc;
}
