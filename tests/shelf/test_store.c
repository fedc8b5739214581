/* SPDX-License-Identifier: MIT */
/* Stores in memory, of a process and of several, do what store.h says of each function. */
#include "stores.h"

#include <string.h>

#include "base/number.h"
#include "store/kind.h"

static const struct cor_store_kind *kind; /* of this run of the tests */

static void open_with(struct cor_cache cache)
{
	cache.name = "test";
	cache.store = kind;
	open_store(&cache);
}

static void open_small(uint32_t entries, enum cor_eviction evicts)
{
	open_with((struct cor_cache){ .entries = entries, .evicts = evicts });
}

/* --- put and get --- */

static void what_is_put_is_got(void **state)
{
	struct cor_item item;

	(void)state;
	open_with((struct cor_cache){ .ttl_ms = 1000 });
	assert_null(get("a"));
	assert_int_equal(put("a", "one"), 0);
	assert_string_equal(get_item("a", &item), "one");
	assert_int_equal(item.ttl_ms, 1000);
	assert_int_equal(put("a", "another"), 0);
	assert_string_equal(get("a"), "another");
	assert_int_equal(put("b", ""), 0);
	assert_string_equal(get_item("b", &item), "");
	assert_non_null(item.value.data);
	assert_int_equal(figures().hits, 3);
	assert_int_equal(figures().misses, 1);
	assert_int_equal(figures().puts, 3);
	assert_int_equal(figures().entries, 2);
	assert_int_not_equal(figures().bytes, 0);
	close_store();
}

static void keys_are_any_bytes_of_1_to_1024(void **state)
{
	static char key[COR_CACHE_KEY_BYTES + 1];
	const struct cor_item one = { .value = COR_STR("one") }, two = { .value = COR_STR("two") };
	struct cor_item item = { 0 };

	(void)state;
	open_small(0, COR_EVICT_LRU);
	memset(key, 'k', sizeof key);
	key[0] = key[100] = '\0';
	for (size_t len = 1; len <= COR_CACHE_KEY_BYTES; len++) {
		const struct cor_str text = { key, len };
		assert_int_equal(
			cor_store_put(store, text, len % 2 ? &one : &two, COR_PUT_ALWAYS), 0);
	}
	for (size_t len = 1; len <= COR_CACHE_KEY_BYTES; len++) {
		assert_int_equal(
			cor_store_get(store, (struct cor_str){ key, len }, &arena, &item), 0);
		assert_memory_equal(item.value.data, len % 2 ? "one" : "two", 3);
	}
	const struct cor_str none = { key, 0 }, longer = { key, sizeof key };
	assert_int_equal(cor_store_put(store, none, &one, COR_PUT_ALWAYS), -EINVAL);
	assert_int_equal(cor_store_get(store, longer, &arena, &item), -EINVAL);
	assert_int_equal(cor_store_delete(store, longer), -EINVAL);
	close_store();
}

static void how_it_is_put_is_kept_to(void **state)
{
	struct cor_item item = { .value = COR_STR("1") }, got;
	const struct cor_str key = COR_STR("k");

	(void)state;
	open_small(0, COR_EVICT_LRU);
	item.version = 1;
	assert_int_equal(cor_store_put(store, key, &item, COR_PUT_OVER), -ENOENT);
	assert_int_equal(cor_store_put(store, key, &item, COR_PUT_UNCHANGED), -ENOENT);
	assert_int_equal(cor_store_put(store, key, &item, COR_PUT_NEW), 0);
	assert_int_equal(cor_store_put(store, key, &item, COR_PUT_NEW), -EEXIST);
	assert_int_equal(cor_store_put(store, key, &item, COR_PUT_OVER), 0);
	assert_string_equal(get_item("k", &got), "1");
	assert_int_equal(cor_store_put(store, key, &got, COR_PUT_UNCHANGED), 0);
	assert_int_equal(cor_store_put(store, key, &got, COR_PUT_UNCHANGED), -ESTALE);
	get_item("k", &got);
	assert_int_equal(cor_store_delete(store, key), 0);
	assert_int_equal(put("k", "1"), 0); /* the same again is another one */
	assert_int_equal(cor_store_put(store, key, &got, COR_PUT_UNCHANGED), -ESTALE);
	assert_int_equal(cor_store_clear(store), 0);
	assert_int_equal(put("k", "1"), 0);
	assert_int_equal(cor_store_put(store, key, &got, COR_PUT_UNCHANGED), -ESTALE);
	item.ttl_ms = -1;
	assert_int_equal(cor_store_put(store, key, &item, COR_PUT_ALWAYS), -EINVAL);
	close_store();
}

