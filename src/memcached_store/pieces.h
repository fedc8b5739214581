/* SPDX-License-Identifier: MIT */
/**
 * Values that are larger than an item of the server may be: pieces under keys of their own, with an
 * id that is drawn for each value, and under the value's key what says where they are. A piece that
 * is missing, or of another value, makes the whole a miss.
 */
#ifndef CORACLE_MEMCACHED_STORE_PIECES_H
#define CORACLE_MEMCACHED_STORE_PIECES_H

#include <coracle/api.h>

#include "memcached_store/turn.h"
#include "memcached_store/value.h"

/** Whether it is too large for one item. */
bool cor_memcached_is_to_be_cut(
	const struct cor_memcached *options, const struct cor_memcached_outgoing *out);

/**
 * Put the pieces, on the value's own server; what is left in `out` says where they are. Yields.
 * Returns 0, -COR_ETOOLARGE, or a code.
 */
int cor_memcached_put_pieces(struct cor_memcached_turn *turn, struct cor_memcached_outgoing *out,
	int64_t ttl_ms) COR_CHECKED;

/**
 * Join those that `text` says, which was left in place of the value. Yields. Returns 0, -ENOENT,
 * -ENOMEM, or a code.
 */
int cor_memcached_load_pieces(struct cor_memcached_turn *turn, struct cor_arena *arena,
	struct cor_str text, struct cor_str *ret) COR_CHECKED;

/** Yields. Returns 0, -ENOENT: one is gone, or a code. */
int cor_memcached_touch_pieces(
	struct cor_memcached_turn *turn, struct cor_str text, int64_t exptime) COR_CHECKED;

#endif
