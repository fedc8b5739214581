/* SPDX-License-Identifier: MIT */
#include "schema/decode.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "schema/decoder.h"
#include "schema/fill.h"
#include "schema/value.h"

static const char *const found_nouns[] = {
	[COR_JSON_OBJECT] = "an object",
	[COR_JSON_ARRAY] = "an array",
	[COR_JSON_STRING] = "a string",
	[COR_JSON_NUMBER] = "a number",
	[COR_JSON_BOOL] = "a boolean",
	[COR_JSON_NULL] = "null",
};

/* The value is of another type than the row's: say so and pass over it. */
static int refuse_type(
	struct cor_decoder *decoder, const char *wanted, bool nullable, const struct cor_step *step)
{
	enum cor_json_type found = cor_json_peek(&decoder->reader);

	/* A value that no JSON begins like, and the end of the text, are syntax errors that the skip will find. */
	if (found <= COR_JSON_NULL)
		cor_report(&decoder->report, step, "must be %s%s, not %s", wanted,
			nullable ? " or null" : "", found_nouns[found]);
	return cor_json_skip(&decoder->reader, NULL);
}

static int decode_raw(struct cor_decoder *decoder, void *at)
{
	struct cor_json json;
	int rc = cor_json_skip(&decoder->reader, &json.text);

	if (rc < 0)
		return rc;
	json.text.data = cor_arena_copy(decoder->report.arena, json.text.data, json.text.len);
	if (!json.text.data)
		return -ENOMEM;
	cor_member_put(at, json);
	return 0;
}

static int decode_pointer(struct cor_decoder *decoder, const struct cor_rule *rule, void *at,
	const struct cor_step *step)
{
	void *nested = cor_arena_zalloc(decoder->report.arena, rule->size);

	if (!nested)
		return -ENOMEM;
	cor_member_put(at, nested);
	return cor_decoder_object(
		decoder, rule->plan, &rule->plan->taken[decoder->use], nested, step);
}

static int decode_bool(struct cor_decoder *decoder, void *at)
{
	bool value;
	int rc = cor_json_read_bool(&decoder->reader, &value);

	if (rc == 0)
		cor_member_put(at, value);
	return rc;
}

static int decode_number(struct cor_decoder *decoder, const struct cor_rule *rule, void *at,
	const struct cor_step *step)
{
	struct cor_json_number number;
	int rc = cor_json_read_number(&decoder->reader, &number);

	if (rc == 0)
		cor_value_number(&decoder->report, rule, at, &number, step);
	return rc;
}

static int decode_string(struct cor_decoder *decoder, const struct cor_rule *rule, void *at,
	const struct cor_step *step)
{
	struct cor_str text;
	int rc = cor_json_read_string(&decoder->reader, &text);

	return rc < 0 ? rc : cor_value_string(&decoder->report, rule, at, text, step);
}

static int decode_value(struct cor_decoder *decoder, const struct cor_rule *rule, bool nullable,
	void *at, const struct cor_step *step)
{
	enum cor_json_type type = cor_json_peek(&decoder->reader);

	if (rule->kind == COR_KIND_RAW)
		return decode_raw(decoder, at);
	if (type == COR_JSON_STRING && cor_kind_is_string(rule->kind))
		return decode_string(decoder, rule, at, step);
	if (type == COR_JSON_NUMBER && cor_kind_is_number(rule->kind))
		return decode_number(decoder, rule, at, step);
	if (type == COR_JSON_BOOL && rule->kind == COR_KIND_BOOL)
		return decode_bool(decoder, at);
	if (type == COR_JSON_OBJECT && rule->kind == COR_KIND_OBJECT)
		return cor_decoder_object(
			decoder, rule->plan, &rule->plan->taken[decoder->use], at, step);
	if (type == COR_JSON_OBJECT && rule->kind == COR_KIND_POINTER)
		return decode_pointer(decoder, rule, at, step);
	return refuse_type(decoder, cor_rule_noun(rule), nullable, step);
}

