/* SPDX-License-Identifier: MIT */
/*
 * Copies in front of a store that others have, too. The store is one of the test's, which counts
 * who asks it and lets something happen while it is asked; time is the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/memcached.h>

#include "near_store/changes.h"
#include "runtime/seams.h"
#include "store/open.h"

#define MS   INT64_C(1000000)
#define HOUR (3600 * 1000 * MS)

/* --- the store behind: one in memory, for all who open it --- */

static struct {
	struct cor_store *kept;
	int asked; /* keys that it was asked for */
	int fails; /* with that code */
	void (*meanwhile)(void);
} far;

/* Something happens once, while the answer is on its way. */
static void answer(void)
{
	void (*meanwhile)(void) = far.meanwhile;

	far.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
}

static int far_get(
	struct cor_store *store, struct cor_str key, struct cor_arena *arena, struct cor_item *ret)
{
	(void)store;
	far.asked++;
	int rc = far.fails ? far.fails : cor_store_get(far.kept, key, arena, ret);
	answer();
	return rc;
}

static int far_put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	(void)store;
	int rc = cor_store_put(far.kept, key, item, how);
	return far.fails ? far.fails : rc; /* it has happened, but who knows */
}

static int far_remove(struct cor_store *store, struct cor_str key)
{
	(void)store;
	return cor_store_delete(far.kept, key);
}

static int far_touch(struct cor_store *store, struct cor_str key, int64_t ttl_ms)
{
	(void)store;
	return cor_store_touch(far.kept, key, ttl_ms);
}

static int far_add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret)
{
	(void)store;
	return cor_store_add(far.kept, key, by, first, ret);
}

static int far_clear(struct cor_store *store)
{
	(void)store;
	return cor_store_clear(far.kept);
}

static void far_figures(struct cor_store *store, struct cor_store_figures *ret)
{
	(void)store;
	cor_store_figures(far.kept, ret);
}

static const char *far_fault(struct cor_arena *arena, const struct cor_cache *cache)
{
	(void)arena;
	(void)cache;
	return NULL;
}

static int far_open(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	(void)cache;
	assert_null(place);
	*ret = calloc(1, sizeof **ret);
	return *ret ? 0 : -ENOMEM;
}

static void far_close(struct cor_store *store)
{
	free(store);
}

static const struct cor_store_kind far_store = {
	.name = "far",
	.is_common = true,
	.fault = far_fault,
	.open = far_open,
	.close = far_close,
	.get = far_get,
	.put = far_put,
	.remove = far_remove,
	.touch = far_touch,
	.add = far_add,
	.clear = far_clear,
	.figures = far_figures,
};

/* --- two workers of a machine, and another machine --- */

static struct stage {
	struct cor_clock clock;
	int64_t mono_ns, real_ns;
	struct cor_thread_seams seams;
	struct cor_arena arena;
	struct cor_near_changes *changes;
	struct cor_store *one, *two; /* workers */
	struct cor_store *other;     /* which has no copies, and tells nobody */
} stage;

static int64_t monotonic_ns(const struct cor_clock *clock)
{
	(void)clock;
	return stage.mono_ns;
}

static int64_t realtime_ns(const struct cor_clock *clock)
{
	(void)clock;
	return stage.real_ns;
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	(void)clock;
	stage.mono_ns = due_ns;
}

static const struct cor_cache kept_cache = { .name = "kept" };
static const struct cor_cache far_cache = { .name = "far", .store = &far_store, .ttl_ms = 60000 };
static const struct cor_cache near_cache = {
	.name = "far", .store = &far_store, .ttl_ms = 60000, .near_ttl_ms = 2000
};

static struct cor_store *open_worker(const struct cor_cache *cache)
{
	struct cor_store *store;
	const struct cor_cache *filled = cor_cache_filled(&stage.arena, cache, NULL);

	assert_non_null(filled);
	assert_int_equal(cor_store_open_at(filled, stage.changes, &store), 0);
	return store;
}

