/* SPDX-License-Identifier: MIT */
/* One value of JSON text into one member. */
#include <errno.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/violation_texts.h"
#include "schema/decoder.h"
#include "schema/members.h"
#include "schema/rules.h"
#include "schema/value.h"

static const char *const found_nouns[] = {
	[COR_JSON_OBJECT] = "an object",
	[COR_JSON_ARRAY] = "an array",
	[COR_JSON_STRING] = "a string",
	[COR_JSON_NUMBER] = "a number",
	[COR_JSON_BOOL] = "a boolean",
	[COR_JSON_NULL] = "null",
};

/*
 * A value that no JSON begins like, and the end of the text, are syntax errors that the skip will
 * find.
 */
int cor_decoder_refuse(
	struct cor_decoder *decoder, const char *wanted, bool nullable, const struct cor_step *step)
{
	enum cor_json_type found = cor_json_peek(&decoder->reader);

	if (found <= COR_JSON_NULL)
		cor_report(&decoder->report, step, nullable ? COR_SAYS_TYPE_OR_NULL : COR_SAYS_TYPE,
			wanted, found_nouns[found]);
	return cor_json_skip(&decoder->reader, NULL);
}

static COR_COLD int refuse(
	struct cor_decoder *decoder, const struct cor_row *row, const struct cor_step *step)
{
	return cor_decoder_refuse(decoder, row->rule.facts->noun, row->nullable, step);
}

int cor_decode_raw(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct cor_json json;
	int rc = cor_json_skip(&decoder->reader, &json.text);

	(void)row;
	(void)step;
	if (rc < 0)
		return rc;
	json.text.data = cor_arena_copy(decoder->report.arena, json.text.data, json.text.len);
	if (!json.text.data)
		return -ENOMEM;
	cor_member_put(at, json);
	return 0;
}

int cor_decode_object(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	const struct cor_plan *plan = row->rule.plan;

	if (!cor_json_stands(&decoder->reader, '{'))
		return refuse(decoder, row, step);
	return cor_decoder_object(decoder, plan, &plan->taken[decoder->use], at, step);
}

/* A struct for the member to point to. */
static void *point(struct cor_decoder *decoder, const struct cor_row *row, void *at)
{
	void *nested = cor_arena_zalloc(decoder->report.arena, row->rule.size);

	if (nested)
		cor_member_put(at, nested);
	return nested;
}

int cor_decode_pointer(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	if (!cor_json_stands(&decoder->reader, '{'))
		return refuse(decoder, row, step);
	void *nested = point(decoder, row, at);
	return nested ? cor_decode_object(decoder, row, nested, step) : -ENOMEM;
}

/* What the value of a bare row begins with, if its kind alone decides that; else NUL. */
static char opening_of(const struct cor_row *bare)
{
	if (bare->is_array)
		return bare->is_dict ? '{' : '[';
	return bare->rule.one_of || (bare->rule.mapping && !bare->rule.plan->bare) ? '{' : '\0';
}

/* The row that holds it takes null, which the bare row does not know. Null was looked for. */
static COR_COLD int decode_nullable(struct cor_decoder *decoder, const struct cor_row *row,
	void *at, const struct cor_step *step)
{
	const struct cor_row *bare = row->rule.plan->bare;
	char opening = opening_of(bare);

	if (opening && !cor_json_stands(&decoder->reader, opening))
		return cor_decoder_refuse(
			decoder, opening == '[' ? "an array" : "an object", true, step);
	return cor_decoder_row(decoder, bare, at, step);
}

int cor_decode_bare(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	if (row->nullable && !row->is_array)
		return decode_nullable(decoder, row, at, step);
	return cor_decoder_row(decoder, row->rule.plan->bare, at, step);
}

int cor_decode_bare_pointer(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	void *nested = point(decoder, row, at);

	return nested ? cor_decode_bare(decoder, row, nested, step) : -ENOMEM;
}

