/* SPDX-License-Identifier: MIT */
/* One limit: what it learns, and how threads and processes share it. */
#include "adaptive_one.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "adaptive_world.h"

/* --- what one says --- */

struct judge {
	struct cor_adaptive_state state;
	struct cor_adaptive_rules rules;
	int64_t now_ns;
};

static void open_judge(struct judge *judge, const struct cor_adaptive_limit *limit)
{
	judge->rules = cor_adaptive_rules(limit, 100);
	judge->now_ns = 1000 * MS;
	assert_int_equal(cor_adaptive_init(&judge->state, &judge->rules), 0);
}

/* So many of that kind, 10 ms apart, while as much is on its way as may be. */
static void learn(struct judge *judge, uint32_t count, int kind, int64_t took_ms)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct cor_adaptive_sample sample = { .kind = kind,
			.took_ns = took_ms * MS,
			.most = judge->state.limit,
			.threads = 1,
			.wall_ns = judge->now_ns };
		judge->now_ns += 10 * MS;
		cor_adaptive_learn(&judge->state, &judge->rules, &sample, judge->now_ns);
	}
}

/* A call that is cancelled after a while says nothing, unless it was late by then. */
void test_cancelled_calls(void **state)
{
	struct judge judge;

	(void)state;
	open_judge(&judge, &usual);
	learn(&judge, 50, COR_ADAPTIVE_ANSWERED, 50);
	assert_int_equal(judge.state.best_us, 50000);
	uint32_t limit = judge.state.limit;
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 1);
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 60);
	assert_int_equal(judge.state.limit, limit);
	assert_int_equal(judge.state.best_us, 50000);
	assert_int_equal(judge.state.window.late, 0);
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 1000);
	assert_int_equal(judge.state.limit, 1);
	assert_int_equal(judge.state.best_us, 50000); /* nothing has come within that */
}

/* Before an answer has come, only those that have waited for long say something. */
void test_nothing_but_timeouts(void **state)
{
	struct judge judge;

	(void)state;
	open_judge(&judge, &(struct cor_adaptive_limit){ .start = 16, .min = 3 });
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 500);
	assert_int_equal(judge.state.limit, 16);
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 10000);
	assert_int_equal(judge.state.limit, 3);
	learn(&judge, 2000, COR_ADAPTIVE_ANSWERED, 50);
	assert_in_range(judge.state.limit, 16, 100);
}

/* Of one that refuses everything at once each lowers it, to .min and no further. */
void test_nothing_but_503(void **state)
{
	struct judge judge;

	(void)state;
	open_judge(&judge, &(struct cor_adaptive_limit){ .min = 2, .start = 100 });
	learn(&judge, 50, COR_ADAPTIVE_ANSWERED, 50);
	learn(&judge, 1000, COR_ADAPTIVE_OVERLOADED, 1);
	assert_int_equal(judge.state.limit, 2);
	assert_int_equal(judge.state.best_us, 50000);
	learn(&judge, 10000, COR_ADAPTIVE_ANSWERED, 50);
	assert_int_equal(judge.state.limit, 100);
}

/* One endpoint fails for reasons of its own: one in twenty says 503, or is not answered. */
void test_some_fail(void **state)
{
	struct judge judge;

	(void)state;
	for (int kind = COR_ADAPTIVE_LATE; kind <= COR_ADAPTIVE_OVERLOADED; kind++) {
		open_judge(&judge, &usual);
		for (int i = 0; i < 2000; i++) {
			learn(&judge, 19, COR_ADAPTIVE_ANSWERED, 50);
			learn(&judge, 1, kind, 5000);
		}
		assert_int_equal(judge.state.limit, 100);
		assert_in_range(judge.state.best_us, 49000, 51000);
	}
}

/* Whatever comes, at whatever times, it stays within its bounds, and a number. */
void test_chance(void **state)
{
	static const int64_t times[] = { 0, 1, -1, 1000, 50 * MS, 5000 * MS, INT64_MAX, INT64_MIN };
	struct cor_world world = { .seed = 7 };
	struct judge judge;

	(void)state;
	open_judge(&judge, &(struct cor_adaptive_limit){ .min = 2 });
	for (int i = 0; i < 2000000; i++) {
		uint32_t chance = draw(&world), threads = chance >> 3 & 7;
		const struct cor_adaptive_sample sample = { .kind = (int)(chance % 3),
			.took_ns = times[chance >> 8 & 7],
			.most = chance >> 12 & 255,
			.threads = threads,
			.wall_ns = times[chance >> 20 & 7] };
		judge.now_ns += chance % 1000 ? (chance >> 16) % 20 * MS : 100000 * MS;
		cor_adaptive_learn(&judge.state, &judge.rules, &sample, judge.now_ns);
		assert_in_range(judge.state.limit, 2, 700);
		assert_true(judge.state.exact >= 2 && judge.state.exact <= 700);
		assert_true(judge.state.best_ns >= 0 && judge.state.best_ns < 1e19);
	}
}

/* --- shares --- */

static uint32_t take_all(struct cor_slots *slots, struct cor_slot *ret, uint32_t most, int64_t ms)
{
	uint32_t got = 0;

	while (got < most && cor_slots_try(slots, &ret[got], ms * MS))
		got++;
	return got;
}

