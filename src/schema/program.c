/* SPDX-License-Identifier: MIT */
#include "schema/program.h"

#include <errno.h>
#include <string.h>

#include "schema/encoder.h"
#include "schema/put.h"

struct builder {
	struct cor_arena *arena;
	struct cor_buffer steps; /* of struct cor_put_step */
	struct cor_buffer text;  /* of the next step */
};

static int finish_builder(struct builder *builder)
{
	int rc = cor_buffer_error(&builder->steps) | cor_buffer_error(&builder->text);

	cor_buffer_finish(&builder->steps);
	cor_buffer_finish(&builder->text);
	return rc != 0 ? -ENOMEM : 0;
}

/* A step behind the others, with the text that stands before it: a long one makes several. */
static void add_step(struct builder *builder, struct cor_put_step step)
{
	struct cor_str text = { builder->text.data, builder->text.len };

	/* NOLINTBEGIN(clang-analyzer-core.NonNullParamChecker): what has a length has bytes */
	while (text.len > COR_PUT_TEXT_BYTES) {
		struct cor_put_step piece = { .action = COR_PUT_NOTHING,
			.len = COR_PUT_TEXT_BYTES };
		memcpy(piece.text, text.data, COR_PUT_TEXT_BYTES);
		cor_buffer_append(&builder->steps, &piece, sizeof piece);
		text.data += COR_PUT_TEXT_BYTES;
		text.len -= COR_PUT_TEXT_BYTES;
	}
	step.len = (uint8_t)text.len;
	if (text.len != 0)
		memcpy(step.text, text.data, text.len);
	/* NOLINTEND(clang-analyzer-core.NonNullParamChecker) */
	cor_buffer_append(&builder->steps, &step, sizeof step);
	builder->text.len = 0;
}

static enum cor_put_action action_of(enum cor_kind kind)
{
	switch (kind) {
	case COR_KIND_BOOL:
		return COR_PUT_BOOL;
	case COR_KIND_INT32:
		return COR_PUT_INT32;
	case COR_KIND_INT64:
		return COR_PUT_INT64;
	case COR_KIND_DOUBLE:
		return COR_PUT_DOUBLE;
	case COR_KIND_TEXT:
		return COR_PUT_TEXT;
	case COR_KIND_TIMESTAMP:
		return COR_PUT_TIME;
	case COR_KIND_ENUM:
		return COR_PUT_NAME;
	default:
		return COR_PUT_OTHER;
	}
}

/* Whether nobody knows before how many bytes it writes. */
static bool sees_to_room(const struct cor_put_step *step)
{
	switch ((enum cor_put_action)step->action) {
	case COR_PUT_TEXT:
	case COR_PUT_NAME:
	case COR_PUT_NUMBERS:
	case COR_PUT_ITEMS:
	case COR_PUT_NEXT:
		return true;
	case COR_PUT_OTHER:
		return cor_kind_is_text(step->rule->kind);
	default:
		return false;
	}
}

/* How many bytes are to be had where: added up from behind. Returns those before the first step. */
static uint32_t make_room(struct cor_put_step *steps, size_t len)
{
	const uint32_t spare = COR_PUT_TEXT_BYTES + 1; /* texts are copied whole; a bracket */
	uint32_t room = spare;

	for (size_t i = len; i-- > 0;) {
		struct cor_put_step *step = &steps[i];
		if (sees_to_room(step)) {
			step->room = room;
			room = spare;
		} else if (step->rule) {
			room += COR_PUT_BYTES;
		}
		room += step->len;
	}
	if (steps[len - 1].action == COR_PUT_NEXT)
		steps[len - 1].room = room;
	return room;
}

/* NULL: no memory, as finish_builder() says, too. */
static struct cor_put_program *make_program(struct builder *builder, unsigned levels)
{
	size_t bytes = builder->steps.len;
	struct cor_put_program *program = cor_arena_zalloc(builder->arena, sizeof *program);
	struct cor_put_step *steps = cor_arena_alloc(builder->arena, bytes);

