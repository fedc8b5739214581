/* SPDX-License-Identifier: MIT */
#include "schema/decode.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <coracle/computed.h>
#include <coracle/error.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "base/violation_texts.h"
#include "schema/decoder.h"
#include "schema/members.h"
#include "schema/quick.h"
#include "schema/value.h"

/* A member that is not among the rows that take part, or one that was there already. */
static int refuse_member(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row *row, const struct cor_row_set *taken, const struct cor_step *step)
{
	if (row && cor_row_set_has(taken, row->index))
		cor_report(&decoder->report, step, COR_SAYS_TWICE);
	else if (plan->schema->unknown == COR_REFUSE &&
		 (row || !(plan->rest || decoder->report.was_written ||
				 decoder->report.is_foreign)))
		cor_members_refuse(
			&decoder->report, plan, row, decoder->use, decoder->default_from, step);
	if (cor_report_is_full(&decoder->report))
		return -COR_EINVALID;
	return cor_json_skip(&decoder->reader, NULL);
}

static inline bool all_there(const struct cor_plan *plan, const struct cor_row_set *absent)
{
	uint64_t awaited = 0;

	for (uint32_t i = 0; i < plan->words; i++)
		awaited |= plan->awaited.words[i] & absent->words[i];
	return awaited == 0;
}

/*
 * Members in the order of the table, as long as their values are read quickly, with nothing but
 * their own memory touched. A row that is not awaited is passed over. Returns the row that is
 * expected next; *ret_value is where its value stands, if its key does stand next, else NULL. The
 * rows behind the first word of a set are left to the whole way.
 */
static inline const struct cor_row *take_quickly(struct cor_decoder *decoder,
	const struct cor_plan *plan, const struct cor_row *guess, struct cor_row_set *absent,
	void *base, const char **ret_value)
{
	const struct cor_row *end = plan->rows + (plan->len < 64 ? plan->len : 64);
	struct cor_json_reader *reader = &decoder->reader;
	const char *at = reader->at, *text_end = reader->end;
	uint64_t awaited = absent->words[0];

	*ret_value = NULL;
	if (!reader->first) {
		if (at == text_end || *at != ',')
			return guess;
		at++;
	}
	for (; guess < end; guess++) {
		if (COR_UNLIKELY(!(awaited & guess->bit)))
			continue;
		const char *value = cor_quick_key(guess, at, text_end);
		if (!value)
			break;
		const char *stop = guess->quick ? cor_quick_member(decoder, guess, base, value)
						: NULL;
		if (!stop) {
			*ret_value = value;
			break;
		}
		awaited ^= guess->bit;
		reader->at = at = stop;
		reader->first = false;
		if (at == text_end || *at != ',') {
			guess++;
			break;
		}
		at++;
	}
	absent->words[0] = awaited;
	return guess;
}

/* Any other member, whatever its key. 1: its value stands next; 0: the object has ended. */
static int find_member(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row *guess, struct cor_step *step, const struct cor_row **ret)
{
	struct cor_json_reader *reader = &decoder->reader;

	*ret = guess;
	if (cor_json_leave_object(reader))
		return 0;
	if (guess < plan->rows + plan->len && cor_json_guess_member(reader, &guess->guess)) {
		step->key = guess->key;
		return 1;
	}
	int rc = cor_json_next_member(reader, &step->key);
	if (rc <= 0)
		return rc;
	int position = cor_key_index_find(&plan->keys, step->key);
	*ret = position < 0 ? NULL : &plan->rows[position];
	cor_json_pass_blank(reader);
	return 1;
}

/*
 * Members mostly come in the order of the table: look whether the next row stands there before
 * reading any key.
 */
static int decode_members(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, struct cor_row_set *absent, void *base,
	struct cor_step *step)
{
	const struct cor_row *row, *guess = plan->rows;
	const char *value;
	int rc = 0;

	while (rc == 0) {
		row = guess = take_quickly(decoder, plan, guess, absent, base, &value);
		if (value) {
			decoder->reader.at = value;
			decoder->reader.first = false;
			step->key = row->key;
		} else {
			rc = find_member(decoder, plan, guess, step, &row);
			if (rc <= 0)
				return rc;
		}
		if (row)
			guess = row + 1;
		if (!row || !cor_row_set_has(absent, row->index)) {
			rc = refuse_member(decoder, plan, row, taken, step);
			continue;
		}
		cor_row_set_remove(absent, row->index);
		rc = cor_decoder_row(decoder, row, base, step);
	}
	return rc;
}

