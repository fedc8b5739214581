/* SPDX-License-Identifier: MIT */
/** Entries by their keys: open addressing, linear probing. */
#ifndef CORACLE_SHELF_INDEX_H
#define CORACLE_SHELF_INDEX_H

#include "shelf/part.h"

/** The entry of a key, or COR_SHELF_NONE. */
uint32_t cor_shelf_index_find(const struct cor_shelf_part *part, uint32_t tag, struct cor_str key);

/** It is not there yet, and there are fewer than .entries_max. */
void cor_shelf_index_add(const struct cor_shelf_part *part, uint32_t tag, uint32_t unit);

/** It is there. */
void cor_shelf_index_drop(const struct cor_shelf_part *part, uint32_t tag, uint32_t unit);

#endif
