/* SPDX-License-Identifier: MIT */
/* What is counted and told of cached functions, and of copies that are near. */
#include "odd_counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/clock.h>
#include <coracle/error.h>

#include "cache/caches.h"
#include "capture.h"
#include "context/context.h"
#include "odd_source.h"

COR_CACHED(get_kept, get_price, &kept, pair_schema, price_schema);
COR_CACHED(get_common, get_price, &common, pair_schema, price_schema);
COR_CACHED(
	get_stale, get_price, &kept, pair_schema, price_schema, .ttl_ms = 1000, .stale_ms = 5000);
COR_CACHED(get_near, get_price, &near, pair_schema, price_schema);
COR_CACHED(get_near_stale, get_price, &near, pair_schema, price_schema, .ttl_ms = 1000,
	.stale_ms = 5000);

struct asker {
	struct cor_ctx *ctx;
};

static int ask_late(struct cor_ctx *ctx, struct asker *asker)
{
	struct price price;

	(void)ctx;
	cor_ignore(cor_sleep_ms(5));
	return get_common(asker->ctx, &(struct pair){ 1, 0 }, &price);
}

static int ask_late_near(struct cor_ctx *ctx, struct asker *asker)
{
	struct price price;

	(void)ctx;
	cor_ignore(cor_sleep_ms(5));
	return get_near(asker->ctx, &(struct pair){ 1, 0 }, &price);
}

/* --- what is counted and told --- */

static struct {
	struct cor_cache_tally tally;
	_Atomic uint64_t cells[COR_CACHE_COUNTS][3];
} seen;

static struct capture captured;

/* The ctx of a stage is of an environment of its own. */
static struct cor_environment *watch(struct stage *stage)
{
	struct cor_environment *environment = (struct cor_environment *)(uintptr_t)
						      stage->ctx->environment;

	memset(&seen, 0, sizeof seen);
	for (size_t i = 0; i < COR_CACHE_COUNTS; i++)
		seen.tally.counts[i] = seen.cells[i];
	environment->cache_tally = &seen.tally;
	return environment;
}

static uint64_t counted(enum cor_cache_count what)
{
	return seen.cells[what][0] + seen.cells[what][1] + seen.cells[what][2];
}

