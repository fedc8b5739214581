/* SPDX-License-Identifier: MIT */
/**
 * Tags of what is kept: each stands in the cache itself, as a random number (its generation) under
 * a key of its own. An entry carries those of its tags, and counts as long as they are the same.
 */
#ifndef CORACLE_CACHE_TAGS_H
#define CORACLE_CACHE_TAGS_H

#include <coracle/cached.h>

#include "base/buffer.h"
#include "cache/caches.h"
#include "cache/key.h"

struct cor_ctx_value;

/** In front of the key of a tag. */
#define COR_TAG_MARK COR_STR("\2tag ")

/** What is named while something is made. */
struct cor_tagging {
	struct cor_tagging *outer; /* of what is made with it; NULL: nothing */
	struct cor_cache_here *here;
	int64_t lives_ms; /* what is made, at most */
	size_t len;
	struct cor_str names[COR_CACHE_TAGS_MAX]; /* in the memory of the request */
	uint64_t generations[COR_CACHE_TAGS_MAX];
	bool is_spoiled; /* a tag is not known, so nobody could make the entry go */
};

/**
 * Collect what is named in ctx and its children from now until the end. Returns a value to end it
 * with; NULL: there is no memory, and nothing must be kept.
 */
struct cor_tagging **cor_tagging_begin(
	struct cor_tagging *tagging, struct cor_ctx *ctx, struct cor_cache_here *here);
void cor_tagging_end(struct cor_tagging **collecting);

/** Append them as they stand in an entry, behind its mark. Returns how many bytes these are. */
uint32_t cor_tags_write(const struct cor_tagging *tagging, struct cor_buffer *buffer);

/**
 * Take the tags off what is kept, `bytes` long, which then belong to what is being made in ctx,
 * too. Yields as the store does. Returns 0; -ENOENT: one was forgotten; -EBADMSG; -ENOMEM; or what
 * the store has said.
 */
int cor_tags_take(struct cor_ctx *ctx, struct cor_cache_here *here, uint32_t bytes,
	struct cor_str *value) COR_CHECKED;

#endif
