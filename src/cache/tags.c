/* SPDX-License-Identifier: MIT */
#include "cache/tags.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/random.h>

#include "cache/fetch.h"
#include "context/context.h"

static const struct cor_schema tagging_key = { .symbol = "tagging" };

struct cor_tagging **cor_tagging_begin(
	struct cor_tagging *tagging, struct cor_ctx *ctx, struct cor_cache_here *here)
{
	struct cor_tagging *const *outer = cor_ctx_find_value(ctx, &tagging_key);
	struct cor_ctx_value *added = cor_arena_alloc(&ctx->arena, sizeof *added);
	struct cor_tagging **collecting = cor_arena_alloc(&ctx->arena, sizeof *collecting);

	tagging->outer = outer ? *outer : NULL;
	tagging->here = here;
	tagging->lives_ms = COR_FOREVER;
	tagging->len = 0;
	tagging->is_spoiled = !added || !collecting;
	if (tagging->is_spoiled)
		return NULL;
	*collecting = tagging;
	*added = (struct cor_ctx_value){
		.next = ctx->values, .schema = &tagging_key, .value = collecting
	};
	ctx->values = added;
	return collecting;
}

void cor_tagging_end(struct cor_tagging **collecting)
{
	if (collecting)
		*collecting = NULL;
}

/* --- generations --- */

static int make_key(struct cor_cache_key *key, struct cor_str name)
{
	key->len = 0;
	int rc = cor_cache_key_append(key, COR_TAG_MARK);
	return rc < 0 ? rc : cor_cache_key_append(key, name);
}

/* It must outlive what has it: else that is gone with it, which does no harm. */
static void prolong(const struct cor_tagging *tagging, const struct cor_cache_key *key,
	const struct cor_item *item)
{
	int64_t ttl_ms = tagging->lives_ms;

	if (item->ttl_ms == COR_FOREVER || item->ttl_ms > ttl_ms)
		return;
	ttl_ms = ttl_ms > COR_FOREVER / 2 ? COR_FOREVER : 2 * ttl_ms;
	cor_ignore(cor_store_touch(tagging->here->store, cor_cache_key_str(key), ttl_ms));
}

/* 0, -ENOENT, or as the store says: itself, as a copy that is near may be old. */
static int read_generation(struct cor_ctx *ctx, const struct cor_tagging *tagging,
	const struct cor_cache_key *key, uint64_t *ret)
{
	struct cor_item item;
	int rc = cor_store_get(
		cor_store_behind(tagging->here->store), cor_cache_key_str(key), &ctx->arena, &item);

	if (rc == 0 && item.value.len != sizeof *ret)
		return -EBADMSG;
	if (rc < 0)
		return rc;
	memcpy(ret, item.value.data, sizeof *ret);
	prolong(tagging, key, &item);
	return 0;
}

static int put_generation(
	const struct cor_tagging *tagging, const struct cor_cache_key *key, uint64_t *ret)
{
	int64_t ttl_ms = tagging->lives_ms;
	const struct cor_item item = {
		.value = { (const char *)ret, sizeof *ret },
		.ttl_ms = ttl_ms > COR_FOREVER / 2 ? COR_FOREVER : 2 * ttl_ms,
	};

	cor_random_fill(ret, sizeof *ret);
	return cor_store_put(tagging->here->store, cor_cache_key_str(key), &item, COR_PUT_NEW);
}

static int find_generation(struct cor_ctx *ctx, const struct cor_tagging *tagging,
	const struct cor_cache_key *key, uint64_t *ret)
{
	int rc = read_generation(ctx, tagging, key, ret);

	if (rc == -ENOENT)
		rc = put_generation(tagging, key, ret);
	return rc == -EEXIST ? read_generation(ctx, tagging, key, ret) : rc;
}

static bool has(const struct cor_tagging *tagging, struct cor_str name)
{
	for (size_t i = 0; i < tagging->len; i++)
		if (cor_str_equal(tagging->names[i], name))
			return true;
	return false;
}

/* 0, or -COR_ETOOLARGE. A cache that fails spoils it, and says nothing more. */
static int add(struct cor_ctx *ctx, struct cor_tagging *tagging, struct cor_str name)
{
	struct cor_cache_key key;
	uint64_t generation;

	if (has(tagging, name))
		return 0;
	if (tagging->len == COR_CACHE_TAGS_MAX || make_key(&key, name) < 0) {
		tagging->is_spoiled = true;
		return -COR_ETOOLARGE;
	}
	const char *copy = cor_arena_copy(&ctx->arena, name.data, name.len);
	int rc = copy ? find_generation(ctx, tagging, &key, &generation) : -ENOMEM;
	cor_cache_told(ctx, tagging->here, rc);
	if (rc < 0) {
		tagging->is_spoiled = true;
		return 0;
	}
	tagging->names[tagging->len] = (struct cor_str){ copy, name.len };
	tagging->generations[tagging->len++] = generation;
	return 0;
}

static int add_to_all(struct cor_ctx *ctx, struct cor_str name)
{
	struct cor_tagging *const *collecting = cor_ctx_find_value(ctx, &tagging_key);
	struct cor_tagging *at = collecting ? *collecting : NULL;
	int rc = 0;

	for (; at; at = at->outer) {
		int added = add(ctx, at, name);
		rc = rc < 0 ? rc : added;
	}
	return rc;
}

