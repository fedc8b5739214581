/* SPDX-License-Identifier: MIT */
/* Stacks: reuse, trimming, marks, the cap, the guard, failing memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <coracle/error.h>

#include "loop.h"
#include "runtime/cap.h"

#if defined(COR_ASAN) || defined(COR_TSAN)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* Runs on the loop's own stack, as request fibers are run; check() works here, too. */
struct on_loop {
	struct cor_task task;
	int (*work)(struct cor_scheduler *scheduler);
	int result;
};

static void do_work(struct cor_task *task)
{
	struct on_loop *on_loop = (void *)task;

	on_loop->result = on_loop->work(cor_scheduler_current());
	cor_scheduler_stop(cor_scheduler_current());
}

static int run_on_loop(
	const struct cor_scheduler_options *options, int (*work)(struct cor_scheduler *))
{
	struct cor_scheduler *scheduler;
	struct on_loop on_loop = { .task = { .run = do_work }, .work = work, .result = -1 };

	assert_int_equal(cor_scheduler_create(options, &scheduler), 0);
	cor_scheduler_post(scheduler, &on_loop.task);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_scheduler_destroy(scheduler);
	return on_loop.result;
}

static size_t resident_pages(const struct cor_fiber *fiber)
{
	static unsigned char pages[COR_STACK_BYTES / 4096];
	size_t count = 0;

	if (mincore(fiber->bottom, fiber->stack_bytes, pages) < 0)
		return SIZE_MAX;
	for (size_t i = 0; i < fiber->stack_bytes / 4096; i++)
		count += pages[i] & 1;
	return count;
}

/* Uses `*arg` bytes of stack. */
static __attribute__((noinline)) void go_deep(void *arg)
{
	char block[1024];
	long left = *(long *)arg - 1024;

	memset(block, 1, sizeof block);
	__asm__ volatile("" ::"r"(block) : "memory");
	if (left > 0)
		go_deep(&left);
	__asm__ volatile("" ::"r"(block) : "memory");
}

static void do_nothing(void *arg)
{
	(void)arg;
}

static struct cor_fiber *last_parked;

static void park_once(void *arg)
{
	struct cor_fiber **self = arg;

	*self = last_parked = cor_fiber_current();
	cor_fiber_park();
}

static struct cor_fiber *parked[64];

static void give_back_parked(void *arg)
{
	cor_fiber_give_back(*(struct cor_fiber **)arg);
}

static int park_and_look(struct cor_scheduler *scheduler)
{
	struct cor_fiber *fiber = cor_fiber_take(scheduler, "parked", 0, NULL);

	check(fiber && fiber->stack_bytes == COR_STACK_BYTES);
	check(!cor_fiber_run(fiber, park_once, &parked[0], give_back_parked));
	if (!SANITIZED)
		check(resident_pages(fiber) == 1);
	cor_fiber_wake(fiber);
	return 0;
}

static void test_a_parked_fiber_touches_one_page(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, park_and_look), 0);
}

static int run_once(struct cor_scheduler *scheduler, const char *name, void (*entry)(void *),
	void *arg, struct cor_fiber **ret)
{
	struct cor_fiber *fiber = cor_fiber_take(scheduler, name, 0, NULL);

	check(fiber);
	check(cor_fiber_run(fiber, entry, arg, give_back_parked));
	cor_fiber_give_back(fiber);
	*ret = fiber;
	return 0;
}

static int reuse_and_trim(struct cor_scheduler *scheduler)
{
	struct cor_fiber *first;
	struct cor_fiber *again;
	long deep = 100 * 1024;

	check(run_once(scheduler, "shallow", do_nothing, NULL, &first) == 0);
	check(run_once(scheduler, "shallow", do_nothing, NULL, &again) == 0);
	check(again == first); /* the last used comes first */
	check(run_once(scheduler, "deep", go_deep, &deep, &again) == 0);
	check(resident_pages(first) >= 25);
	/* A deep stack is trimmed sooner or later, even when nobody goes deep any more. */
	for (int i = 0; i < 2048; i++)
		check(run_once(scheduler, "shallow", do_nothing, NULL, &again) == 0);
	check(resident_pages(first) <= 5);
	return 0;
}

static void test_stacks_are_reused_and_trimmed(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, reuse_and_trim), 0);
}

