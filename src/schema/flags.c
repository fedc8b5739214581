/* SPDX-License-Identifier: MIT */
#include "schema/flags.h"

#include <coracle/error.h>

#include "base/violation_texts.h"
#include "json/reader.h"
#include "json/writer.h"
#include "schema/decoder.h"
#include "schema/encoder.h"
#include "schema/value.h"

void cor_flags_add(const struct cor_report *report, const struct cor_value_rule *rule,
	uint32_t *bits, struct cor_str name, const struct cor_step *step)
{
	int position = cor_key_index_find(&rule->names->names, name);

	if (position < 0) {
		cor_report(report, step, COR_SAYS_NAMES, rule->names->list);
		return;
	}
	const struct cor_enum_name *flag = &rule->names->table[position];
	if (*bits & flag->value)
		cor_report(report, step, COR_SAYS_REPEATS, flag->name);
	*bits |= flag->value;
}

static int decode_name(struct cor_decoder *decoder, const struct cor_row *row, uint32_t *bits,
	const struct cor_step *step)
{
	struct cor_str name;

	if (!cor_json_stands(&decoder->reader, '"'))
		return cor_decoder_refuse(decoder, "a string", false, step);
	int rc = cor_json_read_string(&decoder->reader, &name);
	if (rc == 0)
		cor_flags_add(&decoder->report, &row->rule, bits, name, step);
	return rc;
}

int cor_decode_flags(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct cor_step item = { .outer = step };
	uint32_t bits = 0;

	if (!cor_json_stands(&decoder->reader, '['))
		return cor_decoder_refuse(decoder, row->rule.facts->noun, row->nullable, step);
	int rc = cor_json_enter_array(&decoder->reader);
	while (rc == 0 && (rc = cor_json_next_item(&decoder->reader)) > 0) {
		rc = decode_name(decoder, row, &bits, &item);
		item.index++;
		if (rc == 0 && cor_report_is_full(&decoder->report))
			rc = -COR_EINVALID;
	}
	if (rc == 0)
		cor_member_put(at, bits);
	return rc;
}

void cor_encode_flags(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	uint32_t bits, written = 0;

	cor_member_get(at, &bits);
	if (encoder->depth == COR_JSON_OUTPUT_DEPTH_MAX)
		cor_encoder_refuse_depth(encoder, step);
	cor_buffer_byte(encoder->buffer, '[');
	for (uint32_t i = 0; i < rule->names->len; i++) {
		const struct cor_enum_name *flag = &rule->names->table[i];
		if ((bits & flag->value) != flag->value)
			continue;
		if (written != 0)
			cor_buffer_byte(encoder->buffer, ',');
		cor_json_write_string(encoder->buffer, cor_str(flag->name));
		written |= flag->value;
	}
	cor_buffer_byte(encoder->buffer, ']');
	if (written != bits)
		cor_encoder_fail(encoder, -COR_EINVALID, step, "has a bit without a name");
}