static int decode_items(struct cor_decoder *decoder, const struct cor_row *row,
	struct cor_items *items, size_t *ret_count, const struct cor_step *outer)
{
	uint32_t max = row->field->max_items;
	struct cor_step step = { .outer = outer };
	int rc;

	while ((rc = cor_json_next_item(&decoder->reader)) > 0) {
		step.index = (*ret_count)++;
		if (max != 0 && step.index >= max) {
			rc = cor_json_skip(&decoder->reader, NULL); /* counted, not kept */
		} else {
			void *item = cor_items_add(items, decoder->report.arena);
			if (!item)
				return -ENOMEM;
			rc = decode_value(decoder, &row->rule, false, item, &step);
		}
		if (rc < 0)
			break;
	}
	return rc;
}

static int decode_array(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct cor_items items = { .item_bytes = row->rule.size };
	size_t count = 0;

	if (cor_json_peek(&decoder->reader) != COR_JSON_ARRAY)
		return refuse_type(decoder, "an array", false, step);
	int rc = cor_json_enter_array(&decoder->reader);
	if (rc == 0)
		rc = decode_items(decoder, row, &items, &count, step);
	if (rc < 0)
		return rc;
	rc = cor_items_close(&items, decoder->report.arena, at);
	cor_value_count(&decoder->report, row, count, step);
	return rc;
}

static int decode_null(struct cor_decoder *decoder, const struct cor_row *row, void *base)
{
	int rc = cor_json_read_null(&decoder->reader);

	/* The member itself is zero already: a NULL pointer. */
	if (rc == 0 && row->is_opt)
		cor_row_set_state(row, base, COR_NULL);
	return rc;
}

int cor_decoder_row(struct cor_decoder *decoder, const struct cor_row *row, void *base,
	const struct cor_step *step)
{
	void *at = (char *)base + row->offset;

	if (row->nullable && cor_json_peek(&decoder->reader) == COR_JSON_NULL)
		return decode_null(decoder, row, base);
	if (row->is_opt)
		cor_row_set_state(row, base, COR_SET);
	if (row->is_array)
		return decode_array(decoder, row, at, step);
	return decode_value(decoder, &row->rule, row->nullable, at, step);
}

/* A member that is no row of those that take part, or one that was there already. */
static int refuse_member(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row *row, const struct cor_row_set *taken, const struct cor_step *step)
{
	static const char *const places[] = { "", "body", "path", "query", "headers" };
	const struct cor_field *field = row ? row->field : NULL;

	if (row && cor_row_set_has(taken, row->index))
		cor_report(&decoder->report, step, "is given more than once");
	else if (plan->schema->unknown == COR_IGNORE)
		;
	else if (!row)
		cor_fill_unknown(&decoder->report, plan, step);
	else if (decoder->use == COR_USE_ANSWER)
		cor_report(&decoder->report, step, "is not part of an answer");
	else if (field->access == COR_READ_ONLY)
		cor_report(&decoder->report, step, "is read-only: leave it out");
	else
		cor_report(&decoder->report, step, "belongs into the %s",
			places[field->from ? field->from : decoder->default_from]);
	return cor_json_skip(&decoder->reader, NULL);
}

/* Members mostly come in the order of the table: look at the next row before the index. */
static const struct cor_row *find_row(
	const struct cor_plan *plan, struct cor_str key, uint32_t guess)
{
	if (guess < plan->len && cor_str_equal(plan->rows[guess].key, key))
		return &plan->rows[guess];
	int position = cor_key_index_find(&plan->keys, key);
	return position < 0 ? NULL : &plan->rows[position];
}

