/* SPDX-License-Identifier: MIT */
/* The .constant of a row: read once by the row's own rules, and kept as it is written. */
#include <errno.h>

#include "schema/codec.h"
#include "schema/compile.h"
#include "schema/decoder.h"
#include "schema/encoder.h"
#include "schema/rules.h"

/* Read it; what is wrong with it stands in *ret_found. */
static int read_constant(struct cor_codec *codec, const struct cor_row *row,
	struct cor_arena *scratch, void *at, struct cor_violations *ret_found)
{
	struct cor_decoder decoder = {
		.report = { .violations = ret_found, .arena = scratch, .in = "table" },
		.codec = codec,
	};

	cor_json_reader_init(&decoder.reader, cor_str(row->field->constant), scratch, 0);
	int rc = row->rule.facts->decode(&decoder, row, at, NULL);
	if (rc == 0 && ret_found->count == 0)
		rc = cor_rules_check(&decoder.report, &row->rule, at, NULL);
	return rc;
}

static int keep(struct cor_codec *codec, struct cor_row *row, const void *at)
{
	struct cor_buffer buffer = { 0 };
	struct cor_encoder encoder = { .buffer = &buffer };

	row->rule.facts->encode(&encoder, &row->rule, at, NULL);
	const char *copy = cor_buffer_error(&buffer) == 0
				   ? cor_arena_copy(&codec->arena, buffer.data, buffer.len)
				   : NULL;
	bool is_value = row->rule.facts->compare || row->rule.kind == COR_KIND_DOUBLE;
	if (copy && is_value)
		row->rule.only = cor_arena_copy(&codec->arena, at, row->rule.size);
	if (copy) {
		row->rule.constant = (struct cor_str){ copy, buffer.len };
		row->rule.is_checked = true;
	}
	cor_buffer_finish(&buffer);
	return copy && (!is_value || row->rule.only) ? 0 : -ENOMEM;
}

/*
 * Answers have it as its kind writes it, and the document as the table does: a string must be the
 * same in both. (Numbers are equal however they are written.)
 */
static void check_spelling(
	struct cor_plan *plan, const struct cor_row *row, const struct cor_table_report *report)
{
	struct cor_str kept = row->rule.constant;

	if (row->rule.facts->family != COR_FAMILY_WORD || kept.data[0] != '"' ||
		cor_str_equal(kept, cor_str(row->field->constant)))
		return;
	cor_table_wrong(report, plan->schema, row->field,
		".constant %s is written as %.*s: give it so", row->field->constant, (int)kept.len,
		kept.data);
	plan->has_faults = true;
}

int cor_constant_compile(struct cor_codec *codec, struct cor_plan *plan, struct cor_row *row,
	const struct cor_table_report *report)
{
	struct cor_violations found = { 0 };
	struct cor_arena scratch;
	int rc = -ENOMEM;

	cor_arena_init(&scratch, NULL, 0, 0);
	void *at = cor_arena_zalloc(&scratch, row->rule.size);
	if (at)
		rc = read_constant(codec, row, &scratch, at, &found);
	if (rc == 0 && found.count == 0) {
		rc = keep(codec, row, at);
		if (rc == 0)
			check_spelling(plan, row, report);
	} else if (rc != -ENOMEM) {
		cor_table_wrong(report, plan->schema, row->field, ".constant %s does not fit: %s",
			row->field->constant, found.first ? found.first->detail : "it is not JSON");
		plan->has_faults = true;
		rc = 0;
	}
	cor_arena_finish(&scratch);
	return rc;
}
