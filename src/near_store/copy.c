/* SPDX-License-Identifier: MIT */
#include "near_store/copy.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "runtime/clock.h"
#include "segment/counter.h"

static _Atomic uint64_t *kept_at(struct cor_near *near, const _Atomic uint64_t *counter)
{
	return &near->kept[counter - near->changes->counters];
}

/* --- find --- */

static int find(struct cor_near *near, struct cor_str key, uint64_t count, struct cor_arena *arena,
	struct cor_item *ret)
{
	struct cor_near_head head;
	struct cor_item copy;
	int rc = cor_store_get(near->copies, key, arena, &copy);

	if (rc < 0)
		return rc;
	memcpy(&head, copy.value.data, sizeof head);
	if (head.count != count) {
		cor_count_shared(&near->refused, 1);
		cor_ignore(cor_store_delete(near->copies, key));
		return -ENOENT;
	}
	*ret = (struct cor_item){
		.value = { copy.value.data + sizeof head, copy.value.len - sizeof head },
		.ttl_ms = head.longer_ms == COR_FOREVER ? COR_FOREVER
							: copy.ttl_ms + head.longer_ms,
		.version = head.version,
		.is_near = true,
	};
	return 0;
}

int cor_near_find(struct cor_near *near, struct cor_str key, struct cor_arena *arena,
	struct cor_item *ret, struct cor_near_asking *ret_asking)
{
	const _Atomic uint64_t *counter = cor_near_counter(near->changes, key);
	uint64_t count = cor_near_count(counter);
	bool may_count = atomic_load_explicit(kept_at(near, counter), memory_order_relaxed) ==
			 count;
	int rc = may_count ? find(near, key, count, arena, ret) : -ENOENT;

	if (rc < 0)
		*ret_asking = (struct cor_near_asking){ near, key, count, cor_monotonic_ns() };
	return rc;
}

/* --- keep --- */

/* Of a time that began when it was asked for: what is left, rounded down. */
static int64_t rest_ms(int64_t ttl_ms, int64_t passed_ms)
{
	return ttl_ms == COR_FOREVER ? COR_FOREVER : ttl_ms - passed_ms;
}

static void keep(struct cor_near *near, struct cor_str key, const struct cor_near_head *head,
	struct cor_str value, int64_t ttl_ms)
{
	size_t len = sizeof *head + value.len;
	char *copy = malloc(len);

	if (!copy)
		return;
	memcpy(copy, head, sizeof *head);
	if (value.len != 0)
		memcpy(copy + sizeof *head, value.data, value.len);
	const struct cor_item kept = { .value = { copy, len }, .ttl_ms = ttl_ms };
	cor_ignore(cor_store_put(near->copies, key, &kept, COR_PUT_ALWAYS));
	atomic_store_explicit(kept_at(near, cor_near_counter(near->changes, key)), head->count,
		memory_order_relaxed);
	free(copy);
}

void cor_near_keep(const struct cor_near_asking *asking, const struct cor_item *item)
{
	struct cor_near *near = asking->near;
	int64_t passed_ms = (cor_monotonic_ns() - asking->asked_ns) / COR_NS_PER_MS + 1;
	int64_t store_ms = rest_ms(item->ttl_ms, passed_ms);
	int64_t near_ms = rest_ms(near->copies_cache.ttl_ms, passed_ms);
	int64_t ttl_ms = near_ms < store_ms ? near_ms : store_ms;
	const struct cor_near_head head = {
		.count = asking->count,
		.version = item->version,
		.longer_ms = store_ms == COR_FOREVER ? COR_FOREVER : store_ms - ttl_ms,
	};

	if (ttl_ms > 0 && item->value.len <= near->store.cache->value_bytes)
		keep(near, asking->key, &head, item->value, ttl_ms);
}