static void what_is_dropped_is_gone(void **state)
{
	(void)state;
	open_small(0, COR_EVICT_LRU);
	assert_int_equal(cor_store_delete(store, COR_STR("a")), -ENOENT);
	put("a", "1");
	put("b", "2");
	assert_int_equal(cor_store_delete(store, COR_STR("a")), 0);
	assert_null(get("a"));
	assert_string_equal(get("b"), "2");
	assert_int_equal(figures().deletes, 1);
	assert_int_equal(cor_store_clear(store), 0);
	assert_null(get("b"));
	assert_int_equal(figures().entries, 0);
	assert_int_equal(figures().bytes, 0);
	close_store();
}

/* --- sizes --- */

static char *filled(size_t len, char letter)
{
	char *text = malloc(len + 1);

	assert_non_null(text);
	memset(text, letter, len);
	text[len] = '\0';
	return text;
}

static void a_value_that_is_too_large_leaves_no_old_one(void **state)
{
	char *large = filled(101, 'x');

	(void)state;
	open_with((struct cor_cache){ .value_bytes = 100 });
	put("a", "old");
	assert_int_equal(put("a", large), -COR_ETOOLARGE);
	assert_null(get("a"));
	large[100] = '\0';
	assert_int_equal(put("a", large), 0);
	assert_string_equal(get("a"), large);
	assert_int_equal(figures().too_large, 1);
	free(large);
	close_store();
}

static void what_has_no_room_even_alone_is_refused(void **state)
{
	size_t least = 1, most = COR_CACHE_BYTES_MIN;

	(void)state;
	open_with((struct cor_cache){ .bytes = COR_CACHE_BYTES_MIN });
	for (int i = 0; i < 10; i++)
		assert_int_equal(put((char[]){ (char)('a' + i), '\0' }, "1"), 0);
	while (least + 1 < most) {
		char *text = filled((least + most) / 2, 'x');
		int rc = put("k", text);

		assert_true(rc == 0 || rc == -COR_ETOOLARGE);
		if (rc == 0)
			assert_string_equal(get("k"), text);
		*(rc == 0 ? &least : &most) = strlen(text);
		free(text);
	}
	print_message(
		"# figure: of %d bytes, %zu are one value\n", (int)COR_CACHE_BYTES_MIN, least);
	assert_in_range(least, COR_CACHE_BYTES_MIN * 2 / 3, COR_CACHE_BYTES_MIN);
	close_store();
}

static void the_largest_values_are_whole(void **state)
{
	size_t bytes = COR_CACHE_VALUE_BYTES_MAX;
	char *text = filled(bytes, 'v');
	struct cor_item item = { .value = { text, bytes } };

	(void)state;
	open_with(
		(struct cor_cache){ .bytes = UINT64_C(256) << 20, .value_bytes = (uint32_t)bytes });
	for (int i = 0; i < 5; i++) {
		text[bytes - 1] = (char)('0' + i);
		assert_int_equal(cor_store_put(store, COR_STR("k"), &item, COR_PUT_ALWAYS), 0);
		put("other", "1");
	}
	struct cor_item got = { 0 };
	assert_int_equal(cor_store_get(store, COR_STR("k"), &arena, &got), 0);
	assert_int_equal(got.value.len, bytes);
	assert_memory_equal(got.value.data, text, bytes);
	free(text);
	close_store();
}

