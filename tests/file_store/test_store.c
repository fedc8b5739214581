/* SPDX-License-Identifier: MIT */
/* What store.h says, sentence by sentence, of a store in files. */
#include "stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <coracle/error.h>

static struct cor_item item_of(struct stage *stage, const char *key)
{
	struct cor_item item = { 0 };

	assert_int_equal(cor_store_get(stage->store, cor_str(key), &stage->arena, &item), 0);
	return item;
}

static int put(
	struct stage *stage, const char *key, const char *value, enum cor_put how, uint64_t version)
{
	const struct cor_item item = { .value = cor_str(value), .version = version };

	return cor_store_put(stage->store, cor_str(key), &item, how);
}

static void what_is_put_is_got(void **state)
{
	struct stage *stage = *state;

	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_int_equal(stage_put(stage, "b", ""), 0);
	assert_true(stage_has(stage, "a", "1"));
	assert_true(stage_has(stage, "b", ""));
	assert_int_equal(stage_put(stage, "a", "2"), 0);
	assert_true(stage_has(stage, "a", "2"));
	assert_int_equal(item_of(stage, "a").ttl_ms, 120 * 1000);
	assert_int_equal(stage_files(stage), 2);
	stage_reopen(stage);
	assert_true(stage_has(stage, "a", "2"));
}

static void a_failed_get_leaves_the_item(void **state)
{
	struct stage *stage = *state;
	struct cor_item item = { .ttl_ms = 7 };

	assert_int_equal(
		cor_store_get(stage->store, COR_STR("none"), &stage->arena, &item), -ENOENT);
	assert_int_equal(item.ttl_ms, 7);
}

/* Lengths around the first read and around pages, and all bytes. */
static void values_of_any_length(void **state)
{
	static const size_t lengths[] = { 1, 63, 3900, 4000, 4016, 4017, 4096, 8192, 100000,
		COR_CACHE_VALUE_BYTES - 1, COR_CACHE_VALUE_BYTES };
	struct stage *stage = *state;
	char *bytes = malloc(COR_CACHE_VALUE_BYTES);

	for (size_t i = 0; i < COR_CACHE_VALUE_BYTES; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct cor_item item = { .value = { bytes, lengths[i] } };
		assert_int_equal(
			cor_store_put(stage->store, COR_STR("k"), &item, COR_PUT_ALWAYS), 0);
		struct cor_item got = item_of(stage, "k");
		assert_int_equal(got.value.len, lengths[i]);
		assert_memory_equal(got.value.data, bytes, lengths[i]);
	}
	free(bytes);
}

static void keys_are_bytes(void **state)
{
	struct stage *stage = *state;
	char longest[COR_CACHE_KEY_BYTES + 1];
	const struct cor_item one = { .value = COR_STR("1") }, two = { .value = COR_STR("2") };
	struct cor_item got;

	memset(longest, '/', sizeof longest);
	assert_int_equal(cor_store_put(stage->store, (struct cor_str){ "a\0b", 3 }, &one, 0), 0);
	assert_int_equal(cor_store_put(stage->store, (struct cor_str){ "a\0c", 3 }, &two, 0), 0);
	assert_int_equal(
		cor_store_get(stage->store, (struct cor_str){ "a\0b", 3 }, &stage->arena, &got), 0);
	assert_true(cor_str_equal(got.value, one.value));
	assert_int_equal(cor_store_put(stage->store,
				 (struct cor_str){ longest, sizeof longest - 1 }, &one, 0),
		0);
	assert_int_equal(
		cor_store_put(stage->store, (struct cor_str){ longest, sizeof longest }, &one, 0),
		-EINVAL);
	assert_int_equal(stage_put(stage, "", "1"), -EINVAL);
	assert_int_equal(stage_put(stage, "../../../etc/passwd", "no name of a file"), 0);
	assert_true(stage_has(stage, "../../../etc/passwd", "no name of a file"));
}

