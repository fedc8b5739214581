/* SPDX-License-Identifier: MIT */
#include "cache/fetch.h"

#include <errno.h>
#include <inttypes.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/log.h>

#include "cache/tags.h"
#include "context/context.h"
#include "runtime/clock.h"
#include "schema/encode.h"

/* Without a failure for so long, it does not fail any more. */
#define WORKS_AGAIN_MS 2000

/* --- failures --- */

/* What is no failure of the cache: there is nothing, or the caller has asked for what cannot be. */
static bool is_answer(int rc)
{
	return rc >= 0 || rc == -ENOENT || rc == -EEXIST || rc == -ESTALE || rc == -EINVAL ||
	       rc == -ENOMEM || rc == -COR_ETOOLARGE || rc == -EBADMSG || rc == -ERANGE ||
	       rc == -ENOTSUP;
}

static void tell_failure(struct cor_ctx *ctx, struct cor_cache_here *here, int rc)
{
	cor_cache_count(ctx, here, COR_CACHE_FAILURES, 1);
	atomic_store_explicit(&here->failed_ns, cor_monotonic_ns(), memory_order_relaxed);
	if (!atomic_exchange(&here->is_failing, true))
		cor_log_warning(
			ctx, "the cache %s is failing: %s", here->cache->name, cor_strerror(rc));
}

/* One of several servers may be gone, or the disk be full while reading works. */
static void tell_answer(struct cor_ctx *ctx, struct cor_cache_here *here)
{
	int64_t failed_ns = atomic_load_explicit(&here->failed_ns, memory_order_relaxed);

	if (cor_monotonic_ns() - failed_ns >= WORKS_AGAIN_MS * COR_NS_PER_MS &&
		atomic_exchange(&here->is_failing, false))
		cor_log_info(ctx, "the cache %s has recovered", here->cache->name);
}

int cor_cache_told(struct cor_ctx *ctx, struct cor_cache_here *here, int rc)
{
	bool fails = !is_answer(rc);

	if (fails && cor_scope_error() == rc)
		return rc; /* it is the request that ends */
	if (fails)
		tell_failure(ctx, here, rc);
	else if (atomic_load_explicit(&here->is_failing, memory_order_relaxed))
		tell_answer(ctx, here);
	return rc;
}

/* Who ignores the code may have recorded what is to be answered: that stays. */
int cor_cache_returned(struct cor_ctx *ctx, struct cor_cache_here *here, int rc)
{
	const char *name = here->cache->name;

	cor_cache_told(ctx, here, rc);
	if (rc == -ENOTSUP)
		return cor_cache_misused(
			ctx, rc, "the cache %s cannot be cleared where it is", name);
	if (is_answer(rc) || cor_scope_error() == rc || ctx->problem.status != 0)
		return rc;
	return cor_ctx_fail(ctx, 0, rc, cor_printf(ctx, "the cache %s has failed", name));
}

void cor_cache_told_several(struct cor_ctx *ctx, struct cor_cache_here *here, ssize_t got,
	const struct cor_item *items, size_t len)
{
	for (size_t i = 0; got > 0 && i < len; i++)
		if (items[i].is_near)
			return;
	cor_cache_told(ctx, here, got < 0 ? (int)got : 0);
}

void cor_cache_tell_unkept(struct cor_ctx *ctx, struct cor_cache_here *here, size_t bytes)
{
	cor_cache_count(ctx, here, COR_CACHE_UNKEPT, 1);
	if (atomic_exchange_explicit(&here->has_told_unkept, true, memory_order_relaxed))
		return;
	if (bytes == 0)
		cor_log_warning(ctx,
			"the cache %s does not keep a value that has no JSON, or a NULL where its "
			"row has a .fallback; it is made each time. This is said once",
			here->cache->name);
	else
		cor_log_warning(ctx,
			"the cache %s does not keep a value of %zu bytes: .value_bytes (%" PRIu32
			"), .bytes or the server allow less. This is said once",
			here->cache->name, bytes, here->filled->value_bytes);
}

void cor_cache_tell_long_key(struct cor_ctx *ctx, struct cor_cache_here *here)
{
	cor_cache_count(ctx, here, COR_CACHE_UNKEPT, 1);
	if (!atomic_exchange_explicit(&here->has_told_long_key, true, memory_order_relaxed))
		cor_log_warning(ctx,
			"the cache %s does not keep what has a key of more than %d bytes; it is "
			"made each time. This is said once",
			here->cache->name, COR_CACHE_KEY_BYTES);
}

/* It was encoded by the table that now refuses it: answers are not held to their rules. */
static void tell_refused(
	struct cor_ctx *ctx, struct cor_cache_here *here, const struct cor_violations *violations)
{
	const struct cor_violation *first = violations->first;

