/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1 /* qsort_r */

#include "index.h"

#include <stdlib.h>
#include <strings.h>

static const char *key_of(const struct index *index, const void *row)
{
	const char *member = (const char *)row + index->key_offset;

	return index->key == INDEX_POINTER ? *(const char *const *)(const void *)member : member;
}

static int compare_rows(const void *left, const void *right, void *index)
{
	const void *a = *(const void *const *)left, *b = *(const void *const *)right;
	int order = strcasecmp(key_of(index, a), key_of(index, b));

	return order ? order : (a > b) - (a < b);
}

int index_build(struct index *index, struct cor_arena *arena, const void *records, size_t len)
{
	const char *record = records;

	index->rows = cor_arena_alloc(arena, len * sizeof *index->rows);
	if (!index->rows)
		return -ENOMEM;
	index->len = len;
	for (size_t i = 0; i < len; i++, record += index->row_bytes)
		index->rows[i] = record;
	qsort_r(index->rows, len, sizeof *index->rows, compare_rows, index);
	return 0;
}

const void *index_find(const struct index *index, const char *key)
{
	size_t low = 0, high = *key ? index->len : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcasecmp(key, key_of(index, index->rows[middle]));

		if (order == 0)
			return index->rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