int cor_decode_bool(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	bool value;

	if (cor_json_peek(&decoder->reader) != COR_JSON_BOOL)
		return refuse(decoder, row, step);
	int rc = cor_json_read_bool(&decoder->reader, &value);
	if (rc == 0)
		cor_member_put(at, value);
	return rc;
}

static inline bool begins_number(const struct cor_json_reader *reader)
{
	char c = reader->at < reader->end ? *reader->at : ' ';

	return (c >= '0' && c <= '9') || c == '-';
}

/* Any number, to any kind. */
int cor_decode_number(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct cor_decimal decimal;

	if (!begins_number(&decoder->reader)) {
		cor_json_pass_blank(&decoder->reader);
		if (!begins_number(&decoder->reader))
			return refuse(decoder, row, step);
	}
	int rc = cor_json_read_decimal(&decoder->reader, &decimal);
	if (rc == 0)
		cor_value_number(&decoder->report, &row->rule, at, &decimal, step);
	return rc;
}

/* A string without escapes is a piece of the text, where there is no NUL. */
static bool is_verbatim(const struct cor_decoder *decoder, struct cor_str text)
{
	const struct cor_json_reader *reader = &decoder->reader;

	return text.data >= reader->start && text.data < reader->end;
}

/* Any string, to any kind of text. */
int cor_decode_string(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct cor_str text;

	if (!cor_json_stands(&decoder->reader, '"'))
		return refuse(decoder, row, step);
	int rc = cor_json_read_string(&decoder->reader, &text);
	if (rc < 0)
		return rc;
	if (!is_verbatim(decoder, text) &&
		cor_value_has_nul(&decoder->report, &row->rule, text, step))
		return 0;
	return cor_value_text(&decoder->report, &row->rule, at, text, step);
}

/* Strings that stand for something else: an enum, a time, a UUID. */
int cor_decode_word(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct cor_str text;

	if (!cor_json_stands(&decoder->reader, '"'))
		return refuse(decoder, row, step);
	int rc = cor_json_read_string(&decoder->reader, &text);
	if (rc < 0)
		return rc;
	return row->rule.facts->store(&decoder->report, &row->rule, at, text, step);
}

/* A number whose digits are kept as they are written. */
int cor_decode_decimal(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct cor_decimal decimal;

	cor_json_pass_blank(&decoder->reader);
	if (!begins_number(&decoder->reader))
		return refuse(decoder, row, step);
	int rc = cor_json_read_decimal(&decoder->reader, &decimal);
	if (rc < 0)
		return rc;
	return row->rule.facts->store(&decoder->report, &row->rule, at, decimal.text, step);
}

/* An integer in a string, in the grammar of numbers. */
int cor_decode_quoted_number(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct cor_str text;

	if (!cor_json_stands(&decoder->reader, '"'))
		return refuse(decoder, row, step);
	int rc = cor_json_read_string(&decoder->reader, &text);
	if (rc == 0)
		cor_value_number_text(&decoder->report, &row->rule, at, text, step);
	return rc;
}

/* Items as long as they are read quickly, no more than the row may have. */
static int take_items_quickly(struct cor_decoder *decoder, const struct cor_row *row,
	struct cor_items *items, size_t *ret_count)
{
	struct cor_json_reader *reader = &decoder->reader;
	const char *end = reader->end, *at = cor_json_blank_end(reader->at, end);
	size_t max = row->field->max_items ? row->field->max_items : SIZE_MAX;

	while (*ret_count < max) {
		void *item = cor_items_add(items, decoder->report.arena);
		if (!item)
			return -ENOMEM;
		const char *stop = row->quick_value(decoder, row, item, at);
		if (!stop) {
			cor_items_drop(items);
			break;
		}
		++*ret_count;
		reader->at = stop;
		reader->first = false;
		if (stop == end || *stop != ',')
			break;
		at = cor_json_blank_end(stop + 1, end);
	}
	return 0;
}

