/* SPDX-License-Identifier: MIT */
#include "schema/contains.h"

#include <errno.h>

#include "base/violation_texts.h"
#include "schema/decoder.h"
#include "schema/encoder.h"

/* An item is written, and read again by the other rule: what a rule means is in one place. */
struct trial {
	const struct cor_row *wanted;
	struct cor_buffer buffer;
	struct cor_arena arena;
	void *room; /* for an item */
};

static int try_item(struct trial *trial, const void *item, uint32_t *count)
{
	const struct cor_row *wanted = trial->wanted;
	struct cor_encoder encoder = { .buffer = &trial->buffer };
	struct cor_violations found = { 0 };
	struct cor_decoder decoder = {
		.report = { .violations = &found, .arena = &trial->arena, .in = "item" },
	};

	trial->buffer.len = 0;
	wanted->rule.facts->encode(&encoder, &wanted->rule, item, NULL);
	if (cor_buffer_error(&trial->buffer) == -ENOMEM)
		return -ENOMEM;
	const struct cor_str text = { trial->buffer.data, trial->buffer.len };
	cor_json_reader_init(&decoder.reader, text, &trial->arena, 0);
	int rc = wanted->read(&decoder, wanted, trial->room, NULL);
	*count += rc == 0 && found.count == 0;
	return rc == -ENOMEM ? rc : 0;
}

static int count_items(
	const struct cor_row *row, const struct cor_array_value *array, uint32_t *ret)
{
	struct trial trial = { .wanted = row->contained };
	int rc = 0;

	cor_arena_init(&trial.arena, NULL, 0, 0);
	for (size_t i = 0; rc == 0 && i < array->len; i++) {
		cor_arena_reset(&trial.arena);
		trial.room = cor_arena_zalloc(&trial.arena, row->rule.size);
		rc = trial.room ? try_item(&trial, (const char *)array->items + i * row->rule.size,
					  ret)
				: -ENOMEM;
	}
	cor_buffer_finish(&trial.buffer);
	cor_arena_finish(&trial.arena);
	return rc;
}

int cor_contains_check(const struct cor_report *report, const struct cor_row *row,
	const struct cor_array_value *array, const struct cor_step *step)
{
	const struct cor_field *field = row->field;
	uint32_t min = field->min_contains ? field->min_contains : 1, max = field->max_contains;
	uint32_t count = 0;
	int rc = count_items(row, array, &count);

	if (rc == 0 && count < min)
		cor_report(report, step, COR_SAYS_MIN_CONTAINS, min, min == 1 ? "" : "s",
			field->contains->doc);
	else if (rc == 0 && max != 0 && count > max)
		cor_report(report, step, COR_SAYS_MAX_CONTAINS, max, max == 1 ? "" : "s",
			field->contains->doc);
	return rc;
}