/* Many deep ones at a time: a few may stay fat, the others are trimmed when they come back. */
static int trim_many(struct cor_scheduler *scheduler)
{
	struct cor_fiber *fibers[32];
	long deep = 100 * 1024;
	int fat = 0;

	for (int i = 0; i < 32; i++) {
		fibers[i] = cor_fiber_take(scheduler, "deep", 0, NULL);
		check(fibers[i] && cor_fiber_run(fibers[i], go_deep, &deep, give_back_parked));
	}
	for (int i = 0; i < 32; i++) {
		check(resident_pages(fibers[i]) >= 25);
		cor_fiber_give_back(fibers[i]);
		fat += resident_pages(fibers[i]) > 5;
	}
	check(fat <= 8);
	return 0;
}

static void test_few_stacks_stay_fat(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, trim_many), 0);
}

static const struct cor_stack_mark *mark_of(struct cor_scheduler *scheduler, const char *name)
{
	const struct cor_stack_mark *marks = cor_stack_marks(scheduler);

	for (int i = 0; i < COR_STACK_NAMES; i++)
		if (strcmp(marks[i].name, name) == 0)
			return &marks[i];
	return NULL;
}

static int leave_marks(struct cor_scheduler *scheduler)
{
	struct cor_fiber *fiber;
	long deep = 50 * 1024;
	long deeper = 150 * 1024;

	check(run_once(scheduler, "flat", do_nothing, NULL, &fiber) == 0);
	check(mark_of(scheduler, "flat"));
	check(mark_of(scheduler, "flat")->high_water_bytes <= (SANITIZED ? 16384 : 8192));
	check(run_once(scheduler, "deep", go_deep, &deep, &fiber) == 0);
	check(mark_of(scheduler, "deep"));
	check(mark_of(scheduler, "deep")->high_water_bytes >= 50 * 1024);
	check(SANITIZED || mark_of(scheduler, "deep")->high_water_bytes <= 80 * 1024);
	/* In time, deeper runs are noticed, too, although the stack was already fat. */
	for (int i = 0; i < 3000; i++)
		check(run_once(scheduler, "deep", go_deep, &deeper, &fiber) == 0);
	check(mark_of(scheduler, "deep")->high_water_bytes >= 150 * 1024);
	return 0;
}

static void test_high_water_marks(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, leave_marks), 0);
}

static int reach_the_cap(struct cor_scheduler *scheduler)
{
	struct cor_fiber *fibers[10];
	int error = 0;

	for (int i = 0; i < 10; i++)
		check((fibers[i] = cor_fiber_take(scheduler, "one", 0, NULL)) != NULL);
	check(cor_fiber_take(scheduler, "too many", 0, &error) == NULL && error == -COR_ENOSTACK);
	check(cor_fiber_start(NULL, NULL, NULL, NULL, NULL) == -COR_ENOSTACK);
	cor_fiber_give_back(fibers[0]);
	/* An idle stack of one size makes room for another. */
	check((fibers[0] = cor_fiber_take(scheduler, "big", 4 << 20, NULL)) != NULL);
	check(fibers[0]->stack_bytes == 4 << 20);
	check(cor_fiber_take(scheduler, "too many", 0, &error) == NULL && error == -COR_ENOSTACK);
	for (int i = 0; i < 10; i++)
		cor_fiber_give_back(fibers[i]);
	check((fibers[0] = cor_fiber_take(scheduler, "small", 1, NULL)) != NULL);
	check(fibers[0]->stack_bytes == COR_STACK_MIN_BYTES);
	cor_fiber_give_back(fibers[0]);
	check(cor_fiber_take(scheduler, "huge", UINT32_MAX, &error) == NULL && error == -EINVAL);
	return 0;
}

static int do_little(void *arg)
{
	return arg != NULL;
}

static void test_the_cap(void **state)
{
	static const struct cor_scheduler_options ten = { .max_fibers = 10 };
	struct cor_scheduler *scheduler;
	struct cor_fiber *fibers[10];

	(void)state;
	assert_int_equal(run_on_loop(&ten, reach_the_cap), 0);
	assert_in_range(cor_stack_cap(), 16, 1 << 20);

	/* Also from another thread. */
	assert_int_equal(cor_scheduler_create(&ten, &scheduler), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(cor_fiber_start(scheduler, do_little, NULL, NULL, &fibers[i]), 0);
	assert_int_equal(cor_fiber_start(scheduler, NULL, NULL, NULL, NULL), -COR_ENOSTACK);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	for (int i = 0; i < 10; i++)
		cor_fiber_join(fibers[i], NULL);
	cor_scheduler_destroy(scheduler);
}

static int take_many(struct cor_scheduler *scheduler)
{
	static struct cor_fiber *fibers[2000];
	int many = rounds(2000);

	for (int i = 0; i < many; i++)
		check((fibers[i] = cor_fiber_take(scheduler, "one", 0, NULL)) != NULL);
	for (int i = 0; i < many; i++)
		cor_fiber_give_back(fibers[i]);
	check(scheduler->pool.mapped == (uint32_t)many);
	/* What nobody needs is unmapped, a part at a time. */
	for (int i = 0; i < 400; i++)
		scheduler->pool.shrink.fire(&scheduler->pool.shrink);
	check(scheduler->pool.mapped == 64);
	return 0;
}

static void test_the_pool_shrinks(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, take_many), 0);
}

