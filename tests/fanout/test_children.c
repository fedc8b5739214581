/* SPDX-License-Identifier: MIT */
/* What children inherit and leave, in which order they run and end, and what ends them early. */
#include "context/context.h"
#include "stage.h"

#define PLAY(name, max_fibers)                                                                     \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		stage_play(name, max_fibers);                                                      \
	}

/* --- order, and how many there are at the same time --- */

static void children_come_in_the_order_of_their_ends(struct stage *stage)
{
	struct nap naps[] = { { .ms = 30 }, { .ms = 10, .code = -EPIPE }, { .ms = 20 },
		{ .ms = 25 } };
	static const size_t order[] = { 1, 2, 3, 0 };
	static const int64_t ends[] = { 10, 20, 25, 30 };
	struct cor_group group;
	size_t i;

	cor_group_begin(&group, stage->ctx, COR_BEST_EFFORT);
	assert_int_equal(cor_group_next(&group, &i), 0);
	for (i = 0; i < 4; i++)
		cor_group_start(&group, take_nap, &naps[i]);
	for (size_t at = 0; at < 4; at++) {
		assert_int_equal(cor_group_next(&group, &i), 1);
		assert_int_equal(i, order[at]);
		assert_int_equal(stage_ms(stage), ends[at]);
		assert_int_equal(cor_group_result(&group, i), naps[i].code);
	}
	assert_int_equal(cor_group_next(&group, &i), 0);
	assert_int_equal(i, 0);
	cor_group_start(&group, take_nap, &naps[2]);
	assert_int_equal(cor_group_next(&group, &i), 1);
	assert_int_equal(i, 4);
	assert_int_equal(cor_group_wait(&group), 0);
}

/* as_completed: those that never ran are told of, too. */
static void children_that_never_ran_come_too(struct stage *stage)
{
	struct nap naps[] = { { .ms = 5, .code = -EPIPE }, { .ms = 30 }, { .ms = 30 } };
	struct cor_group group;
	size_t i, count = 0;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, take_nap, &naps[0]);
	cor_group_start(&group, take_nap, &naps[1]);
	assert_int_equal(cor_sleep_ms(6), 0);
	cor_group_start(&group, take_nap, &naps[2]);
	while (cor_group_next(&group, &i) > 0) {
		assert_int_equal(i, count);
		count++;
	}
	assert_int_equal(count, 3);
	assert_int_equal(cor_group_wait(&group), -EPIPE);
}

static int running, most;

static int count_running(struct cor_ctx *ctx, struct nap *nap)
{
	running++;
	if (running > most)
		most = running;
	int rc = take_nap(ctx, nap);
	running--;
	return rc;
}

static void limit_keeps_starts_waiting(struct stage *stage)
{
	struct nap naps[10];
	struct cor_group group;

	running = most = 0;
	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_limit(&group, 3);
	for (size_t i = 0; i < 10; i++) {
		naps[i] = (struct nap){ .ms = 10 };
		cor_group_start(&group, count_running, &naps[i]);
	}
	assert_int_equal(stage_ms(stage), 30);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(stage_ms(stage), 40);
	assert_int_equal(most, 3);
}

static void waiting_start_heeds_the_deadline(struct stage *stage)
{
	struct nap naps[] = { { .ms = 1000 }, { .ms = 1, .woken = 1 } };
	struct cor_scope scope;
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_BEST_EFFORT);
	cor_group_limit(&group, 1);
	cor_group_start(&group, take_nap, &naps[0]);
	cor_scope_enter(&scope, 20);
	cor_group_start(&group, take_nap, &naps[1]);
	cor_scope_leave(&scope);
	assert_int_equal(stage_ms(stage), 20);
	assert_int_equal(cor_group_wait(&group), -ETIMEDOUT);
	assert_int_equal(stage_ms(stage), 20);
	assert_int_equal(naps[0].woken, -ECANCELED);
	assert_int_equal(naps[1].woken, 1);
	assert_int_equal(cor_group_result(&group, 1), -ECANCELED);
}

/* --- cancellation and deadlines --- */

static int cancel_at_7_ms(void *arg)
{
	if (cor_sleep_ms(7) == 0)
		cor_fiber_cancel(arg);
	return 0;
}

static void cancelled_parent_takes_all_along(struct stage *stage)
{
	struct nap naps[] = { { .ms = 100 }, { .ms = 3 } };

	assert_int_equal(cor_fiber_start(NULL, cancel_at_7_ms, cor_fiber_current(), NULL, NULL), 0);
	assert_int_equal(nap_all(stage, COR_ALL, naps, 2), -ECANCELED);
	assert_int_equal(stage_ms(stage), 7);
	assert_int_equal(naps[0].woken, -ECANCELED);
	assert_int_equal(naps[1].woken, 0);
}

