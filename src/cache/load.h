/* SPDX-License-Identifier: MIT */
/** A result from the cache, or else from the function that makes it. */
#ifndef CORACLE_CACHE_LOAD_H
#define CORACLE_CACHE_LOAD_H

#include <coracle/cached.h>

#include "base/buffer.h"
#include "cache/caches.h"
#include "cache/fetch.h"
#include "cache/key.h"

/** The marker of who loads, of workers and machines: behind the key of what is loaded. */
#define COR_LEASE_MARK COR_STR("\1lease")
/** For so long at most the others wait for one who may be dead. */
#define COR_LEASE_MS 10000

/** What is loaded: how it is made, written and read. `self` is the caller's. */
struct cor_load_ops {
	/** Make it. Yields. Returns 0, or what it comes to. */
	int (*make)(struct cor_ctx *ctx, void *self);
	/**
	 * Append what was made, without the mark, whose .fingerprint is set. Returns 0,
	 * -COR_EINVALID (it has no JSON), -ENOTSUP (it is this caller's alone), -ENOMEM, or
	 * -COR_ETABLE, which is recorded.
	 */
	int (*write)(struct cor_ctx *ctx, struct cor_cache_here *here, void *self,
		struct cor_mark *mark, struct cor_buffer *buffer);
	/** As cor_outcome_read(). */
	int (*read)(struct cor_ctx *ctx, struct cor_cache_here *here, void *self,
		const struct cor_fetched *fetched, int *ret_rc);
	/** Whether a failure is this caller's alone; NULL: never. */
	bool (*is_own)(struct cor_ctx *ctx, void *self);
	/** Whether an old one may stand for that failure; NULL: yes. */
	bool (*may_hide)(struct cor_ctx *ctx, void *self, int rc);
};

/** How a call has got it. */
enum cor_load_way {
	COR_LOAD_FOUND, /* in the cache */
	COR_LOAD_STALE, /* there, too, past its time */
	COR_LOAD_MADE,
	COR_LOAD_JOINED, /* another has made it */
};

struct cor_loading {
	const struct cor_load_ops *ops;
	const struct cor_cached_rules *rules;
	void *self;
	enum cor_load_way way; /* afterwards */
	bool was_kept;         /* what was made is in the cache now */
};

/** As cor_cache_load_struct() says, for a key that is there. */
int cor_load(struct cor_ctx *ctx, struct cor_cache_here *here, struct cor_loading *loading,
	const struct cor_cache_key *key) COR_CHECKED;

/** The same without the cache, because the result can have no key. */
int cor_load_unkept(
	struct cor_ctx *ctx, struct cor_cache_here *here, struct cor_loading *loading) COR_CHECKED;

#endif
