/* SPDX-License-Identifier: MIT */
/* An entry is "BEGAN SEEN JSON", under "session:NAME:HASH". */
#include "cookies/session_entry.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <coracle/base64.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/random.h>

#include "base/number.h"
#include "base/sha256.h"
#include "cache/fetch.h"
#include "context/context.h"
#include "cookies/session.h"

void cor_session_id_make(char ret[COR_SESSION_ID_TEXT + 1])
{
	char bytes[COR_SESSION_ID_BYTES];

	cor_random_fill(bytes, sizeof bytes);
	cor_base64url_print((struct cor_str){ bytes, sizeof bytes }, ret);
	ret[COR_SESSION_ID_TEXT] = '\0';
	explicit_bzero(bytes, sizeof bytes);
}

bool cor_session_id_is(struct cor_str text)
{
	char bytes[COR_SESSION_ID_BYTES];
	size_t len;

	return text.len == COR_SESSION_ID_TEXT && cor_base64url_parse(text, bytes, &len) == 0;
}

/* Where it is kept. */
struct place {
	struct cor_cache_here *here;
	struct cor_store *store;
	struct cor_str key;
};

static int find_place(struct cor_ctx *ctx, const struct cor_session *session, struct cor_str id,
	struct place *ret)
{
	char hash[COR_SHA256_BYTES], text[COR_SESSION_ID_TEXT + 1];
	struct cor_cache_here *here = cor_cache_of(ctx, session->cache);
	struct cor_sha256 sha256;

	if (!here)
		return -EINVAL;
	cor_sha256_begin(&sha256);
	cor_sha256_add(&sha256, id.data, id.len);
	cor_sha256_end(&sha256, (unsigned char *)hash);
	cor_base64url_print((struct cor_str){ hash, sizeof hash }, text);
	const char *key = cor_arena_printf(&ctx->arena, "session:%s:%.*s",
		cor_session_name(session), COR_SESSION_ID_TEXT, text);
	*ret = (struct place){ here, cor_store_behind(here->store), cor_str(key) };
	return key ? 0 : -ENOMEM;
}

/* --- get --- */

static bool take_number(struct cor_str *text, int64_t *ret)
{
	const char *blank = text->len ? memchr(text->data, ' ', text->len) : NULL;
	size_t len = blank ? (size_t)(blank - text->data) : 0;
	uint64_t number;

	if (!blank || cor_number_parse_uint64((struct cor_str){ text->data, len }, &number) < 0 ||
		number > INT64_MAX / 2)
		return false;
	*ret = (int64_t)number;
	text->data += len + 1;
	text->len -= len + 1;
	return true;
}

static bool read_entry(const struct cor_item *item, struct cor_session_entry *ret)
{
	*ret = (struct cor_session_entry){ .json = item->value, .version = item->version };
	return take_number(&ret->json, &ret->began_s) && take_number(&ret->json, &ret->seen_s);
}

int cor_session_entry_get(struct cor_ctx *ctx, const struct cor_session *session, struct cor_str id,
	struct cor_session_entry *ret)
{
	struct cor_item item;
	struct place place;
	int rc = find_place(ctx, session, id, &place);

	*ret = (struct cor_session_entry){ 0 };
	if (rc < 0)
		return rc;
	rc = cor_cache_told(
		ctx, place.here, cor_store_get(place.store, place.key, &ctx->arena, &item));
	bool is_found = rc == 0 && read_entry(&item, ret);
	ret->has_failed = rc < 0 && rc != -ENOENT;
	cor_cache_count(ctx, place.here, is_found ? COR_CACHE_HITS : COR_CACHE_MISSES, 1);
	return is_found ? 1 : rc == -ENOMEM ? rc : rc < 0 && rc == cor_scope_error() ? rc : 0;
}

/* --- put and drop --- */

int cor_session_entry_put(struct cor_ctx *ctx, const struct cor_session *session, struct cor_str id,
	const struct cor_session_entry *entry, enum cor_put how, int64_t ttl_s)
{
	struct cor_item item = { .ttl_ms = (ttl_s > 0 ? ttl_s : 1) * 1000,
		.version = entry->version };
	struct place place;
	int rc = find_place(ctx, session, id, &place);

	if (rc < 0)
		return rc;
	const char *value = cor_arena_printf(&ctx->arena, "%" PRId64 " %" PRId64 " %.*s",
		entry->began_s, entry->seen_s, (int)entry->json.len, entry->json.data);
	if (!value)
		return -ENOMEM;
	item.value = cor_str(value);
	if (item.value.len > place.here->filled->value_bytes) {
		cor_cache_tell_unkept(ctx, place.here, item.value.len);
		return -COR_ETOOLARGE; /* a store would drop what is there */
	}
	rc = cor_cache_returned(ctx, place.here, cor_store_put(place.store, place.key, &item, how));
	cor_cache_count(ctx, place.here, COR_CACHE_PUTS, rc == 0);
	return rc;
}

int cor_session_entry_drop(
	struct cor_ctx *ctx, const struct cor_session *session, struct cor_str id)
{
	struct place place;
	int rc = find_place(ctx, session, id, &place);

	if (rc == 0)
		rc = cor_cache_returned(ctx, place.here, cor_store_delete(place.store, place.key));
	return rc == -ENOENT ? 0 : rc;
}
