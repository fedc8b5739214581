/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/executor.h>
#include <coracle/fiber.h>
#include <coracle/group.h>
#include <coracle/service.h>

#include "context/context.h"
#include "gate.h"

static const struct cor_executor one = { .name = "one", .size = 1 };
static const struct cor_executor here = {
	.name = "here", .size = 1, .queue = 1, .when_full = COR_FULL_RUN_HERE
};
static const struct cor_executor strange = { .name = "strange" };
static int get_nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(get_nothing_operation, get_nothing, COR_NONE, COR_NONE, .summary = "Nothing");
static const struct cor_resource nothing = { .path = "/", .get = &get_nothing_operation };
static const struct cor_service service = {
	.name = "test",
	.title = "Test",
	.version = "1",
	.resources = COR_RESOURCES(&nothing),
	.executors = COR_EXECUTORS(&one, &here),
};

/* Runs a fiber with a ctx of the service to its end. */
struct trial {
	void (*run)(struct cor_ctx *ctx, struct trial *trial);
	struct cor_ctx *ctx;
	struct cor_fiber *fiber;
	struct gate gate;
	bool has_run;
};

static int run(void *arg)
{
	struct trial *trial = arg;

	trial->run(trial->ctx, trial);
	trial->has_run = true;
	cor_ctx_destroy(trial->ctx);
	cor_scheduler_stop(cor_scheduler_current());
	return 0;
}

static void on_a_fiber(void (*body)(struct cor_ctx *ctx, struct trial *trial))
{
	struct trial trial = { .run = body };
	struct cor_scheduler *scheduler;

	assert_int_equal(
		cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &trial.ctx), 0);
	assert_int_equal(cor_scheduler_create(&(struct cor_scheduler_options){ 0 }, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, run, &trial, NULL, &trial.fiber), 0);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_fiber_join(trial.fiber, NULL);
	cor_scheduler_destroy(scheduler);
	assert_true(trial.has_run);
}

struct greet {
	const char *name;
	const char *text;
	const char *request_id;
};

static int greet(struct cor_ctx *ctx, struct greet *call)
{
	call->text = cor_printf(ctx, "Hello %s", call->name);
	call->request_id = cor_strdup(ctx, cor_request_id(ctx));
	return call->text && call->request_id ? 0 : -ENOMEM;
}

static void say_hello(struct cor_ctx *ctx, struct trial *trial)
{
	struct greet call = { .name = cor_strdup(ctx, "Ann") };

	(void)trial;
	assert_int_equal(cor_offload(ctx, &one, greet, &call), 0);
	assert_string_equal(call.text, "Hello Ann");
	assert_string_equal(call.request_id, cor_request_id(ctx));
	assert_non_null(cor_pool_of(ctx, &one));
}

static void what_a_job_leaves_is_the_requests(void **state)
{
	(void)state;
	on_a_fiber(say_hello);
}

/* Without a fiber the thread waits. */
static void a_thread_may_offload_too(void **state)
{
	struct cor_ctx *ctx;
	struct greet call = { .name = "Bob" };

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx), 0);
	assert_int_equal(cor_offload(ctx, &one, greet, &call), 0);
	assert_string_equal(call.text, "Hello Bob");
	cor_ctx_destroy(ctx);
}

