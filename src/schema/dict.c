/* SPDX-License-Identifier: MIT */
/* An object whose members are not known before, into a cor_dict. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "base/utf8.h"
#include "base/violation_texts.h"
#include "schema/decoder.h"
#include "schema/value.h"

/* One object that is being read. */
struct dict {
	struct cor_decoder *decoder;
	const struct cor_row *row;
	const struct cor_plan *known; /* whose members are not of it; NULL: all are */
	struct cor_items items;
	size_t count; /* those that are not kept as well */
	const struct cor_step *outer;
};

static bool key_is_right(const struct dict *dict, const struct cor_step *step)
{
	const struct cor_report *report = &dict->decoder->report;
	uint32_t max = dict->row->field->key_max_length;
	struct cor_str key = step->key;

	if (key.len != 0 && memchr(key.data, '\0', key.len)) {
		cor_report(report, step, COR_SAYS_KEY_NUL);
		return false;
	}
	if (max != 0 && cor_utf8_count(key) > max) {
		cor_report(report, step, COR_SAYS_KEY_LENGTH, max, max == 1 ? "" : "s");
		return false;
	}
	if (!dict->row->key_pattern)
		return true;
	int rc = cor_pattern_match(dict->row->key_pattern, key, &report->violations->pattern_work);
	if (rc <= 0)
		cor_report(report, step, rc == 0 ? COR_SAYS_KEY_PATTERN : COR_SAYS_KEY_WORK,
			dict->row->field->key_pattern);
	return rc > 0;
}

static int read_member(struct dict *dict, const struct cor_step *step)
{
	struct cor_arena *arena = dict->decoder->report.arena;
	const char *key = cor_arena_copy(
		arena, step->key.data ? step->key.data : "", step->key.len);
	char *item = key ? cor_items_add(&dict->items, arena) : NULL;

	if (!item)
		return -ENOMEM;
	cor_member_put(item, key);
	return dict->row->read(dict->decoder, dict->row, item + dict->row->value_offset, step);
}

static int read_members(struct dict *dict)
{
	struct cor_json_reader *reader = &dict->decoder->reader;
	uint32_t max = dict->row->field->max_items;
	struct cor_step step = { .outer = dict->outer };
	int rc;

	while ((rc = cor_json_next_member(reader, &step.key)) > 0) {
		cor_json_pass_blank(reader);
		bool is_own = !dict->known || cor_key_index_find(&dict->known->keys, step.key) < 0;
		bool is_kept = is_own && (dict->count++ < max || max == 0);
		if (is_kept && key_is_right(dict, &step))
			rc = read_member(dict, &step);
		else
			rc = cor_json_skip(reader, NULL);
		if (rc == 0 && cor_report_is_full(&dict->decoder->report))
			rc = -COR_EINVALID;
		if (rc < 0)
			break;
	}
	return rc;
}

static int compare_keys(const void *a, const void *b)
{
	const char *const *first = a, *const *second = b;

	return strcmp(*first, *second);
}

/* Sorted, whoever sends many cannot choose them so that it takes longer. */
static int check_repeats(const struct dict *dict)
{
	const struct cor_report *report = &dict->decoder->report;
	size_t len = dict->items.array.len;
	const char **keys = len > 1 ? cor_arena_alloc(report->arena, len * sizeof *keys) : NULL;

	if (len < 2)
		return 0;
	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++)
		cor_member_get(
			(char *)dict->items.array.items + i * dict->row->item_bytes, &keys[i]);
	qsort(keys, len, sizeof *keys, compare_keys);
	for (size_t i = 1; i < len; i++) {
		struct cor_step step = { .outer = dict->outer, .key = cor_str(keys[i]) };
		bool is_again = strcmp(keys[i], keys[i - 1]) == 0;
		if (is_again && (i < 2 || strcmp(keys[i], keys[i - 2]) != 0))
			cor_report(report, &step, COR_SAYS_TWICE);
	}
	return 0;
}

static int read_dict(struct dict *dict, void *at)
{
	const struct cor_report *report = &dict->decoder->report;
	int rc = cor_json_enter_object(&dict->decoder->reader);

	dict->items.item_bytes = dict->row->item_bytes;
	if (rc == 0)
		rc = read_members(dict);
	if (rc == 0)
		rc = check_repeats(dict);
	if (rc < 0)
		return rc;
	cor_value_count(report, dict->row, dict->count, dict->outer);
	return cor_items_close(&dict->items, report->arena, at);
}

int cor_decode_dict(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	struct dict dict = { .decoder = decoder, .row = row, .outer = step };

	if (!cor_json_stands(&decoder->reader, '{'))
		return cor_decoder_refuse(decoder, "an object", row->nullable, step);
	return read_dict(&dict, at);
}

int cor_decode_rest(struct cor_decoder *decoder, const struct cor_plan *plan, void *base,
	const struct cor_step *step)
{
	struct dict dict = { .decoder = decoder, .row = plan->rest, .known = plan, .outer = step };

	int rc = read_dict(&dict, (char *)base + plan->rest->offset);

	if (rc == 0 && plan->rest->is_partial && dict.count != 0)
		cor_row_give(plan->rest, base);
	return rc;
}
