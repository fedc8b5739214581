/* SPDX-License-Identifier: MIT */
/*
 * Fallbacks and examples are JSON text in the table: they are decoded once, by the rules of their
 * own row.
 */
#include <errno.h>

#include <coracle/error.h>

#include "schema/compile.h"
#include "schema/decoder.h"
#include "schema/encoder.h"
#include "schema/members.h"

struct trial {
	struct cor_codec *codec;
	const struct cor_table_report *report;
	struct cor_plan *plan;
	struct cor_arena *scratch;
	void *value; /* a struct of the schema's */
	bool *ret_changed;
};

static void report_fault(const struct trial *trial, const struct cor_row *row, const char *option,
	const char *text, int rc, const struct cor_violation *found)
{
	const struct cor_schema *schema = trial->plan->schema;

	if (rc == -COR_ETOOLARGE)
		cor_table_wrong(trial->report, schema, row->field,
			"%s %s nests too deep, or fills in fallbacks without end", option, text);
	else if (rc < 0)
		cor_table_wrong(trial->report, schema, row->field,
			"%s %s is not JSON (text needs quotes: \"\\\"new\\\"\")", option, text);
	else
		cor_table_wrong(trial->report, schema, row->field, "%s %s does not fit: %s%s%s",
			option, text, found->where, found->where[0] ? " " : "", found->detail);
}

static int try_text(
	const struct trial *trial, const struct cor_row *row, const char *option, const char *text)
{
	struct cor_violations found = { 0 };
	struct cor_decoder decoder = {
		.report = { .violations = &found, .arena = trial->scratch, .in = "table" },
		.codec = trial->codec,
		.use = cor_fallback_use(row->field),
		.fallback_depth = 1,
	};

	if (!text)
		return 0;
	cor_json_reader_init(&decoder.reader, cor_str(text), trial->scratch, 0);
	memset(trial->value, 0, trial->plan->schema->size);
	int rc = cor_decoder_row(&decoder, row, trial->value, NULL);
	if (rc == 0)
		rc = cor_json_finish(&decoder.reader);
	if (rc == -ENOMEM)
		return rc;
	if (rc < 0 || found.count != 0)
		report_fault(trial, row, option, text, rc, found.first);
	return 0;
}

/* Decoding goes by the tables that the row nests: they must be without fault for it. */
static bool nests_faults(const struct cor_row *row)
{
	const struct cor_plan *plan;

	for (uint32_t i = 0; (plan = cor_rule_plan(&row->rule, i)); i++)
		if (plan->has_faults)
			return true;
	return false;
}

bool cor_plan_nests_faults(const struct cor_plan *plan)
{
	for (uint32_t i = 0; i < plan->len; i++)
		if (nests_faults(&plan->rows[i]))
			return true;
	return plan->rest && nests_faults(plan->rest);
}

static int try_rows(const struct trial *trial)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < trial->plan->len; i++) {
		struct cor_row *row = &trial->plan->rows[i];
		size_t before = trial->report->violations->count;
		if (!row->is_own ||
			nests_faults(row)) /* an embedded one's were tried with its table */
			continue;
		rc = try_text(trial, row, ".fallback", row->field->fallback);
		row->has_bad_fallback = trial->report->violations->count != before;
		if (rc == 0)
			rc = try_text(trial, row, ".example", row->field->example);
	}
	return rc;
}

/* With every plan a struct of its schema's to decode into. */
static int with_value(struct trial *trial, int (*each)(const struct trial *trial))
{
	struct cor_arena scratch;
	int rc = -ENOMEM;

	cor_arena_init(&scratch, NULL, 0, 0);
	trial->scratch = &scratch;
	trial->value = cor_arena_zalloc(&scratch, trial->plan->schema->size);
	if (trial->value)
		rc = each(trial);
	trial->scratch = NULL;
	cor_arena_finish(&scratch);
	return rc;
}

int cor_plan_try(
	struct cor_codec *codec, struct cor_plan *plan, const struct cor_table_report *report)
{
	return with_value(
		&(struct trial){ .codec = codec, .report = report, .plan = plan }, try_rows);
}

/* --- in answers --- */

static bool is_answerable(const struct cor_row *row)
{
	return row->fallback.data && !row->is_partial && !row->is_array &&
	       cor_kind_is_nested(row->rule.kind) && !row->has_bad_fallback && !nests_faults(row);
}

static int keep_answered(const struct trial *trial, struct cor_row *row, struct cor_buffer *buffer)
{
	const char *copy = cor_arena_copy(&trial->codec->arena, buffer->data, buffer->len);

	if (!copy)
		return -ENOMEM;
	row->answered = (struct cor_str){ copy, buffer->len };
	*trial->ret_changed = true;
	return 0;
}