int cor_decoder_object(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, void *base, const struct cor_step *outer)
{
	struct cor_row_set seen = { 0 };
	struct cor_step step = { .outer = outer };
	uint32_t guess = 0;
	int rc = cor_json_enter_object(&decoder->reader);

	while (rc == 0 && (rc = cor_json_next_member(&decoder->reader, &step.key)) > 0) {
		const struct cor_row *row = find_row(plan, step.key, guess);
		if (row && cor_row_set_has(taken, row->index) &&
			!cor_row_set_has(&seen, row->index)) {
			cor_row_set_add(&seen, row->index);
			guess = row->index + 1;
			rc = cor_decoder_row(decoder, row, base, &step);
		} else {
			rc = refuse_member(decoder, plan, row, taken, &step);
		}
	}
	if (rc < 0)
		return rc;
	return cor_fill_absent(decoder->codec, &decoder->report, plan, taken, &seen, base, outer,
		decoder->fallback_depth);
}

struct position {
	size_t line, column;
};

/* Columns are counted in bytes, from 1, as editors do for ASCII. */
static struct position position_of(struct cor_str text, size_t offset)
{
	struct position position = { 1, 1 };

	for (size_t i = 0; i < offset && i < text.len; i++) {
		position.column++;
		if (text.data[i] == '\n')
			position = (struct position){ position.line + 1, 1 };
	}
	return position;
}

/* What was found before is not of use to anyone when the text ends in the middle: one violation is left. */
static int fail_whole(
	struct cor_decoder *decoder, int rc, struct cor_str text, struct cor_violations *before)
{
	size_t offset = cor_json_offset(&decoder->reader);
	struct position at = position_of(text, offset);

	if (rc != -COR_ESYNTAX && rc != -COR_ETOOLARGE)
		return rc;
	*decoder->report.violations = *before;
	if (before->last)
		before->last->next = NULL;
	if (rc == -COR_ETOOLARGE)
		cor_report(&decoder->report, NULL,
			"is nested deeper than %u levels (line %zu, column %zu)",
			decoder->reader.depth_max, at.line, at.column);
	else
		cor_report(&decoder->report, NULL,
			"is not JSON: %s at line %zu, column %zu (byte %zu)",
			offset >= text.len ? "it ends too early" : "unexpected text", at.line,
			at.column, offset);
	return rc;
}

static int decode_root(struct cor_decoder *decoder, const struct cor_plan *plan, void *ret)
{
	struct cor_row_set taken;
	int rc;

	cor_plan_select(plan, decoder->use, COR_FROM_BODY, decoder->default_from, &taken);
	enum cor_json_type type = cor_json_peek(&decoder->reader);
	if (type == COR_JSON_OBJECT)
		rc = cor_decoder_object(decoder, plan, &taken, ret, NULL);
	else
		rc = refuse_type(decoder, "an object", false, NULL);
	return rc < 0 ? rc : cor_json_finish(&decoder->reader);
}

int cor_decode_text(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const struct cor_decode_options *options, void *ret,
	struct cor_str text, struct cor_violations *violations)
{
	const struct cor_plan *plan = cor_codec_plan(codec, schema);
	struct cor_violations before = *violations;

	if (!plan || schema->media != COR_MEDIA_JSON)
		return -COR_ETABLE;
	struct cor_decoder decoder = {
		.report = { .violations = violations,
			.arena = arena,
			.in = options->in ? options->in : "body" },
		.codec = codec,
		.use = options->use,
		.default_from = options->default_from,
	};
	cor_json_reader_init(&decoder.reader, text, arena, options->depth_max);
	int rc = decode_root(&decoder, plan, ret);
	if (rc < 0)
		return fail_whole(&decoder, rc, text, &before);
	return violations->count == before.count ? 0 : -COR_EINVALID;
}

int cor_decode_json(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, void *ret, struct cor_str text,
	struct cor_violations *violations)
{
	const struct cor_decode_options whole = { .use = COR_USE_WHOLE };

	memset(ret, 0, schema->size);
	return cor_decode_text(codec, arena, schema, &whole, ret, text, violations);
}
