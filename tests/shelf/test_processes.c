/* SPDX-License-Identifier: MIT */
/* A store that processes share, which may die or stop at any instruction. */
#include "stores.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "../segment/steps.h"
#include "segment/segment.h"
#include "shelf/enter.h"
#include "sound.h"
#include "store/open.h"

#define KEYS  40
#define KILLS 300

static struct cor_segment segment;
static struct cor_arena declared;
static const struct cor_cache *filled;
static void *place;

static void open_place(struct cor_cache cache)
{
	struct cor_region_options options = { .name = "cache",
		.init = cor_shared_store.place_init };

	cache.name = "test";
	cache.store = &cor_shared_store;
	filled = cor_cache_filled(&declared, &cache, NULL);
	assert_non_null(filled);
	options.bytes = cor_shared_store.place_bytes(filled);
	assert_int_equal(cor_segment_create(options.bytes + 8192, &segment), 0);
	assert_int_equal(cor_segment_region(&segment, &options, &place), 0);
	assert_int_equal(cor_store_open_at(filled, place, &store), 0);
}

static void close_place(void)
{
	close_store();
	cor_segment_detach(&segment);
	cor_arena_finish(&declared);
}

/* --- whole values --- */

static const char *key_of(uint32_t i)
{
	static char text[16];

	snprintf(text, sizeof text, "key/%u", i);
	return text;
}

/* Its key, and as many of one letter as it says. */
static struct cor_item whole(uint32_t i, char letter, size_t len)
{
	static char text[8000];

	snprintf(text, 16, "%u", i);
	memset(text + 16, letter, len);
	return (struct cor_item){ .value = { text, 16 + len } };
}

static int put_whole(uint32_t i, char letter, size_t len)
{
	const struct cor_item item = whole(i, letter, len);

	return cor_store_put(store, cor_str(key_of(i)), &item, COR_PUT_ALWAYS);
}

static bool is_whole(uint32_t i)
{
	struct cor_item item = { 0 };
	char number[16];
	int rc = cor_store_get(store, cor_str(key_of(i)), &arena, &item);

	if (rc == -ENOENT || rc == -EBUSY) /* the machine is so, too */
		return true;
	snprintf(number, sizeof number, "%u", i);
	if (rc < 0 || strcmp(item.value.data, number) != 0)
		return false;
	for (size_t at = 17; at < item.value.len; at++)
		if (item.value.data[at] != item.value.data[16])
			return false;
	return true;
}

static void check_all(void)
{
	for (uint32_t i = 0; i < KEYS; i++)
		assert_true(is_whole(i));
	check_shelf(store);
	cor_arena_reset(&arena);
}

/* --- they share it --- */

static void put_one(void)
{
	if (put("a", "of another") < 0)
		abort();
}

static void all_see_what_one_has_put(void **state)
{
	(void)state;
	open_place((struct cor_cache){ .ttl_ms = 1000 });
	work_elsewhere(put_one);
	assert_string_equal(get("a"), "of another");
	assert_int_equal(figures().puts, 1);
	close_place();
}

static void children_of_a_program_share_it(void **state)
{
	(void)state;
	open_store(&(struct cor_cache){ .name = "own", .store = &cor_shared_store });
	work_elsewhere(put_one);
	assert_string_equal(get("a"), "of another");
	close_store();
}

static void it_stands_at_any_address(void **state)
{
	struct cor_segment other;
	struct cor_region_options options = { .name = "cache" };
	struct cor_store *first;
	void *there;

	(void)state;
	open_place((struct cor_cache){ .entries = 10 });
	put("a", "1");
	options.bytes = filled->bytes;
	assert_int_equal(cor_segment_attach(dup(cor_segment_fd(&segment)), &other), 0);
	assert_int_equal(cor_segment_region(&other, &options, &there), 0);
	assert_ptr_not_equal(there, place);
	first = store;
	assert_int_equal(cor_store_open_at(filled, there, &store), 0);
	assert_string_equal(get("a"), "1");
	put("b", "2");
	cor_store_close(store);
	store = first;
	assert_string_equal(get("b"), "2");
	struct cor_cache limits = *filled;
	limits.entries = 11;
	struct cor_store *none;
	assert_int_equal(cor_store_open_at(&limits, there, &none), -EEXIST);
	cor_segment_detach(&other);
	close_place();
}

