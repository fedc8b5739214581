/* SPDX-License-Identifier: MIT */
#include "client/keep.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/random.h>

#include "cache/fetch.h"
#include "client/attempt.h"
#include "client/upstreams.h"

#define MS             1000
#define CHANGE_TTL_MS  300000 /* longer than calls are on their way that began before it */
#define INVALIDATE_MS  1000
#define VARY_BYTES_MAX 1024

/* --- the store --- */

void cor_keep_look(struct cor_answer *answer, const struct cor_kept_key *key, struct cor_kept *ret,
	struct cor_item *ret_item)
{
	struct cor_cache_here *cache = answer->recall->cache;
	struct cor_answer_wait wait;
	struct cor_fetched fetched;
	int failure;

	*ret = (struct cor_kept){ .kind = COR_KEPT_NOTHING };
	*ret_item = (struct cor_item){ 0 };
	cor_answer_begin_wait(answer, &wait, UINT32_MAX, COR_FAILED_TOTAL_TIMEOUT);
	int rc = cor_cache_fetch(answer->ctx, cache, cor_kept_key_str(key), &fetched, &failure);
	cor_scope_leave(&wait.scope); /* whoever has no more time hears of it when it is sent */
	if (rc == 0 || failure == -EBADMSG) /* whatever it is, it can be replaced */
		*ret_item = fetched.item;
	if (rc < 0)
		return;
	if (fetched.mark.kind != COR_MARK_UPSTREAM ||
		cor_kept_read(&answer->ctx->arena, fetched.item.value, ret) < 0)
		*ret = (struct cor_kept){ .kind = COR_KEPT_NOTHING };
}

/* Returns as cor_store_put(). */
static int put(struct cor_answer *answer, const struct cor_kept_key *key,
	const struct cor_kept *kept, struct cor_item *item, enum cor_put how)
{
	struct cor_cache_here *cache = answer->recall->cache;
	struct cor_buffer buffer = { 0 };

	cor_kept_write(kept, &buffer);
	int rc = cor_buffer_error(&buffer);
	item->value = (struct cor_str){ buffer.data, buffer.len };
	if (rc == 0)
		rc = cor_cache_told(answer->ctx, cache,
			cor_store_put(cache->store, cor_kept_key_str(key), item, how));
	if (rc == 0)
		cor_cache_count(answer->ctx, cache, COR_CACHE_PUTS, 1);
	if (rc == -COR_ETOOLARGE)
		cor_cache_tell_unkept(answer->ctx, cache, buffer.len);
	cor_buffer_finish(&buffer);
	return rc;
}

void cor_keep_drop(struct cor_answer *answer, const struct cor_kept_key *key)
{
	struct cor_cache_here *cache = answer->recall->cache;

	cor_ignore(cor_cache_told(
		answer->ctx, cache, cor_store_delete(cache->store, cor_kept_key_str(key))));
}

static uint64_t draw(void)
{
	uint64_t number;

	cor_random_fill(&number, sizeof number);
	return number ? number : 1;
}

/* --- how long it stays --- */

/* While it is fresh, may be stale, or can be asked for again. 0 or less: not at all. */
static int64_t ttl_ms(const struct cor_answer *answer, const struct cor_freshness *it)
{
	int64_t meanwhile_s = it->said.stale_while_revalidate_s, stale_ms = 0;
	int64_t age_ms = cor_freshness_age_ms(it, cor_recall_now_ms());
	int64_t fresh_ms = it->is_validated ? 0 : it->fresh_ms - (age_ms < 0 ? 0 : age_ms);

	if (!it->is_never_stale)
		stale_ms = MS * (it->stale_if_error_s > meanwhile_s ? it->stale_if_error_s
								    : meanwhile_s);
	if (it->etag || it->modified) {
		int64_t again_ms = answer->recall->cache->filled->ttl_ms;
		stale_ms = again_ms > stale_ms ? again_ms : stale_ms;
	}
	if (stale_ms < 0)
		stale_ms = 0;
	return stale_ms == COR_FOREVER || fresh_ms > COR_FOREVER - stale_ms ? COR_FOREVER
									    : fresh_ms + stale_ms;
}

