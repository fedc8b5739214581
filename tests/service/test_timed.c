/* SPDX-License-Identifier: MIT */
/* Functions that are timed, by a clock that the test moves, and by the system's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>

#include <coracle/coracle.h>

#include "context/context.h"
#include "service/timings.h"

#define US INT64_C(1000)
#define MS (1000 * US)

static int greet(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(greet_operation, greet, COR_NONE, COR_NONE);
static const struct cor_resource greeting = { .path = "/", .get = &greet_operation };
static const struct cor_service shop = { .name = "shop", .resources = COR_RESOURCES(&greeting) };

/* --- a clock --- */

struct hand_clock {
	struct cor_clock clock;
	int64_t now_ns;
};

static int64_t read_ns(const struct cor_clock *clock)
{
	return ((const struct hand_clock *)clock)->now_ns;
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	((struct hand_clock *)(uintptr_t)clock)->now_ns = due_ns;
}

static struct hand_clock hand;

static struct cor_ctx *open_ctx(const struct cor_service *service)
{
	struct cor_ctx *ctx;

	hand = (struct hand_clock){ { read_ns, read_ns, sleep_until }, 1000 * MS };
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = service,
						.clock = &hand.clock,
						.log = COR_LOG_HIDDEN },
				 &ctx),
		0);
	return ctx;
}

static struct cor_timed read_timed(struct cor_ctx *ctx, const char *name)
{
	struct cor_timed timed = { 0 };

	if (cor_timed_read(ctx, name, &timed) < 0)
		fail_msg("nothing was timed as %s", name);
	return timed;
}

/* --- what is timed --- */

static int load(struct cor_ctx *ctx, int64_t ns, bool early)
{
	cor_timed(ctx);

	hand.now_ns += ns;
	if (early)
		return -1;
	hand.now_ns += ns;
	return 0;
}

static void each_return_counts(void **state)
{
	struct cor_ctx *ctx = open_ctx(&shop);

	(void)state;
	assert_int_equal(load(ctx, 4 * MS, false), 0);
	assert_int_equal(load(ctx, 3 * MS, true), -1);
	const struct cor_timed timed = read_timed(ctx, "load");
	assert_int_equal(timed.count, 2);
	assert_int_equal(timed.errors, 0);
	assert_int_equal(timed.wall.sum, 11 * MS);
	assert_int_equal(timed.wall.min, 3 * MS);
	assert_int_equal(timed.wall.max, 8 * MS);
	assert_int_equal(timed.thread.sum, 11 * MS);
	cor_ctx_destroy(ctx);
}

static void nest(struct cor_ctx *ctx, int depth)
{
	cor_timed(ctx);

	hand.now_ns += MS;
	if (depth > 1)
		nest(ctx, depth - 1);
}

static void recursion_counts_each_call(void **state)
{
	struct cor_ctx *ctx = open_ctx(&shop);

	(void)state;
	nest(ctx, 3);
	const struct cor_timed timed = read_timed(ctx, "nest");
	assert_int_equal(timed.count, 3);
	assert_int_equal(timed.wall.sum, 6 * MS); /* 3 and 2 and 1 */
	assert_int_equal(timed.wall.max, 3 * MS);
	cor_ctx_destroy(ctx);
}

static int refuse(struct cor_ctx *ctx, bool by_violation)
{
	cor_timed(ctx);

	return by_violation ? cor_invalid(ctx, "body", "/a", "no") : cor_problem(ctx, 404, 0, "no");
}

static int pass(struct cor_ctx *ctx)
{
	cor_timed(ctx);

	return 0;
}

static void a_problem_is_an_error(void **state)
{
	struct cor_ctx *ctx = open_ctx(&shop);

	(void)state;
	assert_int_not_equal(refuse(ctx, false), 0);
	assert_int_not_equal(refuse(ctx, false), 0); /* the same words again */
	assert_int_not_equal(refuse(ctx, true), 0);
	assert_int_not_equal(refuse(ctx, true), 0); /* adds to those before */
	assert_int_equal(pass(ctx), 0);             /* of a ctx that has one already */
	assert_int_equal(read_timed(ctx, "refuse").count, 4);
	assert_int_equal(read_timed(ctx, "refuse").errors, 4);
	assert_int_equal(read_timed(ctx, "pass").errors, 0);
	cor_ctx_destroy(ctx);
}

static int64_t twice(int64_t n)
{
	hand.now_ns += n;
	return 2 * n;
}

static void tick(void)
{
	hand.now_ns += 1;
}

static void plain_functions(void **state)
{
	struct cor_ctx *ctx = open_ctx(&shop);

	(void)state;
	assert_int_equal(cor_timed_call(ctx, twice, 21), 42);
	cor_timed_call(ctx, tick);
	assert_int_equal(read_timed(ctx, "twice").wall.sum, 21);
	assert_int_equal(read_timed(ctx, "tick").wall.sum, 1);
	cor_ctx_destroy(ctx);
}

static void a_block_has_a_name(void **state)
{
	static const char here[] = "part", there[] = "part";
	struct cor_ctx *ctx = open_ctx(&shop);

	(void)state;
	{
		cor_timed_as(ctx, here);
		hand.now_ns += 1;
		cor_timed_as(ctx, there); /* another address, the same name */
		hand.now_ns += 1;
	}
	assert_int_equal(read_timed(ctx, "part").count, 2);
	assert_int_equal(read_timed(ctx, "part").wall.sum, 3);
	cor_ctx_destroy(ctx);
}

