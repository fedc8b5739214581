/* SPDX-License-Identifier: MIT */
#include "schema/mask.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "schema/mask_plan.h"
#include "schema/names.h"

struct reader {
	struct cor_arena *arena;
	const struct cor_plan *root; /* of the answer: not all rows of it are in the body */
	const char *at;
	const char *end;
	unsigned depth;
	const char *why; /* it is wrong; NULL: not yet */
	bool is_short;   /* of memory */
};

#define MASK_BLANK " \t"

static void *lacks_memory(struct reader *reader)
{
	reader->is_short = true;
	return NULL;
}

static void refuse(struct reader *reader, const char *why)
{
	if (!why)
		reader->is_short = true;
	else if (!reader->why)
		reader->why = why;
}

static bool is_over(const struct reader *reader)
{
	return reader->why || reader->is_short;
}

/* The next byte that counts; '\0' at the end. */
static char peek(struct reader *reader)
{
	while (reader->at < reader->end && memchr(MASK_BLANK, *reader->at, sizeof MASK_BLANK - 1))
		reader->at++;
	return reader->at < reader->end ? *reader->at : '\0';
}

static bool take(struct reader *reader, char byte)
{
	if (peek(reader) != byte || reader->at == reader->end)
		return false;
	reader->at++;
	return true;
}

static struct cor_str take_name(struct reader *reader)
{
	struct cor_str name = { reader->at, 0 };

	while (reader->at < reader->end && !memchr("{}, \t", *reader->at, 5))
		reader->at++;
	name.len = (size_t)(reader->at - name.data);
	return name;
}

/* --- what a name stands for --- */

/* The plan of the objects that a row holds, and whether there is just one; NULL: there are none. */
static const struct cor_plan *objects_of(const struct cor_value_rule *rule)
{
	const struct cor_plan *plan = rule->one_of ? NULL : rule->plan;

	while (plan && plan->bare)
		plan = plan->bare->rule.one_of ? NULL : plan->bare->rule.plan;
	return plan;
}

static bool is_in_body(const struct reader *reader, const struct cor_plan *plan, int row)
{
	bool is_root = plan == reader->root && reader->depth == 0;

	return row >= 0 && cor_row_set_has(&plan->taken[COR_USE_ANSWER], (size_t)row) &&
	       !(is_root && cor_row_set_has(&plan->to_header, (size_t)row));
}

/* Of a plan with a rest an answer may have any name, which only the handler knows. */
static void refuse_name(struct reader *reader, const struct cor_plan *plan, struct cor_str name)
{
	const char *why = plan->rest ? "which can only be had with all others, by *"
				     : "which no answer has";
	int shown = (int)(name.len < 64 ? name.len : 64);
	int found = cor_key_index_nearest(&plan->keys, name);

	if (!is_in_body(reader, plan, found))
		found = -1;
	refuse(reader, cor_arena_printf(reader->arena, "has \"%.*s\", %s%s%s%s", shown, name.data,
			       why, found < 0 ? "" : "; did you mean ",
			       found < 0 ? "" : plan->rows[found].key.data, found < 0 ? "" : "?"));
}

static const struct cor_row *find_row(
	struct reader *reader, const struct cor_plan *plan, struct cor_str name)
{
	int found = cor_key_index_find(&plan->keys, name);

	if (is_in_body(reader, plan, found))
		return &plan->rows[found];
	refuse_name(reader, plan, name);
	return NULL;
}

/* A union, behind bare rows or not, or a map of scalars. */
static bool is_whole(const struct cor_row *row)
{
	const struct cor_value_rule *rule = &row->rule;

	while (!rule->one_of && rule->plan && rule->plan->bare)
		rule = &rule->plan->bare->rule;
	return rule->one_of || row->is_dict;
}

static struct cor_mask *read_members(
	struct reader *reader, const struct cor_plan *plan, bool is_braced);