static int decode_items(struct cor_decoder *decoder, const struct cor_row *row,
	struct cor_items *items, size_t *ret_count, const struct cor_step *outer)
{
	uint32_t max = row->field->max_items;
	struct cor_step step = { .outer = outer };
	int rc;

	if (row->quick_value) {
		rc = take_items_quickly(decoder, row, items, ret_count);
		if (rc < 0)
			return rc;
	}
	while ((rc = cor_json_next_item(&decoder->reader)) > 0) {
		step.index = (*ret_count)++;
		cor_json_pass_blank(&decoder->reader);
		if (max != 0 && step.index >= max) {
			rc = cor_json_skip(&decoder->reader, NULL); /* counted, not kept */
		} else {
			void *item = cor_items_add(items, decoder->report.arena);
			if (!item)
				return -ENOMEM;
			rc = row->read(decoder, row, item, &step);
		}
		if (rc == 0 && cor_report_is_full(&decoder->report))
			rc = -COR_EINVALID;
		if (rc < 0)
			break;
	}
	return rc;
}

static int decode_array(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct cor_items items = cor_items_of(row);
	size_t count = 0, before = decoder->report.violations->count;

	if (!cor_json_stands(&decoder->reader, '['))
		return cor_decoder_refuse(decoder, "an array", row->nullable, step);
	int rc = cor_json_enter_array(&decoder->reader);
	if (rc == 0)
		rc = decode_items(decoder, row, &items, &count, step);
	if (rc < 0)
		return rc;
	rc = cor_items_close(&items, decoder->report.arena, at);
	cor_value_count(&decoder->report, row, count, step);
	if (rc == 0 && cor_rules_has_items(row) && decoder->report.violations->count == before)
		rc = cor_rules_check_items(&decoder->report, row, &items.array, step);
	return rc;
}

static int decode_null(struct cor_decoder *decoder, const struct cor_row *row, void *base)
{
	int rc = cor_json_read_null(&decoder->reader);
	bool is_value = row->field->presence & COR_NULLABLE;

	if (rc == 0 && !is_value && row->fallback.data)
		return cor_members_fallback(
			decoder->codec, decoder->report.arena, row, base, decoder->fallback_depth);
	/* The member itself is zero already: a NULL pointer. */
	if (rc == 0 && is_value && row->is_opt)
		cor_row_set_state(row, base, COR_NULL);
	return rc;
}

/* A row that may be null, absent in a cor_opt, or an array. */
static int decode_special(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	void *base = (char *)at - row->offset;

	if (row->is_partial)
		cor_row_give(row, base);
	if (row->nullable && cor_json_peek(&decoder->reader) == COR_JSON_NULL)
		return decode_null(decoder, row, base);
	if (row->is_opt)
		cor_row_set_state(row, base, COR_SET);
	if (row->is_dict)
		return cor_decode_dict(decoder, row, at, step);
	if (row->is_array)
		return decode_array(decoder, row, at, step);
	return row->read(decoder, row, at, step);
}

/* A value that has rules which are checked once it is stored. */
static int decode_checked(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	size_t before = decoder->report.violations->count;
	int rc = row->rule.facts->decode(decoder, row, at, step);

	if (rc < 0 || decoder->report.violations->count != before)
		return rc;
	return cor_rules_check(&decoder->report, &row->rule, at, step);
}

/* A value that is mostly as most clients write it. */
static int decode_quickly(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	cor_json_pass_blank(&decoder->reader);
	const char *stop = row->quick_value(decoder, row, at, decoder->reader.at);
	if (!stop)
		return row->rule.facts->decode(decoder, row, at, step);
	decoder->reader.at = stop;
	return 0;
}

cor_decode_value *cor_decoder_for_value(const struct cor_row *row)
{
	if (row->rule.is_checked)
		return decode_checked;
	return row->quick_value ? decode_quickly : row->rule.facts->decode;
}

cor_decode_value *cor_decoder_for(const struct cor_row *row)
{
	if (row->is_opt || row->nullable || row->is_partial || row->is_dict)
		return decode_special;
	return row->is_array ? decode_array : row->read;
}