static void put_how(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(put(stage, "a", "1", COR_PUT_OVER, 0), -ENOENT);
	assert_int_equal(put(stage, "a", "1", COR_PUT_UNCHANGED, 5), -ENOENT);
	assert_int_equal(put(stage, "a", "1", COR_PUT_NEW, 0), 0);
	assert_int_equal(put(stage, "a", "2", COR_PUT_NEW, 0), -EEXIST);
	uint64_t first = item_of(stage, "a").version;
	assert_int_equal(put(stage, "a", "2", COR_PUT_UNCHANGED, first + 1), -ESTALE);
	assert_true(stage_has(stage, "a", "1"));
	assert_int_equal(put(stage, "a", "2", COR_PUT_UNCHANGED, first), 0);
	assert_int_equal(put(stage, "a", "3", COR_PUT_UNCHANGED, first), -ESTALE);
	assert_int_equal(put(stage, "a", "3", COR_PUT_OVER, 0), 0);
	assert_true(stage_has(stage, "a", "3"));
	assert_int_equal(stage_figures(stage).errors, 0);
	assert_int_equal(stage_figures(stage).puts, 3);
}

/* cachelib's add() is refused by what has expired; cachelib's set() with a negative one is kept. */
static void what_has_expired_is_not_there(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(stage_put_for(stage, "a", "1", 1000), 0);
	stage_pass(stage, SECOND - 1);
	assert_int_equal(item_of(stage, "a").ttl_ms, 1);
	stage_pass(stage, 1);
	assert_int_equal(put(stage, "a", "2", COR_PUT_OVER, 0), -ENOENT);
	assert_int_equal(put(stage, "a", "2", COR_PUT_NEW, 0), 0);
	assert_int_equal(stage_put_for(stage, "b", "1", 1000), 0);
	stage_pass(stage, SECOND);
	assert_int_equal(cor_store_delete(stage->store, COR_STR("b")), -ENOENT);
	assert_int_equal(stage_put_for(stage, "c", "1", 1000), 0);
	stage_pass(stage, SECOND);
	assert_true(stage_has(stage, "c", NULL));
	assert_int_equal(stage_figures(stage).expired, 3);
	assert_int_equal(stage_files(stage), 1); /* what is met goes */
	assert_int_equal(stage_figures(stage).entries, 1);
	assert_int_equal(stage_put_for(stage, "d", "1", -1), -EINVAL);
}

static void forever(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(stage_put_for(stage, "a", "1", COR_FOREVER), 0);
	stage_pass(stage, 100 * YEAR);
	assert_int_equal(item_of(stage, "a").ttl_ms, COR_FOREVER);
}

static void a_long_value_is_refused_and_the_old_one_goes(void **state)
{
	struct stage *stage = *state;

	stage->cache.value_bytes = 10;
	stage_reopen(stage);
	assert_int_equal(stage_put(stage, "a", "0123456789"), 0);
	assert_int_equal(stage_put(stage, "a", "0123456789x"), -COR_ETOOLARGE);
	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_figures(stage).too_large, 1);
	assert_int_equal(stage_figures(stage).entries, 0);
	stage->cache.value_bytes = COR_CACHE_VALUE_BYTES;
	stage->cache.bytes = COR_CACHE_BYTES_MIN;
	stage_reopen(stage);
	char *large = calloc(1, COR_CACHE_BYTES_MIN + 1);
	memset(large, 'x', COR_CACHE_BYTES_MIN);
	assert_int_equal(stage_put(stage, "a", large), -COR_ETOOLARGE); /* no room even alone */
	free(large);
}

static void delete (void **state)
{
	struct stage *stage = *state;

	assert_int_equal(cor_store_delete(stage->store, COR_STR("a")), -ENOENT);
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_int_equal(cor_store_delete(stage->store, COR_STR("a")), 0);
	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(cor_store_delete(stage->store, COR_STR("a")), -ENOENT);
	assert_int_equal(stage_figures(stage).deletes, 1);
	assert_int_equal(stage_figures(stage).entries, 0);
	assert_int_equal(stage_figures(stage).bytes, 0);
}

