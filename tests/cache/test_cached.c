/* SPDX-License-Identifier: MIT */
/* Functions whose results are kept: who calls them, how often, and what each caller gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/response.h>

#include "context/context.h"
#include "stage.h"

#define CALLERS 20

/* What the function does, and how often it was called. */
static struct {
	int64_t takes_ms;
	int rc;
	int status;           /* of the problem; 0: a bare code */
	bool violates;        /* and says of what */
	const char *currency; /* NULL: CHF */
	unsigned calls;
	unsigned at_once, at_once_max;
} source;

/* With two violations, and members of its own. */
static int fail_in_full(struct cor_ctx *ctx)
{
	struct cor_violations *violations = cor_alloc(ctx, sizeof *violations);
	const struct pair more = { 7, "more" };
	int rc = cor_problem_with(ctx, source.status, 0, pair_schema, &more, "no price");

	assert_non_null(violations);
	cor_violate(violations, &ctx->arena, "body", "/a", "is %d", 7);
	cor_violate(violations, &ctx->arena, "query", "b", "is missing");
	ctx->problem.violations = violations;
	return rc;
}

static int load(struct cor_ctx *ctx, struct price *ret)
{
	source.calls++;
	source.at_once++;
	if (source.at_once > source.at_once_max)
		source.at_once_max = source.at_once;
	int rc = cor_sleep_ms(source.takes_ms);
	source.at_once--;
	if (rc < 0)
		return rc;
	if (source.status && source.violates)
		return fail_in_full(ctx);
	if (source.status)
		return cor_problem(ctx, source.status, 0, "no price %d", source.status);
	if (source.rc)
		return source.rc;
	*ret = (struct price){ 100 + source.calls, source.currency ? source.currency : "CHF" };
	return 0;
}

static int get_price(struct cor_ctx *ctx, const struct pair *in, struct price *out)
{
	(void)in;
	return load(ctx, out);
}

static int load_old(struct cor_ctx *ctx, const void *in, void *out)
{
	struct old_price *price = out;

	(void)ctx;
	(void)in;
	price->cents = 7;
	price->currency = "EUR";
	return 0;
}

COR_CACHED(get_kept, get_price, &kept, pair_schema, price_schema);
/* As another folder's file of the same name has it. */
static int get_namesake(struct cor_ctx *ctx, const struct pair *in, struct old_price *out)
{
	const struct cor_cached other = { .name = get_kept_kept_.cached.name,
		.cache = &kept,
		.in = &pair_schema.schema,
		.out = &old_price_schema.schema,
		.out_bytes = sizeof *out,
		.load = load_old };

	return cor_cached_call(ctx, &other, in, out);
}

COR_CACHED(get_common, get_price, &common, pair_schema, price_schema);
COR_CACHED(
	get_stale, get_price, &kept, pair_schema, price_schema, .ttl_ms = 1000, .stale_ms = 5000);
COR_CACHED(get_missing, get_price, &kept, pair_schema, price_schema, .missing_ms = 2000);
COR_CACHED(get_many, get_price, &kept, pair_schema, price_schema, .is_many_flights = true);
COR_CACHED(get_early, get_price, &kept, pair_schema, price_schema, .ttl_ms = 10000,
	.refreshes_early = true);
COR_CACHED(get_without, get_price, &unlisted_cache, pair_schema, price_schema);

/* Of a table that the service does not list, and made by hand, so that nothing knows of it. */
static const struct cor_field unlisted_fields[] = { COR_FIELD(struct price, cents) };
COR_LOCAL_SCHEMA(unlisted_schema, struct price, unlisted_fields);
static int get_of_unlisted(struct cor_ctx *ctx, const struct pair *in, struct price *out)
{
	const struct cor_cached unlisted = { .name = "unlisted",
		.cache = &kept,
		.in = &pair_schema.schema,
		.out = &unlisted_schema.schema,
		.out_bytes = sizeof *out,
		.load = load_old };

	return cor_cached_call(ctx, &unlisted, in, out);
}

struct caller {
	int (*get)(struct cor_ctx *ctx, const struct pair *in, struct price *out);
	struct pair in;
	int64_t after_ms;
	int64_t timeout_ms;
	struct price price;
	int rc;
	int status;
	const char *detail;
};

static int ask(struct cor_ctx *ctx, struct caller *caller)
{
	struct cor_scope scope;

	cor_ignore(cor_sleep_ms(caller->after_ms));
	cor_scope_enter(&scope, caller->timeout_ms ? caller->timeout_ms : COR_FOREVER);
	caller->rc = caller->get(ctx, &caller->in, &caller->price);
	cor_scope_leave(&scope);
	const struct cor_problem *problem = cor_problem_of(ctx);
	if (caller->rc == -COR_EPROBLEM && problem) {
		caller->status = problem->status;
		caller->detail = problem->detail;
	}
	return 0;
}

