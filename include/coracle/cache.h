/* SPDX-License-Identifier: MIT */
/**
 * Caches: structs kept under keys, for a while.
 *
 *     static const struct cor_cache prices = {
 *             .name = "prices", .store = &cor_memory_store, .ttl_ms = 30 * 1000,
 *     };
 *     static const struct cor_service shop = {
 *             .name = "shop",
 *             .caches = COR_CACHES(&prices),
 *             ...
 *     };
 *
 *     if (cor_cache_get(ctx, &prices, price_schema, price, COR_KEY("price/{}", id)) == 0)
 *             return 0;
 *     ... make it ...
 *     cor_ignore(cor_cache_put(ctx, &prices, price_schema, price, COR_KEY("price/{}", id)));
 *
 * What is declared, and where it may be kept, is in store.h; what asks, makes and keeps in one
 * call, so that many who ask at the same time make it once, is in cached.h.
 *
 * A value is kept as JSON, by its schema, and what it points to belongs to ctx when it comes back:
 * never to the cache. It says which table has written it. What another version of the table has
 * written is not found, and so is what was put by other calls than these.
 *
 * A cache that fails has nothing: who asks gets -ENOENT, and goes on without. It is counted, and
 * the log says once that it fails, and once that it has not for two seconds. .ret_failure tells a
 * call.
 *
 * Calls yield as those of the store do (store.h). One fiber uses a ctx at a time.
 */
#ifndef CORACLE_CACHE_H
#define CORACLE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/schema.h>
#include <coracle/store.h>
#include <coracle/str.h>
#include <coracle/template.h>

COR_BEGIN_DECLS

/* clang-format off */

/** For a service's .caches: COR_CACHES_MAX at most. */
#define COR_CACHES(...) (const struct cor_cache *const[]) { __VA_ARGS__, NULL }

/**
 * A key: see template.h. A text goes in behind its length ("user/3:ann"), so that no text can make
 * the key of another. One that is longer than COR_CACHE_KEY_BYTES is never found and never kept;
 * the log says so once, when it is to be kept.
 */
#define COR_KEY COR_TEMPLATE

/* clang-format on */

/** What else a call that asks gets. */
struct cor_cache_getting {
	/** How long it lives on, in milliseconds; COR_FOREVER. NULL: nobody asks. */
	int64_t *ret_ttl_ms;
	/** For cor_cache_put() with COR_PUT_UNCHANGED. NULL: nobody asks. */
	uint64_t *ret_version;
	/**
	 * 0, or what was behind a -ENOENT: what the store has said (store.h), or -EBADMSG: what is
	 * there was written by something else. NULL: nobody asks.
	 */
	int *ret_failure;
};

/** How a value is kept. */
struct cor_cache_putting {
	/** How long. 0: as the cache says; COR_FOREVER: until it must go. */
	int64_t ttl_ms;
	/** Only if there is none, or one, or the same one still. */
	enum cor_put how;
	uint64_t version;
};

/* clang-format off */

/**
 * Get a struct, which is zeroed first:
 *
 *     int cor_cache_get(ctx, &cache, schema, &ret, COR_KEY(...), options...);
 *
 * The options are members of struct cor_cache_getting. Returns 0; -ENOENT: it is not there;
 * -ENOMEM; -ECANCELED and -ETIMEDOUT of the request; -EINVAL: the service has no such cache, or it
 * is a job in a process of a pool, which has none; or the template is wrong; -COR_ETABLE: no
 * operation has the schema, and .schemas lacks it. A handler can return the last two: they stand
 * for a problem that says what is wrong.
 */
#define cor_cache_get(ctx, cache, schema_, ret, ...) \
	COR_CACHE_GET_(ctx, cache, schema_, ret, __VA_ARGS__, )
#define COR_CACHE_GET_(ctx_, cache_, schema_, ret_, key_, ...) \
	cor_cache_get_struct((ctx_), (cache_), &(schema_).schema, sizeof *(schema_).type, \
		COR_TYPED_RET_(ret_, schema_), COR_KEYED_(key_), \
		&(const struct cor_cache_getting){ __VA_ARGS__ })

/**
 * Keep a copy of a struct:
 *
 *     int cor_cache_put(ctx, &cache, schema, &value, COR_KEY(...), options...);
 *
 * A compound literal with commas stands in parentheses: (&(struct price){ 1250, "EUR" }).
 *
 * The options are members of struct cor_cache_putting: .ttl_ms. Returns 0 and codes as
 * cor_store_put(); also -COR_EINVALID: the value has no JSON, and -COR_ETABLE as above. If it could
 * not be kept, what was there is not there any more, as far as the store can be reached.
 */
#define cor_cache_put(ctx, cache, schema_, value, ...) \
	COR_CACHE_PUT_(ctx, cache, schema_, value, __VA_ARGS__, )
#define COR_CACHE_PUT_(ctx_, cache_, schema_, value_, key_, ...) \
	cor_cache_put_struct((ctx_), (cache_), &(schema_).schema, COR_TYPED_(value_, schema_), \
		COR_KEYED_(key_), &(const struct cor_cache_putting){ __VA_ARGS__ })