	if (program && steps && cor_buffer_error(&builder->steps) == 0) {
		memcpy(steps, builder->steps.data, bytes);
		program->steps = steps;
		program->room = make_room(steps, bytes / sizeof *steps);
		program->levels = levels;
	}
	return finish_builder(builder) == 0 && steps ? program : NULL;
}

static bool is_bare(const struct cor_value_rule *rule)
{
	return rule->facts->encode == cor_encode_bare;
}

static int levels_of_row(const struct cor_row *row);

/* Whether each of its rows is always written, whatever the use, and it is an object as others. */
static int levels_of_object(const struct cor_plan *plan)
{
	int levels = plan->len != 0 && !plan->rest && !plan->bare && !plan->has_dump_hooks ? 1 : -1;

	for (uint32_t i = 0; i < plan->len && levels > 0; i++) {
		bool is_taken = cor_row_set_has(&plan->taken[COR_USE_REQUEST], i) &&
				cor_row_set_has(&plan->taken[COR_USE_ANSWER], i);
		int inner = is_taken ? levels_of_row(&plan->rows[i]) : -1;
		levels = inner < 0 ? -1 : inner >= levels ? inner + 1 : levels;
	}
	return levels;
}

/* How deep a value nests: 0 for a scalar; -1: no program writes it. */
static int levels_of_value(const struct cor_value_rule *rule)
{
	if (is_bare(rule) && !rule->plan->has_dump_hooks)
		return levels_of_row(rule->plan->bare);
	if (rule->facts->encode == cor_encode_object)
		return levels_of_object(rule->plan);
	return rule->facts->put ? 0 : -1;
}

static int levels_of_row(const struct cor_row *row)
{
	if (!row->is_plain || row->is_dict)
		return -1;
	if (row->is_array)
		return row->items ? (int)row->items->levels : -1;
	return levels_of_value(&row->rule);
}

static void add_row(struct builder *builder, const struct cor_row *row, uint32_t offset);

static void add_object(struct builder *builder, const struct cor_plan *plan, uint32_t offset)
{
	for (uint32_t i = 0; i < plan->len; i++) {
		struct cor_str prefix = plan->rows[i].prefix;
		cor_buffer_byte(&builder->text, i == 0 ? '{' : ',');
		cor_buffer_append(&builder->text, prefix.data + 1, prefix.len - 1);
		add_row(builder, &plan->rows[i], offset);
	}
	cor_buffer_byte(&builder->text, '}');
}

static void add_value(struct builder *builder, const struct cor_value_rule *rule, uint32_t offset)
{
	bool is_quoted = cor_kind_is_quoted(rule->kind);

	if (is_bare(rule)) {
		add_row(builder, rule->plan->bare, offset);
	} else if (rule->facts->encode == cor_encode_object) {
		add_object(builder, rule->plan, offset);
	} else {
		if (is_quoted)
			cor_buffer_byte(&builder->text, '"');
		add_step(builder, (struct cor_put_step){ .action = (uint8_t)action_of(rule->kind),
					  .offset = offset,
					  .rule = rule });
		if (is_quoted)
			cor_buffer_byte(&builder->text, '"');
	}
}

static bool has_numbers(const struct cor_row *row)
{
	return row->rule.facts->put && !cor_kind_is_quoted(row->rule.kind);
}

/* The value of a row of what stands at `offset`. */
static void add_row(struct builder *builder, const struct cor_row *row, uint32_t offset)
{
	offset += row->offset;
	if (!row->is_array) {
		add_value(builder, &row->rule, offset);
		return;
	}
	cor_buffer_byte(&builder->text, '[');
	add_step(builder,
		(struct cor_put_step){ .action = has_numbers(row) ? COR_PUT_NUMBERS : COR_PUT_ITEMS,
			.offset = offset,
			.rule = &row->rule,
			.inner = row->items });
}

static int make_items(struct cor_codec *codec, struct cor_row *row);

/* The arrays that a value holds by value, or of which its items are. */
static int make_items_within(struct cor_codec *codec, const struct cor_value_rule *rule)
{
	int rc = 0;

	if (!is_bare(rule) && rule->facts->encode != cor_encode_object)
		return 0;
	for (uint32_t i = 0; rc == 0 && i < rule->plan->len; i++)
		rc = make_items(codec, &rule->plan->rows[i]);
	return rc;
}

