/* SPDX-License-Identifier: MIT */
/* The calls of cache.h. */
#include <coracle/cache.h>

#include <errno.h>
#include <inttypes.h>

#include <coracle/error.h>

#include "cache/fetch.h"
#include "cache/key.h"
#include "context/context.h"

/* --- what they have in common --- */

/* A call of a cache, as far as its key. */
struct call {
	struct cor_ctx *ctx;
	struct cor_cache_here *here;
	struct cor_cache_key key;
};

/* 0, -EINVAL, or -COR_ETOOLARGE: nothing has that key. */
static int begin(struct call *call, struct cor_ctx *ctx, const struct cor_cache *cache,
	struct cor_template key)
{
	call->ctx = ctx;
	call->here = cor_cache_of(ctx, cache);
	return call->here ? cor_cache_key_of(ctx, key, &call->key) : -EINVAL;
}

/* 0 or -EINVAL. */
static int check_ttl(const struct call *call, int64_t ttl_ms)
{
	return ttl_ms >= 0
		       ? 0
		       : cor_cache_misused(call->ctx, -EINVAL,
				 "a value of the cache %s was to live for %" PRId64
				 " ms: 0 is as long as the cache says, COR_FOREVER until it must go",
				 call->here->cache->name, ttl_ms);
}

static int returned(const struct call *call, int rc)
{
	return cor_cache_returned(call->ctx, call->here, rc);
}

/* As begin(), of what is to be kept. */
static int begin_to_keep(struct call *call, struct cor_ctx *ctx, const struct cor_cache *cache,
	struct cor_template key)
{
	int rc = begin(call, ctx, cache, key);

	if (rc == -COR_ETOOLARGE)
		cor_cache_tell_long_key(ctx, call->here);
	return rc;
}

/* --- get --- */

/* What is fresh under the key: 0, -ENOENT with what is behind it, or as cor_cache_fetch(). */
static int look(const struct call *call, struct cor_fetched *ret, int *ret_failure)
{
	int rc = cor_cache_fetch(
		call->ctx, call->here, cor_cache_key_str(&call->key), ret, ret_failure);

	if (rc == 0 && (ret->mark.kind == COR_MARK_MISSING ||
			       cor_mark_fresh_ms(&ret->mark, &ret->item) <= 0))
		return -ENOENT;
	return rc;
}

static void count(const struct call *call, const struct cor_fetched *fetched, int rc)
{
	if (rc == 0)
		cor_cache_count(call->ctx, call->here, COR_CACHE_HITS, 1);
	if (rc == 0 && fetched->item.is_near)
		cor_cache_count(call->ctx, call->here, COR_CACHE_NEAR, 1);
	if (rc == -ENOENT)
		cor_cache_count(call->ctx, call->here, COR_CACHE_MISSES, 1);
}

/* What a call returns whose value was looked for, and what it tells besides. */
static int end(const struct call *call, const struct cor_fetched *fetched, int rc, int failure,
	const struct cor_cache_getting *options)
{
	if (rc == -EBADMSG || rc == -COR_ETOOLARGE) {
		failure = rc;
		rc = -ENOENT;
	}
	count(call, fetched, rc);
	if (options->ret_failure)
		*options->ret_failure = rc == -ENOENT ? failure : 0;
	if (rc == 0 && options->ret_ttl_ms)
		*options->ret_ttl_ms = cor_mark_fresh_ms(&fetched->mark, &fetched->item);
	if (rc == 0 && options->ret_version)
		*options->ret_version = fetched->item.version;
	return rc;
}

int cor_cache_get_struct(struct cor_ctx *ctx, const struct cor_cache *cache,
	const struct cor_schema *schema, size_t bytes, void *ret, struct cor_template key,
	const struct cor_cache_getting *options)
{
	struct cor_fetched fetched;
	struct call call;
	int failure = 0;
	int rc = begin(&call, ctx, cache, key);

	memset(ret, 0, bytes);
	if (rc == -EINVAL)
		return rc;
	if (rc == 0)
		rc = look(&call, &fetched, &failure);
	if (rc == 0)
		rc = cor_fetched_decode(ctx, call.here, schema, bytes, &fetched, ret);
	return end(&call, &fetched, rc, failure, options);
}

int cor_cache_get_str(struct cor_ctx *ctx, const struct cor_cache *cache, struct cor_str *ret,
	struct cor_template key, const struct cor_cache_getting *options)
{
	struct cor_fetched fetched;
	struct call call;
	int failure = 0;
	int rc = begin(&call, ctx, cache, key);

	*ret = (struct cor_str){ 0 };
	if (rc == -EINVAL)
		return rc;
	if (rc == 0)
		rc = look(&call, &fetched, &failure);
	if (rc == 0 && fetched.mark.kind != COR_MARK_BYTES)
		rc = -EBADMSG;
	if (rc == 0)
		*ret = fetched.item.value;
	return end(&call, &fetched, rc, failure, options);
}

