/* SPDX-License-Identifier: MIT */
#include "schema/codec.h"
#include "schema/view.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>
#include <coracle/schema_union.h>

#include "schema/compile.h"
#include "schema/encode.h"
#include "schema/hooks.h"
#include "schema/json_hooks.h"
#include "schema/program.h"
#include "schema/union.h"

static size_t slot_of(const struct cor_codec *codec, const struct cor_schema *schema)
{
	return (size_t)(((uint64_t)(uintptr_t)schema * 0x9e3779b97f4a7c15u) >> 32) & codec->mask;
}

const struct cor_plan *cor_codec_plan(
	const struct cor_codec *codec, const struct cor_schema *schema)
{
	for (size_t i = slot_of(codec, schema); codec->slots[i]; i = (i + 1) & codec->mask)
		if (codec->slots[i]->schema == schema)
			return codec->slots[i];
	return NULL;
}

const struct cor_plan *cor_rule_plan(const struct cor_value_rule *rule, uint32_t i)
{
	if (rule->one_of)
		return i < rule->one_of->table->len ? rule->one_of->plans[i] : NULL;
	return i == 0 ? rule->plan : NULL;
}

static int index_plans(struct cor_codec *codec)
{
	size_t size = 4;

	while (size < 2 * codec->len)
		size *= 2;
	codec->mask = size - 1;
	codec->slots = cor_arena_zalloc(&codec->arena, size * sizeof *codec->slots);
	if (!codec->slots)
		return -ENOMEM;
	for (size_t i = 0; i < codec->len; i++) {
		size_t slot = slot_of(codec, codec->plans[i]->schema);
		while (codec->slots[slot])
			slot = (slot + 1) & codec->mask;
		codec->slots[slot] = codec->plans[i];
	}
	return 0;
}

/* Until nothing changes: tables may reach each other in a circle. */
static void spread_faults(const struct cor_codec *codec)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < codec->len; i++) {
			struct cor_plan *plan = codec->plans[i];
			if (plan->has_faults || !cor_plan_nests_faults(plan))
				continue;
			plan->has_faults = changed = true;
		}
	}
}

static bool embeds_hooks(const struct cor_schema *schema)
{
	bool found = schema->check || schema->after_load;

	for (size_t i = 0; !found && i < schema->len; i++)
		if (schema->fields[i].type.kind == COR_KIND_EMBED && !schema->fields[i].is_partial)
			found = embeds_hooks(schema->fields[i].type.schema);
	return found;
}

static bool holds_hooks(const struct cor_plan *plan)
{
	for (uint32_t i = 0; i < plan->len; i++)
		if (cor_row_holds_hooks(&plan->rows[i]))
			return true;
	return plan->rest && cor_row_holds_hooks(plan->rest);
}

/* Tables without faults only: the others are used for nothing. */
static void spread_hooks(struct cor_codec *codec)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < codec->len; i++) {
			struct cor_plan *plan = codec->plans[i];
			if (plan->has_hooks || plan->has_faults)
				continue;
			plan->has_own_hooks = embeds_hooks(plan->schema);
			plan->has_hooks = plan->has_own_hooks || holds_hooks(plan);
			changed |= plan->has_hooks;
			codec->has_hooks |= plan->has_hooks;
		}
	}
}

static int fill(struct cor_codec *codec, const struct cor_codec_tables *tables,
	const struct cor_table_report *report)
{
	struct cor_plan *plan;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < tables->len; i++)
		rc = cor_plan_compile(codec, tables->schemas[i], report, &plan);
	if (rc == 0)
		rc = cor_codec_make_branches(codec);
	if (rc == 0)
		rc = index_plans(codec);
	if (rc == 0)
		spread_faults(codec);
	if (rc == 0) {
		spread_hooks(codec);
		cor_codec_spread_json_hooks(codec);
	}
	if (rc == 0)
		cor_codec_check_ends(codec, report);
	for (size_t i = 0; rc == 0 && i < codec->len; i++)
		rc = cor_plan_try(codec, codec->plans[i], report);
	if (rc == 0)
		rc = cor_codec_answer_fallbacks(codec, tables, report);
	if (rc == 0 && report->violations->count != 0)
		rc = -COR_ETABLE;
	return rc < 0 ? rc : cor_codec_make_programs(codec);
}

int cor_codec_create(const struct cor_schema *const *schemas, size_t len, struct cor_codec **ret,
	struct cor_arena *arena, struct cor_violations *why)
{
	return cor_codec_create_of(&(struct cor_codec_tables){ schemas, len, 0 }, ret, arena, why);
}

int cor_codec_create_of(const struct cor_codec_tables *tables, struct cor_codec **ret,
	struct cor_arena *arena, struct cor_violations *why)
{
	struct cor_codec *codec = calloc(1, sizeof *codec);
	struct cor_violations found = { 0 };

	if (!codec)
		return -ENOMEM;
	cor_arena_init(&codec->arena, NULL, 0, 0);
	int rc = cor_pattern_room_create(&codec->patterns);
	const struct cor_table_report report = { &found, why ? arena : &codec->arena,
		codec->patterns };
	if (rc == 0)
		rc = fill(codec, tables, &report);
	if (why && found.first) {
		if (why->last)
			why->last->next = found.first;
		else
			why->first = found.first;
		why->last = found.last;
	}
	if (why)
		why->count += found.count;
	if (rc < 0)
		cor_codec_destroy(codec);
	else
		*ret = codec;
	return rc;
}

void cor_codec_destroy(struct cor_codec *codec)
{
	if (!codec)
		return;
	cor_view_plans_destroy(codec->views);
	cor_pattern_room_destroy(codec->patterns);
	free(codec->plans);
	cor_arena_finish(&codec->arena);
	free(codec);
}