static void cancelled_best_effort_is_cancelled(struct stage *stage)
{
	struct nap naps[] = { { .ms = 100 }, { .ms = 3 } };

	assert_int_equal(cor_fiber_start(NULL, cancel_at_7_ms, cor_fiber_current(), NULL, NULL), 0);
	assert_int_equal(nap_all(stage, COR_BEST_EFFORT, naps, 2), -ECANCELED);
	assert_int_equal(stage_ms(stage), 7);
}

static void deadline_is_the_innermost_scopes(struct stage *stage)
{
	for (int rule = COR_ALL; rule <= COR_BEST_EFFORT; rule++) {
		struct nap naps[] = { { .ms = 100 }, { .ms = 100 } };
		int64_t from = stage_ms(stage);
		struct cor_scope outer, inner;
		cor_scope_enter(&outer, 50);
		cor_scope_enter(&inner, 20);
		assert_int_equal(nap_all(stage, (enum cor_group_rule)rule, naps, 2), -ETIMEDOUT);
		assert_int_equal(stage_ms(stage) - from, 20);
		assert_true(naps[0].woken < 0 && naps[1].woken < 0);
		cor_scope_leave(&inner);
		assert_int_equal(cor_scope_error(), 0);
		cor_scope_leave(&outer);
	}
}

static int tell_remaining(struct cor_ctx *ctx, int64_t *ms)
{
	*ms = cor_remaining_ms(ctx);
	return 0;
}

static void child_knows_its_deadline(struct stage *stage)
{
	struct cor_scope scope;
	struct cor_group group;
	int64_t ms = 0, more = 0;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, tell_remaining, &more);
	cor_scope_enter(&scope, 20);
	cor_group_start(&group, tell_remaining, &ms);
	assert_int_equal(cor_group_wait(&group), 0);
	cor_scope_leave(&scope);
	assert_int_equal(ms, 20);
	assert_true(more == COR_FOREVER);
}

static int clean_up(struct cor_ctx *ctx, struct nap *nap)
{
	struct cor_scope scope;

	nap->woken = cor_sleep_ms(1000);
	cor_scope_shield(&scope, 100);
	int rc = take_nap(ctx, nap);
	cor_scope_leave(&scope);
	return rc;
}

/* The result is there at 10 ms, but a child that still cleans up has the parent's memory. */
static void wait_lasts_until_the_last_has_ended(struct stage *stage)
{
	struct nap slow = { .ms = 30 }, bad = { .ms = 10, .code = -EPIPE };
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, clean_up, &slow);
	cor_group_start(&group, take_nap, &bad);
	assert_int_equal(cor_group_wait(&group), -EPIPE);
	assert_int_equal(stage_ms(stage), 40);
	assert_int_equal(slow.woken, 0);
}

/* The service stops, and cancels all: what cleans up may still fan out. */
static void shielded_parent_may_fan_out(struct stage *stage)
{
	struct nap naps[] = { { .ms = 10 }, { .ms = 20 } };
	struct cor_scope scope;

	cor_scheduler_cancel(stage->scheduler);
	assert_int_equal(nap_all(stage, COR_ALL, naps, 2), -ECANCELED);
	cor_scope_shield(&scope, 100);
	assert_int_equal(nap_all(stage, COR_ALL, naps, 2), 0);
	assert_int_equal(stage_ms(stage), 20);
	cor_scope_leave(&scope);
}

/* --- children of children --- */

struct branch {
	struct nap naps[3];
	int rc;
};

static int grow_branch(struct cor_ctx *ctx, struct branch *branch)
{
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_ALL);
	for (size_t i = 0; i < 3; i++)
		cor_group_start(&group, take_nap, &branch->naps[i]);
	branch->rc = cor_group_wait(&group);
	return branch->rc;
}

static void failure_reaches_every_branch(struct stage *stage)
{
	struct branch branches[] = {
		{ .naps = { { .ms = 50 }, { .ms = 60 }, { .ms = 70 } } },
		{ .naps = { { .ms = 50 }, { .ms = 9, .status = 409 }, { .ms = 70 } } },
	};
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, grow_branch, &branches[0]);
	cor_group_start(&group, grow_branch, &branches[1]);
	assert_int_equal(cor_group_wait(&group), -COR_EPROBLEM);
	assert_int_equal(stage_ms(stage), 9);
	assert_int_equal(branches[0].rc, -ECANCELED);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(branches[0].naps[i].woken, -ECANCELED);
	assert_string_equal(cor_problem_of(stage->ctx)->detail, "nap of 9 ms");
}

