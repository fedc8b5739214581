/* SPDX-License-Identifier: MIT */
#include "limit/counted.h"

#include <errno.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>

#include "base/number.h"
#include "runtime/clock.h"

/* Stores may drop an entry up to a second early, and clocks differ a little. */
#define LONGER_MS 2000

/* What a look has found. */
struct found {
	int64_t now_ns; /* since 1970 */
	int64_t full_ns;
	enum cor_put how;
	uint64_t version;
};

static int64_t realtime_ns(void)
{
	struct timespec now = cor_now();

	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t burst_ns(const struct cor_rate *rate)
{
	return (int64_t)rate->burst * rate->interval_ns;
}

static int64_t read_full(struct cor_str text, const struct cor_rate *rate, int64_t now_ns)
{
	uint64_t number;

	if (cor_number_parse_uint64(text, &number) < 0 || number <= (uint64_t)now_ns)
		return now_ns;
	return number - (uint64_t)now_ns > (uint64_t)burst_ns(rate) ? now_ns + burst_ns(rate)
								    : (int64_t)number;
}

static int look(
	struct cor_store *store, struct cor_str key, const struct cor_rate *rate, struct found *ret)
{
	struct cor_arena arena;
	struct cor_item item;
	char first[256];

	cor_arena_init(&arena, first, sizeof first, 0);
	int rc = cor_store_get(store, key, &arena, &item);
	int64_t now_ns = realtime_ns();
	*ret = (struct found){ .now_ns = now_ns, .full_ns = now_ns, .how = COR_PUT_NEW };
	if (rc == 0) {
		ret->full_ns = read_full(item.value, rate, now_ns);
		ret->how = COR_PUT_UNCHANGED;
		ret->version = item.version;
	}
	cor_arena_finish(&arena);
	return rc == -ENOENT ? 0 : rc;
}

static int put(struct cor_store *store, struct cor_str key, const struct cor_rate *rate,
	const struct found *found)
{
	char text[COR_NUMBER_BYTES];
	const struct cor_item item = {
		.value = { text, cor_number_print_uint64((uint64_t)found->full_ns, text) },
		.ttl_ms = burst_ns(rate) / COR_NS_PER_MS + LONGER_MS,
		.version = found->version,
	};

	return cor_store_put(store, key, &item, found->how);
}

static bool is_overtaken(int rc)
{
	return rc == -EEXIST || rc == -ESTALE || rc == -ENOENT;
}

int cor_limit_count(struct cor_store *store, struct cor_str key, const struct cor_rate *rate,
	struct cor_rate_state *ret, struct cor_limit_asked *ret_asked)
{
	int rc = -EAGAIN;

	*ret_asked = (struct cor_limit_asked){ 0 };
	while (rc < 0) {
		struct found found;

		rc = look(store, key, rate, &found);
		bool is_hit = rc == 0 && found.how == COR_PUT_UNCHANGED;
		ret_asked->hits += is_hit;
		ret_asked->misses += !is_hit;
		if (rc < 0)
			return rc;
		struct cor_rate_state state = cor_rate_state_at(
			rate, found.full_ns, found.now_ns, false);
		if (state.next_ns == 0) {
			found.full_ns += rate->interval_ns;
			rc = put(store, key, rate, &found);
			ret_asked->puts += rc == 0;
			state = cor_rate_state_at(rate, found.full_ns, found.now_ns, true);
		}
		if (rc == 0)
			*ret = state;
		if (rc < 0 && !is_overtaken(rc))
			return rc;
		int error = rc < 0 ? cor_scope_error() : 0;
		if (error < 0)
			return error;
	}
	return 0;
}
