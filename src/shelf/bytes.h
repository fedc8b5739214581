/* SPDX-License-Identifier: MIT */
/** The bytes of an entry: its header, its key and its value, in runs of units. */
#ifndef CORACLE_SHELF_BYTES_H
#define CORACLE_SHELF_BYTES_H

#include "shelf/part.h"

/** How many units that takes. */
static inline uint32_t cor_shelf_units_of(size_t key_bytes, size_t value_bytes)
{
	size_t bytes = sizeof(struct cor_shelf_entry) + key_bytes + value_bytes;

	return (uint32_t)((bytes + COR_SHELF_UNIT - 1) / COR_SHELF_UNIT);
}

/** Take units for an entry, and write key and value. There is room. The header has the lengths. */
uint32_t cor_shelf_make_bytes(
	const struct cor_shelf_part *part, struct cor_str key, struct cor_str value);

/** Write another value of so many units as the entry has. */
void cor_shelf_write_value(const struct cor_shelf_part *part, uint32_t unit, struct cor_str value);

/** Give its units back. */
void cor_shelf_drop_bytes(const struct cor_shelf_part *part, uint32_t unit);

/** Copy the key, of .key_bytes; the value, of .value_bytes. */
void cor_shelf_copy_key(const struct cor_shelf_part *part, uint32_t unit, char *to);
void cor_shelf_copy_value(const struct cor_shelf_part *part, uint32_t unit, char *to);

/** Private to cor_shelf_has_key(). */
bool cor_shelf_has_key_in_runs(
	const struct cor_shelf_part *part, uint32_t unit, struct cor_str key);

static inline bool cor_shelf_has_key(
	const struct cor_shelf_part *part, uint32_t unit, struct cor_str key)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);

	if (entry->key_bytes != key.len)
		return false;
	if (sizeof *entry + key.len > (size_t)entry->run * COR_SHELF_UNIT)
		return cor_shelf_has_key_in_runs(part, unit, key);
	return memcmp(entry + 1, key.data, key.len) == 0;
}

#endif