/* What it comes to as an answer has it, if it can. */
static int answer_row(
	const struct trial *trial, struct cor_row *row, struct cor_encode_fault *ret_fault)
{
	struct cor_buffer buffer = { 0 };
	struct cor_encoder encoder = {
		.buffer = &buffer,
		.use = COR_USE_ANSWER,
		.root = trial->plan->schema,
		.fault = ret_fault,
	};

	memset(trial->value, 0, trial->plan->schema->size);
	int rc = cor_members_fallback(trial->codec, trial->scratch, row, trial->value, 0);
	if (rc < 0)
		return rc == -ENOMEM ? rc : 0; /* reported where it was tried */
	row->rule.facts->encode(
		&encoder, &row->rule, (const char *)trial->value + row->offset, NULL);
	rc = cor_buffer_error(&buffer);
	if (rc == 0)
		rc = keep_answered(trial, row, &buffer);
	cor_buffer_finish(&buffer);
	return rc == -ENOMEM ? rc : 0;
}

static int answer_rows(const struct trial *trial)
{
	struct cor_encode_fault fault;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < trial->plan->len; i++) {
		struct cor_row *row = &trial->plan->rows[i];
		if (is_answerable(row) && !row->answered.data)
			rc = answer_row(trial, row, &fault);
	}
	return rc;
}

/* Until nothing changes: a fallback may lack what another one gives, of whichever table. */
static int find_answered(struct cor_codec *codec)
{
	bool changed = true;
	int rc = 0;

	while (rc == 0 && changed) {
		changed = false;
		for (size_t i = 0; rc == 0 && i < codec->len; i++)
			rc = with_value(&(struct trial){ .codec = codec,
						.plan = codec->plans[i],
						.ret_changed = &changed },
				answer_rows);
	}
	return rc;
}

/* Whether an answer may have to have the fallback. */
static bool may_fall_back(const struct cor_row *row)
{
	if (!is_answerable(row) || row->field->access == COR_WRITE_ONLY)
		return false;
	if (row->rule.kind == COR_KIND_OBJECT)
		return row->rule.plan->zero_has_no_json;
	return !row->nullable;
}

/* The text of a fault names the schema first, which the report does, too. */
static const char *without_schema(const struct trial *trial, const struct cor_encode_fault *fault)
{
	return fault->text + strlen(trial->plan->schema->symbol) + 2;
}

static int report_unanswered(const struct trial *trial)
{
	const struct cor_schema *schema = trial->plan->schema;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < trial->plan->len; i++) {
		struct cor_row *row = &trial->plan->rows[i];
		struct cor_encode_fault fault = { 0 };
		if (!may_fall_back(row) || row->answered.data || !row->is_own)
			continue;
		rc = answer_row(trial, row, &fault);
		if (rc == 0 && fault.text[0] != '\0')
			cor_table_wrong(trial->report, schema, row->field,
				".fallback %s cannot be answered: %s; give that row a .fallback, or make it COR_OPTIONAL",
				row->field->fallback, without_schema(trial, &fault));
	}
	return rc;
}

static bool reaches(const struct cor_row *row, const struct cor_plan *plan)
{
	const struct cor_plan *reached;

	for (uint32_t i = 0; (reached = cor_rule_plan(&row->rule, i)); i++)
		if (reached == plan || reached->base == plan)
			return true;
	return false;
}

static bool nests(const struct cor_plan *outer, const struct cor_plan *plan)
{
	for (uint32_t i = 0; i < outer->len; i++)
		if (outer->rows[i].field->access != COR_WRITE_ONLY &&
			reaches(&outer->rows[i], plan))
			return true;
	return outer->rest && reaches(outer->rest, plan);
}

static bool embeds(const struct cor_plan *outer, const struct cor_schema *schema)
{
	for (size_t i = 0; !outer->has_faults && i < outer->schema->len; i++)
		if (outer->schema->fields[i].type.kind == COR_KIND_EMBED &&
			outer->schema->fields[i].type.schema == schema)
			return true;
	return false;
}

static bool stands_in_answers(const struct cor_codec *codec, const struct cor_plan *plan)
{
	for (size_t i = 0; i < codec->len; i++)
		if (codec->plans[i]->is_answered &&
			(nests(codec->plans[i], plan) || embeds(codec->plans[i], plan->schema)))
			return true;
	return false;
}

static void spread_answers(const struct cor_codec *codec)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < codec->len; i++) {
			struct cor_plan *plan = codec->plans[i];
			if (plan->is_answered || !stands_in_answers(codec, plan))
				continue;
			plan->is_answered = changed = true;
		}
	}
}

int cor_codec_answer_fallbacks(struct cor_codec *codec, const struct cor_codec_tables *tables,
	const struct cor_table_report *report)
{
	int rc = find_answered(codec);

	for (size_t i = 0; i < codec->len; i++)
		for (size_t j = 0; j < tables->answers_len; j++)
			codec->plans[i]->is_answered |= codec->plans[i]->schema ==
							tables->schemas[j];
	spread_answers(codec);
	cor_codec_check_absence(codec, report);
	for (size_t i = 0; rc == 0 && i < codec->len; i++)
		if (codec->plans[i]->is_answered)
			rc = with_value(
				&(struct trial){
					.codec = codec, .report = report, .plan = codec->plans[i] },
				report_unanswered);
	return rc;
}
