/* SPDX-License-Identifier: MIT */
/* In fibers: what waits for a disk holds no loop; a caller that leaves takes nothing with it. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/fiber.h>

struct play {
	struct stage *stage;
	void (*act)(struct stage *stage);
};

static int act_and_stop(void *arg)
{
	const struct play *play = arg;

	play->act(play->stage);
	cor_scheduler_stop(cor_scheduler_current());
	return 0;
}

/* With the system's clock: another thread works, too. */
static void in_fiber(struct stage *stage, void (*act)(struct stage *stage))
{
	struct play play = { stage, act };
	struct cor_scheduler *scheduler;

	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, act_and_stop, &play, NULL, NULL), 0);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_scheduler_destroy(scheduler);
}

static void do_all(struct stage *stage)
{
	const struct cor_item first = { .value = COR_STR("7") };
	struct cor_item item = { .value = COR_STR("2") };
	uint64_t n = 0;

	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_true(stage_has(stage, "a", "1"));
	assert_true(stage_has(stage, "a", "1"));
	assert_int_equal(cor_store_put(stage->store, COR_STR("a"), &item, COR_PUT_NEW), -EEXIST);
	assert_int_equal(cor_store_get(stage->store, COR_STR("a"), &stage->arena, &item), 0);
	assert_int_equal(cor_store_put(stage->store, COR_STR("a"), &item, COR_PUT_UNCHANGED), 0);
	assert_int_equal(
		cor_store_put(stage->store, COR_STR("a"), &item, COR_PUT_UNCHANGED), -ESTALE);
	assert_int_equal(cor_store_touch(stage->store, COR_STR("a"), 5000), 0);
	assert_int_equal(cor_store_add(stage->store, COR_STR("n"), 1, &first, &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(cor_store_add(stage->store, COR_STR("n"), 1, &first, &n), 0);
	assert_int_equal(n, 8);
	assert_int_equal(cor_store_delete(stage->store, COR_STR("a")), 0);
	assert_true(stage_has(stage, "a", NULL));
	char *large = calloc(1, 500001);
	memset(large, 'x', 500000);
	assert_int_equal(stage_put(stage, "large", large), 0);
	assert_true(stage_has(stage, "large", large));
	free(large);
}

static void all_calls(void **state)
{
	in_fiber(*state, do_all);
}

static bool count(void *arg, struct cor_str key, const struct cor_item *item)
{
	assert_true(cor_str_equal(key, item->value));
	++*(int *)arg;
	return true;
}

static void do_each(struct stage *stage)
{
	int visits = 0;

	for (int i = 0; i < 20; i++) {
		char key[16];
		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(stage_put(stage, key, key), 0);
	}
	assert_int_equal(cor_store_each(stage->store, count, &visits), 0);
	assert_int_equal(visits, 20);
	assert_int_equal(cor_store_clear(stage->store), 0);
	assert_int_equal(cor_store_each(stage->store, count, &visits), 0);
	assert_int_equal(visits, 20);
}

static void all_entries(void **state)
{
	in_fiber(*state, do_each);
}

/* What is in the memory of the system is read here: no thread of the store is made for it. */
static int threads(void)
{
	char line[100];
	int threads = 0;
	FILE *status = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof line, status))
		if (sscanf(line, "Threads: %d", &threads) == 1)
			break;
	fclose(status);
	return threads;
}

static void do_hits(struct stage *stage)
{
	int before = threads();

	for (int i = 0; i < 100; i++)
		assert_true(stage_has(stage, "a", "1"));
	assert_int_equal(threads(), before);
}

static void hits_need_no_thread(void **state)
{
	struct stage *stage = *state;
	struct cor_item item = { .value = COR_STR("1") };

	cor_seams_leave(&stage->seams); /* put now, by the clock of the fiber */
	assert_int_equal(cor_store_put(stage->store, COR_STR("a"), &item, COR_PUT_ALWAYS), 0);
	in_fiber(stage, do_hits);
	cor_seams_enter(&stage->seams, &(struct cor_seams){ .clock = &stage->clock });
}

/* --- one that has to wait: another process holds all stripes --- */

static int hold(struct stage *stage)
{
	char path[200];
	struct flock lock = { .l_type = F_WRLCK };

	snprintf(path, sizeof path, "%s/state.cor", stage->files);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	return fd;
}

static int count_turns(void *arg)
{
	int *turns = arg;

	while (cor_sleep_ms(1) == 0 && *turns < 10)
		++*turns;
	return 0;
}