/* --- putting an answer --- */

static bool append_name(struct cor_buffer *names, struct cor_str name)
{
	char lower[128];

	if (name.len == 0 || name.len >= sizeof lower || names->len > VARY_BYTES_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++)
		lower[i] = name.data[i] >= 'A' && name.data[i] <= 'Z' ? (char)(name.data[i] | 0x20)
								      : name.data[i];
	lower[name.len] = '\0';
	if (names->len && cor_names_have((struct cor_str){ names->data, names->len }, lower))
		return true;
	cor_buffer_byte(names, ',');
	cor_buffer_append(names, lower, name.len);
	return true;
}

static bool append_names(struct cor_buffer *names, struct cor_str list)
{
	while (list.len) {
		size_t len = 0;
		while (len < list.len && !strchr(", \t", list.data[len]))
			len++;
		if (len && !append_name(names, (struct cor_str){ list.data, len }))
			return false;
		len += len < list.len;
		list = (struct cor_str){ list.data + len, list.len - len };
	}
	return true;
}

/* Those that the answer names, behind those that others of the URL have named: sorted by age. */
static bool gather_names(
	const struct cor_carrier_answer *head, struct cor_str before, struct cor_buffer *names)
{
	cor_buffer_append_str(names, before);
	for (size_t i = 0; i < head->fields_len; i++)
		if (strcasecmp(head->fields[i].name, "Vary") == 0 &&
			!append_names(names, cor_str(head->fields[i].value)))
			return false;
	return cor_buffer_error(names) == 0;
}

/* Several answers of a URL: the index says by what they differ. */
static void put_indexed(struct cor_answer *answer, struct cor_kept *kept, int64_t ttl,
	struct cor_kept *index, struct cor_item *item, struct cor_str names)
{
	struct cor_recall *recall = answer->recall;
	bool is_there = index->kind == COR_KEPT_INDEX && cor_str_equal(index->vary, names);
	bool was_nothing = index->kind == COR_KEPT_NOTHING && item->version == 0;
	int rc = 0;

	if (!is_there) {
		*index = (struct cor_kept){
			.kind = COR_KEPT_INDEX, .epoch = index->epoch, .generation = draw()
		};
		index->vary = names;
	}
	if (!is_there || item->ttl_ms < ttl) {
		item->ttl_ms = ttl;
		rc = put(answer, &recall->of_url, index, item,
			was_nothing ? COR_PUT_NEW : COR_PUT_UNCHANGED);
	}
	if (rc < 0)
		return;
	cor_kept_key_vary(
		answer, &recall->of_url, index->generation, &recall->identity, names, &recall->at);
	cor_ignore(put(
		answer, &recall->at, kept, &(struct cor_item){ .ttl_ms = ttl }, COR_PUT_ALWAYS));
}

/*
 * What has been changed since it was asked for is not kept: then the epoch is another one, or what
 * the put relies on is no more.
 */
static void put_answer(struct cor_answer *answer, struct cor_kept *kept, int64_t ttl)
{
	struct cor_recall *recall = answer->recall;
	struct cor_buffer names = { 0 };
	struct cor_kept there;
	struct cor_item item;

	cor_keep_look(answer, &recall->of_url, &there, &item);
	kept->epoch = there.epoch;
	bool is_free = there.kind == COR_KEPT_NOTHING || there.epoch == recall->epoch;
	if (is_free && gather_names(&kept->head, there.vary, &names)) {
		if (names.len || recall->identity.is_some || there.kind == COR_KEPT_INDEX) {
			put_indexed(answer, kept, ttl, &there, &item,
				(struct cor_str){ names.data ? names.data : "", names.len });
		} else {
			bool was_nothing = item.version == 0;
			item.ttl_ms = ttl;
			recall->at = recall->of_url;
			cor_ignore(put(answer, &recall->of_url, kept, &item,
				was_nothing ? COR_PUT_NEW : COR_PUT_UNCHANGED));
		}
	}
	cor_buffer_finish(&names);
}

/* --- while it is read --- */