static int open_stage(void **state)
{
	const struct cor_seams seams = { .clock = &stage.clock };

	(void)state;
	memset(&stage, 0, sizeof stage);
	memset(&far, 0, sizeof far);
	stage.clock = (struct cor_clock){ monotonic_ns, realtime_ns, sleep_until };
	stage.mono_ns = 5000 * MS;
	stage.real_ns = INT64_C(1767225600) * 1000 * MS; /* 2026 */
	cor_seams_enter(&stage.seams, &seams);
	cor_arena_init(&stage.arena, NULL, 0, 0);
	stage.changes = calloc(1, sizeof *stage.changes);
	assert_int_equal(cor_near_changes_init(stage.changes, sizeof *stage.changes), 0);
	assert_int_equal(cor_store_open(&kept_cache, &far.kept, NULL), 0);
	assert_int_equal(cor_store_open(&far_cache, &stage.other, NULL), 0);
	stage.one = open_worker(&near_cache);
	stage.two = open_worker(&near_cache);
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	cor_store_close(stage.one);
	cor_store_close(stage.two);
	cor_store_close(stage.other);
	cor_store_close(far.kept);
	free(stage.changes);
	cor_arena_finish(&stage.arena);
	cor_seams_leave(&stage.seams);
	return 0;
}

static void put(struct cor_store *store, const char *key, const char *value)
{
	const struct cor_item item = { .value = cor_str(value) };

	assert_int_equal(cor_store_put(store, cor_str(key), &item, COR_PUT_ALWAYS), 0);
}

/* What is found, with whether it was near: "v", "v near", "ENOENT", "EIO". */
static const char *got(struct cor_store *store, const char *key)
{
	static char text[64];
	struct cor_item item;
	int rc = cor_store_get(store, cor_str(key), &stage.arena, &item);

	if (rc == 0)
		snprintf(text, sizeof text, "%.*s%s", (int)item.value.len, item.value.data,
			item.is_near ? " near" : "");
	else
		snprintf(text, sizeof text, "%s", rc == -ENOENT ? "ENOENT" : "error");
	return text;
}

#define assert_got(store, key, expected) assert_string_equal(got((store), (key)), (expected))

/* Both workers have a copy of it. */
static void keep_copies(const char *key, const char *value)
{
	char near[64];

	put(stage.one, key, value);
	assert_got(stage.one, key, value);
	assert_got(stage.two, key, value);
	snprintf(near, sizeof near, "%s near", value);
	assert_got(stage.one, key, near);
	assert_got(stage.two, key, near);
}

/* --- tests --- */

static void test_a_copy_asks_nobody(void **state)
{
	(void)state;
	keep_copies("a", "1");
	assert_int_equal(far.asked, 2);
	for (int i = 0; i < 100; i++)
		assert_got(stage.one, "a", "1 near");
	assert_int_equal(far.asked, 2);
	stage.mono_ns += 2000 * MS;
	assert_got(stage.one, "a", "1");
	assert_int_equal(far.asked, 3);
}

static void test_an_empty_value_and_an_odd_key(void **state)
{
	(void)state;
	keep_copies("\1 \n", "");
}

/* A copy that does not count any more takes no memory of the get that asks the store. */
static void test_memory_of_a_get(void **state)
{
	static char bytes[60000];
	const struct cor_item item = { .value = { bytes, sizeof bytes } };
	struct cor_item got;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cor_store_put(stage.two, COR_STR("a"), &item, COR_PUT_ALWAYS), 0);
		for (int is_near = 0; is_near < 2; is_near++) {
			struct cor_arena arena;

			cor_arena_init(&arena, NULL, 0, 100000);
			assert_int_equal(cor_store_get(stage.one, COR_STR("a"), &arena, &got), 0);
			assert_int_equal(got.is_near, is_near);
			cor_arena_finish(&arena);
		}
	}
}