/* What nobody else wants is anybody's; those who want more than there is have the same part. */
void test_shares(void **state)
{
	static struct cor_slot taken[THREADS_MAX][64];
	struct cor_world world;
	uint32_t got[THREADS_MAX] = { 0 };

	(void)state;
	open_world(&world, 8, &(struct cor_adaptive_limit){ .start = 20 }, 100);
	got[0] = take_all(&world.slots[0], taken[0], 64, 1000);
	assert_int_equal(got[0], 20);
	for (uint32_t i = 1; i < 8; i++) { /* one at least, whatever the first one has */
		got[i] = take_all(&world.slots[i], taken[i], 64, 1001);
		assert_in_range(got[i], 1, 4);
	}
	/* who gives all back gets no more than a share, if the others have theirs */
	while (got[0])
		cor_slots_give(&world.slots[0], &taken[0][--got[0]], 1002 * MS);
	got[0] = take_all(&world.slots[0], taken[0], 64, 1003);
	assert_in_range(got[0], 2, 4);
	world.slots[0].waiting = 40; /* the more it wants the more it gets */
	got[0] += take_all(&world.slots[0], taken[0] + got[0], 60, 1004);
	assert_in_range(got[0], 12, 15);
	close_world(&world);
}

/* A worker that is killed has no share after a minute, and its row is another's. */
void test_a_thread_that_is_gone(void **state)
{
	static struct cor_slot lost[64], taken[64];
	struct cor_world world;

	(void)state;
	open_world(&world, 3, &(struct cor_adaptive_limit){ .start = 20 }, 100);
	assert_int_equal(take_all(&world.slots[0], lost, 64, 1000), 20);
	uint32_t got = take_all(&world.slots[1], taken, 64, 1001);
	assert_in_range(got, 1, 4);
	while (got)
		cor_slots_give(&world.slots[1], &taken[--got], 1002 * MS);
	assert_int_equal(take_all(&world.slots[1], taken, 64, 62000), 20);
	got = take_all(&world.slots[2], lost, 64, 62001);
	assert_true(got >= 1);
	assert_ptr_equal(world.slots[2].row, world.slots[0].row);
	assert_int_equal(state_of(&world)->rows_used, 2);
	/* if it was only asleep, it gets another row, and what it had is counted still */
	struct cor_slot one = { .is_taken = true };
	cor_slots_give(&world.slots[0], &one, 62002 * MS);
	assert_ptr_not_equal(world.slots[0].row, world.slots[2].row);
	assert_int_equal(world.slots[0].row->in_flight, 19);
	close_world(&world);
}

/* More threads than rows: each gets something. */
void test_more_threads_than_rows(void **state)
{
	static struct cor_slots all[COR_ADAPTIVE_ROWS + 10];
	static struct cor_slot taken[COR_ADAPTIVE_ROWS + 10];
	struct cor_world world;

	(void)state;
	open_world(&world, 1, &usual, 100);
	for (size_t i = 0; i < COR_ADAPTIVE_ROWS + 10; i++) {
		all[i] = world.slots[0];
		assert_true(cor_slots_try(&all[i], &taken[i], 1000 * MS));
	}
	assert_null(all[COR_ADAPTIVE_ROWS].row);
	for (size_t i = 0; i < COR_ADAPTIVE_ROWS + 10; i++)
		cor_slots_give(&all[i], &taken[i], 1001 * MS);
	close_world(&world);
}

/* --- between processes --- */

void test_one_for_all_processes(void **state)
{
	struct cor_adaptive_table *table = mmap(
		NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct cor_adaptive_rules rules = cor_adaptive_rules(&usual, 100), others = rules;
	int status;

	(void)state;
	assert_ptr_not_equal(table, MAP_FAILED);
	assert_int_equal(cor_adaptive_table_init(table, sizeof *table), 0);
	assert_null(cor_adaptive_find(table, "prices", &rules));
	pid_t child = fork();
	if (child == 0) {
		struct cor_adaptive_state *its = cor_adaptive_hold(table, "prices", &rules);
		its->limit = 7;
		its->exact = 7.5;
		_exit(cor_adaptive_lock(its, &rules) == 0 ? 0 : 1); /* it dies with it */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	struct cor_adaptive_state *held = cor_adaptive_hold(table, "prices", &rules);
	assert_ptr_equal(held, cor_adaptive_find(table, "prices", &rules));
	assert_int_equal(held->limit, 7);
	assert_int_equal(cor_adaptive_lock(held, &rules), 0);
	assert_int_equal(held->limit, COR_ADAPTIVE_START); /* nobody knows what was half done */
	cor_adaptive_unlock(held);
	others.max = 99;
	assert_ptr_not_equal(cor_adaptive_hold(table, "prices", &others), held);
	assert_ptr_not_equal(cor_adaptive_hold(table, "ratings", &rules), held);
	munmap(table, sizeof *table);
}

void test_a_full_table(void **state)
{
	struct cor_adaptive_table *table = cor_adaptive_table_create();
	struct cor_adaptive_rules rules = cor_adaptive_rules(&usual, 100);

	(void)state;
	assert_non_null(table);
	for (uint32_t i = 0; i < COR_ADAPTIVE_STATES_MAX; i++) {
		rules.max = i + 1;
		assert_non_null(cor_adaptive_hold(table, "prices", &rules));
	}
	rules.max = COR_ADAPTIVE_STATES_MAX + 1;
	assert_null(cor_adaptive_hold(table, "prices", &rules));
	free(table);
}
