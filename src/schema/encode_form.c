/* SPDX-License-Identifier: MIT */
/* In which form a member is written, if it is: absent ones, null, under a condition. */
#include <string.h>

#include "base/compiler.h"
#include "schema/encoder.h"
#include "schema/value.h"

static bool is_no_array(const void *at)
{
	struct cor_array_value array;

	cor_member_get(at, &array);
	return !array.items && array.len == 0;
}

bool cor_encoder_is_empty(const struct cor_row *row, const void *base)
{
	const char *at = (const char *)base + row->offset;
	cor_value_is_empty *is_empty_kind = row->rule.facts->is_empty;
	enum cor_opt_state state;

	if (row->is_opt) {
		cor_member_get((const char *)base + row->field->state_offset, &state);
		return state == COR_ABSENT;
	}
	if (row->is_array)
		return is_no_array(at);
	return is_empty_kind && is_empty_kind(&row->rule, at);
}

/*
 * Left out, a row with a fallback would mean the fallback: it is written, even as the fallback
 * itself.
 */
static enum cor_member_form form_of_empty(const struct cor_row *row)
{
	if (row->optional && !row->is_opt)
		return COR_MEMBER_OMITTED;
	if (row->nullable && row->rule.facts->has_null)
		return COR_MEMBER_NULL;
	if (!row->fallback.data || row->is_array || row->rule.facts->empty_has_json)
		return COR_MEMBER_VALUE;
	return COR_MEMBER_FALLBACK;
}

/* An empty char[N] is a text that was given where null would have been the fallback. */
static bool is_nothing(const struct cor_row *row, const void *base)
{
	return cor_encoder_is_empty(row, base) &&
	       !(row->fallback.data && row->rule.facts->empty_has_json);
}

/* What was given and is nothing took something away. */
static enum cor_member_form form_of_partial(const struct cor_row *row, const void *base)
{
	const struct cor_field *field = row->field;
	const struct cor_given *given = (const void *)((const char *)base + field->given_offset);
	enum cor_opt_state state = COR_SET;

	if (!(given->rows[field->given_row / 64] >> field->given_row % 64 & 1))
		return COR_MEMBER_OMITTED;
	if (row->is_opt)
		cor_member_get((const char *)base + field->state_offset, &state);
	if (state != COR_SET)
		return COR_MEMBER_NULL;
	return row->nullable && is_nothing(row, base) ? COR_MEMBER_NULL : COR_MEMBER_VALUE;
}

static bool is_blank(const struct cor_row *row, const void *at)
{
	struct cor_array_value array;
	struct cor_str str;
	const char *text;

	if (row->is_array) {
		cor_member_get(at, &array);
		return array.len == 0;
	}
	switch (row->rule.kind) {
	case COR_KIND_TEXT:
		cor_member_get(at, &text);
		return text && text[0] == '\0';
	case COR_KIND_STR:
		cor_member_get(at, &str);
		return str.len == 0;
	default:
		return row->rule.kind == COR_KIND_CHARS && *(const char *)at == '\0';
	}
}

/*
 * Code of the service runs with the buffer, which is the thread's, put away: it may not yield, but
 * where it does another answer is written meanwhile, and this one stays apart from it.
 */
COR_COLD bool cor_encoder_wants(
	const struct cor_encoder *encoder, const struct cor_field *field, const void *owner)
{
	if (!encoder->ctx)
		return false;
	const struct cor_buffer aside = cor_buffer_set_aside(encoder->buffer);
	bool wanted = field->when(encoder->ctx, owner);
	cor_buffer_put_back(encoder->buffer, &aside);
	return wanted;
}

/* An answer may have less than what is kept. */
static COR_COLD enum cor_member_form form_in_answer(const struct cor_encoder *encoder,
	const struct cor_row *row, const void *base, enum cor_member_form form)
{
	const struct cor_field *field = row->field;
	const char *owner = (const char *)base + field->owner_offset;

	if (field->when && !cor_encoder_wants(encoder, field, owner))
		return COR_MEMBER_OMITTED;
	if ((field->omit & COR_OMIT_NULL) && form == COR_MEMBER_NULL)
		return COR_MEMBER_OMITTED;
	if ((field->omit & COR_OMIT_EMPTY) && form == COR_MEMBER_VALUE &&
		is_blank(row, (const char *)base + row->offset))
		return COR_MEMBER_OMITTED;
	return form;
}

static enum cor_member_form form_at_rest(const struct cor_row *row, const void *base)
{
	enum cor_opt_state state;

	if (row->is_partial)
		return form_of_partial(row, base);
	if (row->rule.constant.data)
		return COR_MEMBER_CONSTANT;
	if (row->is_opt) {
		cor_member_get((const char *)base + row->field->state_offset, &state);
		if (state != COR_SET)
			return state == COR_NULL ? COR_MEMBER_NULL : COR_MEMBER_OMITTED;
	}
	return cor_encoder_is_empty(row, base) ? form_of_empty(row) : COR_MEMBER_VALUE;
}

enum cor_member_form cor_encoder_form_of(
	const struct cor_encoder *encoder, const struct cor_row *row, const void *base)
{
	enum cor_member_form form = form_at_rest(row, base);

	return row->is_conditional && encoder->use == COR_USE_ANSWER
		       ? form_in_answer(encoder, row, base, form)
		       : form;
}
