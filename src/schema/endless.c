/* SPDX-License-Identifier: MIT */
/* Structs that must hold another one of their kind, which must, too: no JSON is ever enough. */
#include "schema/bind.h"
#include "schema/codec.h"
#include "schema/compile.h"
#include "schema/describe.h"

static bool needs_nested(const struct cor_row *row, enum cor_use use)
{
	const struct cor_field *field = row->field;
	enum cor_access other = use == COR_USE_REQUEST ? COR_READ_ONLY : COR_WRITE_ONLY;

	if (!cor_rule_plan(&row->rule, 0) || field->access == other || !cor_row_is_required(field))
		return false;
	return row->is_array ? field->min_items != 0 : !row->nullable;
}

/* Of a union, one branch is enough. */
static bool has_end(const struct cor_row *row, enum cor_use use)
{
	const struct cor_plan *plan;

	for (uint32_t i = 0; (plan = cor_rule_plan(&row->rule, i)); i++)
		if (plan->has_end[use])
			return true;
	return false;
}

/* A row whose struct is not known to have an end; NULL: the plan has one itself. */
static const struct cor_row *endless_row(const struct cor_plan *plan, enum cor_use use)
{
	for (uint32_t i = 0; !plan->has_end[use] && i < plan->len; i++)
		if (needs_nested(&plan->rows[i], use) && !has_end(&plan->rows[i], use))
			return &plan->rows[i];
	return NULL;
}

/* Until nothing changes: what needs only what has an end has one. */
static void spread_ends(const struct cor_codec *codec, enum cor_use use)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < codec->len; i++) {
			struct cor_plan *plan = codec->plans[i];
			if (plan->has_end[use] || endless_row(plan, use))
				continue;
			plan->has_end[use] = changed = true;
		}
	}
}

static bool needs_itself(
	const struct cor_codec *codec, const struct cor_plan *plan, enum cor_use use)
{
	const struct cor_row *row = endless_row(plan, use);

	for (size_t i = 0; row && i < codec->len; i++) {
		const struct cor_plan *needed = cor_rule_plan(&row->rule, 0);
		if (needed == plan)
			return true;
		row = endless_row(needed, use);
	}
	return false;
}

/* One row of each circle is reported. */
static void check_use(
	struct cor_codec *codec, const struct cor_table_report *report, enum cor_use use)
{
	spread_ends(codec, use);
	for (size_t i = 0; i < codec->len; i++) {
		struct cor_plan *plan = codec->plans[i];
		if (!needs_itself(codec, plan, use))
			continue;
		const struct cor_row *row = endless_row(plan, use);
		cor_table_wrong(report, plan->schema, row->field,
			"needs a struct that needs another %s, without end: make it COR_OPTIONAL or COR_NULLABLE",
			plan->schema->symbol);
		plan->has_end[use] = plan->has_end[COR_USE_ANSWER] = true;
		spread_ends(codec, use);
	}
}

void cor_codec_check_ends(struct cor_codec *codec, const struct cor_table_report *report)
{
	check_use(codec, report, COR_USE_REQUEST);
	check_use(codec, report, COR_USE_ANSWER);
}