static void ask_all(struct cor_ctx *ctx, struct caller *callers, size_t len)
{
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_ALL);
	for (size_t i = 0; i < len; i++)
		cor_group_start(&group, ask, &callers[i]);
	assert_int_equal(cor_group_wait(&group), 0);
}

static void begin(int64_t takes_ms)
{
	memset(&source, 0, sizeof source);
	source.takes_ms = takes_ms;
}

/* --- one caller --- */

static void be_called_once(struct stage *stage)
{
	struct price price;

	begin(5);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, "x" }, &price), 0);
		assert_int_equal(price.cents, 101);
		assert_string_equal(price.currency, "CHF");
	}
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, "y" }, &price), 0);
	assert_int_equal(price.cents, 102);
	assert_int_equal(cor_cached_forget(stage->ctx, get_kept, &(struct pair){ 1, "x" }), 0);
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, "x" }, &price), 0);
	assert_int_equal(price.cents, 103);
	assert_int_equal(
		cor_cached_forget(stage->ctx, get_kept, &(struct pair){ 9, "x" }), -ENOENT);
	cor_ignore(cor_sleep_ms(10000));
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, "y" }, &price), 0);
	assert_int_equal(price.cents, 104);
}

static void have_names(struct stage *stage)
{
	struct price price;

	begin(0);
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, NULL }, &price), 0);
	assert_int_equal(get_many(stage->ctx, &(struct pair){ 1, NULL }, &price), 0);
	assert_int_equal(source.calls, 2); /* two functions, two results */
	assert_int_not_equal(
		fake_at("test_cached.c:get_kept(pair_schema)price_schema{\"a\":1}").len, 0);
}

static int load_by_hand(struct cor_ctx *ctx, const void *arg, void *ret)
{
	assert_string_equal(arg, "arg");
	return load(ctx, ret);
}

static void have_keys(struct stage *stage)
{
	struct price price;

	begin(0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(cor_cache_load(stage->ctx, &kept, price_schema, &price,
					 load_by_hand, "arg", COR_KEY("price/{}", 7)),
			0);
	assert_int_equal(source.calls, 1);
	assert_int_equal(
		cor_cache_get(stage->ctx, &kept, price_schema, &price, COR_KEY("price/{}", 7)), 0);
	assert_int_equal(price.cents, 101);
	assert_int_equal(cor_cache_load(stage->ctx, &kept, price_schema, &price, load_by_hand,
				 "arg", COR_KEY("{}")),
		-EINVAL);
}

/* --- failures --- */

static void not_keep_failures(struct stage *stage)
{
	struct price price = { 1, "x" };

	begin(0);
	source.rc = -ECONNREFUSED;
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 0 }, &price), -ECONNREFUSED);
	source.rc = 0;
	source.status = 404;
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 0 }, &price), -COR_EPROBLEM);
	source.status = 0;
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 0 }, &price), 0);
	assert_int_equal(source.calls, 3);
}

