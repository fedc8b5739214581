/* SPDX-License-Identifier: MIT */
#include "cache/fetch.h"

#include <errno.h>
#include <inttypes.h>

#include <coracle/error.h>
#include <coracle/log.h>

#include "context/context.h"
#include "schema/encode.h"

/* --- failures --- */

/* What is no failure of the cache: there is nothing, or the caller has asked for what cannot be. */
static bool is_answer(int rc)
{
	return rc >= 0 || rc == -ENOENT || rc == -EEXIST || rc == -ESTALE || rc == -EINVAL ||
	       rc == -ENOMEM || rc == -COR_ETOOLARGE || rc == -EBADMSG || rc == -ERANGE ||
	       rc == -ENOTSUP;
}

int cor_cache_told(struct cor_ctx *ctx, struct cor_cache_here *here, int rc)
{
	bool fails = !is_answer(rc);

	if (fails && cor_scope_error() == rc)
		return rc; /* it is the request that ends */
	if (fails)
		cor_cache_count(ctx, here, COR_CACHE_FAILURES, 1);
	if (fails == atomic_load_explicit(&here->is_failing, memory_order_relaxed) ||
		atomic_exchange(&here->is_failing, fails) == fails)
		return rc;
	if (fails)
		cor_log_warning(ctx, "the cache %s fails, and has nothing until it does not: %s",
			here->cache->name, cor_strerror(rc));
	else
		cor_log_info(ctx, "the cache %s works again", here->cache->name);
	return rc;
}

void cor_cache_tell_unkept(struct cor_ctx *ctx, struct cor_cache_here *here, size_t bytes)
{
	cor_cache_count(ctx, here, COR_CACHE_UNKEPT, 1);
	if (atomic_exchange_explicit(&here->has_told_unkept, true, memory_order_relaxed))
		return;
	if (bytes == 0)
		cor_log_warning(ctx,
			"the cache %s does not keep a value that has no JSON; it is made each time. "
			"This is said once",
			here->cache->name);
	else
		cor_log_warning(ctx,
			"the cache %s does not keep a value of %zu bytes: .value_bytes (%" PRIu32
			"), .bytes or the server allow less. This is said once",
			here->cache->name, bytes, here->filled->value_bytes);
}

/* --- reading --- */

int cor_cache_fetch(struct cor_ctx *ctx, struct cor_cache_here *here, struct cor_str key,
	struct cor_fetched *ret, int *ret_failure)
{
	int rc = cor_store_get(here->store, key, &ctx->arena, &ret->item);

	*ret_failure = 0;
	cor_cache_told(ctx, here, rc);
	if (rc == 0 && !cor_mark_take(&ret->item, &ret->mark)) {
		*ret_failure = -EBADMSG;
		return -ENOENT;
	}
	if (rc == 0 || rc == -ENOENT || rc == -ENOMEM)
		return rc;
	*ret_failure = rc;
	int error = cor_scope_error();
	return error < 0 ? error : -ENOENT;
}

static int decode(
	struct cor_ctx *ctx, const struct cor_schema *schema, struct cor_str json, void *ret)
{
	const struct cor_decode_options options = { .use = COR_USE_WHOLE };
	struct cor_violations violations = { 0 };
	struct cor_codec *codec = cor_ctx_codec(ctx);
	int rc = codec ? cor_decode_text(
				 codec, &ctx->arena, schema, &options, ret, json, &violations)
		       : -COR_ETABLE;

	if (rc == -COR_ETABLE)
		return cor_ctx_unlisted(ctx, schema->symbol);
	return rc == 0 || rc == -ENOMEM ? rc : -EBADMSG;
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
		rc = decode(ctx, schema, fetched->item.value, ret);
	if (rc < 0)
		memset(ret, 0, bytes);
	return rc;
}

/* --- writing --- */

int cor_cache_encode(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_schema *schema, const void *value, struct cor_mark *mark,
	struct cor_buffer *buffer)
{
	struct cor_codec *codec = cor_ctx_codec(ctx);
	int rc = cor_fingerprint_of(&here->all->fingerprints, schema, &mark->fingerprint);

	if (rc < 0)
		return rc;
	cor_buffer_append(buffer, mark, sizeof *mark);
	rc = cor_buffer_error(buffer);
	if (rc == 0)
		rc = codec ? cor_encode_append(codec, schema, COR_USE_WHOLE, value, buffer, NULL)
			   : -COR_ETABLE;
	return rc == -COR_ETABLE ? cor_ctx_unlisted(ctx, schema->symbol) : rc;
}
