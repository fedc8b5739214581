/* SPDX-License-Identifier: MIT */
/* Tags: what was made of something goes when that changes, wherever it is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "stage.h"

#include "context/context.h"

/* What prices are made of. */
static int64_t number;
static unsigned calls;
static int64_t takes_ms;
static unsigned tags; /* more that each has */
static int missing;

static int find_price(struct cor_ctx *ctx, const struct pair *in, struct price *out)
{
	int rc = cor_cache_tag(ctx, COR_KEY("book/{}", in->a));

	calls++;
	for (unsigned i = 0; i < tags && rc == 0; i++)
		rc = cor_cache_tag(ctx, COR_KEY("more/{}", i));
	if (rc < 0)
		return rc;
	out->cents = number;
	rc = cor_sleep_ms(takes_ms);
	return rc == 0 && missing ? cor_problem(ctx, 404, 0, "none") : rc;
}
COR_CACHED(get_kept, find_price, &kept, pair_schema, price_schema);
COR_CACHED(get_common, find_price, &common, pair_schema, price_schema, .ttl_ms = 5000,
	.stale_ms = 60000, .missing_ms = 60000);

/* Made of another's result. */
static int find_double(struct cor_ctx *ctx, const struct pair *in, struct price *out)
{
	int rc = get_kept(ctx, in, out);

	out->cents *= 2;
	return rc;
}
COR_CACHED(get_double, find_double, &common, pair_schema, price_schema);

/* The same where copies are near, which may be old. */
COR_CACHED(get_near, find_price, &near, pair_schema, price_schema);
static int find_near_double(struct cor_ctx *ctx, const struct pair *in, struct price *out)
{
	int rc = get_near(ctx, in, out);

	out->cents *= 2;
	return rc;
}
COR_CACHED(get_near_double, find_near_double, &near, pair_schema, price_schema);

static void reset(void)
{
	number = 1;
	calls = tags = 0;
	takes_ms = 0;
	missing = 0;
	fake_reset();
}

static int64_t ask(int (*get)(struct cor_ctx *, const struct pair *, struct price *),
	struct cor_ctx *ctx, int64_t a)
{
	struct price price;

	assert_int_equal(get(ctx, &(struct pair){ .a = a }, &price), 0);
	return price.cents;
}

static void go_when_they_are_forgotten(struct stage *stage)
{
	reset();
	assert_int_equal(ask(get_kept, stage->ctx, 7), 1);
	assert_int_equal(ask(get_kept, stage->ctx, 8), 1);
	number = 2;
	assert_int_equal(ask(get_kept, stage->ctx, 7), 1);
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &kept, COR_KEY("book/{}", 7)), 0);
	assert_int_equal(ask(get_kept, stage->ctx, 7), 2);
	assert_int_equal(ask(get_kept, stage->ctx, 8), 1);
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &kept, COR_KEY("nobody has it")), 0);
	assert_int_equal(ask(get_kept, stage->ctx, 7), 2);
	assert_int_equal(calls, 3);
}

static void go_in_all_processes(struct stage *stage)
{
	reset();
	assert_int_equal(ask(get_common, stage->ctx, 7), 1);
	number = 2;
	assert_int_equal(ask(get_common, stage->other, 7), 1);
	assert_int_equal(cor_cache_forget_tag(stage->other, &common, COR_KEY("book/{}", 7)), 0);
	assert_int_equal(ask(get_common, stage->ctx, 7), 2);
	/* not given out as an old one either */
	number = 3;
	assert_int_equal(cor_sleep_ms(6000), 0);
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &common, COR_KEY("book/{}", 7)), 0);
	assert_int_equal(ask(get_common, stage->other, 7), 3);
}

static void go_with_what_is_made_of_them(struct stage *stage)
{
	reset();
	assert_int_equal(ask(get_kept, stage->ctx, 7), 1); /* so that the inner one is a hit */
	assert_int_equal(ask(get_double, stage->ctx, 7), 2);
	number = 5;
	assert_int_equal(ask(get_double, stage->ctx, 7), 2);
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &kept, COR_KEY("book/{}", 7)), 0);
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &common, COR_KEY("book/{}", 7)), 0);
	assert_int_equal(ask(get_double, stage->ctx, 7), 10);
}

/* A copy that may be old for five seconds must not become a result that is old for ten. */
static void go_with_what_is_made_of_a_copy(struct stage *stage)
{
	reset();
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(get_near, stage->ctx, 7), 1);
	number = 5;
	assert_int_equal(cor_cache_forget_tag(stage->other, &near, COR_KEY("book/{}", 7)), 0);
	assert_int_equal(ask(get_near, stage->ctx, 7), 1); /* another machine */
	ask(get_near_double, stage->ctx, 7);
	assert_int_equal(cor_sleep_ms(6000), 0);
	assert_int_equal(ask(get_near_double, stage->ctx, 7), 10);
}

static void go_where_there_is_nothing(struct stage *stage)
{
	struct price price;

	reset();
	missing = 1;
	const struct pair in = { .a = 7 };
	assert_int_equal(get_common(stage->ctx, &in, &price), -COR_EPROBLEM);
	assert_int_equal(get_common(stage->ctx, &in, &price), -COR_EPROBLEM);
	assert_int_equal(calls, 1);
	missing = 0;
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &common, COR_KEY("book/{}", 7)), 0);
	assert_int_equal(get_common(stage->ctx, &in, &price), 0);
}

/* --- at the same time --- */

struct asker {
	int64_t after_ms;
	int64_t got;
};

static int ask_later(struct cor_ctx *ctx, struct asker *asker)
{
	int rc = cor_sleep_ms(asker->after_ms);

	if (rc == 0)
		asker->got = ask(get_kept, ctx, 7);
	return rc;
}

