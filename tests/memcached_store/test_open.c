/* SPDX-License-Identifier: MIT */
/* What declarations are refused, when servers are asked, and how long values live. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memcached_store/node.h"
#include "memcached_store/value.h"

#define MS INT64_C(1000000)
#define S  (1000 * MS)

/* --- declarations --- */

static void check_fault(const char *at, const struct cor_memcached *memcached, const char *expected)
{
	const struct cor_cache cache = {
		.name = "test", .store = &cor_memcached_store, .at = at, .memcached = memcached
	};
	struct cor_store *store;
	const char *fault = "";

	if (!expected) {
		assert_int_equal(cor_store_open(&cache, &store, &fault), 0);
		cor_store_close(store);
		return;
	}
	assert_int_equal(cor_store_open(&cache, &store, &fault), -EINVAL);
	assert_string_equal(fault, expected);
}

#define OPTIONS(...) (&(const struct cor_memcached){ __VA_ARGS__ })

static void test_declarations(void **state)
{
	const uint32_t two[] = { 1, 2, 0 }, heavy[] = { 1, 1001, 0 };

	(void)state;
	check_fault("a, b", NULL, NULL);
	check_fault(NULL, NULL,
		"has no .at: name the servers of memcached, \"10.0.0.1:11211, 10.0.0.2\"");
	check_fault("a:x", NULL, "names the server \"a:x\" in .at: its port is 1 to 65535");
	check_fault("a", OPTIONS(.user = "ann"),
		"has a .user or a .password for memcached: both are needed");
	check_fault("a", OPTIONS(.user = "ann", .password = "a b"),
		"has a .user or .password for memcached with a blank or line end in it");
	check_fault("a", OPTIONS(.item_bytes = 1000), "has .item_bytes of 1000: 16384 at least");
	check_fault("a", OPTIONS(.dead_ms = 60001), "has .dead_ms of 60001: 60000 at most");
	check_fault("a", OPTIONS(.placement = (enum cor_placement)3),
		"has a .placement that is none of enum cor_placement");
	check_fault("a, b", OPTIONS(.weights = two),
		"has .weights: say .placement = COR_PLACE_KETAMA_WEIGHTED, too");
	check_fault("a", OPTIONS(.weights = two, .placement = COR_PLACE_KETAMA_WEIGHTED),
		"has 2 .weights for 1 servers");
	check_fault("a, b", OPTIONS(.weights = heavy, .placement = COR_PLACE_KETAMA_WEIGHTED),
		"has a weight of 1001: 1 to 1000");
	check_fault("a, b", OPTIONS(.weights = two, .placement = COR_PLACE_KETAMA_WEIGHTED), NULL);
}

/* A copy could be taken of what a put that has returned has not yet changed. */
static void test_copies_of_what_is_not_awaited(void **state)
{
	const struct cor_cache cache = { .name = "test",
		.store = &cor_memcached_store,
		.at = "a",
		.near_ttl_ms = 1000,
		.memcached = OPTIONS(.noreply = true) };
	struct cor_store *store;
	const char *fault = "";

	(void)state;
	check_fault("a", OPTIONS(.noreply = true), NULL);
	assert_int_equal(cor_store_open(&cache, &store, &fault), -EINVAL);
	assert_string_equal(fault,
		"has .near_ttl_ms, and .noreply for memcached: copies of what was there before a "
		"put could be kept after it; leave one of them out");
}

/* --- servers that are out --- */

static const struct cor_memcached_node_rules rules = { .fails = 3, .dead_ms = 1000 };

static void fail_until_out(struct cor_memcached_node *node, int64_t now_ns)
{
	assert_false(cor_memcached_node_tell(node, &rules, COR_MEMCACHED_BAD, false, now_ns));
	assert_false(cor_memcached_node_tell(node, &rules, COR_MEMCACHED_BAD, false, now_ns));
	assert_true(cor_memcached_node_tell(node, &rules, COR_MEMCACHED_BAD, false, now_ns));
}

static void test_failures_in_a_row(void **state)
{
	struct cor_memcached_node node = { 0 };
	bool is_probe;

	(void)state;
	for (int i = 0; i < 10; i++) {
		cor_memcached_node_tell(&node, &rules, COR_MEMCACHED_BAD, false, S);
		cor_memcached_node_tell(&node, &rules, COR_MEMCACHED_BAD, false, S);
		cor_memcached_node_tell(&node, &rules, COR_MEMCACHED_NO_VERDICT, false, S);
		assert_true(cor_memcached_node_enter(&node, S, &is_probe));
		assert_false(is_probe);
		cor_memcached_node_tell(&node, &rules, COR_MEMCACHED_GOOD, false, S);
	}
	fail_until_out(&node, S);
	assert_true(cor_memcached_node_is_out(&node, S));
	assert_false(cor_memcached_node_enter(&node, 2 * S - 1, &is_probe));
}

