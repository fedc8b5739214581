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

/* An embedded row's texts were tried with its own table. */
static bool is_of_the_table(const struct trial *trial, const struct cor_row *row)
{
	const struct cor_schema *schema = trial->plan->schema;

	return row->field >= schema->fields && row->field < schema->fields + schema->len;
}

/* Decoding goes by the tables that the row nests: they must be without fault for it. */
static bool nests_faults(const struct cor_row *row)
{
	return row->rule.plan && row->rule.plan->has_faults;
}

bool cor_plan_nests_faults(const struct cor_plan *plan)
{
	for (uint32_t i = 0; i < plan->len; i++)
		if (nests_faults(&plan->rows[i]))
			return true;
	return false;
}

static int try_rows(const struct trial *trial)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < trial->plan->len; i++) {
		const struct cor_row *row = &trial->plan->rows[i];
		if (!is_of_the_table(trial, row) || nests_faults(row))
			continue;
		rc = try_text(trial, row, ".fallback", row->field->fallback);
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
	cor_arena_finish(&scratch);
	return rc;
}

int cor_plan_try(
	struct cor_codec *codec, struct cor_plan *plan, const struct cor_table_report *report)
{
	return with_value(&(struct trial){ codec, report, plan, NULL, NULL }, try_rows);
}

/* --- in answers --- */

static int encode_answered(const struct trial *trial, struct cor_row *row)
{
	struct cor_buffer buffer = { 0 };
	struct cor_encoder encoder = { .buffer = &buffer, .use = COR_USE_ANSWER };
	char *copy = NULL;

	row->rule.facts->encode(
		&encoder, &row->rule, (const char *)trial->value + row->offset, NULL);
	int rc = cor_buffer_error(&buffer);
	if (rc == 0) {
		copy = cor_arena_copy(&trial->codec->arena, buffer.data, buffer.len);
		row->answered = (struct cor_str){ copy, copy ? buffer.len : 0 };
	}
	cor_buffer_finish(&buffer);
	return rc == -ENOMEM || (rc == 0 && !copy) ? -ENOMEM : 0;
}

static int answer_rows(const struct trial *trial)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < trial->plan->len; i++) {
		struct cor_row *row = &trial->plan->rows[i];
		if (!row->fallback.data || row->is_array || !cor_kind_is_nested(row->rule.kind))
			continue;
		memset(trial->value, 0, trial->plan->schema->size);
		rc = cor_members_fallback(trial->codec, trial->scratch, row, trial->value, 0);
		if (rc == 0)
			rc = encode_answered(trial, row);
	}
	return rc;
}

int cor_plan_answer_fallbacks(struct cor_codec *codec, struct cor_plan *plan)
{
	return with_value(&(struct trial){ codec, NULL, plan, NULL, NULL }, answer_rows);
}