static const struct cor_field greet_fields[] = {
	COR_FIELD(struct greet, name),
	COR_FIELD(struct greet, text, .presence = COR_OPTIONAL),
	COR_FIELD(struct greet, request_id, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(greet_schema, struct greet, greet_fields);

/* The call may point to the stack: the job has a copy. What it has comes back with it. */
static void say_hello_typed(struct cor_ctx *ctx, struct trial *trial)
{
	char name[] = "Cy";
	struct greet call = { .name = name };

	(void)trial;
	assert_int_equal(cor_offload_typed(ctx, &one, greet, greet_schema, &call), 0);
	assert_ptr_not_equal(call.name, name);
	assert_string_equal(call.name, "Cy");
	assert_string_equal(call.text, "Hello Cy");
	assert_int_equal(cor_offload_typed(ctx, &strange, greet, greet_schema, &call), -EINVAL);
}

static void a_call_with_a_schema_is_copied_whole(void **state)
{
	(void)state;
	on_a_fiber(say_hello_typed);
}

static int refuse(struct cor_ctx *ctx, int *call)
{
	*call = 1;
	return cor_problem(ctx, 409, 0, "%s", "taken");
}

static void be_refused(struct cor_ctx *ctx, struct trial *trial)
{
	int call = 0;

	(void)trial;
	assert_int_equal(cor_offload(ctx, &one, refuse, &call), -COR_EPROBLEM);
	assert_int_equal(call, 1);
	assert_int_equal(cor_problem_of(ctx)->status, 409);
	assert_string_equal(cor_problem_of(ctx)->detail, "taken");
}

static void its_problem_is_the_requests(void **state)
{
	(void)state;
	on_a_fiber(be_refused);
}

static void ask_a_stranger(struct cor_ctx *ctx, struct trial *trial)
{
	int call = 0;

	(void)trial;
	assert_null(cor_pool_of(ctx, &strange));
	assert_int_equal(cor_offload(ctx, &strange, refuse, &call), -EINVAL);
	assert_int_equal(cor_problem_of(ctx)->status, 500);
	assert_non_null(strstr(cor_problem_of(ctx)->detail, ".executors"));
}

static void an_executor_must_be_listed(void **state)
{
	(void)state;
	on_a_fiber(ask_a_stranger);
}

/* In .prepare, say, or in a process of a pool. */
static void where_there_are_no_pools_that_is_said(void **state)
{
	const struct cor_environment before_start = { .service = &service };
	struct cor_ctx ctx;
	int call = 0;

	(void)state;
	cor_ctx_init(&ctx, &before_start, NULL, 0, 0);
	assert_int_equal(cor_offload(&ctx, &one, refuse, &call), -EINVAL);
	assert_non_null(strstr(cor_problem_of(&ctx)->detail, ".start"));
	assert_int_equal(cor_offload(&ctx, &strange, refuse, &call), -EINVAL);
	assert_non_null(strstr(cor_problem_of(&ctx)->detail, ".executors"));
	cor_ctx_finish(&ctx);
}

/* --- out of time --- */

static void lose_patience(struct cor_ctx *ctx, struct trial *trial)
{
	struct pass call = { &trial->gate, 5 }, queued = { &trial->gate, 6 };
	struct cor_scope scope;

	cor_scope_enter(&scope, 20);
	assert_int_equal(cor_offload(ctx, &one, pass, &call), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(cor_semaphore_take(&trial->gate.begun), 0);
	cor_scope_enter(&scope, 20);
	assert_int_equal(cor_offload(ctx, &one, pass, &queued), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(trial->gate.count, 0);
	cor_semaphore_give(&trial->gate.open);
	cor_semaphore_give(&trial->gate.open);
}

static void who_waits_no_longer_goes_on(void **state)
{
	(void)state;
	on_a_fiber(lose_patience);
}

struct slow {
	struct gate *gate;
	const char *text;
	char *copy;
};

static int read_late(struct cor_ctx *ctx, struct slow *call)
{
	struct pass wait = { call->gate, 0 };

	int rc = pass(ctx, &wait);
	if (rc < 0)
		return rc;
	call->copy[0] = call->text[0]; /* AddressSanitizer looks */
	return 0;
}

static struct gate late;
static struct cor_semaphore has_left;

static int open_gate(void *arg)
{
	struct gate *gate = arg;

	cor_ignore(cor_semaphore_take(&has_left));
	cor_ignore(cor_sleep_ms(20));
	cor_semaphore_give(&gate->open);
	return 0;
}

static void leave_early(struct cor_ctx *ctx, struct trial *trial)
{
	struct slow call = { &late, cor_strdup(ctx, "text"), cor_alloc(ctx, 16) };
	struct greet first = { .name = "whoever makes the thread" };
	struct cor_scope scope;

	(void)trial;
	assert_int_equal(cor_fiber_start(NULL, open_gate, &late, NULL, NULL), 0);
	assert_int_equal(cor_offload(ctx, &one, greet, &first), 0);
	cor_scope_enter(&scope, 300);
	assert_int_equal(cor_offload(ctx, &one, read_late, &call), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(late.count, 0);
	cor_semaphore_give(&has_left);
}

static void the_requests_memory_outlives_the_job(void **state)
{
	(void)state;
	on_a_fiber(leave_early);
	assert_int_equal(late.count, 1); /* it was waited for, when the ctx was destroyed */
}

/* A child of a group that was cancelled has gone before its job is looked at. */

static struct gate of_child;

static int offload_in_child(struct cor_ctx *ctx, int *call)
{
	struct slow slow = { &of_child, cor_strdup(ctx, "text"), cor_alloc(ctx, 16) };

	(void)call;
	return cor_offload(ctx, &one, read_late, &slow);
}

static int end_first(struct cor_ctx *ctx, int *call)
{
	(void)ctx, (void)call;
	return cor_semaphore_take(&of_child.begun);
}

static void lose_a_child(struct cor_ctx *ctx, struct trial *trial)
{
	struct cor_group group;
	int call = 0;

	(void)trial;
	assert_int_equal(cor_fiber_start(NULL, open_gate, &of_child, NULL, NULL), 0);
	cor_group_begin(&group, ctx, COR_FIRST);
	cor_group_start(&group, offload_in_child, &call);
	cor_group_start(&group, end_first, &call);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(of_child.count, 0);
	cor_semaphore_give(&has_left);
}

static void a_childs_job_holds_the_request(void **state)
{
	(void)state;
	on_a_fiber(lose_a_child);
	assert_int_equal(of_child.count, 1);
}

static int take_much(struct cor_ctx *ctx, size_t *bytes)
{
	*bytes = 0;
	while (cor_alloc(ctx, 65536) && *bytes < 100000000)
		*bytes += 65536;
	return -ENOMEM;
}

static void take_too_much(struct cor_ctx *ctx, struct trial *trial)
{
	size_t bytes;

	(void)trial;
	ctx->arena.limit_bytes = 1000000;
	assert_int_equal(cor_offload(ctx, &one, take_much, &bytes), -ENOMEM);
	assert_in_range(bytes, 500000, 1000000);
	assert_true(ctx->arena.is_short);
}

static void a_job_keeps_to_the_requests_memory(void **state)
{
	(void)state;
	on_a_fiber(take_too_much);
}

static int offload_take_much(struct cor_ctx *ctx, size_t *bytes)
{
	return cor_offload(ctx, &one, take_much, bytes);
}

static void take_too_much_together(struct cor_ctx *ctx, struct trial *trial)
{
	size_t bytes[3];
	struct cor_group group;

	(void)trial;
	ctx->arena.limit_bytes = 1000000;
	cor_group_begin(&group, ctx, COR_BEST_EFFORT);
	for (int i = 0; i < 3; i++)
		cor_group_start(&group, offload_take_much, &bytes[i]);
	cor_ignore(cor_group_wait(&group));
	assert_in_range(bytes[0] + bytes[1] + bytes[2], 500000, 1000000);
	assert_in_range(ctx->arena.heap_bytes, 500000, 1000000);
	assert_null(cor_alloc(ctx, 500000));
}

/* One limit for all of them: what one job has, the others do not get. */
static void so_do_several_jobs_at_once(void **state)
{
	(void)state;
	on_a_fiber(take_too_much_together);
}

static int look_at_time(struct cor_ctx *ctx, int64_t *ms)
{
	*ms = cor_remaining_ms(ctx);
	return cor_sleep_ms(COR_FOREVER); /* no longer than the request */
}

static void be_short(struct cor_ctx *ctx, struct trial *trial)
{
	struct cor_scope scope;
	int64_t ms = 0;

	(void)trial;
	cor_scope_enter(&scope, 30);
	assert_int_equal(cor_offload(ctx, &one, look_at_time, &ms), -ETIMEDOUT);
	cor_scope_leave(&scope);
}

static void a_job_has_the_time_of_its_request(void **state)
{
	(void)state;
	on_a_fiber(be_short);
}

struct states {
	void *state, *thread_state;
	pthread_t thread;
};

static int look_at_states(struct cor_ctx *ctx, struct states *states)
{
	states->state = cor_state(ctx);
	states->thread_state = cor_thread_state(ctx);
	states->thread = pthread_self();
	return 0;
}

/* Wherever it runs: with the service's state, and never with what a thread of the server has. */
static void a_full_queue_changes_nothing_for_a_job(void **state)
{
	char mine[] = "mine", threads[] = "thread's";
	struct cor_ctx *ctx;
	struct gate gate = { 0 };
	struct pass call = { &gate, 0 };
	struct states offloaded = { 0 }, submitted = { 0 };
	struct cor_future *future;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service,
						.state = mine,
						.thread_state = threads },
				 &ctx),
		0);
	struct cor_pool *pool = cor_pool_of(ctx, &here);
	for (int i = 0; i < 2; i++)
		assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), 0);
	assert_int_equal(cor_offload(ctx, &here, look_at_states, &offloaded), 0);
	assert_int_equal(cor_pool_submit(pool, look_at_states, &submitted, &future), 0);
	assert_int_equal(cor_future_read(future, &submitted), 0);
	cor_future_drop(future);
	assert_true(pthread_equal(offloaded.thread, pthread_self()));
	assert_ptr_equal(offloaded.state, mine);
	assert_null(offloaded.thread_state);
	assert_ptr_equal(submitted.state, mine);
	assert_null(submitted.thread_state);
	cor_semaphore_give(&gate.open);
	cor_semaphore_give(&gate.open);
	cor_ctx_destroy(ctx);
}

