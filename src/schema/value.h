/* SPDX-License-Identifier: MIT */
/**
 * One value into memory, checked by its rule: the same for JSON and for the text of a parameter.
 * Private to the schema folder.
 *
 * A broken rule is reported and nothing is stored; the functions then still return 0. They return
 * -ENOMEM and nothing else.
 */
#ifndef CORACLE_SCHEMA_VALUE_H
#define CORACLE_SCHEMA_VALUE_H

#include <string.h>

#include "base/decimal.h"
#include "schema/path.h"
#include "schema/plan.h"

/** Members are reached by memcpy: the C type (long or long long) is not known here. */
#define cor_member_put(at, value) memcpy((at), &(value), sizeof(value))
#define cor_member_get(at, ret)   memcpy((ret), (at), sizeof *(ret))

/** What every cor_array looks like. */
struct cor_array_value {
	void *items;
	size_t len;
};

static inline void cor_row_set_state(
	const struct cor_row *row, void *base, enum cor_opt_state state)
{
	cor_member_put((char *)base + row->field->state_offset, state);
}

/** A row under COR_PARTIAL was there. */
static inline void cor_row_give(const struct cor_row *row, void *base)
{
	struct cor_given *given = (void *)((char *)base + row->field->given_offset);

	given->rows[row->field->given_row / 64] |= (uint64_t)1 << row->field->given_row % 64;
}

/** Store a whole number that is in bounds, by its bits, into an integer of either width. */
static inline void cor_value_put_whole(const struct cor_value_rule *rule, void *at, uint64_t value)
{
	uint32_t narrow = (uint32_t)value;

	if (rule->size == sizeof narrow)
		cor_member_put(at, narrow);
	else
		cor_member_put(at, value);
}

/**
 * Store a copy of a string, which has room for the NUL behind its `len` bytes, into a text or a
 * cor_str.
 */
static inline void cor_value_put_text(
	const struct cor_value_rule *rule, void *at, char *copy, size_t len)
{
	struct cor_str str = { copy, len };

	copy[len] = '\0';
	if (rule->kind == COR_KIND_STR)
		cor_member_put(at, str);
	else
		cor_member_put(at, copy);
}

/** Store a number into a member of any number kind. */
void cor_value_number(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	const struct cor_decimal *decimal, const struct cor_step *step);

/** The same of a text that is the number and nothing else: no plus, no blank, no leading zero. */
void cor_value_number_text(const struct cor_report *report, const struct cor_value_rule *rule,
	void *at, struct cor_str text, const struct cor_step *step);

/** Whether the text holds U+0000 where the member cannot: then that is reported. */
bool cor_value_has_nul(const struct cor_report *report, const struct cor_value_rule *rule,
	struct cor_str text, const struct cor_step *step);

/** Whether a string keeps to the limits of its rule, which has some; else that is reported. */
bool cor_value_limits_hold(const struct cor_report *report, const struct cor_value_rule *rule,
	struct cor_str text, const struct cor_step *step);

/*
 * How each kind of string is stored, for the table of kinds: text, cor_str and char[N]; a
 * date-time; a UUID; an enum.
 */
cor_store_string cor_value_text, cor_value_time, cor_value_uuid, cor_value_enum;

/*
 * What means "nothing", for the table of kinds: NULL, an empty char[N], an enum of 0 where 0 has no
 * name, a zeroed struct that has no JSON.
 */
cor_value_is_empty cor_value_is_null, cor_value_is_no_text, cor_value_is_no_chars,
	cor_value_is_no_name, cor_value_is_no_object, cor_value_is_no_bare;

/** Report the count of items, if it breaks the row's rule. */
void cor_value_count(const struct cor_report *report, const struct cor_row *row, size_t count,
	const struct cor_step *step);

/**
 * A growing cor_array. Items are zeroed; what was outgrown stays in the arena.
 */
struct cor_items {
	struct cor_array_value array;
	size_t capacity;
	size_t item_bytes;
	size_t first; /* room at first; 0: as for most */
};

/** Some room at first, but none that the row has no use for. */
static inline struct cor_items cor_items_of(const struct cor_row *row)
{
	uint32_t max = row->field->max_items;

	return (struct cor_items){ .item_bytes = row->rule.size, .first = max <= 8 ? max : 0 };
}

/** Private to cor_items_add(): more room. */
bool cor_items_grow(struct cor_items *items, struct cor_arena *arena);

/** Room for one more behind the last; NULL when there is no memory. */
static inline void *cor_items_add(struct cor_items *items, struct cor_arena *arena)
{
	if (items->array.len == items->capacity && !cor_items_grow(items, arena))
		return NULL;
	return (char *)items->array.items + items->array.len++ * items->item_bytes;
}

/** Take the last one back, into which nothing was written. */
static inline void cor_items_drop(struct cor_items *items)
{
	items->array.len--;
}

/**
 * Write the cor_array into its member. An array that was given but is empty has items that are not
 * NULL.
 */
int cor_items_close(struct cor_items *items, struct cor_arena *arena, void *at) COR_CHECKED;

#endif