/* --- several --- */

/* Those of several that have a key: one that is too long is a miss. */
struct several {
	size_t len;
	struct cor_str *keys;
	struct cor_item *items;
	size_t *places; /* of each in what the caller gave */
};

static bool make_room(struct cor_ctx *ctx, struct several *several, size_t len)
{
	several->len = 0;
	several->keys = cor_alloc(ctx, (len + 1) * sizeof *several->keys);
	several->items = cor_alloc(ctx, (len + 1) * sizeof *several->items);
	several->places = cor_alloc(ctx, (len + 1) * sizeof *several->places);
	return several->keys && several->items && several->places;
}

static int make_keys(
	struct cor_ctx *ctx, const struct cor_template *keys, size_t len, struct several *ret)
{
	struct cor_cache_key key;

	if (!make_room(ctx, ret, len))
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		int rc = cor_cache_key_of(ctx, keys[i], &key);
		if (rc == -COR_ETOOLARGE)
			continue;
		if (rc < 0)
			return rc;
		const char *copy = cor_arena_copy(&ctx->arena, key.bytes, key.len);
		if (!copy)
			return -ENOMEM;
		ret->keys[ret->len] = (struct cor_str){ copy, key.len };
		ret->places[ret->len++] = i;
	}
	return 0;
}

/* Whether one of several is of use: 1, 0, or a code. */
static int take(struct cor_ctx *ctx, struct cor_cache_here *here, const struct cor_schema *schema,
	size_t bytes, const struct cor_item *item, void *ret)
{
	struct cor_fetched fetched = { .item = *item };

	int rc = item->value.data ? cor_fetched_open(ctx, here, &fetched) : -ENOENT;

	if (rc == -ENOMEM)
		return rc;
	if (rc < 0 || cor_mark_fresh_ms(&fetched.mark, &fetched.item) <= 0)
		return 0;
	rc = cor_fetched_decode(ctx, here, schema, bytes, &fetched, ret);
	return rc == 0 ? 1 : rc == -EBADMSG ? 0 : rc;
}

static ssize_t take_all(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_schema *schema, size_t bytes, const struct several *several, void *rets,
	bool *found)
{
	ssize_t hits = 0;

	for (size_t i = 0; i < several->len; i++) {
		size_t at = several->places[i];
		int rc = take(
			ctx, here, schema, bytes, &several->items[i], (char *)rets + at * bytes);
		if (rc < 0)
			return rc;
		found[at] = rc != 0;
		hits += rc;
		if (rc != 0 && several->items[i].is_near)
			cor_cache_count(ctx, here, COR_CACHE_NEAR, 1);
	}
	return hits;
}

ssize_t cor_cache_get_structs(struct cor_ctx *ctx, const struct cor_cache *cache,
	const struct cor_schema *schema, size_t bytes, void *rets, bool *found,
	const struct cor_template *keys, size_t len)
{
	struct cor_cache_here *here = cor_cache_of(ctx, cache);
	struct several several;

	memset(rets, 0, len * bytes);
	memset(found, 0, len * sizeof *found);
	if (!here)
		return -EINVAL;
	int rc = make_keys(ctx, keys, len, &several);
	if (rc < 0)
		return rc;
	ssize_t got = cor_store_get_many(
		here->store, several.keys, several.len, &ctx->arena, several.items);
	cor_cache_told_several(ctx, here, got, several.items, several.len);
	if (got == -ENOMEM || (got < 0 && cor_scope_error() < 0))
		return got == -ENOMEM ? got : cor_scope_error();
	ssize_t hits = take_all(ctx, here, schema, bytes, &several, rets, found);
	if (hits < 0)
		return hits;
	cor_cache_count(ctx, here, COR_CACHE_HITS, (uint64_t)hits);
	cor_cache_count(ctx, here, COR_CACHE_MISSES, len - (size_t)hits);
	return hits;
}

/* --- put --- */

/* It cannot be kept, so what was there must not be taken for it. */
static int put_nothing(const struct call *call, int rc)
{
	cor_cache_told(call->ctx, call->here,
		cor_store_delete(call->here->store, cor_cache_key_str(&call->key)));
	if (rc == -COR_EINVALID)
		cor_cache_tell_unkept(call->ctx, call->here, 0);
	return rc;
}

static int put(
	const struct call *call, struct cor_buffer *buffer, const struct cor_cache_putting *options)
{
	const struct cor_item item = {
		.value = { buffer->data, buffer->len },
		.ttl_ms = options->ttl_ms,
		.version = options->version,
	};
	int rc = check_ttl(call, options->ttl_ms);

	if (rc < 0)
		return rc;
	rc = returned(call, cor_store_put(call->here->store, cor_cache_key_str(&call->key), &item,
				    options->how));

	cor_cache_count(call->ctx, call->here, COR_CACHE_PUTS, rc == 0);
	if (rc == -COR_ETOOLARGE)
		cor_cache_tell_unkept(call->ctx, call->here, buffer->len);
	return rc;
}

