/* SPDX-License-Identifier: MIT */
/*
 * A thousand requests on one thread, each with fifty children of which one in ten fails, hangs or
 * is cancelled: every deadline is kept, and nothing is left over. Drawn from a seed, in a world,
 * where a deadline is kept to the nanosecond. `test-fanout-stress real` does the same by the real
 * clock and prints by how much the worst deadline was missed.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "chance.h"
#include "stage.h"

#define REQUESTS 1000
#define CHILDREN 50
#define ROUNDS   3

struct stress {
	struct chance chance;
	struct cor_semaphore never;
	int live;          /* children that have begun and not ended */
	int ends[3];       /* of requests: well, with a failure, early */
	int64_t latest_ns; /* behind a deadline, or a cancellation */
	struct request {
		struct stress *stress;
		struct cor_fiber *fiber;
		int64_t begins_ms, allowed_ms;
		int64_t cancelled_ms; /* after it has begun; 0: it is not */
		int64_t cancelled_ns; /* when it was; 0: not yet */
	} requests[REQUESTS];
};

enum fate { FINE, FAILS, HANGS, FORKS };

struct child {
	struct stress *stress;
	enum fate fate;
	int64_t ms;
	char *text;
};

static int live(struct cor_ctx *ctx, struct child *child);

static int have_children(struct cor_ctx *ctx, const struct child *child)
{
	struct child children[3];

	for (int i = 0; i < 3; i++)
		children[i] = (struct child){ child->stress, i == 2 ? FAILS : FINE, child->ms + i };
	return cor_map(ctx, live, children, 3,
		&(struct cor_map_options){ .rule = COR_ANY_SUCCESS, .at_once = 2 });
}

static int meet_fate(struct cor_ctx *ctx, struct child *child)
{
	int rc = cor_sleep_ms(child->ms);

	child->text = cor_printf(ctx, "%" PRId64, child->ms);
	if (rc < 0 || !child->text)
		return rc < 0 ? rc : -ENOMEM;
	switch (child->fate) {
	case FAILS:
		return cor_problem(ctx, 409, 0, "no luck at %" PRId64, child->ms);
	case HANGS:
		return cor_semaphore_take(&child->stress->never);
	case FORKS:
		return have_children(ctx, child);
	default:
		return 0;
	}
}

static int live(struct cor_ctx *ctx, struct child *child)
{
	child->stress->live++;
	int rc = meet_fate(ctx, child);
	child->stress->live--;
	return rc;
}

static void draw_child(struct stress *stress, struct child *child)
{
	struct chance *chance = &stress->chance;

	*child = (struct child){ .stress = stress, .ms = draw(chance, 30) };
	if (draw(chance, 10) == 0)
		child->fate = (enum fate)(FAILS + draw(chance, 3));
}

static int fan_out(struct request *request, struct cor_ctx *ctx)
{
	struct stress *stress = request->stress;
	enum cor_group_rule rule = (enum cor_group_rule)draw(&stress->chance, 4);
	struct child children[CHILDREN];
	struct cor_group group;
	size_t i;

	cor_group_begin(&group, ctx, rule);
	cor_group_limit(&group, draw(&stress->chance, 4) == 0 ? 20 : 0);
	for (i = 0; i < CHILDREN; i++) {
		draw_child(stress, &children[i]);
		cor_group_start(&group, live, &children[i]);
	}
	if (draw(&stress->chance, 2) == 0)
		while (cor_group_next(&group, &i) > 0)
			assert_true(cor_group_result(&group, i) != -EINPROGRESS);
	int rc = cor_group_wait(&group);
	for (i = 0; i < CHILDREN; i++)
		assert_true(cor_group_result(&group, i) <= 0 &&
			    cor_group_result(&group, i) != -EINPROGRESS);
	return rc;
}

