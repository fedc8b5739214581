/* SPDX-License-Identifier: MIT */
/* Arrays, maps, and what no row of an object has. */
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "json/writer.h"
#include "schema/encoder.h"
#include "schema/put.h"
#include "schema/value.h"

static bool take_items(struct cor_encoder *encoder, const void *at, struct cor_array_value *ret,
	const struct cor_step *step)
{
	cor_member_get(at, ret);
	if (ret->items || ret->len == 0)
		return true;
	cor_encoder_fail(encoder, -COR_EINVALID, step, "has a length, but no items");
	return false;
}

void cor_encoder_array(struct cor_encoder *encoder, const struct cor_row *row, const void *at,
	const struct cor_step *outer)
{
	struct cor_step step = { .outer = outer };
	struct cor_array_value array;

	if (!encoder->mask && cor_encoder_put(encoder, row->array, at))
		return;
	if (!take_items(encoder, at, &array, outer))
		return;
	cor_encoder_enter(encoder, outer);
	cor_buffer_byte(encoder->buffer, '[');
	for (; step.index < array.len && cor_buffer_error(encoder->buffer) == 0; step.index++) {
		if (step.index != 0)
			cor_buffer_byte(encoder->buffer, ',');
		row->rule.facts->encode(encoder, &row->rule,
			(const char *)array.items + step.index * row->rule.size, &step);
	}
	cor_buffer_byte(encoder->buffer, ']');
	encoder->depth--;
}

static const char *fault_of_key(const struct cor_plan *known, const char *key)
{
	if (!key)
		return "has a key that is NULL";
	if (!cor_utf8_valid(cor_str(key)))
		return "has a key that is not UTF-8";
	return known && cor_key_index_find(&known->keys, cor_str(key)) >= 0
		       ? "has a key that is a row's"
		       : NULL;
}

/* `known` is the plan of the object that it is the rest of, or NULL. */
static void write_member(struct cor_encoder *encoder, const struct cor_row *row,
	const struct cor_plan *known, const char *item, const struct cor_step *outer)
{
	struct cor_step step = { .outer = outer };
	const char *key;

	cor_member_get(item, &key);
	const char *fault = fault_of_key(known, key);
	step.key = cor_str(key);
	if (fault) {
		cor_encoder_fail(encoder, -COR_EINVALID, outer, fault);
		return;
	}
	cor_json_write_string(encoder->buffer, step.key);
	cor_buffer_byte(encoder->buffer, ':');
	row->rule.facts->encode(encoder, &row->rule, item + row->value_offset, &step);
}

void cor_encoder_dict(struct cor_encoder *encoder, const struct cor_row *row, const void *at,
	const struct cor_step *step)
{
	struct cor_array_value array;

	if (!take_items(encoder, at, &array, step))
		return;
	cor_encoder_enter(encoder, step);
	cor_buffer_byte(encoder->buffer, '{');
	for (size_t i = 0; i < array.len && cor_buffer_error(encoder->buffer) == 0; i++) {
		if (i != 0)
			cor_buffer_byte(encoder->buffer, ',');
		write_member(
			encoder, row, NULL, (const char *)array.items + i * row->item_bytes, step);
	}
	cor_buffer_byte(encoder->buffer, '}');
	encoder->depth--;
}

/* What no row has, behind the rows. */
COR_COLD char cor_encoder_rest(struct cor_encoder *encoder, const struct cor_plan *plan,
	const void *base, char opening, const struct cor_step *outer)
{
	const struct cor_row *row = plan->rest;
	struct cor_array_value array;

	if (!take_items(encoder, (const char *)base + row->offset, &array, outer))
		return opening;
	for (size_t i = 0; i < array.len && cor_buffer_error(encoder->buffer) == 0; i++) {
		cor_buffer_byte(encoder->buffer, opening);
		opening = ',';
		write_member(
			encoder, row, plan, (const char *)array.items + i * row->item_bytes, outer);
	}
	return opening;
}