struct cor_gathering {
	struct cor_wire wire;
	struct cor_wire *inner;
	struct cor_answer *answer;
	struct cor_answer_times times;
	struct cor_freshness freshness;
	struct cor_buffer body;
	bool is_whole;
};

static ssize_t receive(struct cor_wire *wire, void *buffer, size_t size)
{
	struct cor_gathering *it = cor_container_of(wire, struct cor_gathering, wire);
	ssize_t n = it->inner->carrier->receive(it->inner, buffer, size);

	if (n > 0)
		cor_buffer_append(&it->body, buffer, (size_t)n);
	if (n < 0)
		it->wire.fault = it->inner->fault;
	if (n == 0 && !it->is_whole) {
		it->is_whole = true;
		if (it->answer->recall->keeps_at_end)
			cor_keep_end(it->answer);
	}
	return n;
}

static void end(struct cor_wire *wire)
{
	struct cor_gathering *it = cor_container_of(wire, struct cor_gathering, wire);

	if (!it->is_whole && it->answer->recall->gathering == it)
		cor_keep_forget(it->answer);
	it->inner->carrier->end(it->inner);
}

static const struct cor_carrier gatherer = { .name = "gatherer", .receive = receive, .end = end };

void cor_keep_forget(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;

	if (recall->gathering)
		cor_buffer_finish(&recall->gathering->body);
	recall->gathering = NULL;
}

static void gather(struct cor_answer *answer, const struct cor_answer_times *times,
	const struct cor_freshness *freshness)
{
	struct cor_recall *recall = answer->recall;
	struct cor_gathering *it = cor_arena_zalloc(&answer->ctx->arena, sizeof *it);

	cor_keep_forget(answer);
	if (!it) /* it is not kept, then */
		return;
	it->wire = (struct cor_wire){ .carrier = &gatherer,
		.request = answer->wire->request,
		.is_reused = answer->wire->is_reused,
		.has_answer = true };
	it->inner = answer->wire;
	it->answer = answer;
	it->times = *times;
	it->freshness = *freshness;
	it->body.limit = recall->cache->filled->value_bytes;
	it->is_whole = answer->head.body_bytes == 0;
	answer->wire = &it->wire;
	recall->gathering = it;
}

static bool may_keep(const struct cor_answer *answer, const struct cor_freshness *freshness)
{
	return freshness->may_be_kept && ttl_ms(answer, freshness) > 0;
}

/* What a newer answer says of the one that is kept (section 4): nothing, if it is of the moment. */
static bool replaces(int status)
{
	return status < 500 && status != 408 && status != 421 && status != 425 && status != 429;
}

void cor_keep_begin(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;
	const struct cor_answer_times times = { recall->asked_ms, cor_recall_now_ms() };
	int64_t most = recall->cache->filled->value_bytes;
	bool is_there = recall->kept.kind == COR_KEPT_ANSWER;
	struct cor_freshness freshness;

	if (answer->has_joined) /* it is for the other one to do */
		return;

	cor_freshness_of(&answer->head, &times, answer->here->upstream->caching, &freshness);
	if (may_keep(answer, &freshness) && answer->head.body_bytes <= most) {
		gather(answer, &times, &freshness);
	} else if (is_there && replaces(answer->head.status)) {
		cor_keep_drop(answer, &recall->at);
		recall->has_kept = false;
	}
	if (answer->head.body_bytes > most && freshness.may_be_kept)
		cor_cache_tell_unkept(answer->ctx, recall->cache, (size_t)answer->head.body_bytes);
}

static void keep(struct cor_answer *answer, struct cor_gathering *it)
{
	struct cor_answer_wait wait;
	struct cor_kept kept = { .kind = COR_KEPT_ANSWER,
		.times = it->times,
		.body = { it->body.data ? it->body.data : "", it->body.len } };

	if (cor_kept_fields(&answer->ctx->arena, &answer->head, &it->freshness.said, &kept.head) <
		0)
		return;
	cor_answer_begin_wait(answer, &wait, UINT32_MAX, COR_FAILED_TOTAL_TIMEOUT);
	put_answer(answer, &kept, ttl_ms(answer, &it->freshness));
	cor_scope_leave(&wait.scope);
}

