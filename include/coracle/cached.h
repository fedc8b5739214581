/* SPDX-License-Identifier: MIT */
/**
 * Functions whose results are kept: what cachetools' @cached is in Python.
 *
 *     static int get_sum(struct cor_ctx *ctx, const struct pair *in, struct sum *out);
 *
 *     COR_CACHED(get_sum_cached, get_sum, &sums, pair_schema, sum_schema);
 *
 * get_sum_cached() is called as get_sum() is. The key is made of the names of the file and of
 * the function and of all of `in`, by its schema; one with a NULL in a row with a .fallback has
 * none, and is made each time. Or by hand, with a key of one's own:
 *
 *     static int load_price(struct cor_ctx *ctx, const void *id, void *price);
 *
 *     rc = cor_cache_load(ctx, &prices, price_schema, price, load_price, &id,
 *             COR_KEY("price/{}", id));
 *
 * Of many that ask for the same at the same time one calls the function, and the others wait for
 * what it gets (single flight): all fibers and threads of the process; of a cache in shared memory,
 * in files or in memcached all workers, too, for ten seconds at most, as the one may be dead. If it
 * fails, those that wait fail as it did. But if it was canceled, or its own time was over, the next
 * of them calls. A function that asks for its own result, in a group, too, is called: it would wait
 * for itself.
 *
 * A result that was made without the cache, because that fails, is as good: no call fails because
 * of its cache.
 *
 * Failures are not kept, but for .missing_ms.
 *
 * A service knows the functions of COR_CACHED() whose cache it lists in .caches, wherever they are
 * in the program and in the shared libraries that are loaded when it starts: it checks their tables
 * and their times, and nothing else need name them. A table that only cor_cache_load() names goes
 * into .schemas of the service.
 *
 * What a function has used can be named, and what was made of it goes when that changes:
 *
 *     static int find_price(struct cor_ctx *ctx, const struct book_ref *ref, struct price *price)
 *     {
 *             int rc = cor_cache_tag(ctx, COR_KEY("book/{}", ref->id));
 *             ...
 *     }
 *
 *     rc = cor_cache_forget_tag(ctx, &prices, COR_KEY("book/{}", ref->id));
 */
#ifndef CORACLE_CACHED_H
#define CORACLE_CACHED_H

#include <coracle/cache.h>

COR_BEGIN_DECLS

#define COR_CACHE_STALE_MS_MAX (INT64_C(1000) * 3600 * 24 * 365) /* a year */

/** How results are kept. All zero: as long as the cache says, and none that is too old. */
struct cor_cached_rules {
	/** How long a result is fresh. 0: as the cache says; COR_FOREVER. */
	int64_t ttl_ms;
	/**
	 * For so long behind that it may still be given out: while one makes a new one, or if that
	 * fails. 0: never; COR_CACHE_STALE_MS_MAX at most.
	 */
	int64_t stale_ms;
	/**
	 * How long it is kept that there is nothing: the function has returned -ENOENT, or a
	 * problem with the status 404 or 410. 0: not at all.
	 */
	int64_t missing_ms;
	/**
	 * Make a new one shortly before the old one ends, now and then, the more often the longer
	 * it takes to make: so that not all who ask find it gone at the same moment (Vattani and
	 * others, "Optimal Probabilistic Cache Stampede Prevention", 2015).
	 */
	bool refreshes_early;
	/** Each caller that finds nothing calls, as lru_cache of Python does. */
	bool is_many_flights;
};

/** A function with its cache: made by COR_CACHED(). */
struct cor_cached {
	const char *name;
	const struct cor_cache *cache;
	const struct cor_schema *in;
	const struct cor_schema *out;
	size_t out_bytes;
	int (*load)(struct cor_ctx *ctx, const void *in, void *out);
	struct cor_cached_rules rules;
};

/** How the program knows of one: by COR_CACHED(), before main() or by dlopen(). */
struct cor_cached_known {
	const struct cor_cached *cached;
	struct cor_cached_known *next; /* the library's */
};

/* clang-format off */

/**
 * Define `name`, a static function that is called as `f` is, an operation's handler: int f(struct
 * cor_ctx *ctx, const struct in *in, struct out *out). Options are members of struct
 * cor_cached_rules. cor_cached_forget() drops one of its results.
 *
 * `name` returns what `f` does, or as cor_cache_load(). Both schemas may be COR_NONE, COR_TEXT and
 * COR_BYTES, too.
 */
#define COR_CACHED(name_, f_, cache_, in_schema, ...) \
	COR_CACHED_(name_, f_, cache_, in_schema, __VA_ARGS__, )