/* What the calls of one worker do to the copy of the other. */
static void test_changes(void **state)
{
	const struct cor_item three = { .value = COR_STR("3") };
	const struct cor_str keys[] = { COR_STR("b"), COR_STR("a") };
	const struct cor_item items[] = { three, three };
	uint64_t number;

	(void)state;
	keep_copies("a", "1");
	put(stage.two, "a", "2");
	assert_got(stage.one, "a", "2");
	assert_got(stage.two, "a", "2");

	keep_copies("a", "2");
	assert_int_equal(cor_store_add(stage.two, COR_STR("a"), 5, &three, &number), 0);
	assert_got(stage.one, "a", "7");

	keep_copies("a", "1");
	assert_int_equal(cor_store_touch(stage.two, COR_STR("a"), 1), 0);
	assert_got(stage.one, "a", "1");
	stage.mono_ns += MS;
	assert_got(stage.one, "a", "ENOENT");

	keep_copies("a", "1");
	assert_int_equal(cor_store_put_many(stage.two, keys, items, 2), 2);
	assert_got(stage.one, "a", "3");

	keep_copies("a", "1");
	assert_int_equal(cor_store_delete(stage.two, COR_STR("a")), 0);
	assert_got(stage.one, "a", "ENOENT");
	assert_got(stage.two, "a", "ENOENT");

	keep_copies("a", "1");
	keep_copies("b", "1");
	assert_int_equal(cor_store_clear(stage.two), 0);
	assert_got(stage.one, "a", "ENOENT");
	assert_got(stage.one, "b", "ENOENT");
}

/* Nobody knows what a call that has failed has done. */
static void test_a_change_that_fails(void **state)
{
	const struct cor_item two = { .value = COR_STR("2") };

	(void)state;
	keep_copies("a", "1");
	far.fails = -ETIMEDOUT;
	assert_int_equal(cor_store_put(stage.two, COR_STR("a"), &two, COR_PUT_ALWAYS), -ETIMEDOUT);
	far.fails = 0;
	assert_got(stage.one, "a", "2");

	/* Somebody has dropped it elsewhere: who drops it here finds nothing, and drops copies. */
	keep_copies("a", "1");
	assert_int_equal(cor_store_delete(stage.other, COR_STR("a")), 0);
	assert_got(stage.one, "a", "1 near");
	assert_int_equal(cor_store_delete(stage.two, COR_STR("a")), -ENOENT);
	assert_got(stage.one, "a", "ENOENT");
}

static void change_meanwhile(void)
{
	put(stage.two, "a", "new");
}

/* One has asked, and has an old answer; it is changed; then the answer is kept: it is no copy. */
static void test_an_answer_that_was_overtaken(void **state)
{
	(void)state;
	put(stage.one, "a", "old");
	far.meanwhile = change_meanwhile;
	assert_got(stage.one, "a", "old");
	assert_got(stage.one, "a", "new");
	assert_got(stage.one, "a", "new near");
}

/* What no worker of this machine has changed. */
static void test_another_machine(void **state)
{
	(void)state;
	keep_copies("a", "1");
	put(stage.other, "a", "2");
	stage.mono_ns += 1990 * MS;
	assert_got(stage.one, "a", "1 near");
	stage.mono_ns += 10 * MS;
	assert_got(stage.one, "a", "2");
}

static void test_nothing_is_not_kept(void **state)
{
	(void)state;
	assert_got(stage.one, "a", "ENOENT");
	put(stage.other, "a", "1");
	assert_got(stage.one, "a", "1");
}

static void test_versions(void **state)
{
	struct cor_item first, copy, next = { .value = COR_STR("2") };

	(void)state;
	put(stage.one, "a", "1");
	assert_int_equal(cor_store_get(stage.one, COR_STR("a"), &stage.arena, &first), 0);
	assert_int_equal(cor_store_get(stage.one, COR_STR("a"), &stage.arena, &copy), 0);
	assert_true(copy.is_near && !first.is_near);
	assert_true(copy.version == first.version);
	next.version = copy.version;
	assert_int_equal(cor_store_put(stage.one, COR_STR("a"), &next, COR_PUT_UNCHANGED), 0);
	assert_int_equal(cor_store_put(stage.one, COR_STR("a"), &next, COR_PUT_UNCHANGED), -ESTALE);

	/* Another machine has changed it: who has found that out gets the new one, and goes on. */
	assert_got(stage.one, "a", "2");
	put(stage.other, "a", "9");
	assert_int_equal(cor_store_get(stage.one, COR_STR("a"), &stage.arena, &copy), 0);
	assert_true(copy.is_near);
	next.version = copy.version;
	assert_int_equal(cor_store_put(stage.one, COR_STR("a"), &next, COR_PUT_UNCHANGED), -ESTALE);
	assert_got(stage.one, "a", "9");
}