static void bytes_are_a_limit(void **state)
{
	char key[32], *text = filled(1000, 'x');

	(void)state;
	open_with((struct cor_cache){ .bytes = 1024 * 1024 });
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof key, "key/%d", i);
		assert_int_equal(put(key, text), 0);
		assert_true(figures().bytes <= 1024 * 1024);
	}
	print_message("# figure: %d values of 1000 bytes in 1 MiB\n", (int)figures().entries);
	assert_in_range(figures().entries, 650, 1048);
	assert_int_equal(figures().evicted + figures().entries, 3000);
	assert_non_null(get(key));
	free(text);
	close_store();
}

static void one_entry_is_a_cache_too(void **state)
{
	(void)state;
	for (enum cor_eviction evicts = 0; evicts <= COR_EVICT_RANDOM; evicts++) {
		open_small(1, evicts);
		for (int i = 0; i < 100; i++) {
			char key[16];

			snprintf(key, sizeof key, "%d", i % 7);
			assert_int_equal(put(key, key), 0);
			assert_string_equal(get(key), key);
			assert_int_equal(figures().entries, 1);
		}
		close_store();
	}
}

/* --- time --- */

static void an_entry_lives_for_its_time_exactly(void **state)
{
	struct cor_item item;

	(void)state;
	open_small(0, COR_EVICT_LRU);
	put_for("a", "1", 10);
	put_for("b", "2", COR_FOREVER);
	now_ns += 10 * MS - 1;
	assert_string_equal(get_item("a", &item), "1");
	assert_int_equal(item.ttl_ms, 1);
	now_ns += 1;
	assert_null(get("a"));
	assert_int_equal(figures().expired, 1);
	now_ns += INT64_C(30) * 365 * 86400 * 1000 * MS;
	assert_string_equal(get_item("b", &item), "2");
	assert_true(item.ttl_ms == COR_FOREVER);
	close_store();
}

static void the_date_does_not_matter(void **state)
{
	static const int64_t jumps_s[] = { 3600, -7200, 86400, -86400 * 2, 946080000, -1892160000 };

	(void)state;
	open_small(0, COR_EVICT_LRU);
	for (size_t i = 0; i < sizeof jumps_s / sizeof *jumps_s; i++) {
		put_for("a", "1", 1000);
		date_ns += jumps_s[i] * 1000 * MS;
		now_ns += 999 * MS;
		assert_string_equal(get("a"), "1");
		now_ns += 1 * MS;
		assert_null(get("a"));
	}
	close_store();
}

static void an_entry_whose_time_is_over_is_none(void **state)
{
	uint64_t number;

	(void)state;
	open_small(0, COR_EVICT_LRU);
	for (int i = 0; i < 6; i++) {
		struct cor_item item = { .value = COR_STR("5"), .ttl_ms = 10 }, got;

		put_for("a", "1", 10);
		get_item("a", &got);
		now_ns += 10 * MS;
		item.version = got.version;
		const int codes[] = {
			cor_store_delete(store, COR_STR("a")),
			cor_store_touch(store, COR_STR("a"), 10),
			cor_store_put(store, COR_STR("a"), &item, COR_PUT_OVER),
			cor_store_put(store, COR_STR("a"), &item, COR_PUT_UNCHANGED),
		};
		for (size_t j = 0; j < 4; j++)
			assert_int_equal(codes[j], -ENOENT);
		if (i % 2)
			assert_int_equal(cor_store_put(store, COR_STR("a"), &item, COR_PUT_NEW), 0);
		else
			assert_int_equal(cor_store_add(store, COR_STR("a"), 7, &item, &number), 0);
		assert_string_equal(get("a"), "5");
	}
	close_store();
}