void cor_keep_end(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;
	struct cor_gathering *it = recall ? recall->gathering : NULL;

	if (!it || !it->is_whole)
		return;
	if (cor_buffer_error(&it->body) == -COR_ETOOLARGE)
		cor_cache_tell_unkept(answer->ctx, recall->cache, (size_t)answer->taken);
	if (cor_buffer_error(&it->body) == 0)
		keep(answer, it);
	else if (recall->kept.kind == COR_KEPT_ANSWER) /* this is the newer one */
		cor_keep_drop(answer, &recall->at);
	cor_keep_forget(answer);
}

/* --- a 304: section 4.3.4 --- */

/* An entity tag without the W/ that makes it weak. */
static const char *opaque(const char *etag)
{
	return etag && strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

static bool is_of_kept(const struct cor_answer *answer)
{
	const struct cor_recall *recall = answer->recall;
	const struct cor_carrier_answer *head = &answer->head, *kept = &recall->kept.head;
	const char *etag = cor_fields_find(head->fields, head->fields_len, "ETag");
	const char *modified = cor_fields_find(head->fields, head->fields_len, "Last-Modified");
	const char *old = cor_fields_find(kept->fields, kept->fields_len, "Last-Modified");

	if (etag)
		return recall->freshness.etag &&
		       strcmp(opaque(etag), opaque(recall->freshness.etag)) == 0;
	return !modified || (old && strcmp(modified, old) == 0);
}

int cor_keep_renew(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;
	struct cor_kept *kept = &recall->kept;
	struct cor_arena *arena = &answer->ctx->arena;
	struct cor_carrier_answer merged;

	if (!is_of_kept(answer))
		return 0;
	if (cor_kept_update(arena, &kept->head, &answer->head, &merged) < 0)
		return -ENOMEM;
	kept->times = (struct cor_answer_times){ recall->asked_ms, cor_recall_now_ms() };
	cor_freshness_of(
		&merged, &kept->times, answer->here->upstream->caching, &recall->freshness);
	kept->head = merged;
	if (answer->has_joined)
		return 1;
	if (may_keep(answer, &recall->freshness)) {
		struct cor_kept renewed = *kept;
		if (cor_kept_fields(arena, &merged, &recall->freshness.said, &renewed.head) < 0)
			return -ENOMEM;
		put_answer(answer, &renewed, ttl_ms(answer, &recall->freshness));
	} else {
		cor_keep_drop(answer, &recall->at);
	}
	return 1;
}

/* --- changes: section 4.4 --- */

static void forget(struct cor_answer *answer, const struct cor_kept_key *key)
{
	const struct cor_kept change = { .kind = COR_KEPT_CHANGE, .epoch = draw() };

	if (put(answer, key, &change, &(struct cor_item){ .ttl_ms = CHANGE_TTL_MS },
		    COR_PUT_ALWAYS) < 0)
		cor_keep_drop(answer, key);
}

static void forget_named(struct cor_answer *answer, const char *name)
{
	const char *reference = cor_fields_find(answer->head.fields, answer->head.fields_len, name);
	struct cor_kept_key key;
	struct cor_url url;
	const char *why;

	if (!reference || cor_url_resolve(&answer->ctx->arena, &answer->message.url,
				  cor_str(reference), &url, &why) < 0)
		return;
	if (!cor_url_same_origin(&url, &answer->message.url) &&
		!(cor_upstream_is_own(answer->here, &url) &&
			cor_upstream_is_own(answer->here, &answer->message.url)))
		return;
	cor_kept_key_of(answer, &url, &key);
	forget(answer, &key);
}

void cor_keep_invalidate(struct cor_answer *answer)
{
	struct cor_scope scope;

	cor_scope_shield(&scope, INVALIDATE_MS); /* it may be just the time that is over */
	forget(answer, &answer->recall->of_url);
	if (answer->head.status) {
		forget_named(answer, "Location");
		forget_named(answer, "Content-Location");
	}
	cor_scope_leave(&scope);
}