#define COR_CACHED_(name_, f_, cache_, in_, out_, ...) \
	typedef int (*name_##_type_)(struct cor_ctx *, const __typeof__(*(in_).type) *, \
		__typeof__(*(out_).type) *); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&f_), name_##_type_), \
		"the function must be int " #f_ "(struct cor_ctx *, const (the type of " #in_ \
		") *, (the type of " #out_ ") *)"); \
	static int name_##_load_(struct cor_ctx *ctx, const void *in, void *out) \
	{ \
		name_##_type_ typed_ = f_; \
		return typed_(ctx, in, out); \
	} \
	static const struct { \
		struct cor_cached cached; \
		__typeof__((in_).type) type; \
	} name_##_kept_ = { .cached = { \
		.name = __FILE_NAME__ ":" #name_, .cache = (cache_), \
		.in = &(in_).schema, .out = &(out_).schema, \
		.out_bytes = sizeof *(out_).type, .load = name_##_load_, \
		.rules = { __VA_ARGS__ } } }; \
	static struct cor_cached_known name_##_known_ = { .cached = &name_##_kept_.cached }; \
	__attribute__((constructor)) static void name_##_know_(void) \
	{ \
		cor_cached_know(&name_##_known_); \
	} \
	__attribute__((destructor)) static void name_##_unknow_(void) \
	{ \
		cor_cached_unknow(&name_##_known_); \
	} \
	static int name_(struct cor_ctx *ctx, const __typeof__(*(in_).type) *in, \
		__typeof__(*(out_).type) *out) \
	{ \
		return cor_cached_call(ctx, &name_##_kept_.cached, in, out); \
	}

/**
 * Get a struct from the cache, or else by load(ctx, arg, ret), which gets *ret zeroed:
 *
 *     int cor_cache_load(ctx, &cache, schema, &ret, load, arg, COR_KEY(...), options...);
 *
 * The options are members of struct cor_cached_rules. Yields as load() and the store do. Returns 0;
 * what load() has returned, for whoever waited for it, too, with its problem; -ENOMEM; -ECANCELED
 * and -ETIMEDOUT of the request; -EINVAL and -COR_ETABLE as cor_cache_get(), the former also for a
 * time below 0 or a .stale_ms of more than a year.
 */
#define cor_cache_load(ctx, cache, schema_, ret, load, arg, ...) \
	COR_CACHE_LOAD_(ctx, cache, schema_, ret, load, arg, __VA_ARGS__, )
#define COR_CACHE_LOAD_(ctx_, cache_, schema_, ret_, load_, arg_, key_, ...) \
	cor_cache_load_struct((ctx_), \
		&(const struct cor_cached){ .cache = (cache_), .out = &(schema_).schema, \
			.out_bytes = sizeof *(schema_).type, .load = (load_), \
			.rules = { __VA_ARGS__ } }, \
		(arg_), COR_TYPED_RET_(ret_, schema_), COR_KEYED_(key_))

#define COR_CACHE_TAGS_MAX 16 /* of a result */

/**
 * In a function or an operation (answer_cache.h) whose result is kept: name something that the
 * result depends on. Name it before you read it: then a change that happens meanwhile leaves no
 * old result behind. It counts for all that is being made with it: for that of a function, and for
 * that of the function or the operation which calls it, also where the result was in the cache. A
 * job of cor_offload() has a ctx of its own and tags nothing: name it before the job is given.
 *
 * Yields as the store does. Returns 0, also where nothing is kept or the cache fails (the result is
 * then not kept); -EINVAL: the template is wrong; -COR_ETOOLARGE: the result has
 * COR_CACHE_TAGS_MAX tags already, or the tag is too long for a key: recorded as a problem, and the
 * result is not kept.
 */
COR_API int cor_cache_tag(struct cor_ctx *ctx, struct cor_template tag) COR_CHECKED;

/**
 * Drop all results of a cache that have that tag: for all workers, and all machines that share it.
 * Call it when the change is done. Who asks after it has returned gets nothing that was made of
 * what was there before; other machines may have copies for .near_ttl_ms more.
 *
 * Yields as the store does. Returns 0, also where nothing has it; -EINVAL; and codes as
 * cor_store_delete(): then what is there may be given out still.
 */
COR_API int cor_cache_forget_tag(struct cor_ctx *ctx, const struct cor_cache *cache,
	struct cor_template tag) COR_CHECKED;

/**
 * Drop the result for some arguments, in the file that has the COR_CACHED():
 *
 *     rc = cor_cached_forget(ctx, get_sum_cached, &(struct pair){ 1, 2 });
 *
 * Another struct than that of the function does not compile. Yields as the store does. Returns 0;
 * -ENOENT: nothing is kept for them; -EINVAL: the service has no such cache; -COR_ETABLE as
 * cor_cache_get(), and codes as cor_store_delete().
 */
#define cor_cached_forget(ctx, name_, ...) \
	cor_cached_forget_struct((ctx), &name_##_kept_.cached, \
		COR_TYPED_((__VA_ARGS__), name_##_kept_))

/* clang-format on */

/** The functions behind the macros. */
COR_API void cor_cached_know(struct cor_cached_known *known);
COR_API void cor_cached_unknow(struct cor_cached_known *known);
COR_API int cor_cached_call(struct cor_ctx *ctx, const struct cor_cached *cached, const void *in,
	void *out) COR_CHECKED;
COR_API int cor_cached_forget_struct(
	struct cor_ctx *ctx, const struct cor_cached *cached, const void *in) COR_CHECKED;
COR_API int cor_cache_load_struct(struct cor_ctx *ctx, const struct cor_cached *cached,
	const void *arg, void *ret, struct cor_template key) COR_CHECKED;

COR_END_DECLS
#endif
