/* SPDX-License-Identifier: MIT */
/** What is under a key, with what a store's failures come to. */
#ifndef CORACLE_CACHE_FETCH_H
#define CORACLE_CACHE_FETCH_H

#include "base/buffer.h"
#include "cache/caches.h"
#include "cache/mark.h"

struct cor_fetched {
	struct cor_item item; /* its value without mark and tags, in the memory of ctx */
	struct cor_mark mark;
	bool is_borrowed; /* the value is another's, and gone soon: only where load.h reads it */
};

/**
 * Look under a key. Counts and tells failures alone. Yields as the store does. Returns 0; -ENOENT:
 * there is nothing of use, *ret_failure has what the store has said or -EBADMSG, else 0; -ENOMEM;
 * what the scope has come to.
 */
int cor_cache_fetch(struct cor_ctx *ctx, struct cor_cache_here *here, struct cor_str key,
	struct cor_fetched *ret, int *ret_failure) COR_CHECKED;

/** What a get, put or delete of the store has returned: counted and told, if it is a failure. */
int cor_cache_told(struct cor_ctx *ctx, struct cor_cache_here *here, int rc);

/**
 * As that, for a code which a handler gets and may return: a failure becomes a problem that names
 * the cache, unless one is recorded. A misuse that the store has found is one, too.
 */
int cor_cache_returned(struct cor_ctx *ctx, struct cor_cache_here *here, int rc);

/**
 * As cor_cache_told(), of a get of several: copies that are near say nothing of the store behind
 * them.
 */
void cor_cache_told_several(struct cor_ctx *ctx, struct cor_cache_here *here, ssize_t got,
	const struct cor_item *items, size_t len);

/** A value of `bytes` (0: it has no JSON) could not be kept: told once. */
void cor_cache_tell_unkept(struct cor_ctx *ctx, struct cor_cache_here *here, size_t bytes);

/** A value could not be kept, as its key has more than COR_CACHE_KEY_BYTES: told once. */
void cor_cache_tell_long_key(struct cor_ctx *ctx, struct cor_cache_here *here);

/** Decode what was fetched into *ret, which is zeroed first. Returns 0, -EBADMSG: another table has
 * written it, -ENOMEM, or -COR_ETABLE, which is recorded. Never yields. */
int cor_fetched_decode(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_schema *schema, size_t bytes, const struct cor_fetched *fetched,
	void *ret) COR_CHECKED;

/**
 * Take mark and tags off an item. Yields as the store does, if it has tags. Returns 0; -ENOENT: a
 * tag of it was forgotten; -EBADMSG; -ENOMEM; or what the store has said of the tags.
 */
int cor_fetched_open(
	struct cor_ctx *ctx, struct cor_cache_here *here, struct cor_fetched *fetched) COR_CHECKED;

/**
 * A value as it is kept: the mark, then the struct as JSON. The caller finishes the buffer. Returns
 * 0, -COR_EINVALID, -COR_ETOOLARGE, -ENOMEM, or -COR_ETABLE, which is recorded.
 */
int cor_cache_encode(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_schema *schema, const void *value, struct cor_mark *mark,
	struct cor_buffer *buffer) COR_CHECKED;

/** The same without the mark, whose .fingerprint is set. */
int cor_cache_encode_value(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_schema *schema, const void *value, struct cor_mark *mark,
	struct cor_buffer *buffer) COR_CHECKED;

#endif