/* --- what they share with the parent --- */

struct note {
	const char *id;
	const char *text;
	size_t bytes;
};

static int leave_note(struct cor_ctx *ctx, struct note *note)
{
	note->id = cor_request_id(ctx);
	note->id = cor_strdup(ctx, note->id);
	char *text = note->bytes ? cor_alloc(ctx, note->bytes) : NULL;
	note->text = text ? memset(text, 'x', note->bytes - 1) : cor_printf(ctx, "short");
	return note->text && (text || note->bytes == 0) ? 0 : -ENOMEM;
}

static void memory_and_id_are_the_parents(struct stage *stage)
{
	struct note notes[] = { { .bytes = 100 }, { .bytes = 100000 }, { 0 } };
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	for (size_t i = 0; i < 3; i++)
		cor_group_start(&group, leave_note, &notes[i]);
	assert_int_equal(cor_group_wait(&group), 0);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(notes[i].id, cor_request_id(stage->ctx));
	assert_int_equal(strlen(notes[0].text), 99);
	assert_int_equal(strlen(notes[1].text), 99999);
	assert_string_equal(notes[2].text, "short");
}

static void memory_counts_for_the_parent(struct stage *stage)
{
	struct note notes[40];
	struct cor_group group;
	int short_of = 0;

	stage->ctx->arena.limit_bytes = 100000;
	cor_group_begin(&group, stage->ctx, COR_BEST_EFFORT);
	for (size_t i = 0; i < 40; i++) {
		notes[i] = (struct note){ .bytes = 5000 };
		cor_group_start(&group, leave_note, &notes[i]);
	}
	assert_int_equal(cor_group_wait(&group), 0);
	for (size_t i = 0; i < 40; i++)
		short_of += cor_group_result(&group, i) == -ENOMEM;
	assert_in_range(short_of, 20, 39);
}

static void without_memory_the_group_is_decided(struct stage *stage)
{
	struct nap nap = { .woken = 1 };
	struct cor_group group;

	stage->ctx->arena.limit_bytes = 1;
	cor_group_begin(&group, stage->ctx, COR_BEST_EFFORT);
	cor_group_limit(&group, 3);
	cor_group_start(&group, take_nap, &nap);
	size_t i;
	assert_int_equal(cor_group_next(&group, &i), 0);
	assert_int_equal(cor_group_wait(&group), -ENOMEM);
	assert_int_equal(cor_group_result(&group, 0), -ENOMEM);
	assert_int_equal(nap.woken, 1);
}

static void memory_may_run_out_between_children(struct stage *stage)
{
	static struct nap naps[3000];
	struct cor_group group;

	stage->ctx->arena.limit_bytes = 20000;
	cor_group_begin(&group, stage->ctx, COR_BEST_EFFORT);
	for (size_t i = 0; i < 3000; i++) {
		naps[i] = (struct nap){ .ms = 5, .woken = 1 };
		cor_group_start(&group, take_nap, &naps[i]);
	}
	assert_int_equal(cor_group_wait(&group), -ENOMEM);
	assert_int_equal(cor_group_result(&group, 2999), -ENOMEM);
	assert_int_equal(cor_group_result(&group, 0), -ECANCELED);
	assert_int_equal(stage_ms(stage), 0);
}

static void child_without_a_stack_has_failed(struct stage *stage)
{
	struct nap naps[] = { { .ms = 10 }, { .ms = 10 }, { .ms = 10 } };

	assert_int_equal(nap_all(stage, COR_ALL, naps, 3), -COR_ENOSTACK);
	assert_int_equal(stage_ms(stage), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(naps[i].woken, 1);
	assert_int_equal(nap_all(stage, COR_ANY_SUCCESS, naps, 3), 0);
	assert_int_equal(stage_ms(stage), 10);
}

static int tell_stack(struct cor_ctx *ctx, uint32_t *bytes)
{
	(void)ctx;
	*bytes = cor_fiber_current()->stack_bytes;
	return 0;
}

static int run_large(void *arg)
{
	struct stage *stage = arg;
	struct cor_group group;
	uint32_t bytes = 0;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, tell_stack, &bytes);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(bytes, 1024 * 1024);
	return 0;
}

static void stack_is_as_large_as_the_parents(struct stage *stage)
{
	const struct cor_fiber_options options = { .stack_bytes = 1024 * 1024 };
	struct cor_fiber *fiber;

	assert_int_equal(cor_fiber_start(NULL, run_large, stage, &options, &fiber), 0);
	cor_fiber_join(fiber, NULL);
}

