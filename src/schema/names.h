/* SPDX-License-Identifier: MIT */
/**
 * Finding a row by its outside name and an enum's value by its name, and back. Private to the
 * library.
 *
 * The tables are the program's own, so that no input can make a chain long: plain open addressing
 * will do.
 */
#ifndef CORACLE_SCHEMA_NAMES_H
#define CORACLE_SCHEMA_NAMES_H

#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/schema.h>

/** Names to their position in a list. */
struct cor_key_index {
	const struct cor_str *keys;
	uint16_t *slots; /* position + 1; 0: free */
	uint32_t mask;
	uint32_t len;
};

/**
 * Index `len` keys (at most UINT16_MAX), which must outlive it.
 * Returns 0 or -ENOMEM; a key that appears twice keeps its first position.
 */
int cor_key_index_build(struct cor_key_index *index, struct cor_arena *arena,
	const struct cor_str *keys, uint32_t len);

/** The position of a key, or -1. */
int cor_key_index_find(const struct cor_key_index *index, struct cor_str key);

/** The key that was probably meant, or -1: for a detail text. */
int cor_key_index_nearest(const struct cor_key_index *index, struct cor_str key);

struct cor_enum_index {
	struct cor_key_index names;
	const struct cor_enum_name *table;
	uint16_t *by_value; /* positions in the table, by ascending value */
	uint32_t len;
	const char *list; /* "new, paid, shipped" for a detail text; cut when long */
};

int cor_enum_index_build(struct cor_enum_index *index, struct cor_arena *arena,
	const struct cor_enum_name *table, uint32_t len);

/** The entry of a value, or NULL. */
const struct cor_enum_name *cor_enum_index_name(const struct cor_enum_index *index, uint32_t value);

#endif