static void do_wait(struct stage *stage)
{
	struct cor_scope scope;
	struct cor_fiber *other;
	int turns = 0, fd = hold(stage);
	char key[] = "a key on the stack", value[] = "a value on the stack";

	assert_int_equal(cor_fiber_start(NULL, count_turns, &turns, NULL, &other), 0);
	cor_scope_enter(&scope, 100);
	int rc = stage_put(stage, key, value);
	cor_scope_leave(&scope);
	memset(key, 'x', sizeof key - 1);
	memset(value, 'x', sizeof value - 1);
	assert_int_equal(rc, -ETIMEDOUT);
	assert_true(turns > 0); /* the loop was free */
	cor_fiber_join(other, NULL);
	close(fd);
}

static void a_caller_that_leaves(void **state)
{
	struct stage *stage = *state;

	in_fiber(stage, do_wait);
	assert_int_equal(stage_figures(stage).errors, 1);
	stage_reopen(stage); /* waits for what has begun */
}

/* Who reads waits for nobody, also where what is dead could go. */
static void readers_wait_for_nobody(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_int_equal(stage_put_for(stage, "b", "1", 1000), 0);
	stage_pass(stage, 2 * SECOND);
	int64_t before_ns = stage->mono_ns;
	int fd = hold(stage);
	assert_true(stage_has(stage, "a", "1"));
	assert_true(stage_has(stage, "b", NULL));
	assert_int_equal(stage->mono_ns, before_ns); /* nobody has slept */
	assert_int_equal(stage_put(stage, "a", "2"), -ETIMEDOUT);
	assert_int_equal(stage->mono_ns / SECOND, before_ns / SECOND + 5);
	close(fd);
	assert_true(stage_has(stage, "a", "1"));
}

static int get_one(void *arg)
{
	struct stage *stage = arg;

	assert_int_equal(stage_put(stage, "b", "2"), -ECANCELED);
	return 0;
}

static void do_cancel(struct stage *stage)
{
	struct cor_fiber *other;
	int fd = hold(stage);

	assert_int_equal(cor_fiber_start(NULL, get_one, stage, NULL, &other), 0);
	assert_int_equal(cor_sleep_ms(5), 0);
	cor_fiber_cancel(other);
	cor_fiber_join(other, NULL);
	close(fd);
}

static void a_caller_that_is_cancelled(void **state)
{
	struct stage *stage = *state;

	in_fiber(stage, do_cancel);
	stage_reopen(stage);
}

/* --- more than the pool has threads --- */

#define FIBERS 50

struct adding {
	struct stage *stage;
	uint64_t seen;
};

static int add_some(void *arg)
{
	struct adding *adding = arg;
	const struct cor_item first = { .value = COR_STR("0") };

	for (int i = 0; i < 20; i++) {
		assert_int_equal(
			cor_store_add(adding->stage->store, COR_STR("n"), 1, &first, &adding->seen),
			0);
		assert_true(adding->seen >= (uint64_t)i);
	}
	return 0;
}

static void do_many(struct stage *stage)
{
	struct cor_fiber *fibers[FIBERS];
	struct adding adding[FIBERS];

	for (int i = 0; i < FIBERS; i++) {
		adding[i] = (struct adding){ stage, 0 };
		assert_int_equal(cor_fiber_start(NULL, add_some, &adding[i], NULL, &fibers[i]), 0);
	}
	for (int i = 0; i < FIBERS; i++)
		cor_fiber_join(fibers[i], NULL);
	assert_true(stage_has(stage, "n", "999")); /* the first has made it */
}

static void many_fibers(void **state)
{
	in_fiber(*state, do_many);
}

static void *add_in_thread(void *arg)
{
	(void)add_some(arg);
	return NULL;
}

static void many_threads(void **state)
{
	struct stage *stage = *state;
	pthread_t handles[8];
	struct adding adding[8];

	for (int i = 0; i < 8; i++) {
		adding[i] = (struct adding){ stage, 0 };
		assert_int_equal(pthread_create(&handles[i], NULL, add_in_thread, &adding[i]), 0);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(handles[i], NULL);
	cor_seams_leave(&stage->seams); /* the threads have the system's clock */
	assert_true(stage_has(stage, "n", "159"));
	cor_seams_enter(&stage->seams, &(struct cor_seams){ .clock = &stage->clock });
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_calls),
		TEST(all_entries),
		TEST(hits_need_no_thread),
		TEST(a_caller_that_leaves),
		TEST(a_caller_that_is_cancelled),
		TEST(readers_wait_for_nobody),
		TEST(many_fibers),
		TEST(many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