int cor_cache_put_struct(struct cor_ctx *ctx, const struct cor_cache *cache,
	const struct cor_schema *schema, const void *value, struct cor_template key,
	const struct cor_cache_putting *options)
{
	struct cor_mark mark = cor_mark(COR_MARK_STRUCT, 0);
	struct cor_buffer buffer = { 0 };
	struct call call;
	int rc = begin_to_keep(&call, ctx, cache, key);

	if (rc < 0)
		return rc;
	rc = cor_cache_encode(ctx, call.here, schema, value, &mark, &buffer);
	rc = rc < 0 ? put_nothing(&call, rc) : put(&call, &buffer, options);
	cor_buffer_finish(&buffer);
	return rc;
}

int cor_cache_put_str(struct cor_ctx *ctx, const struct cor_cache *cache, struct cor_str bytes,
	struct cor_template key, const struct cor_cache_putting *options)
{
	const struct cor_mark mark = cor_mark(COR_MARK_BYTES, 0);
	struct cor_buffer buffer = { 0 };
	struct call call;
	int rc = begin_to_keep(&call, ctx, cache, key);

	if (rc < 0)
		return rc;
	cor_buffer_append(&buffer, &mark, sizeof mark);
	cor_buffer_append_str(&buffer, bytes);
	rc = cor_buffer_error(&buffer);
	rc = rc < 0 ? put_nothing(&call, rc) : put(&call, &buffer, options);
	cor_buffer_finish(&buffer);
	return rc;
}

/* --- the rest --- */

int cor_cache_delete(struct cor_ctx *ctx, const struct cor_cache *cache, struct cor_template key)
{
	struct call call;
	int rc = begin(&call, ctx, cache, key);

	if (rc < 0)
		return rc == -COR_ETOOLARGE ? -ENOENT : rc;
	return returned(&call, cor_store_delete(call.here->store, cor_cache_key_str(&call.key)));
}

/* For how long it is stale behind its time: that is to stay. 0 or as cor_store_get(). */
static int find_stale_ms(const struct call *call, int64_t *ret)
{
	struct cor_item item;
	struct cor_mark mark;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_store_get(call->here->store, cor_cache_key_str(&call->key), &arena, &item);
	*ret = rc == 0 && cor_mark_take(&item, &mark) ? mark.stale_ms : 0;
	cor_arena_finish(&arena);
	return rc;
}

static int touch(const struct call *call, int64_t ttl_ms)
{
	int64_t stale_ms;
	int rc = find_stale_ms(call, &stale_ms);

	if (ttl_ms == 0)
		ttl_ms = call->here->filled->ttl_ms;
	if (rc == 0 && ttl_ms > 0 && __builtin_add_overflow(ttl_ms, stale_ms, &ttl_ms))
		ttl_ms = COR_FOREVER;
	return rc < 0 ? rc
		      : cor_store_touch(call->here->store, cor_cache_key_str(&call->key), ttl_ms);
}

int cor_cache_touch(
	struct cor_ctx *ctx, const struct cor_cache *cache, struct cor_template key, int64_t ttl_ms)
{
	struct call call;
	int rc = begin(&call, ctx, cache, key);

	if (rc < 0)
		return rc == -COR_ETOOLARGE ? -ENOENT : rc;
	rc = check_ttl(&call, ttl_ms);
	return rc < 0 ? rc : returned(&call, touch(&call, ttl_ms));
}

int cor_cache_add(struct cor_ctx *ctx, const struct cor_cache *cache, struct cor_template key,
	int64_t by, int64_t first_ttl_ms, uint64_t *ret_number)
{
	const struct cor_item first = { .ttl_ms = first_ttl_ms };
	struct call call;
	int rc = begin_to_keep(&call, ctx, cache, key);

	if (rc == 0)
		rc = check_ttl(&call, first_ttl_ms);
	if (rc < 0)
		return rc;
	return returned(&call, cor_store_add(call.here->store, cor_cache_key_str(&call.key), by,
				       &first, ret_number));
}

int cor_cache_clear(struct cor_ctx *ctx, const struct cor_cache *cache)
{
	struct cor_cache_here *here = cor_cache_of(ctx, cache);

	return here ? cor_cache_returned(ctx, here, cor_store_clear(here->store)) : -EINVAL;
}

struct cor_store *cor_cache_store(struct cor_ctx *ctx, const struct cor_cache *cache)
{
	struct cor_cache_here *here = cor_cache_of(ctx, cache);

	return here ? here->store : NULL;
}