static void test_one_finds_it_back(void **state)
{
	struct cor_memcached_node node = { 0 };
	bool is_probe;

	(void)state;
	fail_until_out(&node, 0);
	assert_true(cor_memcached_node_enter(&node, S, &is_probe));
	assert_true(is_probe);
	for (int i = 0; i < 50; i++)
		assert_false(cor_memcached_node_enter(&node, S, &is_probe));
	/* who has found it out gave up: the next one tries */
	cor_memcached_node_tell(&node, &rules, COR_MEMCACHED_NO_VERDICT, true, S);
	assert_true(cor_memcached_node_enter(&node, S, &is_probe));
	/* what was asked before it went out says nothing any more */
	cor_memcached_node_tell(&node, &rules, COR_MEMCACHED_GOOD, false, S);
	assert_true(cor_memcached_node_is_out(&node, S));
	cor_memcached_node_tell(&node, &rules, COR_MEMCACHED_GOOD, true, S);
	assert_true(cor_memcached_node_enter(&node, S, &is_probe));
	assert_false(is_probe);
}

static void test_pauses_grow(void **state)
{
	struct cor_memcached_node node = { 0 };
	int64_t now_ns = S, pause_ms = 1000;
	bool is_probe;

	(void)state;
	fail_until_out(&node, now_ns);
	for (int i = 0; i < 12; i++) {
		assert_false(
			cor_memcached_node_enter(&node, now_ns + pause_ms * MS - 1, &is_probe));
		now_ns += pause_ms * MS;
		assert_true(cor_memcached_node_enter(&node, now_ns, &is_probe));
		cor_memcached_node_tell(&node, &rules, COR_MEMCACHED_BAD, true, now_ns);
		pause_ms = 2 * pause_ms < COR_MEMCACHED_DEAD_MS_MAX ? 2 * pause_ms
								    : COR_MEMCACHED_DEAD_MS_MAX;
	}
}

/* --- times --- */

static int left(uint32_t flags, int64_t ttl_s, int64_t now_ns, int64_t *ret_ms)
{
	const struct cor_memcached_ask ask = { .flags = flags, .has_ttl = true, .ttl_s = ttl_s };

	*ret_ms = 0;
	return cor_memcached_left(&ask, now_ns, ret_ms);
}

static void test_the_end_of_a_time(void **state)
{
	const int64_t put_ns = INT64_C(1800000000) * S + 123 * MS;
	uint32_t flags = cor_memcached_end_flags(1500, put_ns);
	int64_t ms;

	(void)state;
	assert_int_equal(cor_memcached_end_flags(2000, put_ns), 0);
	assert_int_equal(cor_memcached_end_flags(COR_FOREVER, put_ns), 0);
	assert_true(flags != 0 && (flags & 0xff) == 0);
	assert_int_equal(left(flags, 2, put_ns, &ms), 0);
	assert_int_equal(ms, 1500);
	assert_int_equal(left(flags, 1, put_ns + 1400 * MS, &ms), 0);
	assert_int_equal(ms, 100);
	assert_int_equal(left(flags, 1, put_ns + 1500 * MS, &ms), -ENOENT);
	assert_int_equal(left(flags, 1, put_ns + 1999 * MS, &ms), -ENOENT);
	/* no flags: the server's seconds, of which one may be almost over */
	assert_int_equal(left(0, 30, put_ns, &ms), 0);
	assert_int_equal(ms, 29000);
	assert_int_equal(left(0, 1, put_ns, &ms), 0);
	assert_int_equal(ms, 1);
	assert_int_equal(left(0, -1, put_ns, &ms), 0);
	assert_true(ms == COR_FOREVER);
}

static void test_clocks_that_jump(void **state)
{
	const int64_t put_ns = INT64_C(1800000000) * S, hour_ns = 3600 * S;
	const int64_t jumps_ns[] = { hour_ns, -hour_ns, 24 * hour_ns, -24 * hour_ns,
		INT64_C(30) * 365 * 24 * hour_ns, -INT64_C(30) * 365 * 24 * hour_ns };
	uint32_t flags = cor_memcached_end_flags(60500, put_ns);
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof jumps_ns / sizeof jumps_ns[0]; i++) {
		assert_int_equal(left(flags, 61, put_ns + jumps_ns[i], &ms), 0);
		assert_int_equal(ms, 60000);
		int rc = left(flags, 2, put_ns + jumps_ns[i], &ms);
		assert_true(rc == -ENOENT || (rc == 0 && ms >= 1 && ms <= 2000));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_declarations),
		cmocka_unit_test(test_copies_of_what_is_not_awaited),
		cmocka_unit_test(test_failures_in_a_row),
		cmocka_unit_test(test_one_finds_it_back),
		cmocka_unit_test(test_pauses_grow),
		cmocka_unit_test(test_the_end_of_a_time),
		cmocka_unit_test(test_clocks_that_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