/* --- one that was stopped --- */

static pid_t start_holder(void)
{
	const struct cor_shelf *shelf = (const struct cor_shelf *)(const void *)store;
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (cor_shelf_enter(&shelf->parts[0]) < 0)
			_exit(1);
		raise(SIGSTOP);
		cor_shelf_leave(&shelf->parts[0]);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	return child;
}

static void one_that_is_stopped_is_waited_for_once(void **state)
{
	struct cor_item item = { 0 };

	(void)state;
	open_place((struct cor_cache){ .entries = 10 });
	put("a", "1");
	pid_t holder = start_holder();
	int64_t began_ns = cor_monotonic_ns();
	for (int i = 0; i < 100; i++) {
		assert_int_equal(cor_store_get(store, COR_STR("a"), &arena, &item), -EBUSY);
		assert_int_equal(put("a", "2"), -EBUSY);
		assert_int_equal(cor_store_clear(store), -EBUSY);
	}
	assert_in_range(cor_monotonic_ns() - began_ns, 15 * MS, 1000 * MS);
	assert_int_equal(figures().errors, 300);
	kill(holder, SIGCONT);
	reap(holder);
	assert_string_equal(get("a"), "1");
	assert_int_equal(figures().lost, 0);
	close_place();
}

/* --- killed at random moments --- */

static uint64_t chance_state = 88172645463325252;

static uint32_t chance(uint32_t below)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return (uint32_t)(chance_state >> 20) % below;
}

static void write_for_ever(void)
{
	chance_state += (uint64_t)getpid() << 8;
	for (;;) {
		uint32_t i = chance(KEYS);
		int rc = put_whole(i, (char)('a' + chance(26)), chance(3000));

		if ((rc < 0 && rc != -EBUSY) || !is_whole(chance(KEYS)))
			abort();
		if (chance(8) == 0 && cor_store_delete(store, cor_str(key_of(i))) == -EINVAL)
			abort();
		if (chance(64) == 0)
			cor_arena_reset(&arena);
	}
}

/* One of two writers is killed while the other goes on, and all is read meanwhile. */
static void writers_may_die_at_any_moment(void **state)
{
	const int kills = getenv("COR_TEST_LIGHT") ? KILLS / 10 : KILLS;
	pid_t writers[2];

	(void)state;
	open_place((struct cor_cache){ .bytes = COR_CACHE_BYTES_MIN });
	for (int i = 0; i < 2; i++)
		writers[i] = start_working(write_for_ever);
	for (int i = 0; i < kills; i++) {
		for (uint32_t reads = chance(100); reads > 0; reads--)
			assert_true(is_whole(chance(KEYS)));
		kill_child(writers[i % 2]);
		cor_arena_reset(&arena);
		writers[i % 2] = start_working(write_for_ever);
	}
	for (int i = 0; i < 2; i++)
		kill_child(writers[i]);
	check_all();
	const struct cor_store_figures sum = figures();
	print_message("# figure: %d killed: %d entries of %d puts lost, %d hits, %d errors\n",
		kills, (int)sum.lost, (int)sum.puts, (int)sum.hits, (int)sum.errors);
	close_place();
}

/* --- killed at any instruction --- */

static void *full; /* the place as it is before each work */

static void restore(void)
{
	memcpy(place, full, filled->bytes);
}

