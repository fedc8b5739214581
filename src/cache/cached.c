/* SPDX-License-Identifier: MIT */
/* The calls of cached.h. */
#include <coracle/cached.h>

#include <errno.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "cache/fetch.h"
#include "cache/load.h"
#include "context/context.h"
#include "schema/encode.h"

/* A time below 0 would keep a value that is never found, or none, and say nothing. */
static int check_rules(struct cor_ctx *ctx, const struct cor_cached *cached)
{
	const struct cor_cached_rules *rules = &cached->rules;

	if (rules->ttl_ms >= 0 && rules->stale_ms >= 0 && rules->missing_ms >= 0)
		return 0;
	cor_ignore(cor_problem(ctx, 500, -EINVAL,
		"a cached function%s%s has a .ttl_ms, .stale_ms or .missing_ms below 0",
		cached->name ? " " : "", cached->name ? cached->name : ""));
	return -EINVAL;
}

int cor_cache_load_struct(struct cor_ctx *ctx, const struct cor_cached *cached, const void *arg,
	void *ret, struct cor_template template)
{
	struct cor_cache_here *here = cor_cache_of(ctx, cached->cache);
	struct cor_cache_key key;
	int rc = here ? check_rules(ctx, cached) : -EINVAL;

	if (rc == 0)
		rc = cor_cache_key_make(&key, template);
	if (rc == 0)
		return cor_load(ctx, here, cached, &key, arg, ret);
	memset(ret, 0, cached->out_bytes);
	return rc == -COR_ETOOLARGE ? cor_load_unkept(ctx, here, cached, arg, ret) : rc;
}

/* All of an input that is no table: behind a sign that no name has. */
static int append_body(struct cor_cache_key *key, const struct cor_str *body)
{
	int rc = cor_cache_key_append(key, COR_STR("="));

	return rc < 0 ? rc : cor_cache_key_append(key, *body);
}

/* Its name and all arguments: "sums.c:get_sum{"a":1,"b":2}", "texts.c:shout=hello". */
static int make_key(struct cor_ctx *ctx, const struct cor_cached *cached, const void *in,
	struct cor_cache_key *ret)
{
	struct cor_buffer json = { .limit = COR_CACHE_KEY_BYTES };
	struct cor_codec *codec = cor_ctx_codec(ctx);
	int rc = 0;

	if (cached->in->media == COR_MEDIA_JSON)
		rc = codec ? cor_encode_append(codec, cached->in, COR_USE_WHOLE, in, &json, NULL)
			   : -COR_ETABLE;
	ret->len = 0;
	if (rc == 0)
		rc = cor_cache_key_append(ret, cor_str(cached->name));
	if (rc == 0)
		rc = cor_cache_key_append(ret, (struct cor_str){ json.data, json.len });
	if (rc == 0 &&
		(cached->in->media == COR_MEDIA_TEXT || cached->in->media == COR_MEDIA_BYTES))
		rc = append_body(ret, in);
	cor_buffer_finish(&json);
	return rc == -COR_ETABLE ? cor_ctx_unlisted(ctx, cached->in->symbol) : rc;
}

int cor_cached_call(struct cor_ctx *ctx, const struct cor_cached *cached, const void *in, void *out)
{
	struct cor_cache_here *here = cor_cache_of(ctx, cached->cache);
	struct cor_cache_key key;
	int rc = here ? check_rules(ctx, cached) : -EINVAL;

	if (rc == 0)
		rc = make_key(ctx, cached, in, &key);
	if (rc == 0)
		return cor_load(ctx, here, cached, &key, in, out);
	memset(out, 0, cached->out_bytes);
	return rc == -COR_ETOOLARGE || rc == -COR_EINVALID
		       ? cor_load_unkept(ctx, here, cached, in, out)
		       : rc;
}

int cor_cached_forget(struct cor_ctx *ctx, const struct cor_cached *cached, const void *in)
{
	struct cor_cache_here *here = cor_cache_of(ctx, cached->cache);
	struct cor_cache_key key;
	int rc = here ? make_key(ctx, cached, in, &key) : -EINVAL;

	if (rc < 0)
		return rc == -COR_ETOOLARGE || rc == -COR_EINVALID ? -ENOENT : rc;
	return cor_cache_told(ctx, here, cor_store_delete(here->store, cor_cache_key_str(&key)));
}