#if !SANITIZED
/* Without address space, each call that needs some fails cleanly, and works again later. */
static int run_out_of_memory(struct cor_scheduler *scheduler)
{
	struct rlimit before;
	struct cor_fiber *fiber;
	struct cor_scheduler *other;
	int error = 0;

	check(getrlimit(RLIMIT_AS, &before) == 0);
	check(setrlimit(RLIMIT_AS, &(struct rlimit){ 1 << 20, before.rlim_max }) == 0);
	fiber = cor_fiber_take(scheduler, "none", 1 << 20, &error);
	int rc = cor_scheduler_create(NULL, &other);
	check(setrlimit(RLIMIT_AS, &before) == 0);
	check(fiber == NULL && error == -ENOMEM);
	check(rc == -ENOMEM);
	check(scheduler->pool.mapped == 0);
	fiber = cor_fiber_take(scheduler, "one", 1 << 20, &error);
	check(fiber);
	cor_fiber_give_back(fiber);
	return 0;
}

static void test_no_memory(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, run_out_of_memory), 0);
}
#endif

static void test_no_descriptors(void **state)
{
	struct rlimit before;
	struct cor_scheduler *scheduler;

	(void)state;
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (int i = 0; i < 2; i++) {
		struct rlimit low = { (rlim_t)next + (rlim_t)i, before.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
		int rc = cor_scheduler_create(NULL, &scheduler);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_int_equal(rc, -EMFILE);
	}
	int same = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(same, next); /* nothing leaked */
	close(same);
}

/* --- who keeps a pointer --- */

static unsigned char *kept_room, *kept_frame;

static void keep_pointers(void *arg)
{
	struct cor_fiber *fiber = arg;

	kept_room = cor_fiber_room(fiber);
	memset(kept_room, 7, COR_FIBER_ROOM_BYTES);
	kept_frame = (unsigned char *)__builtin_frame_address(0) - 64;
}

static void run_and_give_back(struct cor_task *task)
{
	struct cor_scheduler *scheduler = cor_scheduler_current();
	struct cor_fiber *fiber = cor_fiber_take(scheduler, "kept", 0, NULL);

	(void)task;
	if (!fiber || !cor_fiber_run(fiber, keep_pointers, fiber, NULL))
		abort();
	cor_fiber_give_back(fiber);
}

/*
 * A handler's memory goes with its run: a sanitizer reports its use, and a build with assertions
 * shows it.
 */
static void test_a_stack_that_was_given_back_is_poisoned(void **state)
{
	struct cor_task task = { .run = run_and_give_back };
	struct cor_scheduler *scheduler;

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	cor_scheduler_post(scheduler, &task);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
#if defined(COR_ASAN)
	assert_true(__asan_address_is_poisoned(kept_room));
	assert_true(__asan_address_is_poisoned(kept_room + COR_FIBER_ROOM_BYTES - 1));
	assert_true(__asan_address_is_poisoned(kept_frame));
#elif COR_POISONS && !SANITIZED
	assert_int_equal(kept_room[0], COR_GONE_BYTE);
	assert_int_equal(kept_room[COR_FIBER_ROOM_BYTES - 1], COR_GONE_BYTE);
	assert_int_equal(*kept_frame, COR_GONE_BYTE);
#endif
	cor_scheduler_destroy(scheduler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_parked_fiber_touches_one_page),
		cmocka_unit_test(test_stacks_are_reused_and_trimmed),
		cmocka_unit_test(test_few_stacks_stay_fat),
		cmocka_unit_test(test_high_water_marks),
		cmocka_unit_test(test_the_cap),
		cmocka_unit_test(test_the_pool_shrinks),
#if !SANITIZED /* their own mappings would fail, too */
		cmocka_unit_test(test_no_memory),
#endif
		cmocka_unit_test(test_no_descriptors),
		cmocka_unit_test(test_a_stack_that_was_given_back_is_poisoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
