/* SPDX-License-Identifier: MIT */
/* Children that offload: their jobs run at the same time, and outlive a child that is cancelled. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include <coracle/coracle.h>

/* As many jobs as this are at the barrier together, or the test hangs. */
#define JOBS 4

static const struct cor_executor blocking = { .name = "blocking", .size = JOBS };
static int get_nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(get_nothing_operation, get_nothing, COR_NONE, COR_NONE);
static const struct cor_resource nothing = { .path = "/", .get = &get_nothing_operation };
static const struct cor_service service = {
	.name = "fanout",
	.version = "1",
	.resources = COR_RESOURCES(&nothing),
	.executors = COR_EXECUTORS(&blocking),
};

static pthread_barrier_t together;
static struct cor_semaphore has_begun, may_end;
static int ended;

struct job {
	int number;
	const char *text; /* in the memory of the child's ctx */
};

static int meet(struct cor_ctx *ctx, struct job *job)
{
	pthread_barrier_wait(&together);
	job->text = cor_printf(ctx, "job %d", job->number);
	return job->text ? 0 : -ENOMEM;
}

static int meet_elsewhere(struct cor_ctx *ctx, struct job *job)
{
	return cor_offload(ctx, &blocking, meet, job);
}

static void jobs_of_children_run_at_the_same_time(struct cor_ctx *ctx)
{
	static const char *const texts[JOBS] = { "job 0", "job 1", "job 2", "job 3" };
	struct job jobs[JOBS];

	for (int i = 0; i < JOBS; i++)
		jobs[i] = (struct job){ .number = i };
	assert_int_equal(cor_map(ctx, meet_elsewhere, jobs, JOBS, NULL), 0);
	for (int i = 0; i < JOBS; i++)
		assert_string_equal(jobs[i].text, texts[i]);
}

static int read_slowly(struct cor_ctx *ctx, struct job *job)
{
	(void)ctx;
	cor_semaphore_give(&has_begun);
	cor_ignore(cor_semaphore_take(&may_end));
	__atomic_store_n(&ended, strcmp(job->text, "mine") == 0 ? 1 : -1, __ATOMIC_RELEASE);
	return 0;
}

static int read_elsewhere(struct cor_ctx *ctx, struct job *job)
{
	job->text = cor_strdup(ctx, "mine");
	return cor_offload(ctx, &blocking, read_slowly, job);
}

static int wait_for_its_begin(struct cor_ctx *ctx, struct job *job)
{
	(void)ctx;
	(void)job;
	return cor_semaphore_take(&has_begun);
}

/* The job reads memory of the child's ctx, which has ended: it is the parent's, which waits. */
static void job_of_a_cancelled_child_goes_on(struct cor_ctx *ctx)
{
	struct job slow = { 0 };
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_FIRST);
	cor_group_start(&group, read_elsewhere, &slow);
	cor_group_start(&group, wait_for_its_begin, &slow);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(cor_group_result(&group, 0), -ECANCELED);
	assert_int_equal(__atomic_load_n(&ended, __ATOMIC_ACQUIRE), 0);
	cor_semaphore_give(&may_end);
}

static int play(void *arg)
{
	void (*act)(struct cor_ctx * ctx) = *(void (**)(struct cor_ctx *))arg;
	struct cor_ctx *ctx;

	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx), 0);
	act(ctx);
	cor_ctx_destroy(ctx);
	return 0;
}

static void play_in_fiber(void (*act)(struct cor_ctx *ctx))
{
	struct cor_scheduler *scheduler;

	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, play, &act, NULL, NULL), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_scheduler_destroy(scheduler);
}

static void test_jobs_of_children_run_at_the_same_time(void **state)
{
	(void)state;
	assert_int_equal(pthread_barrier_init(&together, NULL, JOBS), 0);
	play_in_fiber(jobs_of_children_run_at_the_same_time);
	pthread_barrier_destroy(&together);
}

static void test_job_of_a_cancelled_child_goes_on(void **state)
{
	(void)state;
	play_in_fiber(job_of_a_cancelled_child_goes_on);
	assert_int_equal(ended, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_of_children_run_at_the_same_time),
		cmocka_unit_test(test_job_of_a_cancelled_child_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