static void note_end(struct request *request, int rc, int64_t due_ns)
{
	struct stress *stress = request->stress;
	int64_t late_ns = cor_monotonic_ns() -
			  (request->cancelled_ns != 0 && request->cancelled_ns < due_ns
					  ? request->cancelled_ns
					  : due_ns);

	if (late_ns > stress->latest_ns)
		stress->latest_ns = late_ns;
	stress->ends[rc == 0 ? 0 : rc == -ETIMEDOUT || rc == -ECANCELED ? 2 : 1]++;
}

static int serve(void *arg)
{
	struct request *request = arg;
	struct cor_scope scope;
	struct cor_ctx *ctx;

	if (cor_sleep_ms(request->begins_ms) < 0)
		return 0;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ 0 }, &ctx), 0);
	int64_t due_ns = cor_monotonic_ns() + request->allowed_ms * 1000000;
	cor_scope_enter(&scope, request->allowed_ms);
	note_end(request, fan_out(request, ctx), due_ns);
	cor_scope_leave(&scope);
	cor_ctx_destroy(ctx);
	return 0;
}

static int cancel(void *arg)
{
	struct request *request = arg;

	assert_int_equal(cor_sleep_ms(request->begins_ms + request->cancelled_ms), 0);
	request->cancelled_ns = cor_monotonic_ns();
	cor_fiber_cancel(request->fiber);
	return 0;
}

static void start_request(struct stress *stress, struct request *request)
{
	*request = (struct request){
		.stress = stress,
		.begins_ms = draw(&stress->chance, 2000),
		.allowed_ms = 1 + draw(&stress->chance, 60),
	};
	assert_int_equal(cor_fiber_start(NULL, serve, request, NULL, &request->fiber), 0);
	if (draw(&stress->chance, 10) != 0)
		return;
	request->cancelled_ms = 1 + draw(&stress->chance, 30);
	assert_int_equal(cor_fiber_start(NULL, cancel, request, NULL, NULL), 0);
}

static struct stress stress;

static int play_round(void *arg)
{
	stress = (struct stress){ .chance = *(struct chance *)arg };
	for (size_t i = 0; i < REQUESTS; i++)
		start_request(&stress, &stress.requests[i]);
	for (size_t i = 0; i < REQUESTS; i++)
		cor_fiber_join(stress.requests[i].fiber, NULL);
	assert_int_equal(stress.live, 0);
	assert_int_equal(stress.ends[0] + stress.ends[1] + stress.ends[2], REQUESTS);
	return 0;
}

static void play_in_world(uint64_t seed)
{
	struct cor_world *world = cor_world_create();
	const struct cor_seams seams = cor_world_seams(world);
	struct chance chance = { seed };
	struct cor_scheduler *scheduler;

	assert_int_equal(cor_scheduler_create_with(NULL, &seams, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, play_round, &chance, NULL, NULL), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_world_run(world, scheduler), 0);
	assert_int_equal(scheduler->in_use, 0);
	cor_scheduler_destroy(scheduler); /* unmaps every stack, which must be idle */
	cor_world_destroy(world);
}

static void test_every_deadline_is_kept_and_nothing_is_left(void **state)
{
	uint64_t rounds = getenv("COR_TEST_LIGHT") ? 1 : ROUNDS;
	size_t before = 0;

	(void)state;
	for (uint64_t round = 0; round < rounds; round++) {
		play_in_world(4711 + round);
		assert_true(stress.latest_ns <= 0);
		for (int i = 0; i < 3; i++)
			assert_in_range(stress.ends[i], 50, 900);
		size_t used = mallinfo2().uordblks;
		if (round != 0)
			assert_true(used < before + 65536);
		before = used;
	}
}

static int play_by_the_real_clock(void)
{
	struct chance chance = { 4711 };
	struct cor_scheduler *scheduler;

	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, play_round, &chance, NULL, NULL), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_scheduler_destroy(scheduler);
	printf("%d well, %d failed, %d early; the latest %.3f ms behind its deadline\n",
		stress.ends[0], stress.ends[1], stress.ends[2], (double)stress.latest_ns / 1e6);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_deadline_is_kept_and_nothing_is_left),
	};

	if (argc == 2 && strcmp(argv[1], "real") == 0)
		return play_by_the_real_clock();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