static void touch_lets_it_live_from_now_on(void **state)
{
	(void)state;
	open_with((struct cor_cache){ .ttl_ms = 50 });
	assert_int_equal(cor_store_touch(store, COR_STR("a"), 10), -ENOENT);
	put_for("a", "1", 10);
	now_ns += 9 * MS;
	assert_int_equal(cor_store_touch(store, COR_STR("a"), 10), 0);
	now_ns += 9 * MS;
	assert_string_equal(get("a"), "1");
	assert_int_equal(cor_store_touch(store, COR_STR("a"), 0), 0); /* as the cache says */
	now_ns += 49 * MS;
	assert_string_equal(get("a"), "1");
	assert_int_equal(cor_store_touch(store, COR_STR("a"), COR_FOREVER), 0);
	now_ns += 1000000 * MS;
	assert_string_equal(get("a"), "1");
	assert_int_equal(cor_store_touch(store, COR_STR("a"), 5), 0);
	now_ns += 5 * MS;
	assert_null(get("a"));
	assert_int_equal(cor_store_touch(store, COR_STR("a"), -1), -EINVAL);
	close_store();
}

static void what_is_over_goes_before_what_is_not(void **state)
{
	(void)state;
	open_small(3, COR_EVICT_LRU);
	put_for("old", "1", COR_FOREVER);
	put_for("short", "2", 10);
	put_for("long", "3", 1000);
	now_ns += 10 * MS;
	put_for("new", "4", 1000);
	assert_non_null(get("old"));
	assert_non_null(get("long"));
	assert_non_null(get("new"));
	assert_int_equal(figures().expired, 1);
	assert_int_equal(figures().evicted, 0);
	close_store();
}

static void a_put_makes_room_of_what_is_over(void **state)
{
	char key[16];

	(void)state;
	open_small(1000, COR_EVICT_LRU);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "%d", i);
		put_for(key, "1", 10);
	}
	now_ns += 10 * MS;
	for (int i = 0; i < 60; i++)
		put_for("other", "1", 1000);
	assert_int_equal(figures().entries, 1);
	assert_int_equal(figures().expired, 100);
	close_store();
}

/* --- numbers --- */

static void numbers_are_added_to(void **state)
{
	const struct cor_item first = { .value = COR_STR("10"), .ttl_ms = 10 }, zero = { 0 };
	const struct cor_item no_number = { .value = COR_STR("x") };
	const struct cor_str key = COR_STR("n");
	uint64_t number = 99;

	(void)state;
	open_small(0, COR_EVICT_LRU);
	assert_int_equal(cor_store_add(store, COR_STR("z"), 5, &zero, &number), 0);
	assert_int_equal(number, 0);
	assert_int_equal(cor_store_add(store, COR_STR("y"), 5, &no_number, &number), -EINVAL);
	assert_int_equal(cor_store_add(store, key, 5, &first, &number), 0);
	assert_int_equal(number, 10);
	now_ns += 5 * MS;
	assert_int_equal(cor_store_add(store, key, 5, &first, &number), 0);
	assert_int_equal(number, 15);
	assert_int_equal(cor_store_add(store, key, -16, &first, &number), 0);
	assert_int_equal(number, 0);
	assert_int_equal(cor_store_add(store, key, INT64_MAX, &first, &number), 0);
	assert_int_equal(cor_store_add(store, key, INT64_MAX, &first, &number), 0);
	assert_string_equal(get("n"), "18446744073709551614");
	assert_int_equal(cor_store_add(store, key, 2, &first, &number), -ERANGE);
	assert_int_equal(cor_store_add(store, key, 1, &first, &number), 0);
	assert_true(number == UINT64_MAX);
	assert_int_equal(cor_store_add(store, key, INT64_MIN, &first, &number), 0);
	assert_string_equal(get("n"), "9223372036854775807");
	now_ns += 5 * MS; /* its time is that of its first value */
	assert_null(get("n"));
	static const char *const others[] = { "", "x", "-1", "1.5", "18446744073709551616", "1 ",
		"1234567890123456789012345678901234567890123456789012345678901234567890" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		put("n", others[i]);
		assert_int_equal(cor_store_add(store, key, 1, &first, &number), -EBADMSG);
		assert_string_equal(get("n"), others[i]);
	}
	close_store();
}