/* All room is taken, also by entries of several runs. */
static void fill_place(enum cor_eviction evicts)
{
	open_place((struct cor_cache){ .bytes = COR_CACHE_BYTES_MIN, .evicts = evicts });
	for (uint32_t i = 0; i < KEYS; i++)
		assert_int_equal(put_whole(i, 'a', i * 97 % 2500), 0);
	for (uint32_t i = 0; i < KEYS; i += 3)
		if (cor_store_delete(store, cor_str(key_of(i))) < 0) {
		}
	for (uint32_t i = 0; i < KEYS; i += 2)
		assert_int_equal(put_whole(i, 'b', i * 61 % 1200), 0);
	check_all();
	full = malloc(filled->bytes);
	assert_non_null(full);
	memcpy(full, place, filled->bytes);
}

static void drop_place(void)
{
	free(full);
	close_place();
}

static struct cor_item drafted; /* before: the work is short, and steps are counted */
static struct cor_str drafted_key;

static void draft(uint32_t i, size_t len)
{
	static char key[16], value[2000];
	const struct cor_item item = whole(i, 'c', len);

	memcpy(value, item.value.data, item.value.len);
	drafted = (struct cor_item){ .value = { value, item.value.len } };
	drafted_key.data = key;
	drafted_key.len = (size_t)snprintf(key, sizeof key, "%s", key_of(i));
}

static void put_drafted(void)
{
	if (cor_store_put(store, drafted_key, &drafted, COR_PUT_ALWAYS) < 0)
		abort();
}

static void drop_drafted(void)
{
	if (cor_store_delete(store, drafted_key) == -EINVAL)
		abort();
}

static void get_drafted(void)
{
	struct cor_item item;

	if (cor_store_get(store, drafted_key, &arena, &item) == -EINVAL)
		abort();
}

static void touch_drafted(void)
{
	if (cor_store_touch(store, drafted_key, 1000) == -EINVAL)
		abort();
}

static void drop_all(void)
{
	if (cor_store_clear(store) < 0)
		abort();
}

static void kill_at_each(enum cor_eviction evicts, void (*work)(void), long stride)
{
	const struct scene scene = { .reset = restore,
		.work = work,
		.check = check_all,
		.segment = &segment,
		.stride = stride,
		.change_stride = work == drop_all ? 5 : 1 };

	fill_place(evicts);
	long steps = kill_at_each_step(&scene);
	print_message("# figure: %ld instructions\n", steps);
	assert_true(steps > 50);
	drop_place();
}

static void a_writer_may_die_at_any_instruction(void **state)
{
	(void)state;
	draft(7, 20);
	kill_at_each(COR_EVICT_AS_USUAL, put_drafted, 200);
	kill_at_each(COR_EVICT_LFU, put_drafted, 400);
	kill_at_each(COR_EVICT_LRU, touch_drafted, 200);
	draft(8, 1500);
	kill_at_each(COR_EVICT_LRU, put_drafted, 200);
	draft(38, 0); /* of several runs */
	kill_at_each(COR_EVICT_LFU, drop_drafted, 200);
	kill_at_each(COR_EVICT_AS_USUAL, drop_all, 400);
}

static void keep_all(void)
{
	check_all();
	assert_int_equal(figures().lost, 0);
}

static void a_reader_that_dies_loses_nothing(void **state)
{
	const struct scene scene = { .reset = restore,
		.work = get_drafted,
		.check = keep_all,
		.segment = &segment,
		.stride = 100 };

	(void)state;
	draft(38, 0);
	for (enum cor_eviction evicts = COR_EVICT_AS_USUAL; evicts <= COR_EVICT_RANDOM; evicts++) {
		fill_place(evicts);
		assert_true(kill_at_each_step(&scene) > 50);
		drop_place();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_see_what_one_has_put),
		cmocka_unit_test(children_of_a_program_share_it),
		cmocka_unit_test(it_stands_at_any_address),
		cmocka_unit_test(one_that_is_stopped_is_waited_for_once),
		cmocka_unit_test(writers_may_die_at_any_moment),
		cmocka_unit_test(a_writer_may_die_at_any_instruction),
		cmocka_unit_test(a_reader_that_dies_loses_nothing),
	};

	return _cmocka_run_group_tests(
		"tests", tests, tests_to_run(sizeof tests / sizeof tests[0], 2), NULL, NULL);
}
