/* SPDX-License-Identifier: MIT */
/* The calls of cached.h. */
#include <coracle/cached.h>

#include <errno.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "cache/fetch.h"
#include "cache/known.h"
#include "cache/load.h"
#include "cache/outcome.h"
#include "context/context.h"
#include "schema/encode.h"

static int check_rules(struct cor_ctx *ctx, const struct cor_cached *cached)
{
	const char *fault = cor_cached_fault(cached);

	return fault ? cor_cache_misused(ctx, -EINVAL, "a cached function%s%s %s",
			       cached->name ? " " : "", cached->name ? cached->name : "", fault)
		     : 0;
}

/* --- a function's result --- */

struct result {
	const struct cor_cached *cached;
	const void *arg;
	void *ret;
};

static int make(struct cor_ctx *ctx, void *self)
{
	const struct result *result = self;

	memset(result->ret, 0, result->cached->out_bytes);
	return result->cached->load(ctx, result->arg, result->ret);
}

static int write(struct cor_ctx *ctx, struct cor_cache_here *here, void *self,
	struct cor_mark *mark, struct cor_buffer *buffer)
{
	const struct result *result = self;

	return cor_cache_encode_value(ctx, here, result->cached->out, result->ret, mark, buffer);
}

static int read(struct cor_ctx *ctx, struct cor_cache_here *here, void *self,
	const struct cor_fetched *fetched, int *ret_rc)
{
	const struct result *result = self;

	return cor_outcome_read(ctx, here, result->cached, fetched, result->ret, ret_rc);
}

static const struct cor_load_ops result_ops = { .make = make, .write = write, .read = read };

/* `key` is NULL where it can have none, for the code `why`. */
static int load(struct cor_ctx *ctx, struct cor_cache_here *here, const struct cor_cached *cached,
	const struct cor_cache_key *key, int why, const void *arg, void *ret)
{
	struct result result = { cached, arg, ret };
	struct cor_loading loading = {
		.ops = &result_ops, .rules = &cached->rules, .self = &result
	};

	if (why == -COR_ETOOLARGE)
		cor_cache_tell_long_key(ctx, here);
	return key ? cor_load(ctx, here, &loading, key) : cor_load_unkept(ctx, here, &loading);
}

int cor_cache_load_struct(struct cor_ctx *ctx, const struct cor_cached *cached, const void *arg,
	void *ret, struct cor_template template)
{
	struct cor_cache_here *here = cor_cache_of(ctx, cached->cache);
	struct cor_cache_key key;
	int rc = here ? check_rules(ctx, cached) : -EINVAL;

	if (rc == 0)
		rc = cor_cache_key_of(ctx, template, &key);
	if (rc == 0)
		return load(ctx, here, cached, &key, 0, arg, ret);
	memset(ret, 0, cached->out_bytes);
	return rc == -COR_ETOOLARGE ? load(ctx, here, cached, NULL, rc, arg, ret) : rc;
}

/* All of an input that is no table: behind a sign that no name has. */
static int append_body(struct cor_cache_key *key, const struct cor_str *body)
{
	int rc = cor_cache_key_append(key, COR_STR("="));

	return rc < 0 ? rc : cor_cache_key_append(key, *body);
}

static int append_name(const struct cor_cached *cached, struct cor_cache_key *key)
{
	const char *const parts[] = { cached->name, "(", cached->in->symbol, ")",
		cached->out->symbol };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof parts / sizeof parts[0]; i++)
		rc = cor_cache_key_append(key, cor_str(parts[i]));
	return rc;
}

/*
 * Its name, its tables and all arguments: "sums.c:get_sum(pair_schema)sum_schema{"a":1,"b":2}",
 * "texts.c:shout(cor_text)cor_text=hello". Files of two folders may have one name, and so their
 * functions. What has no JSON has no key, and so a NULL that would pass for its .fallback.
 */
static int make_key(struct cor_ctx *ctx, const struct cor_cached *cached, const void *in,
	struct cor_cache_key *ret)
{
	struct cor_buffer json = { .limit = COR_CACHE_KEY_BYTES };
	struct cor_codec *codec = cor_ctx_codec(ctx);
	int rc = 0;

	if (cached->in->media == COR_MEDIA_JSON)
		rc = codec ? cor_encode_to_keep(codec, cached->in, in, &json) : -COR_ETABLE;
	ret->len = 0;
	if (rc == 0)
		rc = append_name(cached, ret);
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
		return load(ctx, here, cached, &key, 0, in, out);
	memset(out, 0, cached->out_bytes);
	return rc == -COR_ETOOLARGE || rc == -COR_EINVALID
		       ? load(ctx, here, cached, NULL, rc, in, out)
		       : rc;
}

int cor_cached_forget_struct(struct cor_ctx *ctx, const struct cor_cached *cached, const void *in)
{
	struct cor_cache_here *here = cor_cache_of(ctx, cached->cache);
	struct cor_cache_key key;
	int rc = here ? make_key(ctx, cached, in, &key) : -EINVAL;

	if (rc < 0)
		return rc == -COR_ETOOLARGE || rc == -COR_EINVALID ? -ENOENT : rc;
	return cor_cache_returned(
		ctx, here, cor_store_delete(here->store, cor_cache_key_str(&key)));
}