static void keep_that_there_is_nothing(struct stage *stage)
{
	struct price price = { 1, "x" };

	begin(0);
	source.status = 404;
	assert_int_equal(get_missing(stage->ctx, &(struct pair){ 1, 0 }, &price), -COR_EPROBLEM);
	assert_int_equal(get_missing(stage->other, &(struct pair){ 1, 0 }, &price), -COR_EPROBLEM);
	assert_int_equal(source.calls, 1);
	assert_int_equal(price.cents, 0);
	assert_int_equal(cor_problem_of(stage->other)->status, 404);
	assert_string_equal(cor_problem_of(stage->other)->detail, "no price 404");
	cor_ignore(cor_sleep_ms(2000));
	source.status = 0;
	assert_int_equal(get_missing(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	source.rc = -ENOENT;
	assert_int_equal(get_missing(stage->ctx, &(struct pair){ 2, 0 }, &price), -ENOENT);
	assert_int_equal(get_missing(stage->ctx, &(struct pair){ 2, 0 }, &price), -ENOENT);
	assert_int_equal(source.calls, 3);
	source.rc = -EIO;
	assert_int_equal(get_missing(stage->ctx, &(struct pair){ 3, 0 }, &price), -EIO);
	assert_int_equal(get_missing(stage->ctx, &(struct pair){ 3, 0 }, &price), -EIO);
	assert_int_equal(source.calls, 5);
}

static void do_without_the_cache(struct stage *stage)
{
	struct price price;

	begin(0);
	fake_fail(-ECONNREFUSED);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(get_common(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
		assert_int_equal(price.cents, 100 + i);
	}
	assert_int_equal(get_without(stage->ctx, &(struct pair){ 1, 0 }, &price), -EINVAL);
}

static int grant_wish(struct cor_ctx *ctx, const struct wish *in, struct price *out)
{
	(void)ctx;
	source.calls++;
	out->cents = in->currency ? 2 : 1;
	return 0;
}
COR_CACHED(get_wish, grant_wish, &kept, wish_schema, price_schema);

/* In JSON a NULL is its .fallback; the function is given a NULL all the same. */
static void tell_null_from_its_fallback(struct stage *stage)
{
	struct price price;

	begin(0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(get_wish(stage->ctx, &(struct wish){ "EUR" }, &price), 0);
		assert_int_equal(price.cents, 2);
		assert_int_equal(get_wish(stage->ctx, &(struct wish){ NULL }, &price), 0);
		assert_int_equal(price.cents, 1);
	}
	assert_int_equal(source.calls, 3);
}

static void call_what_has_no_key(struct stage *stage)
{
	static const char text[COR_CACHE_KEY_BYTES + 1] = { [0 ... COR_CACHE_KEY_BYTES - 1] = 'x' };
	struct price price;

	begin(0);
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, text }, &price), 0);
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, text }, &price), 0);
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, "\xff" }, &price), 0);
	assert_int_equal(price.cents, 103);
	assert_int_equal(fake_len(), 0);
}

/* It is made each time, and everybody gets it. */
static void give_what_is_not_kept(struct stage *stage)
{
	struct caller callers[4] = { 0 };
	struct price price;

	begin(10);
	source.currency = "\xff";
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_string_equal(price.currency, "\xff");
	for (size_t i = 0; i < 4; i++)
		callers[i] = (struct caller){ .get = get_kept };
	ask_all(stage->ctx, callers, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(callers[i].rc, 0);
	assert_int_equal(source.calls, 5);
	assert_int_equal(fake_len(), 0);
}

/* Neither takes the other's place. */
static void have_namesakes(struct stage *stage)
{
	struct old_price old;
	struct price price;

	begin(0);
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(get_namesake(stage->ctx, &(struct pair){ 1, 0 }, &old), 0);
	assert_int_equal(old.cents, 7);
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(price.cents, 101);
	assert_int_equal(source.calls, 1);
	assert_int_equal(fake_len(), 2);
}

/* A defect is told, although there is a result. */
static void know_its_tables(struct stage *stage)
{
	struct price price;

	begin(0);
	assert_int_equal(get_of_unlisted(stage->ctx, &(struct pair){ 1, 0 }, &price), -COR_ETABLE);
	assert_non_null(strstr(cor_problem_of(stage->ctx)->detail, "unlisted_schema"));
}

/* --- many callers --- */

static void fly_once(struct stage *stage)
{
	struct caller callers[CALLERS] = { 0 };

	begin(100);
	for (size_t i = 0; i < CALLERS; i++)
		callers[i] = (struct caller){ .get = get_kept, .after_ms = (int64_t)i };
	ask_all(stage->ctx, callers, CALLERS);
	assert_int_equal(source.calls, 1);
	for (size_t i = 0; i < CALLERS; i++) {
		assert_int_equal(callers[i].rc, 0);
		assert_int_equal(callers[i].price.cents, 101);
		assert_string_equal(callers[i].price.currency, "CHF");
	}
}

static void fly_many_times(struct stage *stage)
{
	struct caller callers[5] = { 0 };

	begin(100);
	for (size_t i = 0; i < 5; i++)
		callers[i] = (struct caller){ .get = get_many };
	ask_all(stage->ctx, callers, 5);
	assert_int_equal(source.calls, 5);
	assert_int_equal(source.at_once_max, 5);
}

static void fail_together(struct stage *stage)
{
	struct caller callers[5] = { 0 };

	begin(100);
	source.status = 502;
	for (size_t i = 0; i < 5; i++)
		callers[i] = (struct caller){ .get = get_kept };
	ask_all(stage->ctx, callers, 5);
	assert_int_equal(source.calls, 1);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(callers[i].rc, -COR_EPROBLEM);
		assert_int_equal(callers[i].status, 502);
		assert_string_equal(callers[i].detail, "no price 502");
		assert_int_equal(callers[i].price.cents, 0);
	}
}