static int tell_name(struct cor_ctx *ctx, const char **name)
{
	(void)ctx;
	*name = cor_fiber_current()->name;
	return 0;
}

static void child_is_named_by_its_function(struct stage *stage)
{
	struct cor_group group;
	const char *name = NULL;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, tell_name, &name);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_string_equal(name, "tell_name");
}

/* --- outside a fiber --- */

static int add_one(struct cor_ctx *ctx, int *number)
{
	(void)ctx;
	++*number;
	return *number == 3 ? -EPIPE : 0;
}

static void test_outside_a_fiber_they_run_one_after_another(void **state)
{
	int numbers[] = { 0, 1, 2, 3 };
	struct cor_ctx *ctx;
	struct cor_group group;
	size_t i = 0, count = 0;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ 0 }, &ctx), 0);
	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_limit(&group, 1);
	for (i = 0; i < 4; i++)
		cor_group_start(&group, add_one, &numbers[i]);
	assert_int_equal(numbers[0], 1);
	assert_int_equal(numbers[2], 3);
	assert_int_equal(numbers[3], 3); /* it never ran */
	while (cor_group_next(&group, &i) > 0)
		assert_int_equal(i, count++);
	assert_int_equal(count, 4);
	assert_int_equal(cor_group_wait(&group), -EPIPE);
	assert_int_equal(cor_group_result(&group, 3), -ECANCELED);
	cor_ctx_destroy(ctx);
}

static void test_outside_a_fiber_the_scope_of_the_thread_counts(void **state)
{
	struct nap nap = { .ms = 10000 };
	struct cor_scope scope;
	struct cor_ctx *ctx;
	struct cor_group group;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ 0 }, &ctx), 0);
	cor_scope_enter(&scope, 1);
	cor_group_begin(&group, ctx, COR_BEST_EFFORT);
	cor_group_start(&group, take_nap, &nap);
	assert_int_equal(cor_group_result(&group, 0), -ETIMEDOUT);
	assert_int_equal(cor_group_wait(&group), -ETIMEDOUT);
	cor_scope_leave(&scope);
	cor_ctx_destroy(ctx);
}

PLAY(children_come_in_the_order_of_their_ends, 0)
PLAY(children_that_never_ran_come_too, 0)
PLAY(limit_keeps_starts_waiting, 0)
PLAY(waiting_start_heeds_the_deadline, 0)
PLAY(cancelled_parent_takes_all_along, 0)
PLAY(cancelled_best_effort_is_cancelled, 0)
PLAY(deadline_is_the_innermost_scopes, 0)
PLAY(child_knows_its_deadline, 0)
PLAY(wait_lasts_until_the_last_has_ended, 0)
PLAY(shielded_parent_may_fan_out, 0)
PLAY(failure_reaches_every_branch, 0)
PLAY(memory_and_id_are_the_parents, 0)
PLAY(memory_counts_for_the_parent, 0)
PLAY(without_memory_the_group_is_decided, 0)
PLAY(memory_may_run_out_between_children, 0)
PLAY(child_without_a_stack_has_failed, 3)
PLAY(stack_is_as_large_as_the_parents, 0)
PLAY(child_is_named_by_its_function, 0)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_children_come_in_the_order_of_their_ends),
		cmocka_unit_test(test_children_that_never_ran_come_too),
		cmocka_unit_test(test_limit_keeps_starts_waiting),
		cmocka_unit_test(test_waiting_start_heeds_the_deadline),
		cmocka_unit_test(test_cancelled_parent_takes_all_along),
		cmocka_unit_test(test_cancelled_best_effort_is_cancelled),
		cmocka_unit_test(test_deadline_is_the_innermost_scopes),
		cmocka_unit_test(test_child_knows_its_deadline),
		cmocka_unit_test(test_wait_lasts_until_the_last_has_ended),
		cmocka_unit_test(test_shielded_parent_may_fan_out),
		cmocka_unit_test(test_failure_reaches_every_branch),
		cmocka_unit_test(test_memory_and_id_are_the_parents),
		cmocka_unit_test(test_memory_counts_for_the_parent),
		cmocka_unit_test(test_without_memory_the_group_is_decided),
		cmocka_unit_test(test_memory_may_run_out_between_children),
		cmocka_unit_test(test_child_without_a_stack_has_failed),
		cmocka_unit_test(test_stack_is_as_large_as_the_parents),
		cmocka_unit_test(test_child_is_named_by_its_function),
		cmocka_unit_test(test_outside_a_fiber_they_run_one_after_another),
		cmocka_unit_test(test_outside_a_fiber_the_scope_of_the_thread_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