/* What the struct has no place for is still held to its rules. */
static COR_COLD int read_computed(
	struct cor_decoder *decoder, const struct cor_row *value, const struct cor_step *step)
{
	union {
		max_align_t align;
		char bytes[COR_COMPUTED_BYTES];
	} room = { 0 };

	return cor_decoder_row(decoder, value, &room, step);
}

int cor_decode_nothing(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	(void)at;
	if (decoder->report.was_written && row->value)
		return read_computed(decoder, row->value, step);
	return cor_json_skip(&decoder->reader, NULL);
}

static int decode_rows(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, void *base, const struct cor_step *outer)
{
	struct cor_row_set absent = *taken;
	struct cor_step step = { .outer = outer };
	int rc = cor_json_enter_object(&decoder->reader);

	if (rc < 0)
		return rc;
	rc = decode_members(decoder, plan, taken, &absent, base, &step);
	if (rc < 0 || all_there(plan, &absent))
		return rc;
	return cor_members_fill(decoder->codec, &decoder->report, plan, &absent, base, outer,
		decoder->fallback_depth);
}

/* Read twice: each time without what the other one takes. */
static COR_COLD int decode_with_rest(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, void *base, const struct cor_step *outer)
{
	const struct cor_json_reader before = decoder->reader;
	int rc = decode_rows(decoder, plan, taken, base, outer);

	if (rc < 0)
		return rc;
	decoder->reader = before;
	return cor_decode_rest(decoder, plan, base, outer);
}

int cor_decoder_object(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, void *base, const struct cor_step *outer)
{
	if (COR_UNLIKELY(plan->rest))
		return decode_with_rest(decoder, plan, taken, base, outer);
	return decode_rows(decoder, plan, taken, base, outer);
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

static const char *what_is_wrong(struct cor_str text, size_t offset)
{
	const char *at = text.data + offset;

	if (offset >= text.len)
		return "it ends too early";
	if ((unsigned char)*at >= 0x80 && cor_utf8_sequence(at, text.data + text.len) == 0)
		return "the text is not UTF-8";
	return "unexpected text";
}

/*
 * What was found before is not of use to anyone when the text ends in the middle: one violation is
 * left.
 */
static int fail_whole(
	struct cor_decoder *decoder, int rc, struct cor_str text, struct cor_violations *before)
{
	size_t offset = cor_json_offset(&decoder->reader);
	struct position at = position_of(text, offset);

	if (rc != -COR_ESYNTAX && rc != -COR_ETOOLARGE)
		return rc;
	before->pattern_work = decoder->report.violations->pattern_work;
	*decoder->report.violations = *before;
	if (before->last)
		before->last->next = NULL;
	if (rc == -COR_ETOOLARGE)
		cor_report(&decoder->report, NULL, COR_SAYS_DEPTH, decoder->reader.depth_max,
			at.line, at.column);
	else
		cor_report(&decoder->report, NULL, COR_SAYS_JSON, what_is_wrong(text, offset),
			at.line, at.column, offset);
	return rc;
}

/* Another server's answer has them in its fields. */
static COR_COLD void leave_out_fields(const struct cor_plan *plan, struct cor_row_set *taken)
{
	struct cor_row_set fields;

	cor_plan_select_fields(plan, &fields);
	for (uint32_t i = 0; i < plan->words; i++)
		taken->words[i] &= ~fields.words[i];
}

static int decode_root(struct cor_decoder *decoder, const struct cor_plan *plan, void *ret)
{
	struct cor_row_set taken = { 0 };
	int rc;

	cor_plan_select(plan, decoder->use, COR_FROM_BODY, decoder->default_from, &taken);
	if (decoder->report.is_foreign)
		leave_out_fields(plan, &taken);
	enum cor_json_type type = cor_json_peek(&decoder->reader);
	if (cor_plan_is_bare(plan, decoder->use))
		rc = cor_decoder_row(decoder, plan->bare, ret, NULL);
	else if (type == COR_JSON_OBJECT)
		rc = cor_decoder_object(decoder, plan, &taken, ret, NULL);
	else
		rc = cor_decoder_refuse(decoder, "an object", false, NULL);
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
			.in = options->in ? options->in : "body",
			.was_written = options->was_written,
			.is_part = options->is_part,
			.is_foreign = options->is_foreign },
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