/* A copy lives no longer than what it is a copy of, and says how long that lives. */
static void test_times(void **state)
{
	struct cor_item item = { .value = COR_STR("1"), .ttl_ms = 1500 };

	(void)state;
	assert_int_equal(cor_store_put(stage.one, COR_STR("a"), &item, COR_PUT_ALWAYS), 0);
	assert_got(stage.one, "a", "1");
	stage.mono_ns += 1000 * MS;
	assert_int_equal(cor_store_get(stage.one, COR_STR("a"), &stage.arena, &item), 0);
	assert_true(item.is_near);
	assert_in_range(item.ttl_ms, 498, 500);
	stage.mono_ns += 500 * MS;
	assert_got(stage.one, "a", "ENOENT");

	item = (struct cor_item){ .value = COR_STR("1"), .ttl_ms = COR_FOREVER };
	assert_int_equal(cor_store_put(stage.one, COR_STR("a"), &item, COR_PUT_ALWAYS), 0);
	assert_got(stage.one, "a", "1");
	assert_int_equal(cor_store_get(stage.one, COR_STR("a"), &stage.arena, &item), 0);
	assert_true(item.is_near && item.ttl_ms == COR_FOREVER);
}

static void be_slow(void)
{
	stage.mono_ns += 1200 * MS;
}

/* Of an answer that was long on its way, only the rest of its time is left. */
static void test_a_slow_answer(void **state)
{
	struct cor_item item = { .value = COR_STR("1"), .ttl_ms = 1500 };

	(void)state;
	assert_int_equal(cor_store_put(stage.one, COR_STR("a"), &item, COR_PUT_ALWAYS), 0);
	far.meanwhile = be_slow;
	assert_got(stage.one, "a", "1");
	stage.mono_ns += 290 * MS;
	assert_got(stage.one, "a", "1 near");
	stage.mono_ns += 10 * MS;
	assert_got(stage.one, "a", "ENOENT");
}

/* Somebody sets the clock by an hour, a day, thirty years, either way. */
static void test_clocks(void **state)
{
	static const int64_t jumps[] = { HOUR, -HOUR, 24 * HOUR, -24 * HOUR, 30 * 365 * 24 * HOUR,
		-30 * 365 * 24 * HOUR };

	(void)state;
	for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
		keep_copies("a", "1");
		put(stage.other, "a", "2");
		stage.real_ns += jumps[i];
		assert_got(stage.one, "a", "1 near");
		stage.mono_ns += 2000 * MS;
		assert_got(stage.one, "a", "2");
	}
}

static void test_a_store_that_is_gone(void **state)
{
	(void)state;
	keep_copies("a", "1");
	far.fails = -ECONNREFUSED;
	assert_got(stage.one, "a", "1 near");
	assert_got(stage.one, "b", "error");
	stage.mono_ns += 2000 * MS;
	assert_got(stage.one, "a", "error");
}

static void test_several(void **state)
{
	const struct cor_str keys[] = { COR_STR("a"), COR_STR("none"), COR_STR("b"), COR_STR("c") };
	struct cor_item items[4];

	(void)state;
	keep_copies("a", "1");
	put(stage.one, "b", "2");
	put(stage.one, "c", "3");
	far.asked = 0;
	assert_int_equal(cor_store_get_many(stage.one, keys, 4, &stage.arena, items), 3);
	assert_int_equal(far.asked, 3);
	assert_true(items[0].is_near && !items[2].is_near);
	assert_null(items[1].value.data);
	assert_true(cor_str_equal(items[2].value, COR_STR("2")));
	assert_true(cor_str_equal(items[3].value, COR_STR("3")));
	far.fails = -ECONNREFUSED;
	assert_int_equal(cor_store_get_many(stage.one, keys, 4, &stage.arena, items), 3);
	assert_true(items[3].is_near && cor_str_equal(items[3].value, COR_STR("3")));
	assert_int_equal(
		cor_store_get_many(stage.one, keys + 1, 1, &stage.arena, items), -ECONNREFUSED);
	assert_int_equal(cor_store_get_many(stage.one, keys, 0, &stage.arena, items), 0);
}