static size_t times_told(const char *what)
{
	size_t n = 0;

	for (const char *at = captured.text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

/* Gets find nothing and are right, each put fails: a disk that is full, or read-only. */
static void not_tell_each_time(struct stage *stage)
{
	struct cor_environment *environment = watch(stage);
	struct price price;

	begin(0);
	environment->logger = captured.logger;
	fake_fail_puts(-ENOSPC);
	for (int i = 0; i < 10; i++)
		assert_int_equal(get_kept(stage->ctx, &(struct pair){ i, 0 }, &price), 0);
	capture_take(&captured);
	assert_int_equal(times_told("cache kept is failing"), 1);
	assert_int_equal(times_told("has recovered"), 0);
	fake_fail_puts(0);
	cor_ignore(cor_sleep_ms(2000));
	for (int i = 0; i < 10; i++)
		assert_int_equal(get_kept(stage->ctx, &(struct pair){ i, 0 }, &price), 0);
	capture_take(&captured);
	assert_int_equal(times_told("cache kept is failing"), 0);
	assert_int_equal(times_told("has recovered"), 1);
	environment->logger = NULL;
	assert_int_equal(counted(COR_CACHE_FAILURES), 10);
}

/* hits + stale hits + misses are all calls; who waited for another process joins, too. */
static void count_each_call_once(struct stage *stage)
{
	struct asker asker = { stage->ctx };
	struct cor_group group;
	struct price price;

	begin(100);
	watch(stage);
	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, ask_late, &asker);
	assert_int_equal(get_common(stage->other, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(counted(COR_CACHE_HITS), 0);
	assert_int_equal(counted(COR_CACHE_MISSES), 1);
	assert_int_equal(counted(COR_CACHE_JOINS), 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(get_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
		cor_ignore(cor_sleep_ms(1000));
	}
	assert_int_equal(counted(COR_CACHE_MISSES), 3);
	source.rc = -EIO;
	assert_int_equal(get_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(counted(COR_CACHE_STALE), 1);
	assert_int_equal(counted(COR_CACHE_MISSES), 3);
	assert_int_equal(counted(COR_CACHE_HITS), 0);
}

/* --- copies that are near --- */

/* The ctxs are two machines here: neither hears of the other's changes. */
static void make_once_for_machines_with_copies(struct stage *stage)
{
	struct price price;

	begin(10);
	watch(stage);
	assert_int_equal(get_near_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(get_near_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(get_near_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(counted(COR_CACHE_HITS), 2);
	assert_int_equal(counted(COR_CACHE_NEAR), 1);
	cor_ignore(cor_sleep_ms(1100));

	/* Each has a copy that is too old; the other has made a new one: nobody makes a third. */
	assert_int_equal(get_near_stale(stage->other, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(source.calls, 2);
	assert_int_equal(get_near_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(source.calls, 2);
	assert_int_equal(price.cents, 102);
	assert_int_equal(get_near_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(counted(COR_CACHE_NEAR), 2);

	/* And an old one is given out from a copy, too. */
	cor_ignore(cor_sleep_ms(1100));
	source.rc = -EIO;
	assert_int_equal(get_near_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(counted(COR_CACHE_STALE), 1);
}

/* A lease that another machine gives back is seen at once, not when a copy of it has ended. */
static void wait_for_no_copy_of_a_lease(struct stage *stage)
{
	struct asker asker = { stage->ctx };
	struct cor_group group;
	struct price price;
	int64_t begun_ns = cor_monotonic_ns();

	begin(100);
	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, ask_late_near, &asker);
	assert_int_equal(get_near(stage->other, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(source.calls, 1);
	assert_int_equal(fake_len(), 1);
	assert_in_range((cor_monotonic_ns() - begun_ns) / 1000000, 100, 200);
}

static void count_copies_of_several(struct stage *stage)
{
	const struct cor_template keys[] = { COR_KEY("p"), COR_KEY("q") };
	struct price prices[2];
	bool found[2];

	watch(stage);
	assert_int_equal(cor_cache_put(stage->ctx, &near, price_schema,
				 &((const struct price){ 7, NULL }), COR_KEY("p")),
		0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(
			cor_cache_get_many(stage->ctx, &near, price_schema, prices, found, keys, 2),
			1);
		assert_int_equal(prices[0].cents, 7);
		assert_int_equal(counted(COR_CACHE_NEAR), i);
	}
}

/* A copy says nothing of the store that fails behind it. */
static void take_no_copy_for_a_recovery(struct stage *stage)
{
	const struct cor_template keys[] = { COR_KEY("p"), COR_KEY("q") };
	struct cor_environment *environment = watch(stage);
	struct price prices[2];
	bool found[2];

	environment->logger = captured.logger;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(cor_cache_put(stage->ctx, &near, price_schema,
					 &((const struct price){ 7, NULL }), COR_KEY("p")),
			0);
		assert_int_equal(
			cor_cache_get(stage->ctx, &near, price_schema, prices, COR_KEY("p")), 0);
		fake_fail(-ECONNREFUSED);
		assert_int_equal(
			cor_cache_get(stage->ctx, &near, price_schema, prices, COR_KEY("q")),
			-ENOENT);
		cor_ignore(cor_sleep_ms(2000));
		assert_int_equal(
			cor_cache_get(stage->ctx, &near, price_schema, prices, COR_KEY("p")), 0);
		assert_int_equal(
			cor_cache_get_many(stage->ctx, &near, price_schema, prices, found, keys, 2),
			1);
		cor_ignore(cor_sleep_ms(1)); /* what is logged is written */
		capture_take(&captured);
		assert_int_equal(times_told("cache near is failing"), 1);
		assert_int_equal(times_told("has recovered"), 0);
		fake_fail(0);
		assert_int_equal(
			cor_cache_get(stage->ctx, &near, price_schema, prices, COR_KEY("q")),
			-ENOENT);
		cor_ignore(cor_sleep_ms(1)); /* what is logged is written */
		capture_take(&captured);
		assert_int_equal(times_told("has recovered"), 1);
	}
	environment->logger = NULL;
}

/* The scheduler writes what its loggers hold back: they outlive it. */
void test_a_failure_is_told_once(void **state)
{
	(void)state;
	capture_open(&captured, COR_LOG_JSON, COR_LOG_DEBUG, COR_LOG_ACCESS_OFF);
	stage_run(not_tell_each_time);
	capture_close(&captured);
}

void test_a_copy_is_no_recovery(void **state)
{
	(void)state;
	capture_open(&captured, COR_LOG_JSON, COR_LOG_DEBUG, COR_LOG_ACCESS_OFF);
	stage_run(take_no_copy_for_a_recovery);
	capture_close(&captured);
}

IN_FIBER(test_machines_with_copies_make_once, make_once_for_machines_with_copies)
IN_FIBER(test_there_is_no_copy_of_a_lease, wait_for_no_copy_of_a_lease)
IN_FIBER(test_copies_of_several_are_counted, count_copies_of_several)
IN_FIBER(test_each_call_is_counted_once, count_each_call_once)