/** The same with bytes: cor_cache_get_bytes(ctx, &cache, &str, COR_KEY(...), options...). */
#define cor_cache_get_bytes(ctx, cache, ret_bytes, ...) \
	COR_CACHE_GET_BYTES_(ctx, cache, ret_bytes, __VA_ARGS__, )
#define COR_CACHE_GET_BYTES_(ctx_, cache_, ret_, key_, ...) \
	cor_cache_get_str((ctx_), (cache_), (ret_), COR_KEYED_(key_), \
		&(const struct cor_cache_getting){ __VA_ARGS__ })

/** cor_cache_put_bytes(ctx, &cache, str, COR_KEY(...), options...). */
#define cor_cache_put_bytes(ctx, cache, bytes, ...) \
	COR_CACHE_PUT_BYTES_(ctx, cache, bytes, __VA_ARGS__, )
#define COR_CACHE_PUT_BYTES_(ctx_, cache_, bytes_, key_, ...) \
	cor_cache_put_str((ctx_), (cache_), (bytes_), COR_KEYED_(key_), \
		&(const struct cor_cache_putting){ __VA_ARGS__ })

/**
 * Get several structs of one type: rets[i] is what is under keys[i], and found[i] says whether
 * there is one; the others are zeroed.
 *
 *     ssize_t cor_cache_get_many(ctx, &cache, schema, rets, found, keys, len);
 *
 * Returns how many were found, or a code as cor_cache_get().
 */
#define cor_cache_get_many(ctx, cache, schema_, rets, found, keys, len) \
	cor_cache_get_structs((ctx), (cache), &(schema_).schema, sizeof *(schema_).type, \
		COR_TYPED_RET_(rets, schema_), (found), (keys), (len))

/* What is no template does not compile: what would be called, by nobody, says what to write. */
#define COR_KEYED_(key_) \
	_Generic((key_), struct cor_template: (key_), default: COR_UNKEYED_(key_))
#define COR_UNKEYED_(key_) \
	((void)sizeof(((struct { \
		int (*the_key_is_not_made_by_COR_KEY)(struct cor_template); \
	} *)0)->the_key_is_not_made_by_COR_KEY(key_)), (struct cor_template){ 0 })

/* clang-format on */

/** Drop it. Returns 0, -ENOENT, -EINVAL, or codes as cor_store_delete(). */
COR_API int cor_cache_delete(
	struct cor_ctx *ctx, const struct cor_cache *cache, struct cor_template key) COR_CHECKED;

/** Let it live for `ttl_ms` from now on: 0: as the cache says; COR_FOREVER. Returns as above. */
COR_API int cor_cache_touch(struct cor_ctx *ctx, const struct cor_cache *cache,
	struct cor_template key, int64_t ttl_ms) COR_CHECKED;

/**
 * Add to a number, exactly, whoever else does so at the same time: cor_store_add() says how.
 * `first_ttl_ms` is how long it lives if it is made now. Numbers are found by this call alone:
 * adding 0 reads one.
 */
COR_API int cor_cache_add(struct cor_ctx *ctx, const struct cor_cache *cache,
	struct cor_template key, int64_t by, int64_t first_ttl_ms,
	uint64_t *ret_number) COR_CHECKED;

/** Drop everything in it. Returns 0, -EINVAL, or codes as cor_store_clear(). */
COR_API int cor_cache_clear(struct cor_ctx *ctx, const struct cor_cache *cache) COR_CHECKED;

/**
 * What is under it: for bytes and keys as they are, and what store.h can besides. It is this
 * process's, for as long as the service runs. NULL: the service has no such cache. Never yields.
 */
COR_API struct cor_store *cor_cache_store(struct cor_ctx *ctx, const struct cor_cache *cache);

/** The functions behind the macros. */
COR_API int cor_cache_get_struct(struct cor_ctx *ctx, const struct cor_cache *cache,
	const struct cor_schema *schema, size_t bytes, void *ret, struct cor_template key,
	const struct cor_cache_getting *options) COR_CHECKED;
COR_API int cor_cache_put_struct(struct cor_ctx *ctx, const struct cor_cache *cache,
	const struct cor_schema *schema, const void *value, struct cor_template key,
	const struct cor_cache_putting *options) COR_CHECKED;
COR_API int cor_cache_get_str(struct cor_ctx *ctx, const struct cor_cache *cache,
	struct cor_str *ret, struct cor_template key,
	const struct cor_cache_getting *options) COR_CHECKED;
COR_API int cor_cache_put_str(struct cor_ctx *ctx, const struct cor_cache *cache,
	struct cor_str bytes, struct cor_template key,
	const struct cor_cache_putting *options) COR_CHECKED;
COR_API ssize_t cor_cache_get_structs(struct cor_ctx *ctx, const struct cor_cache *cache,
	const struct cor_schema *schema, size_t bytes, void *rets, bool *found,
	const struct cor_template *keys, size_t len) COR_CHECKED;

COR_END_DECLS
#endif