static void test_figures(void **state)
{
	struct cor_store_figures figures;

	(void)state;
	keep_copies("a", "1");
	assert_got(stage.one, "a", "1 near");
	put(stage.two, "a", "2");
	assert_got(stage.one, "a", "2");
	cor_store_figures(stage.one, &figures);
	assert_int_equal(figures.near_hits, 2);
	assert_int_equal(figures.hits, 3 + 2);
	assert_int_equal(figures.near_entries, 1);
	assert_true(figures.near_bytes > 0 && figures.puts == 2);
}

static void test_room(void **state)
{
	struct cor_cache small = near_cache;
	struct cor_store_figures figures;
	struct cor_store *store;
	char key[16];

	(void)state;
	small.near_entries = 10;
	store = open_worker(&small);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "%d", i);
		put(store, key, "1");
		assert_got(store, key, "1");
	}
	cor_store_figures(store, &figures);
	assert_int_equal(figures.near_entries, 10);
	cor_store_close(store);
}

static void test_behind(void **state)
{
	struct cor_item item;

	(void)state;
	keep_copies("a", "1");
	put(stage.other, "a", "2");
	assert_int_equal(
		cor_store_get(cor_store_behind(stage.one), COR_STR("a"), &stage.arena, &item), 0);
	assert_true(cor_str_equal(item.value, COR_STR("2")));
	cor_store_forget_copy(stage.one, COR_STR("a"));
	assert_got(stage.one, "a", "2");
	assert_got(stage.two, "a", "1 near");
	assert_ptr_equal(cor_store_behind(stage.other), stage.other);
}

static void test_faults(void **state)
{
	static const struct {
		struct cor_cache cache;
		const char *fault;
	} cases[] = {
		{ { .store = &cor_memory_store, .near_ttl_ms = 1 }, "is in memory itself" },
		{ { .near_ttl_ms = 1 }, "is in memory itself" },
		{ { .store = &cor_shared_store, .near_ttl_ms = 1 }, "is in memory itself" },
		{ { .store = &far_store, .near_ttl_ms = -1 }, "say 1 to 3600000" },
		{ { .store = &far_store, .near_ttl_ms = COR_FOREVER }, "say 1 to 3600000" },
		{ { .store = &far_store, .near_bytes = 1 << 20 }, "say .near_ttl_ms, too" },
		{ { .store = &far_store, .near_entries = 1 }, "say .near_ttl_ms, too" },
		{ { .store = &far_store, .near_ttl_ms = 1, .near_bytes = 1 },
			"has .near_bytes of 1: say 65536 to" },
		{ { .store = &far_store, .near_ttl_ms = 1, .near_entries = UINT32_MAX },
			"has .near_entries of 4294967295" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_cache cache = cases[i].cache;
		struct cor_store *store = NULL;
		const char *fault = "";

		cache.name = "a";
		assert_int_equal(cor_store_open(&cache, &store, &fault), -EINVAL);
		if (!strstr(fault, cases[i].fault))
			fail_msg("%zu: %s", i, fault);
	}
}

int main(void)
{
#define staged(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
	const struct CMUnitTest tests[] = {
		staged(test_a_copy_asks_nobody),
		staged(test_an_empty_value_and_an_odd_key),
		staged(test_memory_of_a_get),
		staged(test_changes),
		staged(test_a_change_that_fails),
		staged(test_an_answer_that_was_overtaken),
		staged(test_another_machine),
		staged(test_nothing_is_not_kept),
		staged(test_versions),
		staged(test_times),
		staged(test_a_slow_answer),
		staged(test_clocks),
		staged(test_a_store_that_is_gone),
		staged(test_several),
		staged(test_figures),
		staged(test_room),
		staged(test_behind),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