static int ask_in_full(struct cor_ctx *ctx, struct caller *caller)
{
	ask(ctx, caller);
	const struct cor_violations *all = cor_problem_of(ctx)->violations;
	assert_int_equal(all->count, 2);
	assert_string_equal(all->first->in, "body");
	assert_string_equal(all->first->where, "/a");
	assert_string_equal(all->first->detail, "is 7");
	assert_null(all->first->code);
	assert_string_equal(all->last->in, "query");
	assert_string_equal(all->last->detail, "is missing");
	assert_ptr_equal(all->first->next, all->last);
	assert_true(ctx->reply && ctx->reply->is_members);
	assert_non_null(strstr(ctx->reply->text.data, "more"));
	return 0;
}

/* What is wrong, and what the problem has besides, is theirs, too. */
static void fail_together_in_full(struct stage *stage)
{
	struct caller callers[5] = { 0 };
	struct cor_group group;

	begin(100);
	source.status = 422;
	source.violates = true;
	cor_group_begin(&group, stage->ctx, COR_ALL);
	for (size_t i = 0; i < 5; i++) {
		callers[i] = (struct caller){ .get = get_kept };
		cor_group_start(&group, ask_in_full, &callers[i]);
	}
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(source.calls, 1);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(callers[i].status, 422);
		assert_string_equal(callers[i].detail, "no price");
	}
}

/* The first has no time for what it takes: the next one calls. */
static void not_fail_for_another(struct stage *stage)
{
	struct caller callers[5] = { 0 };

	begin(100);
	for (size_t i = 0; i < 5; i++)
		callers[i] = (struct caller){ .get = get_kept, .after_ms = (int64_t)i };
	callers[0].timeout_ms = 50;
	callers[3].timeout_ms = 20;
	ask_all(stage->ctx, callers, 5);
	assert_int_equal(source.calls, 2);
	assert_int_equal(source.at_once_max, 1);
	assert_int_equal(callers[0].rc, -ETIMEDOUT);
	assert_int_equal(callers[3].rc, -ETIMEDOUT);
	for (size_t i = 1; i < 5; i += 1 + (i == 2)) {
		assert_int_equal(callers[i].rc, 0);
		assert_int_equal(callers[i].price.cents, 102);
	}
}

/* Two processes: one asks for the other's store. */
static void fly_once_for_all(struct stage *stage)
{
	struct caller here[4] = { 0 }, there[4] = { 0 };
	struct cor_group group;

	begin(100);
	cor_group_begin(&group, stage->ctx, COR_ALL);
	for (size_t i = 0; i < 4; i++) {
		here[i] = (struct caller){ .get = get_common, .after_ms = (int64_t)(2 * i) };
		there[i] = (struct caller){ .get = get_common, .after_ms = (int64_t)(2 * i + 1) };
		cor_group_start(&group, ask, &here[i]);
	}
	ask_all(stage->other, there, 4);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(source.calls, 1);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(here[i].price.cents, 101);
		assert_int_equal(there[i].price.cents, 101);
	}
	assert_int_equal(fake_len(), 1); /* the lease is given back */
}