int cor_cache_tag(struct cor_ctx *ctx, struct cor_template tag)
{
	struct cor_cache_key name;
	int rc = cor_cache_key_of(ctx, tag, &name);

	if (rc == 0)
		rc = add_to_all(ctx, cor_cache_key_str(&name));
	if (rc == -COR_ETOOLARGE)
		return cor_cache_misused(ctx, rc,
			"cor_cache_tag() was given more than %d tags, or one that is too long: "
			"name a group of them, as \"books\"",
			COR_CACHE_TAGS_MAX);
	return rc;
}

int cor_cache_forget_tag(
	struct cor_ctx *ctx, const struct cor_cache *cache, struct cor_template tag)
{
	struct cor_cache_here *here = cor_cache_of(ctx, cache);
	struct cor_cache_key name = { .len = 0 }, key = { .len = 0 };
	int rc = here ? cor_cache_key_of(ctx, tag, &name) : -EINVAL;

	if (rc == 0)
		rc = make_key(&key, cor_cache_key_str(&name));
	if (rc < 0)
		return rc == -COR_ETOOLARGE ? 0 : rc; /* nothing has it */
	rc = cor_cache_returned(ctx, here, cor_store_delete(here->store, cor_cache_key_str(&key)));
	return rc == -ENOENT ? 0 : rc;
}

/* --- in an entry: of each tag its generation, how long its name is, and that --- */

uint32_t cor_tags_write(const struct cor_tagging *tagging, struct cor_buffer *buffer)
{
	size_t before = buffer->len;

	for (size_t i = 0; i < tagging->len; i++) {
		uint32_t len = (uint32_t)tagging->names[i].len;
		cor_buffer_append(buffer, &tagging->generations[i], sizeof tagging->generations[i]);
		cor_buffer_append(buffer, &len, sizeof len);
		cor_buffer_append_str(buffer, tagging->names[i]);
	}
	return (uint32_t)(buffer->len - before);
}

/* 1, 0 at the end, or -EBADMSG. */
static int next(struct cor_str *rest, uint64_t *ret_generation, struct cor_str *ret_name)
{
	uint32_t len;
	size_t head = sizeof *ret_generation + sizeof len;

	if (rest->len == 0)
		return 0;
	if (rest->len < head)
		return -EBADMSG;
	memcpy(ret_generation, rest->data, sizeof *ret_generation);
	memcpy(&len, rest->data + sizeof *ret_generation, sizeof len);
	if (len > rest->len - head || len > COR_CACHE_KEY_BYTES)
		return -EBADMSG;
	*ret_name = (struct cor_str){ rest->data + head, len };
	rest->data += head + len;
	rest->len -= head + len;
	return 1;
}

struct carried {
	size_t len;
	struct cor_str names[COR_CACHE_TAGS_MAX];
	struct cor_str keys[COR_CACHE_TAGS_MAX];
	uint64_t generations[COR_CACHE_TAGS_MAX];
	struct cor_item now[COR_CACHE_TAGS_MAX];
};

static int read_carried(struct cor_ctx *ctx, struct cor_str text, struct carried *ret)
{
	int rc;

	for (ret->len = 0; ret->len <= COR_CACHE_TAGS_MAX; ret->len++) {
		struct cor_str name;
		uint64_t generation;
		rc = next(&text, &generation, &name);
		if (rc <= 0)
			return rc;
		if (ret->len == COR_CACHE_TAGS_MAX)
			break;
		char *key = cor_alloc(ctx, COR_TAG_MARK.len + name.len);
		if (!key)
			return -ENOMEM;
		memcpy(key, COR_TAG_MARK.data, COR_TAG_MARK.len);
		memcpy(key + COR_TAG_MARK.len, name.data, name.len);
		ret->keys[ret->len] = (struct cor_str){ key, COR_TAG_MARK.len + name.len };
		ret->names[ret->len] = name;
		ret->generations[ret->len] = generation;
	}
	return -EBADMSG;
}

static bool are_now(const struct carried *carried)
{
	for (size_t i = 0; i < carried->len; i++) {
		struct cor_str now = carried->now[i].value;
		if (!now.data || now.len != sizeof carried->generations[i] ||
			memcmp(now.data, &carried->generations[i], now.len) != 0)
			return false;
	}
	return true;
}

static bool is_collected(const struct cor_ctx *ctx)
{
	struct cor_tagging *const *collecting = cor_ctx_find_value(ctx, &tagging_key);

	return collecting && *collecting;
}

/* What was made of it ends with it. */
static void hand_on(struct cor_ctx *ctx, const struct carried *carried)
{
	for (size_t i = 0; i < carried->len; i++)
		cor_ignore(add_to_all(ctx, carried->names[i]));
}

/*
 * What becomes part of a result has its tags named before they are compared, by the store itself:
 * else a copy that is near, or a change between the two, would make an old part of a new result.
 */
static ssize_t get_now(struct cor_ctx *ctx, struct cor_cache_here *here, struct carried *carried)
{
	bool is_part = is_collected(ctx);

	if (is_part)
		hand_on(ctx, carried);
	return cor_store_get_many(is_part ? cor_store_behind(here->store) : here->store,
		carried->keys, carried->len, &ctx->arena, carried->now);
}

int cor_tags_take(
	struct cor_ctx *ctx, struct cor_cache_here *here, uint32_t bytes, struct cor_str *value)
{
	struct carried carried;

	if (bytes > value->len)
		return -EBADMSG;
	int rc = read_carried(ctx, (struct cor_str){ value->data, bytes }, &carried);
	if (rc < 0)
		return rc;
	ssize_t got = get_now(ctx, here, &carried);
	cor_cache_told_several(ctx, here, got, carried.now, carried.len);
	if (got < 0)
		return (int)got;
	if (!are_now(&carried))
		return -ENOENT;
	value->data += bytes;
	value->len -= bytes;
	return 0;
}