/*
 * What is done for each item of an array. A row that is asked for again while its items are looked
 * at has a type that reaches itself: it has no program.
 */
static int make_items(struct cor_codec *codec, struct cor_row *row)
{
	struct builder builder = { .arena = &codec->arena };

	if (row->has_tried_items)
		return 0;
	row->has_tried_items = true;
	int rc = make_items_within(codec, &row->rule);
	if (rc < 0 || !row->is_array || row->is_dict)
		return rc;
	int levels = levels_of_value(&row->rule);
	if (levels < 0 || levels >= COR_PUT_DEPTH)
		return 0;
	add_value(&builder, &row->rule, 0);
	cor_buffer_byte(&builder.text, ',');
	add_step(&builder,
		(struct cor_put_step){ .action = COR_PUT_NEXT, .offset = row->rule.size });
	row->items = make_program(&builder, (unsigned)levels + 1);
	return row->items ? 0 : -ENOMEM;
}

/* Whether a program may write the row where it stands in an object that is not part of one. */
static bool is_always_written(const struct cor_plan *plan, const struct cor_row *row)
{
	uint32_t i = row->index;
	int levels = levels_of_row(row);

	return levels >= 0 && levels <= COR_PUT_DEPTH &&
	       cor_row_set_has(&plan->taken[COR_USE_REQUEST], i) &&
	       cor_row_set_has(&plan->taken[COR_USE_ANSWER], i) &&
	       (cor_row_set_has(&plan->from[COR_FROM_BODY], i) ||
		       cor_row_set_has(&plan->from[COR_FROM_DEFAULT], i)) &&
	       !cor_row_set_has(&plan->to_header, i);
}

/* The rows from `row` on, as far as they are always written. */
static int make_run(struct cor_codec *codec, const struct cor_plan *plan, struct cor_row *row)
{
	struct builder builder = { .arena = &codec->arena };
	const struct cor_row *end = plan->rows + plan->len, *at = row;

	for (; at < end && is_always_written(plan, at); at++) {
		cor_buffer_append_str(&builder.text, at->prefix);
		add_row(&builder, at, 0);
	}
	bool closes = at == end && !plan->rest;
	if (closes)
		cor_buffer_byte(&builder.text, '}');
	add_step(&builder, (struct cor_put_step){ .action = COR_PUT_END });
	struct cor_put_program *run = make_program(&builder, 0);
	if (!run)
		return -ENOMEM;
	run->end = (uint32_t)(at - plan->rows);
	run->closes = closes;
	row->run = run;
	return 0;
}

static int make_runs(struct cor_codec *codec, const struct cor_plan *plan)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < plan->len;) {
		struct cor_row *row = &plan->rows[i];
		bool begins = is_always_written(plan, row);
		if (begins)
			rc = make_run(codec, plan, row);
		i = begins && rc == 0 ? row->run->end : i + 1;
	}
	return rc;
}

/* An array by itself: of a row that is not always written, or that is the value itself. */
static int make_array(struct cor_codec *codec, struct cor_row *row)
{
	struct builder builder = { .arena = &codec->arena };

	add_row(&builder, row, -row->offset);
	add_step(&builder, (struct cor_put_step){ .action = COR_PUT_END });
	row->array = make_program(&builder, 0);
	return row->array ? 0 : -ENOMEM;
}

static int make_arrays(struct cor_codec *codec, const struct cor_plan *plan)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < plan->len; i++) {
		rc = make_items(codec, &plan->rows[i]);
		if (rc == 0 && plan->rows[i].items)
			rc = make_array(codec, &plan->rows[i]);
	}
	return rc;
}

int cor_codec_make_programs(struct cor_codec *codec)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < codec->len; i++)
		rc = make_arrays(codec, codec->plans[i]);
	for (size_t i = 0; rc == 0 && i < codec->len; i++)
		rc = make_runs(codec, codec->plans[i]);
	return rc;
}