/* One who has died has left its lease. */
static void not_wait_for_the_dead(struct stage *stage)
{
	const int64_t begin_ns = cor_monotonic_ns();
	struct price price;

	begin(1);
	fake_set("test_cached.c:get_common(pair_schema)price_schema{\"a\":1}\1lease", COR_STR("1"));
	cor_ignore(cor_cache_touch(stage->ctx, &common,
		COR_TEMPLATE_AS_IS(
			"test_cached.c:get_common(pair_schema)price_schema{\"a\":1}\1lease"),
		10000));
	assert_int_equal(get_common(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	int64_t took_ms = (cor_monotonic_ns() - begin_ns) / 1000000;
	assert_in_range(took_ms, 10000, 10100);
	assert_int_equal(source.calls, 1);
}

/* --- time --- */

static void be_stale(struct stage *stage)
{
	struct caller callers[4] = { 0 };
	struct price price;

	begin(100);
	assert_int_equal(get_stale(stage->ctx, &(struct pair){ 0 }, &price), 0);
	cor_ignore(cor_sleep_ms(1000));
	for (size_t i = 0; i < 4; i++)
		callers[i] = (struct caller){ .get = get_stale, .after_ms = (int64_t)i };
	ask_all(stage->ctx, callers, 4);
	assert_int_equal(source.calls, 2);
	assert_int_equal(callers[0].price.cents, 102); /* who finds it stale makes a new one */
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(callers[i].price.cents, 101);
	source.rc = -ECONNREFUSED;
	cor_ignore(cor_sleep_ms(1000));
	assert_int_equal(get_stale(stage->ctx, &(struct pair){ 0 }, &price), 0);
	assert_int_equal(price.cents, 102); /* there is no new one */
	assert_int_equal(source.calls, 3);
	cor_ignore(cor_sleep_ms(5000));
	assert_int_equal(get_stale(stage->ctx, &(struct pair){ 0 }, &price), -ECONNREFUSED);
}

static void not_give_out_what_is_gone(struct stage *stage)
{
	struct price price;

	begin(0);
	assert_int_equal(get_stale(stage->ctx, &(struct pair){ 0 }, &price), 0);
	cor_ignore(cor_sleep_ms(1000));
	source.status = 404;
	assert_int_equal(get_stale(stage->ctx, &(struct pair){ 0 }, &price), -COR_EPROBLEM);
}

/* 1,000 lives of ten seconds, each asked for every 100 ms; making takes 200 ms. */
static void be_early(struct stage *stage)
{
	const int64_t begin_ns = cor_monotonic_ns();
	struct price price;
	unsigned waited = 0;

	begin(200);
	while (cor_monotonic_ns() - begin_ns < INT64_C(10000000000000)) {
		struct cor_str before = fake_at(
			"test_cached.c:get_early(pair_schema)price_schema{\"a\":0}");
		waited += before.len == 0;
		assert_int_equal(get_early(stage->ctx, &(struct pair){ 0 }, &price), 0);
		cor_ignore(cor_sleep_ms(100));
	}
	/* of 100 makings some 60 wait for the end where nobody is early; here e^-1 or so do */
	assert_in_range(source.calls, 990, 1100);
	assert_in_range(waited, 50, 700);
}

#define IN_FIBER(name, act)                                                                        \
	static void name(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		stage_run(act);                                                                    \
	}

IN_FIBER(test_a_result_is_made_once, be_called_once)
IN_FIBER(test_each_function_has_its_results, have_names)
IN_FIBER(test_keys_by_hand, have_keys)
IN_FIBER(test_failures_are_not_kept, not_keep_failures)
IN_FIBER(test_nothing_is_kept_where_it_is_said, keep_that_there_is_nothing)
IN_FIBER(test_a_cache_that_fails_fails_nobody, do_without_the_cache)
IN_FIBER(test_a_null_is_not_its_fallback, tell_null_from_its_fallback)
IN_FIBER(test_what_has_no_key_is_made, call_what_has_no_key)
IN_FIBER(test_what_is_not_kept_is_given, give_what_is_not_kept)
IN_FIBER(test_tables_are_listed, know_its_tables)
IN_FIBER(test_one_flies_for_all, fly_once)
IN_FIBER(test_many_fly_where_it_is_said, fly_many_times)
IN_FIBER(test_they_fail_together, fail_together)
IN_FIBER(test_namesakes, have_namesakes)
IN_FIBER(test_they_fail_together_in_full, fail_together_in_full)
IN_FIBER(test_they_do_not_fail_for_another, not_fail_for_another)
IN_FIBER(test_one_flies_for_all_processes, fly_once_for_all)
IN_FIBER(test_nobody_waits_for_the_dead, not_wait_for_the_dead)
IN_FIBER(test_the_old_one_while_a_new_one_is_made, be_stale)
IN_FIBER(test_what_is_gone_is_gone, not_give_out_what_is_gone)
IN_FIBER(test_early_refreshes_spread, be_early)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_result_is_made_once),
		cmocka_unit_test(test_each_function_has_its_results),
		cmocka_unit_test(test_keys_by_hand),
		cmocka_unit_test(test_failures_are_not_kept),
		cmocka_unit_test(test_nothing_is_kept_where_it_is_said),
		cmocka_unit_test(test_a_cache_that_fails_fails_nobody),
		cmocka_unit_test(test_a_null_is_not_its_fallback),
		cmocka_unit_test(test_what_has_no_key_is_made),
		cmocka_unit_test(test_what_is_not_kept_is_given),
		cmocka_unit_test(test_tables_are_listed),
		cmocka_unit_test(test_one_flies_for_all),
		cmocka_unit_test(test_many_fly_where_it_is_said),
		cmocka_unit_test(test_they_fail_together),
		cmocka_unit_test(test_namesakes),
		cmocka_unit_test(test_they_fail_together_in_full),
		cmocka_unit_test(test_they_do_not_fail_for_another),
		cmocka_unit_test(test_one_flies_for_all_processes),
		cmocka_unit_test(test_nobody_waits_for_the_dead),
		cmocka_unit_test(test_the_old_one_while_a_new_one_is_made),
		cmocka_unit_test(test_what_is_gone_is_gone),
		cmocka_unit_test(test_early_refreshes_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
