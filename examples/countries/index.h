/* SPDX-License-Identifier: MIT */
/**
 * An index: records sorted by one of their texts. Built once, then only read, by any thread.
 */
#ifndef COUNTRIES_INDEX_H
#define COUNTRIES_INDEX_H

#include <coracle/coracle.h>

struct index {
	const void **rows; /* sorted by key, equal ones in the order of the records */
	size_t len;
	size_t row_bytes;
	size_t key_offset;
	enum { INDEX_CHARS, INDEX_POINTER } key; /* how the member holds its text */
};

/** An index over records of `c_type` by `member`, not yet built. */
/* clang-format off */
#define INDEX_BY(c_type, member) \
	{ \
		.row_bytes = sizeof(c_type), \
		.key_offset = offsetof(c_type, member), \
		.key = _Generic(&((c_type *)0)->member, \
			const char **: INDEX_POINTER, default: INDEX_CHARS), \
	}
/* clang-format on */

/** Sort pointers to `len` records, which stay the caller's. Returns 0 or -ENOMEM. */
int index_build(
	struct index *index, struct cor_arena *arena, const void *records, size_t len) COR_CHECKED;

/** Find a record by its key, ignoring case. Returns NULL if there is none or the key is empty. */
const void *index_find(const struct index *index, const char *key);

#endif
