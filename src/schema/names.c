/* SPDX-License-Identifier: MIT */
#include "schema/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"

#define LIST_BYTES    200
#define NEAREST_BYTES 24 /* longer keys get no suggestion */

static uint64_t mix(uint64_t state, uint64_t word)
{
	state = (state ^ word) * 0x9e3779b97f4a7c15u;
	return state ^ state >> 29;
}

/* The last word overlaps the one before it. */
static uint32_t hash(struct cor_str key)
{
	uint64_t state = key.len;

	if (key.len < 8)
		return (uint32_t)(mix(state, cor_word_of_few(key.data, key.len)) >> 32);
	for (size_t at = 0; at + 8 < key.len; at += 8)
		state = mix(state, cor_word_at(key.data + at));
	return (uint32_t)(mix(state, cor_word_at(key.data + key.len - 8)) >> 32);
}

int cor_key_index_find(const struct cor_key_index *index, struct cor_str key)
{
	if (index->len == 0)
		return -1;
	for (uint32_t i = hash(key) & index->mask; index->slots[i] != 0;
		i = (i + 1) & index->mask) {
		uint32_t position = index->slots[i] - 1u;
		if (cor_words_same(index->keys[position], key))
			return (int)position;
	}
	return -1;
}

int cor_key_index_build(struct cor_key_index *index, struct cor_arena *arena,
	const struct cor_str *keys, uint32_t len)
{
	uint32_t size = 4;

	while (size < 2 * len)
		size *= 2;
	*index = (struct cor_key_index){ .keys = keys, .mask = size - 1, .len = len };
	index->slots = cor_arena_zalloc(arena, size * sizeof *index->slots);
	if (!index->slots)
		return -ENOMEM;
	for (uint32_t position = 0; position < len; position++) {
		if (cor_key_index_find(index, keys[position]) >= 0)
			continue;
		uint32_t i = hash(keys[position]) & index->mask;
		while (index->slots[i] != 0)
			i = (i + 1) & index->mask;
		index->slots[i] = (uint16_t)(position + 1);
	}
	return 0;
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* Whether the two bytes before i and j are each other's, swapped. */
static bool are_swapped(struct cor_str a, unsigned i, struct cor_str b, unsigned j)
{
	return i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1];
}

/*
 * The slips between two short keys: a byte more, less or another, or two neighbours swapped
 * ("optimal string alignment"). Three rows of the matrix: two before, the one before, this one.
 */
static unsigned distance(struct cor_str a, struct cor_str b)
{
	unsigned rows[3][NEAREST_BYTES + 1];

	for (unsigned j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *costs = rows[i % 3], *before = rows[(i + 2) % 3];
		costs[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned replace = before[j - 1] + (a.data[i - 1] != b.data[j - 1]);
			if (are_swapped(a, i, b, j) && rows[(i + 1) % 3][j - 2] < replace)
				replace = rows[(i + 1) % 3][j - 2] + 1;
			costs[j] = smallest(before[j] + 1, costs[j - 1] + 1, replace);
		}
	}
	return rows[a.len % 3][b.len];
}

int cor_key_index_nearest(const struct cor_key_index *index, struct cor_str key)
{
	unsigned best = key.len < 5 ? 2 : 3; /* must be below: one or two slips */
	int nearest = -1;

	if (key.len < 2 || key.len > NEAREST_BYTES)
		return -1;
	for (uint32_t i = 0; i < index->len; i++) {
		if (index->keys[i].len > NEAREST_BYTES)
			continue;
		unsigned slips = distance(key, index->keys[i]);
		if (slips < best) {
			best = slips;
			nearest = (int)i;
		}
	}
	return nearest;
}

static int compare_values(const void *a, const void *b, void *context)
{
	const struct cor_enum_name *table = context;
	uint32_t left = table[*(const uint16_t *)a].value;
	uint32_t right = table[*(const uint16_t *)b].value;

	return (left > right) - (left < right);
}

static char *list_names(struct cor_arena *arena, const struct cor_enum_name *table, uint32_t len)
{
	char text[LIST_BYTES];
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < len; i++) {
		size_t room = sizeof text - used;
		bool last = i + 1 == len;
		if (strlen(table[i].name) + sizeof ", ..." + 2 > room && !last) {
			snprintf(text + used, room, "%s...", i ? ", " : "");
			break;
		}
		int wrote = snprintf(text + used, room, "%s%s", i ? ", " : "", table[i].name);
		if (wrote < 0 || (size_t)wrote >= room) {
			snprintf(text + used, room, "%s...", i ? ", " : "");
			break;
		}
		used += (size_t)wrote;
	}
	return cor_arena_strdup(arena, text);
}

int cor_enum_index_build(struct cor_enum_index *index, struct cor_arena *arena,
	const struct cor_enum_name *table, uint32_t len)
{
	struct cor_str *keys = cor_arena_alloc(arena, (len + 1) * sizeof *keys);

	*index = (struct cor_enum_index){ .table = table, .len = len };
	index->by_value = cor_arena_alloc(arena, (len + 1) * sizeof *index->by_value);
	index->list = list_names(arena, table, len);
	if (!keys || !index->by_value || !index->list)
		return -ENOMEM;
	for (uint32_t i = 0; i < len; i++) {
		keys[i] = cor_str(table[i].name);
		index->by_value[i] = (uint16_t)i;
	}
	if (len != 0) {
		/* qsort_r() takes the context without const but does not write to it */
		void *context = (void *)(uintptr_t)table;
		qsort_r(index->by_value, len, sizeof *index->by_value, compare_values, context);
	}
	return cor_key_index_build(&index->names, arena, keys, len);
}

const struct cor_enum_name *cor_enum_index_name(const struct cor_enum_index *index, uint32_t value)
{
	uint32_t low = 0, high = index->len;

	if (value < index->len && index->table[value].value == value)
		return &index->table[value];
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct cor_enum_name *name = &index->table[index->by_value[middle]];
		if (name->value == value)
			return name;
		if (name->value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
