/* SPDX-License-Identifier: MIT */
/* Cached functions in odd places: odd results, tables, times and callers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <coracle/clock.h>
#include <coracle/error.h>

#include "odd_counts.h"
#include "odd_source.h"

#include "cache/caches.h"
#include "cache/key.h"
#include "cache/load.h"
#include "context/context.h"

COR_CACHED(get_kept, get_price, &kept, pair_schema, price_schema);
COR_CACHED(get_common, get_price, &common, pair_schema, price_schema);
COR_CACHED(
	get_stale, get_price, &kept, pair_schema, price_schema, .ttl_ms = 1000, .stale_ms = 5000);
COR_CACHED(get_old, get_price, &kept, pair_schema, price_schema, .ttl_ms = 1000,
	.stale_ms = COR_CACHE_STALE_MS_MAX);
COR_CACHED(get_many, get_price, &kept, pair_schema, price_schema, .is_many_flights = true);

/* --- what is there is of no use --- */

static void replace_what_it_cannot_read(struct stage *stage)
{
	const struct old_price old = { 7, "CHF", "cheap" };
	struct price price;

	begin(0);
	assert_int_equal(cor_cache_put(stage->ctx, &kept, old_price_schema, &old, COR_KEY("p")), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(cor_cache_load(stage->ctx, &kept, price_schema, &price, load, NULL,
					 COR_KEY("p")),
			0);
		assert_int_equal(price.cents, 101);
	}
	assert_int_equal(cor_cache_put_bytes(stage->ctx, &kept, COR_STR("x"), COR_KEY("p")), 0);
	assert_int_equal(
		cor_cache_load(stage->ctx, &kept, price_schema, &price, load, NULL, COR_KEY("p")),
		0);
	assert_int_equal(source.calls, 2);
}

/* Answers are not held to their tables, and what is kept is: so it is made each time. */
static int get_long(struct cor_ctx *ctx, const struct pair *in, struct price *out)
{
	int rc = load(ctx, in, out);

	out->currency = "more than eight letters";
	return rc;
}

COR_CACHED(get_long_cached, get_long, &kept, pair_schema, price_schema);