static void quantiles(void **state)
{
	struct cor_ctx *ctx = open_ctx(&shop);
	struct cor_timed timed = { .count = 7 };

	(void)state;
	assert_int_equal(cor_timed_read(ctx, "load", &timed), -ENOENT);
	assert_int_equal(timed.count, 7); /* there is no quantile of nothing */
	for (int i = 0; i < 98; i++)
		cor_ignore(load(ctx, 100 * US, true));
	cor_ignore(load(ctx, 300 * MS, true));
	cor_ignore(load(ctx, 400 * MS, true));
	timed = read_timed(ctx, "load");
	assert_int_equal(timed.wall.p50, 100 * US); /* all that are below lie between min and max */
	assert_int_equal(timed.wall.p95, 100 * US);
	assert_in_range(timed.wall.p99, 250 * MS, 400 * MS);
	cor_ctx_destroy(ctx);
}

static void time_never_runs_backwards(void **state)
{
	struct cor_ctx *ctx = open_ctx(&shop);

	(void)state;
	cor_ignore(load(ctx, -5 * MS, true));
	assert_int_equal(read_timed(ctx, "load").wall.sum, 0);
	cor_ctx_destroy(ctx);
}

static void there_is_room_for_so_many(void **state)
{
	static char names[COR_TIMED_MAX + 1][8];
	struct cor_ctx *ctx = open_ctx(&shop);
	struct cor_timed timed;

	(void)state;
	for (size_t i = 0; i <= COR_TIMED_MAX; i++) {
		snprintf(names[i], sizeof names[i], "f%zu", i);
		cor_timed_as(ctx, names[i]);
		hand.now_ns += 1;
	}
	assert_int_equal(read_timed(ctx, names[COR_TIMED_MAX - 1]).count, 1);
	assert_int_equal(cor_timed_read(ctx, names[COR_TIMED_MAX], &timed), -ENOENT);
	cor_ctx_destroy(ctx);
}

static void without_a_service_nothing_is_timed(void **state)
{
	struct cor_ctx *ctx = open_ctx(NULL);
	struct cor_timed timed;

	(void)state;
	assert_int_equal(load(ctx, MS, false), 0);
	assert_int_equal(cor_timed_read(ctx, "load", &timed), -ENOENT);
	cor_ctx_destroy(ctx);
}

/* --- waits --- */

struct waiting {
	struct cor_ctx *ctx;
	int rc;
};

static int wait_for_it(struct cor_ctx *ctx)
{
	cor_timed(ctx);

	return cor_sleep_ms(30);
}

static int wait_in_fiber(void *arg)
{
	struct waiting *waiting = arg;

	waiting->rc = wait_for_it(waiting->ctx);
	return 0;
}

static void a_wait_is_not_on_the_thread(void **state)
{
	struct cor_scheduler *scheduler;
	struct waiting waiting = { .rc = 1 };

	(void)state;
	assert_int_equal(
		cor_ctx_create(&(struct cor_ctx_options){ .service = &shop }, &waiting.ctx), 0);
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, wait_in_fiber, &waiting, NULL, NULL), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_scheduler_destroy(scheduler);
	assert_int_equal(waiting.rc, 0);
	const struct cor_timed timed = read_timed(waiting.ctx, "wait_for_it");
	assert_int_equal(timed.count, 1);
	assert_in_range(timed.wall.sum, 29 * MS, 20000 * MS);
	assert_true(timed.thread.sum + 29 * MS <= timed.wall.sum);
	cor_ctx_destroy(waiting.ctx);
}

/* --- several writers --- */

#define WRITERS 4
#define CALLS   20000

static void *call_often(void *arg)
{
	struct cor_environment environment = { .timings = arg };
	struct cor_ctx ctx = { .environment = &environment };

	for (int i = 0; i < CALLS; i++) {
		cor_timed_as(&ctx, "often");
	}
	return NULL;
}

static void no_count_is_lost(void **state)
{
	struct cor_timings *timings;
	pthread_t threads[WRITERS];

	(void)state;
	assert_int_equal(
		cor_timings_create(
			&(struct cor_timings_options){ .thread = COR_LEDGER_OTHERS }, &timings),
		0);
	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_often, timings), 0);
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	struct cor_environment environment = { .timings = timings };
	struct cor_ctx ctx = { .environment = &environment };
	assert_int_equal(read_timed(&ctx, "often").count, WRITERS * CALLS);
	cor_timings_destroy(timings);
}

static void off_is_off(void **state)
{
	struct cor_timings *timings;

	(void)state;
	assert_int_equal(
		cor_timings_create(&(struct cor_timings_options){ .is_off = true }, &timings), 0);
	assert_null(timings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_return_counts),
		cmocka_unit_test(recursion_counts_each_call),
		cmocka_unit_test(a_problem_is_an_error),
		cmocka_unit_test(plain_functions),
		cmocka_unit_test(a_block_has_a_name),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(time_never_runs_backwards),
		cmocka_unit_test(there_is_room_for_so_many),
		cmocka_unit_test(without_a_service_nothing_is_timed),
		cmocka_unit_test(a_wait_is_not_on_the_thread),
		cmocka_unit_test(no_count_is_lost),
		cmocka_unit_test(off_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