/* The one who asks after the change has been told has what there is then, also if others wait. */
static void leave_nothing_old_behind(struct stage *stage)
{
	struct asker before = { .after_ms = 0 }, after = { .after_ms = 600 };
	struct cor_group group;

	reset();
	takes_ms = 1000;
	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, ask_later, &before);
	cor_group_start(&group, ask_later, &after);
	assert_int_equal(cor_sleep_ms(500), 0);
	number = 2;
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &kept, COR_KEY("book/{}", 7)), 0);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(before.got, 1);
	assert_int_equal(after.got, 2);
	assert_int_equal(ask(get_kept, stage->ctx, 7), 2);
}

static void be_few(struct stage *stage)
{
	struct price price;
	char name[COR_CACHE_KEY_BYTES + 1];

	reset();
	tags = COR_CACHE_TAGS_MAX - 1;
	assert_int_equal(ask(get_kept, stage->ctx, 7), 1);
	assert_int_equal(ask(get_kept, stage->ctx, 7), 1);
	assert_int_equal(calls, 1);
	tags = COR_CACHE_TAGS_MAX;
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ .a = 8 }, &price), -COR_ETOOLARGE);
	assert_non_null(
		strstr(cor_ctx_settle(stage->ctx, -COR_ETOOLARGE)->detail, "more than 16 tags"));
	assert_int_equal(calls, 2);
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &kept, COR_KEY("{}", name)), 0);
	assert_int_equal(cor_cache_tag(stage->ctx, COR_KEY("{}")), -EINVAL);
	assert_non_null(
		strstr(cor_ctx_settle(stage->ctx, -EINVAL)->detail, "more {} than arguments"));
	assert_int_equal(cor_cache_tag(stage->ctx, COR_KEY("nothing is being made")), 0);
}

/* Who cannot tell when it must go keeps nothing. */
static void need_the_store(struct stage *stage)
{
	reset();
	fake_fail(-ECONNREFUSED);
	assert_int_equal(ask(get_kept, stage->ctx, 7), 1);
	assert_int_equal(
		cor_cache_forget_tag(stage->ctx, &kept, COR_KEY("book/{}", 7)), -ECONNREFUSED);
	fake_fail(0);
	assert_int_equal(ask(get_kept, stage->ctx, 7), 1);
	assert_int_equal(calls, 2);
	number = 2;
	fake_fail_puts(-ENOSPC);
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &kept, COR_KEY("book/{}", 7)), 0);
	assert_int_equal(ask(get_kept, stage->ctx, 7), 2);
	fake_fail_puts(0);
	number = 3;
	assert_int_equal(ask(get_kept, stage->ctx, 7), 3);
}

/* What was kept with tags is read by calls with a key of their own as well. */
static int load_tagged(struct cor_ctx *ctx, const void *arg, void *ret)
{
	struct price *price = ret;

	price->cents = *(const int64_t *)arg;
	return cor_cache_tag(ctx, COR_KEY("all"));
}

static void hold_for_all_calls(struct stage *stage)
{
	const struct cor_template keys[] = { COR_KEY("p/{}", 1), COR_KEY("p/{}", 2) };
	struct price price, prices[2];
	bool found[2];

	reset();
	assert_int_equal(cor_cache_load(stage->ctx, &kept, price_schema, &price, load_tagged,
				 &number, COR_KEY("p/{}", 1)),
		0);
	assert_int_equal(
		cor_cache_put(stage->ctx, &kept, price_schema, &price, COR_KEY("p/{}", 2)), 0);
	assert_int_equal(
		cor_cache_get(stage->ctx, &kept, price_schema, &price, COR_KEY("p/{}", 1)), 0);
	assert_int_equal(
		cor_cache_get_many(stage->ctx, &kept, price_schema, prices, found, keys, 2), 2);
	assert_int_equal(cor_cache_forget_tag(stage->ctx, &kept, COR_KEY("all")), 0);
	assert_int_equal(
		cor_cache_get_many(stage->ctx, &kept, price_schema, prices, found, keys, 2), 1);
	assert_false(found[0]);
	assert_int_equal(cor_cache_get(stage->ctx, &kept, price_schema, &price, COR_KEY("p/{}", 1)),
		-ENOENT);
}

#define IN_FIBER(test, act)                                                                        \
	static void test(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		stage_run(act);                                                                    \
	}
IN_FIBER(test_they_go_when_they_are_forgotten, go_when_they_are_forgotten)
IN_FIBER(test_they_go_in_all_processes, go_in_all_processes)
IN_FIBER(test_they_go_with_what_is_made_of_them, go_with_what_is_made_of_them)
IN_FIBER(test_they_go_with_what_is_made_of_a_copy, go_with_what_is_made_of_a_copy)
IN_FIBER(test_they_go_where_there_is_nothing, go_where_there_is_nothing)
IN_FIBER(test_a_change_meanwhile_leaves_nothing_old, leave_nothing_old_behind)
IN_FIBER(test_they_are_few, be_few)
IN_FIBER(test_they_need_the_store, need_the_store)
IN_FIBER(test_they_hold_for_all_calls, hold_for_all_calls)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_they_go_when_they_are_forgotten),
		cmocka_unit_test(test_they_go_in_all_processes),
		cmocka_unit_test(test_they_go_with_what_is_made_of_them),
		cmocka_unit_test(test_they_go_with_what_is_made_of_a_copy),
		cmocka_unit_test(test_they_go_where_there_is_nothing),
		cmocka_unit_test(test_a_change_meanwhile_leaves_nothing_old),
		cmocka_unit_test(test_they_are_few),
		cmocka_unit_test(test_they_need_the_store),
		cmocka_unit_test(test_they_hold_for_all_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
