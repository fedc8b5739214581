/* SPDX-License-Identifier: MIT */
/** Entries of a part: found, kept, dropped; what goes to make room. */
#ifndef CORACLE_SHELF_KEEP_H
#define CORACLE_SHELF_KEEP_H

#include "shelf/part.h"

struct cor_shelf_key {
	struct cor_str text;
	uint32_t tag;
};

/** Drop everything. `is_new`: the memory is still zeroed. */
void cor_shelf_reset(const struct cor_shelf_part *part, bool is_new);

/** The entry of a key, or COR_SHELF_NONE. One whose time is over is dropped. */
uint32_t cor_shelf_find(
	const struct cor_shelf_part *part, const struct cor_shelf_key *key, int64_t now_ns);

/** Whether there is room for it in a part that is empty. */
bool cor_shelf_fits(const struct cor_shelf_part *part, size_t key_bytes, size_t value_bytes);

/**
 * Keep a value under a key: in place of that of `unit`, or COR_SHELF_NONE. It fits. Others go, if
 * there is no room: those whose time is over, then those that the order says.
 */
void cor_shelf_keep(const struct cor_shelf_part *part, uint32_t unit,
	const struct cor_shelf_key *key, struct cor_str value, int64_t expires_ns, int64_t now_ns);

/** It expires then. */
void cor_shelf_expire_at(const struct cor_shelf_part *part, uint32_t unit, int64_t expires_ns);

void cor_shelf_drop(const struct cor_shelf_part *part, uint32_t unit);

/** Drop everything: fast if it is little. */
void cor_shelf_empty(const struct cor_shelf_part *part);

#endif