static void touch(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(cor_store_touch(stage->store, COR_STR("a"), 1000), -ENOENT);
	assert_int_equal(stage_put_for(stage, "a", "1", 1000), 0);
	uint64_t version = item_of(stage, "a").version;
	stage_pass(stage, SECOND / 2);
	assert_int_equal(cor_store_touch(stage->store, COR_STR("a"), 2000), 0);
	assert_int_equal(item_of(stage, "a").ttl_ms, 2000);
	assert_true(item_of(stage, "a").version == version); /* the value has not changed */
	assert_int_equal(cor_store_touch(stage->store, COR_STR("a"), 0), 0);
	assert_int_equal(item_of(stage, "a").ttl_ms, 120 * 1000);
	assert_int_equal(cor_store_touch(stage->store, COR_STR("a"), COR_FOREVER), 0);
	stage_pass(stage, YEAR);
	assert_true(stage_has(stage, "a", "1"));
}

static int add(struct stage *stage, const char *key, int64_t by, const char *first, uint64_t *ret)
{
	const struct cor_item item = { .value = cor_str(first), .ttl_ms = 5000 };

	return cor_store_add(stage->store, cor_str(key), by, &item, ret);
}

static void numbers(void **state)
{
	struct stage *stage = *state;
	uint64_t n = 99;

	assert_int_equal(add(stage, "n", 3, "", &n), 0);
	assert_int_equal(n, 0); /* made, and not added to */
	assert_int_equal(add(stage, "m", 3, "18446744073709551613", &n), 0);
	assert_int_equal(add(stage, "m", 2, "", &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(add(stage, "m", 1, "", &n), -ERANGE);
	assert_true(stage_has(stage, "m", "18446744073709551615"));
	assert_int_equal(add(stage, "m", INT64_MIN, "", &n), 0);
	assert_true(n == (uint64_t)INT64_MAX);
	assert_int_equal(add(stage, "m", INT64_MIN, "", &n), 0);
	assert_int_equal(n, 0); /* never below */
	stage_pass(stage, SECOND);
	assert_int_equal(add(stage, "n", 1, "", &n), 0);
	assert_int_equal(item_of(stage, "n").ttl_ms, 4000); /* it keeps its time */
	assert_int_equal(stage_put(stage, "t", "12x"), 0);
	assert_int_equal(add(stage, "t", 1, "", &n), -EBADMSG);
	assert_int_equal(stage_put(stage, "t", "18446744073709551616"), 0);
	assert_int_equal(add(stage, "t", 1, "", &n), -EBADMSG);
	assert_int_equal(stage_put(stage, "t", ""), 0);
	assert_int_equal(add(stage, "t", 1, "", &n), -EBADMSG);
	assert_int_equal(stage_figures(stage).errors, 0);
}

static void several(void **state)
{
	struct stage *stage = *state;
	const struct cor_str keys[] = { COR_STR("a"), COR_STR("b"), COR_STR("c") };
	const struct cor_item items[] = { { .value = COR_STR("1") }, { .value = COR_STR("2") } };
	struct cor_item got[3];

	assert_int_equal(cor_store_put_many(stage->store, keys, items, 2), 2);
	assert_int_equal(cor_store_get_many(stage->store, keys, 3, &stage->arena, got), 2);
	assert_true(cor_str_equal(got[1].value, items[1].value));
	assert_null(got[2].value.data);
}

/* Two caches of one name and place have one directory, and a prefix each. */
static void prefixes(void **state)
{
	struct stage *stage = *state;
	struct cor_cache other = stage->cache;
	struct cor_store *second;
	struct cor_item item = { .value = COR_STR("theirs") };

	other.prefix = "v2/";
	assert_int_equal(cor_store_open(&other, &second, NULL), 0);
	assert_int_equal(stage_put(stage, "a", "ours"), 0);
	assert_int_equal(cor_store_put(second, COR_STR("a"), &item, COR_PUT_ALWAYS), 0);
	assert_true(stage_has(stage, "a", "ours"));
	assert_int_equal(cor_store_clear(second), 0);
	assert_int_equal(cor_store_get(second, COR_STR("a"), &stage->arena, &item), -ENOENT);
	assert_true(stage_has(stage, "a", "ours"));
	cor_store_close(second);
}

static bool collect(void *arg, struct cor_str key, const struct cor_item *item)
{
	char *seen = arg;

	snprintf(seen + strlen(seen), 40, "%.*s=%.*s/%lld ", (int)key.len, key.data,
		(int)item->value.len, item->value.data, (long long)item->ttl_ms);
	return true;
}

static bool stop(void *arg, struct cor_str key, const struct cor_item *item)
{
	(void)key, (void)item;
	++*(int *)arg;
	return false;
}

static void each_is_visited(void **state)
{
	struct stage *stage = *state;
	char seen[200] = "";
	int visits = 0;

	assert_int_equal(cor_store_each(stage->store, collect, seen), 0);
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_int_equal(stage_put(stage, "b", "2"), 0);
	assert_int_equal(stage_put_for(stage, "c", "3", 1), 0);
	stage_pass(stage, SECOND);
	assert_int_equal(cor_store_each(stage->store, collect, seen), 0);
	assert_true(strcmp(seen, "a=1/119000 b=2/119000 ") == 0 ||
		    strcmp(seen, "b=2/119000 a=1/119000 ") == 0);
	assert_int_equal(cor_store_each(stage->store, stop, &visits), 0);
	assert_int_equal(visits, 1);
}

static void clear(void **state)
{
	struct stage *stage = *state;
	char path[200];
	struct stat found;

	for (int i = 0; i < 100; i++) {
		char key[16];
		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(stage_put(stage, key, "1"), 0);
	}
	snprintf(path, sizeof path, "%s/notes.txt", stage->files);
	fclose(fopen(path, "w"));
	assert_int_equal(stage_figures(stage).entries, 100);
	assert_int_equal(stage_figures(stage).bytes, 100 * 4096);
	assert_int_equal(cor_store_clear(stage->store), 0);
	assert_int_equal(stage_files(stage), 0);
	assert_int_equal(stage_figures(stage).entries, 0);
	assert_int_equal(stage_figures(stage).bytes, 0);
	assert_int_equal(stat(path, &found), 0); /* not ours */
}

static void hits_and_misses(void **state)
{
	struct stage *stage = *state;

	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_true(stage_has(stage, "a", "1"));
	assert_true(stage_has(stage, "a", "1"));
	const struct cor_store_figures figures = stage_figures(stage);
	assert_int_equal(figures.hits, 2);
	assert_int_equal(figures.misses, 1);
	assert_int_equal(figures.puts, 1);
}

static void files_are_ours_alone(void **state)
{
	struct stage *stage = *state;
	struct stat found;

	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_int_equal(stat(stage_file(stage), &found), 0);
	assert_int_equal(found.st_mode & 07777, 0600);
	assert_int_equal(stat(stage->files, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0700);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_put_is_got),
		TEST(a_failed_get_leaves_the_item),
		TEST(values_of_any_length),
		TEST(keys_are_bytes),
		TEST(put_how),
		TEST(what_has_expired_is_not_there),
		TEST(forever),
		TEST(a_long_value_is_refused_and_the_old_one_goes),
		TEST(delete),
		TEST(touch),
		TEST(numbers),
		TEST(several),
		TEST(prefixes),
		TEST(each_is_visited),
		TEST(clear),
		TEST(hits_and_misses),
		TEST(files_are_ours_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
