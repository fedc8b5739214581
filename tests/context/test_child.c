/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "context/context.h"

static const struct cor_environment environment = { 0 };

static void memory_of_a_child_outlives_it(void **state)
{
	struct cor_ctx parent, child, grandchild;

	(void)state;
	cor_ctx_init(&parent, &environment, NULL, 0, 1 << 20);
	cor_ctx_begin_child(&child, &parent);
	cor_ctx_begin_child(&grandchild, &child);
	char *early = cor_strdup(&child, "early");
	char *text = cor_printf(&grandchild, "%0100d", 7);
	assert_string_equal(cor_request_id(&grandchild), cor_request_id(&parent));
	cor_ctx_end_child(&grandchild, &child);
	char *late = cor_strdup(&child, "late");
	cor_ctx_end_child(&child, &parent);
	assert_string_equal(early, "early");
	assert_string_equal(late, "late");
	assert_int_equal(strlen(text), 100);
	cor_ctx_finish(&parent);
}

/* However many they are, what they take counts once, for the parent. */
static void children_share_one_limit(void **state)
{
	struct cor_ctx parent, children[4];
	size_t taken = 0;

	(void)state;
	cor_ctx_init(&parent, &environment, NULL, 0, 100000);
	for (size_t i = 0; i < 4; i++)
		cor_ctx_begin_child(&children[i], &parent);
	for (size_t i = 0; cor_alloc(&children[i % 4], 5000); i++)
		taken += 5000;
	assert_in_range(taken, 50000, 100000);
	size_t counted = parent.arena.heap_bytes;
	for (size_t i = 0; i < 4; i++)
		cor_ctx_end_child(&children[i], &parent);
	assert_int_equal(parent.arena.heap_bytes, counted);
	assert_true(parent.arena.is_short);
	cor_ctx_finish(&parent);
	assert_int_equal(parent.arena.heap_bytes, 0);
}

static void a_childs_problem_becomes_the_parents(void **state)
{
	struct cor_ctx parent, child;

	(void)state;
	cor_ctx_init(&parent, &environment, NULL, 0, 0);
	cor_ctx_begin_child(&child, &parent);
	int rc = cor_ctx_take_problem(
		&parent, &child, cor_problem(&child, 404, 0, "no %s", "price"));
	cor_ctx_end_child(&child, &parent);
	assert_int_equal(rc, -COR_EPROBLEM);
	assert_int_equal(cor_problem_of(&parent)->status, 404);
	assert_string_equal(cor_problem_of(&parent)->detail, "no price");
	cor_ctx_finish(&parent);
}

struct hold {
	struct cor_hold hold;
	unsigned *count;
};

static void let_go(struct cor_hold *hold)
{
	++*cor_container_of(hold, struct hold, hold)->count;
}

static void who_holds_a_child_holds_the_parent(void **state)
{
	struct cor_ctx parent, child;
	unsigned count = 0;
	struct hold holds[2] = { { { .await = let_go }, &count }, { { .await = let_go }, &count } };

	(void)state;
	cor_ctx_init(&parent, &environment, NULL, 0, 0);
	cor_ctx_await(&parent);
	cor_ctx_begin_child(&child, &parent);
	cor_ctx_hold(&parent, &holds[0].hold);
	cor_ctx_hold(&child, &holds[1].hold);
	cor_ctx_end_child(&child, &parent);
	assert_int_equal(count, 0);
	cor_ctx_await(&parent);
	assert_int_equal(count, 2);
	cor_ctx_finish(&parent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_of_a_child_outlives_it),
		cmocka_unit_test(children_share_one_limit),
		cmocka_unit_test(a_childs_problem_becomes_the_parents),
		cmocka_unit_test(who_holds_a_child_holds_the_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
