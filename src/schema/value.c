/* SPDX-License-Identifier: MIT */
#include "schema/value.h"

#include <errno.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "base/violation_texts.h"
#include "base/words.h"
#include "schema/encoder.h"

#define FIRST_ITEMS 4

static bool length_is_right(const struct cor_report *report, const struct cor_value_rule *rule,
	struct cor_str text, const struct cor_step *step)
{
	size_t count = cor_utf8_count(text);

	if (count < rule->min_length) {
		cor_report(report, step, COR_SAYS_MIN_LENGTH, rule->min_length,
			rule->min_length == 1 ? "" : "s");
		return false;
	}
	if (count > rule->max_length) {
		cor_report(report, step, COR_SAYS_MAX_LENGTH, rule->max_length,
			rule->max_length == 1 ? "" : "s");
		return false;
	}
	return true;
}

static bool pattern_holds(const struct cor_report *report, const struct cor_value_rule *rule,
	struct cor_str text, const struct cor_step *step)
{
	if (!rule->pattern)
		return true;
	int rc = cor_pattern_match(rule->pattern, text, &report->violations->pattern_work);
	if (rc > 0)
		return true;
	if (rc == 0)
		cor_report(report, step, COR_SAYS_PATTERN, rule->pattern_text);
	else
		cor_report(report, step, COR_SAYS_PATTERN_WORK, rule->pattern_text);
	return false;
}

static bool format_holds(const struct cor_report *report, const struct cor_value_rule *rule,
	struct cor_str text, const struct cor_step *step)
{
	if (!rule->format || rule->format->holds(text))
		return true;
	cor_report(report, step, COR_SAYS_FORM, rule->format->noun);
	return false;
}

static int store_chars(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	if (text.len >= rule->size) {
		cor_report(report, step, COR_SAYS_MAX_UTF8, rule->size - 1);
		return 0;
	}
	if (text.len != 0)
		memcpy(at, text.data, text.len);
	((char *)at)[text.len] = '\0';
	return 0;
}

static int store_copy(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text)
{
	char *copy = cor_arena_alloc(report->arena, text.len + 1);

	if (!copy)
		return -ENOMEM;
	cor_words_copy(copy, text);
	cor_value_put_text(rule, at, copy, text.len);
	return 0;
}

/* Out of line: a text without limits does not pay for theirs. */
COR_OUT_OF_LINE bool cor_value_limits_hold(const struct cor_report *report,
	const struct cor_value_rule *rule, struct cor_str text, const struct cor_step *step)
{
	bool is_sized = rule->min_length != 0 || rule->max_length != UINT32_MAX;

	return (!is_sized || length_is_right(report, rule, text, step)) &&
	       pattern_holds(report, rule, text, step) && format_holds(report, rule, text, step);
}

int cor_value_text(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	if (rule->is_limited && !cor_value_limits_hold(report, rule, text, step))
		return 0;
	return rule->kind == COR_KIND_CHARS ? store_chars(report, rule, at, text, step)
					    : store_copy(report, rule, at, text);
}

bool cor_value_has_nul(const struct cor_report *report, const struct cor_value_rule *rule,
	struct cor_str text, const struct cor_step *step)
{
	if (rule->kind == COR_KIND_STR || text.len == 0 || !memchr(text.data, '\0', text.len))
		return false;
	cor_report(report, step, COR_SAYS_NUL);
	return true;
}

int cor_value_enum(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	int position = cor_key_index_find(&rule->names->names, text);

	if (position >= 0)
		cor_member_put(at, rule->names->table[position].value);
	else
		cor_report(report, step, COR_SAYS_NAMES, rule->names->list);
	return 0;
}

int cor_value_uuid(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	struct cor_uuid uuid;

	(void)rule;
	if (cor_uuid_parse(text, &uuid) == 0)
		cor_member_put(at, uuid);
	else
		cor_report(report, step, COR_SAYS_UUID);
	return 0;
}

bool cor_value_is_no_text(const struct cor_value_rule *rule, const void *at)
{
	struct cor_str text;

	(void)rule;
	cor_member_get(at, &text);
	return !text.data && text.len == 0;
}

bool cor_value_is_null(const struct cor_value_rule *rule, const void *at)
{
	const void *pointer;

	(void)rule;
	cor_member_get(at, &pointer);
	return !pointer;
}

bool cor_value_is_no_chars(const struct cor_value_rule *rule, const void *at)
{
	(void)rule;
	return *(const char *)at == '\0';
}

/* Zeroed, and without JSON for that reason: it was absent. One that has JSON is a value. */
bool cor_value_is_no_object(const struct cor_value_rule *rule, const void *at)
{
	const char *bytes = at;

	return rule->plan->zero_has_no_json && bytes[0] == 0 &&
	       memcmp(bytes, bytes + 1, rule->size - 1) == 0;
}

bool cor_value_is_no_bare(const struct cor_value_rule *rule, const void *at)
{
	const struct cor_row *bare = rule->plan->bare;

	return !bare->rule.constant.data && cor_encoder_is_empty(bare, at);
}

bool cor_value_is_no_name(const struct cor_value_rule *rule, const void *at)
{
	uint32_t value;

	cor_member_get(at, &value);
	return value == 0 && !cor_enum_index_name(rule->names, value);
}

void cor_value_count(const struct cor_report *report, const struct cor_row *row, size_t count,
	const struct cor_step *step)
{
	uint32_t min = row->field->min_items, max = row->field->max_items;

	if (count < min)
		cor_report(report, step, row->is_dict ? COR_SAYS_MIN_MEMBERS : COR_SAYS_MIN_ITEMS,
			min, min == 1 ? "" : "s");
	else if (max != 0 && count > max)
		cor_report(report, step, row->is_dict ? COR_SAYS_MAX_MEMBERS : COR_SAYS_MAX_ITEMS,
			max, max == 1 ? "" : "s");
}

bool cor_items_grow(struct cor_items *items, struct cor_arena *arena)
{
	size_t first = items->first ? items->first : FIRST_ITEMS;
	size_t capacity = items->capacity ? items->capacity * 2 : first;
	size_t bytes;

	if (__builtin_mul_overflow(capacity, items->item_bytes, &bytes))
		return false;
	void *larger = cor_arena_alloc(arena, bytes);
	if (!larger)
		return false;
	size_t used = items->array.len * items->item_bytes;
	if (used != 0) /* NOLINTNEXTLINE(*-core.NonNullParamChecker): what there are has bytes */
		memcpy(larger, items->array.items, used);
	memset((char *)larger + used, 0, bytes - used);
	items->array.items = larger;
	items->capacity = capacity;
	return true;
}

int cor_items_close(struct cor_items *items, struct cor_arena *arena, void *at)
{
	if (!items->array.items && !cor_items_grow(items, arena))
		return -ENOMEM;
	cor_member_put(at, items->array);
	return 0;
}
