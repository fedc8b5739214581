/* SPDX-License-Identifier: MIT */
#include "cache/lease.h"

#include <errno.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/random.h>

#include "cache/fetch.h"
#include "cache/load.h"
#include "context/context.h"
#include "runtime/clock.h"

#define PAUSE_MS     1 /* between looks, twice as long each time */
#define PAUSE_MAX_MS 16
#define GIVE_BACK_MS 200

/* Other machines have it, too: a copy that is near says nothing of it. */
static struct cor_store *store_of(const struct cor_cache_here *here)
{
	return cor_store_behind(here->store);
}

int cor_lease_take(struct cor_lease *lease, struct cor_ctx *ctx, struct cor_cache_here *here,
	struct cor_str key)
{
	const struct cor_item mine = { { lease->token, sizeof lease->token },
		.ttl_ms = COR_LEASE_MS };

	*lease = (struct cor_lease){ .ctx = ctx, .here = here };
	if (!here->filled->store->is_common || cor_cache_key_append(&lease->key, key) < 0 ||
		cor_cache_key_append(&lease->key, COR_LEASE_MARK) < 0)
		return 0;
	cor_random_fill(lease->token, sizeof lease->token);
	lease->until_ns = cor_clock_after_ms(cor_monotonic_ns(), COR_LEASE_MS);
	int rc = cor_store_put(store_of(here), cor_cache_key_str(&lease->key), &mine, COR_PUT_NEW);
	lease->is_put = rc == 0;
	lease->is_unsure = rc == -ETIMEDOUT || rc == -ECANCELED || rc == -ECONNRESET;
	cor_cache_told(ctx, here, rc);
	return rc == -EEXIST ? rc : 0;
}

/* Whether somebody has the lease yet, and whether it is we. */
static bool is_taken(struct cor_lease *lease, bool *ret_is_ours)
{
	struct cor_item item;
	struct cor_arena arena;
	int rc;

	cor_arena_init(&arena, NULL, 0, 0);
	rc = cor_store_get(store_of(lease->here), cor_cache_key_str(&lease->key), &arena, &item);
	*ret_is_ours = rc == 0 && item.value.len == sizeof lease->token &&
		       memcmp(item.value.data, lease->token, sizeof lease->token) == 0;
	cor_arena_finish(&arena);
	cor_cache_told(lease->ctx, lease->here, rc);
	return rc == 0;
}

int cor_lease_await(struct cor_lease *lease)
{
	int64_t pause_ms = PAUSE_MS;
	bool is_ours;
	int rc = 0;

	while (rc == 0 && is_taken(lease, &is_ours)) {
		rc = cor_sleep_ms(pause_ms);
		pause_ms = pause_ms < PAUSE_MAX_MS ? 2 * pause_ms : pause_ms;
	}
	return rc;
}

void cor_lease_give(struct cor_lease *lease)
{
	bool is_ours = lease->is_put && cor_monotonic_ns() < lease->until_ns;
	struct cor_scope deaf;

	if (!lease->is_put && !lease->is_unsure)
		return;
	cor_scope_shield(&deaf, GIVE_BACK_MS);
	if (is_ours || (is_taken(lease, &is_ours) && is_ours))
		cor_cache_told(lease->ctx, lease->here,
			cor_store_delete(store_of(lease->here), cor_cache_key_str(&lease->key)));
	cor_scope_leave(&deaf);
}
