/* SPDX-License-Identifier: MIT */
/*
 * Members that a client may leave out and an answer cannot: it would invent a value. What a zeroed
 * member means by its kind decides: a NULL means "nothing", a 0 is a number.
 */
#include "schema/bind.h"
#include "schema/codec.h"
#include "schema/compile.h"

static const char *zero_of(const struct cor_row *row)
{
	const struct cor_kind_facts *facts = row->rule.facts;

	switch (facts->family) {
	case COR_FAMILY_BOOL:
		return "false";
	case COR_FAMILY_NUMBER:
		return "0";
	case COR_FAMILY_SET:
		return "an empty set";
	case COR_FAMILY_NESTED:
		return "an object of zeros";
	default:
		return row->rule.kind == COR_KIND_ENUM ? "the name of 0" : "a value of zeros";
	}
}

static bool can_be_left_out(const struct cor_row *row)
{
	const struct cor_value_rule *rule = &row->rule;

	if (row->is_opt || row->is_array || row->is_partial)
		return true;
	if (rule->kind == COR_KIND_ENUM)
		return !cor_enum_index_name(rule->names, 0);
	if (rule->kind == COR_KIND_OBJECT && rule->plan->bare && rule->plan->bare->rule.mapping)
		return false;
	if (rule->kind == COR_KIND_OBJECT && (!rule->plan->bare || rule->plan->bare->rule.one_of))
		return rule->plan->zero_has_no_json;
	return rule->facts->is_empty;
}

static void check_row(const struct cor_table_report *report, const struct cor_plan *plan,
	const struct cor_row *row)
{
	if (row->is_own && cor_row_is_file(row->field) && row->field->access != COR_WRITE_ONLY)
		cor_table_wrong(report, plan->schema, row->field,
			"is a file, which cannot be answered: make it COR_WRITE_ONLY, or answer with another type");
	if (!row->is_own || !row->optional || row->field->access == COR_WRITE_ONLY ||
		can_be_left_out(row))
		return;
	cor_table_wrong(report, plan->schema, row->field,
		"is answered as %s when it is absent: use a cor_opt (COR_OPT_%s)%s", zero_of(row),
		cor_kind_is_nested(row->rule.kind) ? "OBJECT"
		: row->rule.kind == COR_KIND_ENUM  ? "ENUM"
		: row->rule.kind == COR_KIND_FLAGS ? "FLAGS"
						   : "FIELD",
		cor_kind_is_nested(row->rule.kind) ? " or a pointer" : ", or give it a .fallback");
}

void cor_codec_check_absence(const struct cor_codec *codec, const struct cor_table_report *report)
{
	for (size_t i = 0; i < codec->len; i++) {
		const struct cor_plan *plan = codec->plans[i];
		for (uint32_t j = 0; plan->is_answered && !plan->has_faults && j < plan->len; j++)
			check_row(report, plan, &plan->rows[j]);
	}
}