	cor_cache_count(ctx, here, COR_CACHE_UNKEPT, 1);
	if (atomic_exchange_explicit(&here->has_told_unkept, true, memory_order_relaxed))
		return;
	cor_log_warning(ctx,
		"the cache %s has a value that its own table refuses, so it is never found: %s %s. "
		"This is said once",
		here->cache->name, first ? first->where : "", first ? first->detail : "");
}

/* --- reading --- */

int cor_fetched_open(struct cor_ctx *ctx, struct cor_cache_here *here, struct cor_fetched *fetched)
{
	if (!cor_mark_take(&fetched->item, &fetched->mark))
		return -EBADMSG;
	if (fetched->mark.tags_bytes == 0)
		return 0;
	return cor_tags_take(ctx, here, fetched->mark.tags_bytes, &fetched->item.value);
}

int cor_cache_fetch(struct cor_ctx *ctx, struct cor_cache_here *here, struct cor_str key,
	struct cor_fetched *ret, int *ret_failure)
{
	int rc = cor_store_get(here->store, key, &ctx->arena, &ret->item);

	*ret_failure = 0;
	if (rc < 0 || !ret->item.is_near)
		cor_cache_told(ctx, here, rc);
	if (rc == 0)
		rc = cor_fetched_open(ctx, here, ret);
	if (rc == 0 || rc == -ENOENT || rc == -ENOMEM)
		return rc;
	*ret_failure = rc;
	int error = cor_scope_error();
	return error < 0 ? error : -ENOENT;
}

static int decode_table(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_schema *schema, struct cor_str json, void *ret)
{
	const struct cor_decode_options options = { .use = COR_USE_WHOLE };
	struct cor_violations violations = { 0 };
	struct cor_codec *codec = cor_ctx_codec(ctx);
	int rc = codec ? cor_decode_text(
				 codec, &ctx->arena, schema, &options, ret, json, &violations)
		       : -COR_ETABLE;

	if (rc == -COR_ETABLE)
		return cor_ctx_unlisted(ctx, schema->symbol);
	if (rc == -COR_EINVALID)
		tell_refused(ctx, here, &violations);
	return rc == 0 || rc == -ENOMEM ? rc : -EBADMSG;
}

static int decode(struct cor_ctx *ctx, struct cor_cache_here *here, const struct cor_schema *schema,
	struct cor_str value, void *ret)
{
	if (schema->media == COR_MEDIA_JSON)
		return decode_table(ctx, here, schema, value, ret);
	if (schema->media != COR_MEDIA_NONE)
		*(struct cor_str *)ret = value;
	return 0;
}

int cor_fetched_decode(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_schema *schema, size_t bytes, const struct cor_fetched *fetched, void *ret)
{
	uint64_t fingerprint;
	int rc = cor_fingerprint_of(&here->all->fingerprints, schema, &fingerprint);

	memset(ret, 0, bytes);
	if (rc == 0 &&
		(fetched->mark.kind != COR_MARK_STRUCT || fetched->mark.fingerprint != fingerprint))
		rc = -EBADMSG;
	if (rc == 0)
		rc = decode(ctx, here, schema, fetched->item.value, ret);
	if (rc < 0)
		memset(ret, 0, bytes);
	return rc;
}

/* --- writing --- */

static int encode(struct cor_ctx *ctx, const struct cor_schema *schema, const void *value,
	struct cor_buffer *buffer)
{
	struct cor_codec *codec = cor_ctx_codec(ctx);

	if (schema->media == COR_MEDIA_JSON)
		return codec ? cor_encode_to_keep(codec, schema, value, buffer) : -COR_ETABLE;
	if (schema->media != COR_MEDIA_NONE)
		cor_buffer_append_str(buffer, *(const struct cor_str *)value);
	return cor_buffer_error(buffer);
}

int cor_cache_encode_value(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_schema *schema, const void *value, struct cor_mark *mark,
	struct cor_buffer *buffer)
{
	int rc = cor_fingerprint_of(&here->all->fingerprints, schema, &mark->fingerprint);

	if (rc == 0)
		rc = encode(ctx, schema, value, buffer);
	return rc == -COR_ETABLE ? cor_ctx_unlisted(ctx, schema->symbol) : rc;
}

int cor_cache_encode(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_schema *schema, const void *value, struct cor_mark *mark,
	struct cor_buffer *buffer)
{
	cor_buffer_append(buffer, mark, sizeof *mark);
	int rc = cor_cache_encode_value(ctx, here, schema, value, mark, buffer);
	if (rc == 0)
		memcpy(buffer->data, mark, sizeof *mark);
	return rc;
}