/* --- several --- */

static void several_are_put_and_got(void **state)
{
	const struct cor_str keys[] = { COR_STR("a"), COR_STR("none"), COR_STR("b") };
	const struct cor_item items[] = { { .value = COR_STR("1") }, { .value = COR_STR("") },
		{ .value = COR_STR("3") } };
	struct cor_item got[3];

	(void)state;
	open_small(0, COR_EVICT_LRU);
	assert_int_equal(cor_store_put_many(store, keys, items, 3), 3);
	assert_int_equal(cor_store_delete(store, keys[1]), 0);
	assert_int_equal(cor_store_get_many(store, keys, 3, &arena, got), 2);
	assert_memory_equal(got[0].value.data, "1", 1);
	assert_null(got[1].value.data);
	assert_memory_equal(got[2].value.data, "3", 1);
	close_store();
}

static int64_t sum;
static int seen;

static bool visit(void *arg, struct cor_str key, const struct cor_item *item)
{
	int64_t number = 0;

	assert_int_equal(cor_number_parse_int64(key, &number), 0);
	seen++;
	sum += number;
	assert_int_equal(item->ttl_ms, 300000);
	assert_int_equal(item->value.len, number * 7919 % 5000);
	for (size_t i = 0; i < item->value.len; i++)
		assert_int_equal(item->value.data[i], 'a' + number % 26);
	return seen != *(int *)arg;
}

static void each_shows_all(void **state)
{
	int stop = -1;

	(void)state;
	open_small(0, COR_EVICT_LRU);
	assert_int_equal(cor_store_each(store, visit, &stop), 0);
	assert_int_equal(seen, 0);
	for (int i = 1; i <= 1000; i++) {
		char key[16], *text = filled((size_t)i * 7919 % 5000, (char)('a' + i % 26));

		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(put(key, text), 0);
		free(text);
	}
	put_for("over", "1", 10);
	now_ns += 10 * MS;
	date_ns -= 1;
	for (int i = 1; i <= 1000; i++) {
		char key[16];

		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(cor_store_touch(store, cor_str(key), 0), 0);
	}
	seen = 0;
	assert_int_equal(cor_store_each(store, visit, &stop), 0);
	assert_int_equal(seen, 1000);
	assert_int_equal(sum, 500500);
	seen = 0;
	stop = 17;
	assert_int_equal(cor_store_each(store, visit, &stop), 0);
	assert_int_equal(seen, 17);
	seen = 0;
	sum = 0;
	close_store();
}

/* --- which goes --- */

static void put_letters(const char *letters)
{
	for (; *letters; letters++)
		assert_int_equal(put((char[]){ *letters, '\0' }, "1"), 0);
}

static void expect_letters(const char *letters)
{
	assert_int_equal(figures().entries, strlen(letters));
	for (; *letters; letters++)
		assert_non_null(get((char[]){ *letters, '\0' }));
}

static void lru_keeps_what_was_used(void **state)
{
	(void)state;
	open_small(3, COR_EVICT_LRU);
	put_letters("abc");
	get("a");
	put_letters("bd"); /* a put is a use */
	expect_letters("abd");
	close_store();
}

static void fifo_keeps_what_was_put_last(void **state)
{
	(void)state;
	open_small(3, COR_EVICT_FIFO);
	put_letters("abc");
	get("b");
	put_letters("ade"); /* put again, it is new */
	expect_letters("ade");
	close_store();
}

static void lfu_keeps_what_was_used_often(void **state)
{
	(void)state;
	open_small(3, COR_EVICT_LFU);
	put_letters("abccaab");
	get("c");
	put_letters("d"); /* b: twice; c and a: three times */
	expect_letters("acd");
	put_letters("e");
	expect_letters("ace");
	close_store();
}