/* --- the end of the pool --- */

static int end_pool(void *pool)
{
	while (cor_pool_look(pool).queued == 0)
		cor_ignore(cor_sleep_ms(1));
	cor_pool_shut_down(pool, COR_SHUTDOWN_CANCEL);
	return 0;
}

static void wait_in_vain(struct cor_ctx *ctx, struct trial *trial)
{
	struct cor_pool *pool = cor_pool_of(ctx, &one);
	struct pass call = { &trial->gate, 5 };
	struct greet queued = { .name = "Ann" };

	assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), 0);
	assert_int_equal(cor_semaphore_take(&trial->gate.begun), 0);
	assert_int_equal(cor_fiber_start(NULL, end_pool, pool, NULL, NULL), 0);
	assert_int_equal(cor_offload(ctx, &one, greet, &queued), -COR_ECLOSED);
	assert_null(queued.text);
	assert_int_equal(cor_offload(ctx, &one, greet, &queued), -COR_ECLOSED);
	cor_semaphore_give(&trial->gate.open);
}

static void a_job_that_never_began_has_not_succeeded(void **state)
{
	(void)state;
	on_a_fiber(wait_in_vain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_job_leaves_is_the_requests),
		cmocka_unit_test(a_thread_may_offload_too),
		cmocka_unit_test(a_call_with_a_schema_is_copied_whole),
		cmocka_unit_test(its_problem_is_the_requests),
		cmocka_unit_test(an_executor_must_be_listed),
		cmocka_unit_test(where_there_are_no_pools_that_is_said),
		cmocka_unit_test(who_waits_no_longer_goes_on),
		cmocka_unit_test(the_requests_memory_outlives_the_job),
		cmocka_unit_test(a_childs_job_holds_the_request),
		cmocka_unit_test(a_job_keeps_to_the_requests_memory),
		cmocka_unit_test(so_do_several_jobs_at_once),
		cmocka_unit_test(a_job_that_never_began_has_not_succeeded),
		cmocka_unit_test(a_job_has_the_time_of_its_request),
		cmocka_unit_test(a_full_queue_changes_nothing_for_a_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