static void make_what_breaks_its_table(struct stage *stage)
{
	struct price price;

	begin(0);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(get_long_cached(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
		assert_int_equal(price.cents, 100 + i);
		assert_string_equal(price.currency, "more than eight letters");
	}
}

/* --- what the function returns --- */

static void call_once_for_a_positive_number(struct stage *stage)
{
	struct price price;

	begin(0);
	source.rc = 1;
	assert_int_equal(get_kept(stage->ctx, &(struct pair){ 1, 0 }, &price), 1);
	assert_int_equal(get_many(stage->ctx, &(struct pair){ 1, 0 }, &price), 1);
	assert_int_equal(get_common(stage->ctx, &(struct pair){ 1, 0 }, &price), 1);
	assert_int_equal(source.calls, 3);
	assert_int_equal(fake_len(), 0);
}

COR_CACHED(get_missing, get_price, &kept, pair_schema, price_schema, .missing_ms = 2000);

/* What has failed before in the same request with the same code is not the function's to tell. */
static void tell_its_own_problem_alone(struct stage *stage)
{
	struct price price;

	begin(0);
	source.rc = -ENOENT;
	cor_ignore(cor_ctx_fail(stage->ctx, 502, -ENOENT, "the key of this client"));
	assert_int_equal(get_missing(stage->ctx, &(struct pair){ 1, 0 }, &price), -ENOENT);
	assert_string_equal(cor_problem_of(stage->ctx)->detail, "the key of this client");
	assert_int_equal(get_missing(stage->other, &(struct pair){ 1, 0 }, &price), -ENOENT);
	assert_null(cor_problem_of(stage->other));
	assert_int_equal(source.calls, 1); /* that there is nothing is kept, too */
	cor_ignore(cor_ctx_fail(stage->ctx, 404, -EIO, "the key of this client"));
	source.rc = -EIO;
	assert_int_equal(get_missing(stage->ctx, &(struct pair){ 2, 0 }, &price), -EIO);
	assert_int_equal(get_missing(stage->other, &(struct pair){ 2, 0 }, &price), -EIO);
	assert_null(cor_problem_of(stage->other));
	assert_int_equal(source.calls, 3);
}

/* --- schemas that are no tables --- */

static int shout(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	char *text = cor_printf(ctx, "%.*s! %u", (int)in->len, in->data, ++source.calls);

	*out = cor_str(text);
	return 0;
}

static int say(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	return shout(ctx, &COR_STR("nothing"), out);
}

static int touch(struct cor_ctx *ctx, const struct cor_str *in, struct cor_none *out)
{
	(void)ctx;
	(void)in;
	(void)out;
	source.calls++;
	return 0;
}

COR_CACHED(shout_text, shout, &kept, COR_TEXT, COR_TEXT);
COR_CACHED(shout_bytes, shout, &kept, COR_BYTES, COR_BYTES);
COR_CACHED(say_cached, say, &kept, COR_NONE, COR_TEXT);
COR_CACHED(touch_cached, touch, &kept, COR_BYTES, COR_NONE);

#define EXPECT_TEXT(out, text)                                                                     \
	do {                                                                                       \
		assert_int_equal((out).len, sizeof(text) - 1);                                     \
		assert_memory_equal((out).data, text, (out).len);                                  \
	} while (0)

static void keep_whole_bodies(struct stage *stage)
{
	struct cor_none none;
	struct cor_str out;

	begin(0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(shout_text(stage->ctx, &COR_STR("a"), &out), 0);
		EXPECT_TEXT(out, "a! 1");
		assert_int_equal(shout_text(stage->ctx, &COR_STR("b"), &out), 0);
		EXPECT_TEXT(out, "b! 2");
		assert_int_equal(shout_bytes(stage->ctx, &COR_STR("\xff"), &out), 0);
		EXPECT_TEXT(out, "\xff! 3");
		assert_int_equal(say_cached(stage->ctx, &(struct cor_none){ 0 }, &out), 0);
		EXPECT_TEXT(out, "nothing! 4");
		assert_int_equal(touch_cached(stage->ctx, &COR_STR("a"), &none), 0);
		assert_int_equal(touch_cached(stage->ctx, &COR_STR("b"), &none), 0);
		assert_int_equal(source.calls, 6);
	}
	assert_int_equal(cor_cached_forget(stage->ctx, shout_text, &COR_STR("a")), 0);
	assert_int_equal(shout_text(stage->ctx, &COR_STR("a"), &out), 0);
	EXPECT_TEXT(out, "a! 7");
}

/* --- times --- */

static void be_stale_forever(struct stage *stage)
{
	struct price price;

	begin(0);
	assert_int_equal(get_old(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	cor_ignore(cor_sleep_ms(1000));
	assert_int_equal(get_old(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(price.cents, 102); /* it is past its time, and can be made */
	source.rc = -EIO;
	cor_ignore(cor_sleep_ms(INT64_C(1000) * 3600 * 24 * 300));
	assert_int_equal(get_old(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(price.cents, 102);
}

/* It lives for so long from now on, and is stale behind that as before. */
static void be_fresh_when_touched(struct stage *stage)
{
	struct price price;
	int64_t left = 0;

	begin(0);
	assert_int_equal(cor_cache_load(stage->ctx, &kept, price_schema, &price, load, NULL,
				 COR_KEY("p"), .ttl_ms = 1000, .stale_ms = 5000),
		0);
	cor_ignore(cor_sleep_ms(500));
	assert_int_equal(cor_cache_touch(stage->ctx, &kept, COR_KEY("p"), 2000), 0);
	assert_int_equal(cor_cache_get(stage->ctx, &kept, price_schema, &price, COR_KEY("p"),
				 .ret_ttl_ms = &left),
		0);
	assert_int_equal(left, 2000);
}

/* The old one may be given for 5000 ms; the function fails after that. */
static void not_be_stale_for_longer(struct stage *stage)
{
	struct price price;

	begin(500);
	assert_int_equal(get_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	source.rc = -EIO;
	cor_ignore(cor_sleep_ms(5400));
	assert_int_equal(get_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	assert_int_equal(price.cents, 101);
	assert_int_equal(get_stale(stage->ctx, &(struct pair){ 1, 0 }, &price), -EIO);
}

/* Made by hand: those of COR_CACHED() are refused at start. */
static int get_with(struct cor_ctx *ctx, const char *name, int64_t stale_ms, struct price *out)
{
	struct cor_cached cached = get_kept_kept_.cached;

	cached.name = name;
	cached.rules.stale_ms = stale_ms;
	return cor_cached_call(ctx, &cached, &(struct pair){ 1, 0 }, out);
}

static void refuse_negative_times(struct stage *stage)
{
	struct price price;

	begin(0);
	assert_int_equal(get_with(stage->ctx, "get_negative", -1, &price), -EINVAL);
	assert_non_null(strstr(cor_ctx_settle(stage->ctx, -EINVAL)->detail, "get_negative"));
	assert_int_equal(get_with(stage->ctx, "get_endless", COR_FOREVER, &price), -EINVAL);
	assert_non_null(strstr(cor_ctx_settle(stage->ctx, -EINVAL)->detail,
		"get_endless has a .stale_ms of more"));
	assert_int_equal(source.calls, 0);
}

/* --- who calls --- */

static struct cor_ctx *children_ctx;
static int in_child(struct cor_ctx *ctx, struct price *ret);

static int get_nested(struct cor_ctx *ctx, const struct pair *in, struct price *out)
{
	struct cor_group group;
	struct price inner = { 0 };

	if (++source.calls > 1)
		return load(ctx, in, out);
	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_start(&group, in_child, &inner);
	int rc = cor_group_wait(&group);
	*out = inner;
	return rc;
}

COR_CACHED(get_nested_cached, get_nested, &common, pair_schema, price_schema);

static int in_child(struct cor_ctx *ctx, struct price *ret)
{
	children_ctx = ctx;
	return get_nested_cached(ctx, &(struct pair){ 1, 0 }, ret);
}

/* As by hand: who would wait for itself calls. */
static void call_itself_in_a_group(struct stage *stage)
{
	struct cor_scope scope;
	struct price price;

	begin(1);
	cor_scope_enter(&scope, 60000);
	assert_int_equal(get_nested_cached(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	cor_scope_leave(&scope);
	assert_int_equal(price.cents, 103);
}

struct asker {
	struct cor_ctx *ctx;
};

static int ask_late(struct cor_ctx *ctx, struct asker *asker)
{
	struct price price;

	(void)ctx;
	cor_ignore(cor_sleep_ms(5));
	return get_common(asker->ctx, &(struct pair){ 1, 0 }, &price);
}

#define LEASE "test_odd.c:get_common(pair_schema)price_schema{\"a\":1}\1lease"

/* Nobody has told it that it has the lease: it is given back all the same. */
static void give_back_what_it_may_have(struct stage *stage)
{
	struct price price;

	begin(1);
	fake_lose_answers(-ETIMEDOUT);
	assert_int_equal(get_common(stage->ctx, &(struct pair){ 1, 0 }, &price), 0);
	fake_lose_answers(0);
	assert_int_equal(fake_at(LEASE).len, 0);
}

/* Its lease has ended meanwhile, and another one has it. */
static void leave_the_lease_of_another(struct stage *stage)
{
	struct asker asker = { stage->ctx };
	struct cor_group group;
	struct price price;

	begin(15000);
	source.rc = -EIO;
	cor_group_begin(&group, stage->ctx, COR_BEST_EFFORT);
	cor_group_start(&group, ask_late, &asker);
	assert_int_equal(get_common(stage->other, &(struct pair){ 1, 0 }, &price), -EIO);
	assert_int_not_equal(fake_at(LEASE).len, 0);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(fake_at(LEASE).len, 0);
}

/* --- several keys --- */

static void miss_a_key_that_is_too_long(struct stage *stage)
{
	static const char text[COR_CACHE_KEY_BYTES + 1] = { [0 ... COR_CACHE_KEY_BYTES - 1] = 'x' };
	const struct cor_template keys[] = { COR_KEY("{}", text), COR_KEY("p") };
	struct price prices[2] = { { 1, "x" }, { 1, "x" } };
	bool found[2] = { true, true };

	assert_int_equal(cor_cache_put(stage->ctx, &kept, price_schema,
				 &((const struct price){ 7, NULL }), COR_KEY("p")),
		0);
	assert_int_equal(
		cor_cache_get_many(stage->ctx, &kept, price_schema, prices, found, keys, 2), 1);
	assert_false(found[0]);
	assert_int_equal(prices[0].cents, 0);
	assert_true(found[1]);
	assert_int_equal(prices[1].cents, 7);
}

/* --- a request whose time is over --- */

struct late {
	unsigned makes;
};
static int make_late(struct cor_ctx *ctx, void *self)
{
	struct late *late = self;

	(void)ctx;
	return late->makes++ ? cor_sleep_ms(1000) : 0;
}
static int write_late(struct cor_ctx *ctx, struct cor_cache_here *here, void *self,
	struct cor_mark *mark, struct cor_buffer *buffer)
{
	(void)ctx, (void)here, (void)self;
	mark->kind = COR_MARK_ANSWER;
	cor_buffer_append_str(buffer, COR_STR("old"));
	return 0;
}
static int read_late(struct cor_ctx *ctx, struct cor_cache_here *here, void *self,
	const struct cor_fetched *fetched, int *ret_rc)
{
	(void)ctx, (void)here, (void)self, (void)fetched;
	*ret_rc = 0;
	return 0;
}
static bool hide_late(struct cor_ctx *ctx, void *self, int rc)
{
	(void)ctx, (void)self;
	return rc == -ETIMEDOUT;
}

/* An operation's answer can be an old one; who calls a function has no time for it. */
static void give_the_old_one_when_time_is_over(struct stage *stage)
{
	const struct cor_load_ops of_operation = {
		.make = make_late, .write = write_late, .read = read_late, .may_hide = hide_late
	};
	const struct cor_load_ops of_function = {
		.make = make_late, .write = write_late, .read = read_late
	};
	const struct cor_cached_rules rules = { .stale_ms = 60000 };
	struct late late = { 0 };
	struct cor_loading loading = { .ops = &of_operation, .rules = &rules, .self = &late };
	struct cor_cache_here *here = cor_cache_of(stage->ctx, &kept);
	struct cor_cache_key key;
	struct cor_scope scope;

	begin(0);
	assert_int_equal(cor_cache_key_make(&key, COR_KEY("late")), 0);
	assert_int_equal(cor_load(stage->ctx, here, &loading, &key), 0);
	assert_int_equal(cor_sleep_ms(11000), 0);
	cor_scope_enter(&scope, 100);
	assert_int_equal(cor_load(stage->ctx, here, &loading, &key), 0);
	assert_int_equal(loading.way, COR_LOAD_STALE);
	loading.ops = &of_function;
	assert_int_equal(cor_load(stage->ctx, here, &loading, &key), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(late.makes, 3);
}

IN_FIBER(test_what_it_cannot_read_is_replaced, replace_what_it_cannot_read)
IN_FIBER(test_what_breaks_its_table_is_made, make_what_breaks_its_table)
IN_FIBER(test_a_positive_number_is_returned, call_once_for_a_positive_number)
IN_FIBER(test_problems_from_before_stay_behind, tell_its_own_problem_alone)
IN_FIBER(test_a_touched_one_is_fresh, be_fresh_when_touched)
IN_FIBER(test_texts_and_bytes_have_keys, keep_whole_bodies)
IN_FIBER(test_stale_forever, be_stale_forever)
IN_FIBER(test_an_operation_has_the_old_one_when_time_is_over, give_the_old_one_when_time_is_over)
IN_FIBER(test_stale_no_longer, not_be_stale_for_longer)
IN_FIBER(test_a_child_does_not_wait_for_its_parent, call_itself_in_a_group)
IN_FIBER(test_a_lease_is_given_back, give_back_what_it_may_have)
IN_FIBER(test_a_lease_of_another_stays, leave_the_lease_of_another)
IN_FIBER(test_negative_times_are_refused, refuse_negative_times)
IN_FIBER(test_one_of_several_keys_is_too_long, miss_a_key_that_is_too_long)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_cannot_read_is_replaced),
		cmocka_unit_test(test_what_breaks_its_table_is_made),
		cmocka_unit_test(test_a_positive_number_is_returned),
		cmocka_unit_test(test_problems_from_before_stay_behind),
		cmocka_unit_test(test_a_touched_one_is_fresh),
		cmocka_unit_test(test_texts_and_bytes_have_keys),
		cmocka_unit_test(test_stale_forever),
		cmocka_unit_test(test_an_operation_has_the_old_one_when_time_is_over),
		cmocka_unit_test(test_stale_no_longer),
		cmocka_unit_test(test_a_child_does_not_wait_for_its_parent),
		cmocka_unit_test(test_a_failure_is_told_once),
		cmocka_unit_test(test_a_copy_is_no_recovery),
		cmocka_unit_test(test_a_lease_is_given_back),
		cmocka_unit_test(test_machines_with_copies_make_once),
		cmocka_unit_test(test_there_is_no_copy_of_a_lease),
		cmocka_unit_test(test_copies_of_several_are_counted),
		cmocka_unit_test(test_a_lease_of_another_stays),
		cmocka_unit_test(test_each_call_is_counted_once),
		cmocka_unit_test(test_negative_times_are_refused),
		cmocka_unit_test(test_one_of_several_keys_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