static void random_lets_any_go(void **state)
{
	int kept[8] = { 0 };

	(void)state;
	open_small(7, COR_EVICT_RANDOM);
	for (int round = 0; round < 700; round++) {
		assert_int_equal(cor_store_clear(store), 0);
		put_letters("abcdefgh");
		assert_int_equal(figures().entries, 7);
		assert_non_null(get("h"));
		for (int i = 0; i < 7; i++)
			kept[i] += get((char[]){ (char)('a' + i), '\0' }) != NULL;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(kept[i], 530, 670); /* 600, and seven times the deviation */
	close_store();
}

static void one_that_grows_makes_others_go(void **state)
{
	char *text = filled(40000, 'x');

	(void)state;
	open_with((struct cor_cache){ .bytes = COR_CACHE_BYTES_MIN, .evicts = COR_EVICT_LRU });
	put("a", text + 20000);
	put("b", text + 20000);
	put("c", "1");
	put("a", text);
	assert_string_equal(get("a"), text);
	assert_null(get("b"));
	assert_string_equal(get("c"), "1");
	free(text);
	close_store();
}

/* --- open --- */

static void declarations_that_are_wrong_are_refused(void **state)
{
	struct cor_cache cache = { .name = "x", .store = kind, .at = "/tmp" };
	const char *fault = NULL;

	(void)state;
	assert_int_equal(cor_store_open(&cache, &store, &fault), -EINVAL);
	assert_string_equal(
		fault, "has .at, but is kept in memory: leave it out, or say another .store");
	cache.at = NULL;
	cache.memcached = (const struct cor_memcached *)(const void *)&cache;
	assert_int_equal(cor_store_open(&cache, &store, NULL), -EINVAL);
	store = NULL;
}

static void without_a_store_it_is_in_memory(void **state)
{
	(void)state;
	open_store(&(struct cor_cache){ .name = "x" });
	assert_ptr_equal(store->kind, &cor_memory_store);
	close_store();
}

static void large_ones_keep_to_their_limits(void **state)
{
	char key[32];

	(void)state;
	open_with((struct cor_cache){ .entries = 100003, .value_bytes = 4096 });
	for (int i = 0; i < 300000; i++) {
		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(put(key, key), 0);
	}
	assert_in_range(figures().entries, 99900, 100003);
	close_store();
}

#define TEST(function) cmocka_unit_test(function)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_is_put_is_got),
		TEST(keys_are_any_bytes_of_1_to_1024),
		TEST(how_it_is_put_is_kept_to),
		TEST(what_is_dropped_is_gone),
		TEST(a_value_that_is_too_large_leaves_no_old_one),
		TEST(what_has_no_room_even_alone_is_refused),
		TEST(the_largest_values_are_whole),
		TEST(bytes_are_a_limit),
		TEST(one_entry_is_a_cache_too),
		TEST(an_entry_lives_for_its_time_exactly),
		TEST(the_date_does_not_matter),
		TEST(an_entry_whose_time_is_over_is_none),
		TEST(touch_lets_it_live_from_now_on),
		TEST(what_is_over_goes_before_what_is_not),
		TEST(a_put_makes_room_of_what_is_over),
		TEST(numbers_are_added_to),
		TEST(several_are_put_and_got),
		TEST(each_shows_all),
		TEST(lru_keeps_what_was_used),
		TEST(fifo_keeps_what_was_put_last),
		TEST(lfu_keeps_what_was_used_often),
		TEST(random_lets_any_go),
		TEST(one_that_grows_makes_others_go),
		TEST(declarations_that_are_wrong_are_refused),
		TEST(without_a_store_it_is_in_memory),
		TEST(large_ones_keep_to_their_limits),
	};
	int failed = 0;

	enter_clock();
	kind = argc > 1 && strcmp(argv[1], "shared") == 0 ? &cor_shared_store : &cor_memory_store;
	failed = cmocka_run_group_tests_name(kind->name, tests, NULL, NULL);
	leave_clock();
	return failed;
}