static void read_inner(struct reader *reader, const struct cor_row *row, struct cor_mask *mask)
{
	const struct cor_plan *plan = objects_of(&row->rule);

	if (!take(reader, '{'))
		return;
	if (!plan) {
		refuse(reader,
			cor_arena_printf(reader->arena, "goes into %s, which %s", row->key.data,
				is_whole(row) ? "can only be had as a whole" : "has no members"));
		return;
	}
	if (reader->depth == COR_MASK_DEPTH_MAX) {
		refuse(reader, "is nested too deep");
		return;
	}
	reader->depth++;
	mask->inner[row->index] = read_members(reader, plan, true);
	reader->depth--;
}

static void read_member(struct reader *reader, const struct cor_plan *plan, struct cor_mask *mask)
{
	struct cor_str name = take_name(reader);

	if (name.len == 0) {
		refuse(reader, "lacks a name");
		return;
	}
	const struct cor_row *row = find_row(reader, plan, name);
	if (!row)
		return;
	if (cor_row_set_has(&mask->taken, row->index)) {
		refuse(reader, cor_arena_printf(reader->arena, "names %s twice", row->key.data));
		return;
	}
	cor_row_set_add(&mask->taken, row->index);
	read_inner(reader, row, mask);
}

static struct cor_mask *begin(struct reader *reader, const struct cor_plan *plan)
{
	struct cor_mask *mask = cor_arena_zalloc(reader->arena, sizeof *mask);

	if (!mask)
		return lacks_memory(reader);
	mask->inner = cor_arena_zalloc(reader->arena, (plan->len + 1) * sizeof *mask->inner);
	return mask->inner ? mask : lacks_memory(reader);
}

static struct cor_mask *read_members(
	struct reader *reader, const struct cor_plan *plan, bool is_braced)
{
	struct cor_mask *mask = begin(reader, plan);
	bool has_all = false;

	if (!mask)
		return NULL;
	do {
		if (take(reader, '*'))
			has_all = true;
		else
			read_member(reader, plan, mask);
	} while (!is_over(reader) && take(reader, ','));
	if (!is_over(reader) && is_braced && !take(reader, '}'))
		refuse(reader, "lacks a }");
	if (has_all)
		mask->taken = plan->taken[COR_USE_ANSWER];
	mask->has_rest = has_all;
	return mask;
}

/* --- the whole --- */

static const struct cor_row *envelope_of(const struct cor_plan *plan)
{
	for (uint32_t i = 0; i < plan->len; i++)
		if (plan->rows[i].field->is_envelope)
			return &plan->rows[i];
	return NULL;
}

/* An envelope is around whatever part was asked for. */
static const struct cor_mask *put_in_envelope(struct reader *reader, const struct cor_plan *plan,
	const struct cor_row *envelope, const struct cor_mask *inner)
{
	struct cor_mask *mask = begin(reader, plan);

	if (!mask)
		return NULL;
	cor_row_set_add(&mask->taken, envelope->index);
	mask->inner[envelope->index] = inner;
	return mask;
}

static const struct cor_mask *read_whole(struct reader *reader, const struct cor_plan *plan)
{
	const struct cor_row *envelope = envelope_of(plan);
	const struct cor_value_rule root = { .plan = plan };
	const struct cor_plan *objects = objects_of(envelope ? &envelope->rule : &root);

	if (!objects) {
		refuse(reader, "is of no use: the answer has no members");
		return NULL;
	}
	const struct cor_mask *mask = read_members(reader, objects, take(reader, '{'));
	return envelope && mask ? put_in_envelope(reader, plan, envelope, mask) : mask;
}

int cor_mask_read(struct cor_codec *codec, const struct cor_schema *schema, struct cor_str text,
	struct cor_arena *arena, const struct cor_mask **ret, const char **ret_why)
{
	const struct cor_plan *plan = cor_codec_plan(codec, schema);
	struct reader reader = { .arena = arena, .at = text.data, .end = text.data + text.len };

	if (!plan)
		return -COR_ETABLE;
	reader.root = plan;
	*ret = read_whole(&reader, plan);
	if (!is_over(&reader) && peek(&reader) != '\0')
		refuse(&reader, "has more after its end");
	*ret_why = reader.why;
	if (reader.is_short)
		return -ENOMEM;
	return reader.why ? -COR_EINVALID : 0;
}
