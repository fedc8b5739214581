/* SPDX-License-Identifier: MIT */
/* Random calls of a store in memory, next to a model; after each, its structure is checked. */
#include "stores.h"

#include <string.h>

#include "runtime/clock.h"
#include "sound.h"

#define KEYS 200

/* What was put last, if it may still be there. */
static struct model {
	bool is_there;
	char letter;
	size_t len;
	int64_t expires_ns;
} models[KEYS];

static uint64_t chance_state = 88172645463325252;

static uint32_t chance(uint32_t below)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return (uint32_t)(chance_state >> 20) % below;
}

/* --- calls --- */

/* Keys of different lengths, some longer than a unit. */
static struct cor_str key_of(uint32_t i)
{
	static char text[COR_CACHE_KEY_BYTES];

	memset(text, 'a' + (int)(i % 26), sizeof text);
	snprintf(text, sizeof text, "%u", i);
	return (struct cor_str){ text, 4 + (i % 10 == 0 ? i * 5 % 1000 : i % 30) };
}

static char value_room[8000];

static struct cor_str value_of(const struct model *model)
{
	memset(value_room, model->letter, model->len);
	return (struct cor_str){ value_room, model->len };
}

static void put_one(uint32_t i)
{
	struct model model = { true, (char)('a' + chance(26)), chance(chance(8) ? 200 : 8000), 0 };
	int64_t ttl_ms = chance(3) ? 1 + chance(50) : COR_FOREVER;
	const struct cor_item item = { .value = value_of(&model), .ttl_ms = ttl_ms };

	model.expires_ns = cor_clock_after_ms(now_ns, ttl_ms);
	assert_int_equal(cor_store_put(store, key_of(i), &item, COR_PUT_ALWAYS), 0);
	models[i] = model;
}

static void get_one(uint32_t i)
{
	struct cor_item item;
	int rc = cor_store_get(store, key_of(i), &arena, &item);

	if (rc == -ENOENT)
		return;
	assert_int_equal(rc, 0);
	assert_true(models[i].is_there && models[i].expires_ns > now_ns);
	assert_int_equal(item.value.len, models[i].len);
	assert_memory_equal(item.value.data, value_of(&models[i]).data, models[i].len);
}

static void call_one(uint32_t i)
{
	switch (chance(20)) {
	case 0:
		if (cor_store_delete(store, key_of(i)) < 0) {
		}
		models[i].is_there = false;
		break;
	case 1:
		if (cor_store_touch(store, key_of(i), 20) == 0)
			models[i].expires_ns = now_ns + 20 * MS;
		break;
	case 2:
		now_ns += chance(5) * MS;
		break;
	case 3 ... 10:
		put_one(i);
		get_one(i);
		break;
	default:
		get_one(i);
	}
	if (chance(3000) == 0) {
		assert_int_equal(cor_store_clear(store), 0);
		memset(models, 0, sizeof models);
	}
}

static void run(struct cor_cache cache, int calls)
{
	cache.name = "model";
	open_store(&cache);
	memset(models, 0, sizeof models);
	for (int i = 0; i < calls; i++) {
		call_one(chance(KEYS));
		if (i % 16 == 0)
			check_shelf(store);
		if (i % 256 == 0)
			cor_arena_reset(&arena);
	}
	close_store();
}

static void any_calls_leave_it_sound(void **state)
{
	(void)state;
	for (enum cor_eviction evicts = 0; evicts <= COR_EVICT_RANDOM; evicts++) {
		run((struct cor_cache){ .bytes = COR_CACHE_BYTES_MIN, .evicts = evicts }, 20000);
		run((struct cor_cache){ .entries = 30, .bytes = 200000, .evicts = evicts }, 5000);
	}
}

static void what_is_kept_is_kept_where_there_is_room(void **state)
{
	int missing = 0;

	(void)state;
	open_store(&(struct cor_cache){ .name = "room" });
	for (uint32_t i = 0; i < KEYS; i++)
		put_one(i);
	for (uint32_t i = 0; i < KEYS; i++) {
		struct cor_item item;

		missing += cor_store_get(store, key_of(i), &arena, &item) < 0;
		get_one(i);
	}
	assert_int_equal(missing, 0);
	check_shelf(store);
	close_store();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_calls_leave_it_sound),
		cmocka_unit_test(what_is_kept_is_kept_where_there_is_room),
	};
	int failed;

	enter_clock();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	leave_clock();
	return failed;
}
