/* SPDX-License-Identifier: MIT */
/* Keys, and structs and bytes under them: what comes back, and what a store's failures come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "stage.h"

#include "cache/key.h"
#include "context/context.h"

/* What the log has of a code that a handler returns. */
static void assert_said(struct stage *stage, int rc, const char *expected)
{
	const struct cor_problem *problem = cor_ctx_settle(stage->ctx, rc);

	assert_string_equal(problem->detail, expected);
	stage->ctx->problem.status = 0;
}

/* --- keys --- */

static void assert_key(struct cor_template template, const char *expected)
{
	struct cor_cache_key key;

	assert_int_equal(cor_cache_key_make(&key, template), 0);
	assert_int_equal(key.len, strlen(expected));
	assert_memory_equal(key.bytes, expected, key.len);
}

static void test_keys_say_what_is_what(void **state)
{
	struct cor_uuid uuid = { { 0x12 } };

	(void)state;
	assert_key(COR_KEY("all"), "all");
	assert_key(COR_KEY("price/{}", 7), "price/7");
	assert_key(COR_KEY("{}/{}", -7, (uint64_t)UINT64_MAX), "-7/18446744073709551615");
	assert_key(COR_KEY("user/{}", "ann"), "user/3:ann");
	assert_key(COR_KEY("user/{}", ""), "user/0:");
	assert_key(COR_KEY("{}", cor_str("a/b")), "3:a/b");
	assert_key(COR_KEY("{}", true), "1");
	assert_key(COR_KEY("{}", uuid), "12000000-0000-0000-0000-000000000000");
	assert_key(COR_KEY("a{b}{c"), "a{b}{c");
}

static void test_numbers_in_a_row_are_kept_apart(void **state)
{
	(void)state;
	assert_key(COR_KEY("{}{}", 1, 23), "1;23");
	assert_key(COR_KEY("{}{}", 12, 3), "12;3");
	assert_key(COR_KEY("{}{}", 1, "23"), "1;2:23");
	assert_key(COR_KEY("{}0", 1), "1;0");
	assert_key(COR_KEY("{}a", 1), "1a");
}

static void test_no_text_makes_the_key_of_another(void **state)
{
	(void)state;
	assert_key(COR_KEY("{}{}", "1:a", "b"), "3:1:a1:b");
	assert_key(COR_KEY("{}{}", "", "1:a"), "0:3:1:a");
	assert_key(COR_KEY("{}/{}", "a/b", "c"), "3:a/b/1:c");
	assert_key(COR_KEY("{}/{}", "a", "b/c"), "1:a/3:b/c");
}

static void test_what_is_no_key(void **state)
{
	static const char long_text[COR_CACHE_KEY_BYTES + 1] = { [0 ... COR_CACHE_KEY_BYTES -
									 1] = 'x' };
	struct cor_cache_key key;
	const char *null = NULL;

	(void)state;
	assert_int_equal(cor_cache_key_make(&key, COR_KEY("")), -EINVAL);
	assert_int_equal(cor_cache_key_make(&key, COR_KEY("{}")), -EINVAL);
	assert_int_equal(cor_cache_key_make(&key, COR_KEY("{}", 1, 2)), -EINVAL);
	assert_int_equal(cor_cache_key_make(&key, COR_KEY("{}", null)), -EINVAL);
	assert_int_equal(cor_cache_key_make(&key, (struct cor_template){ 0 }), -EINVAL);
	assert_int_equal(cor_cache_key_make(&key, COR_TEMPLATE_AS_IS(long_text)), 0);
	assert_int_equal(cor_cache_key_make(&key, COR_KEY("{}", &long_text[5])), 0);
	assert_int_equal(cor_cache_key_make(&key, COR_KEY("{}", &long_text[4])), -COR_ETOOLARGE);
	assert_int_equal(
		cor_cache_key_make(&key, COR_KEY("{}{}", &long_text[7], 100)), -COR_ETOOLARGE);
}

/* --- structs and bytes --- */

static int get_price(struct stage *stage, struct price *ret)
{
	return cor_cache_get(stage->ctx, &kept, price_schema, ret, COR_KEY("price/{}", 7));
}

static int put_price(struct stage *stage, int64_t cents, const char *currency)
{
	const struct price price = { cents, currency };

	return cor_cache_put(stage->ctx, &kept, price_schema, &price, COR_KEY("price/{}", 7));
}

static void be_kept(struct stage *stage)
{
	struct price price = { 1, "x" };

	assert_int_equal(get_price(stage, &price), -ENOENT);
	assert_int_equal(price.cents, 0);
	assert_null(price.currency);
	assert_int_equal(put_price(stage, 1250, "CHF"), 0);
	assert_int_equal(get_price(stage, &price), 0);
	assert_int_equal(price.cents, 1250);
	assert_string_equal(price.currency, "CHF");
	assert_int_equal(cor_cache_delete(stage->ctx, &kept, COR_KEY("price/{}", 7)), 0);
	assert_int_equal(cor_cache_delete(stage->ctx, &kept, COR_KEY("price/{}", 7)), -ENOENT);
	assert_int_equal(get_price(stage, &price), -ENOENT);
}

static void be_kept_for_a_while(struct stage *stage)
{
	struct price price;
	int64_t left = 0;

	assert_int_equal(put_price(stage, 1, NULL), 0);
	cor_ignore(cor_sleep_ms(9999));
	assert_int_equal(cor_cache_get(stage->ctx, &kept, price_schema, &price,
				 COR_KEY("price/{}", 7), .ret_ttl_ms = &left),
		0);
	assert_int_equal(left, 1);
	assert_int_equal(cor_cache_touch(stage->ctx, &kept, COR_KEY("price/{}", 7), 0), 0);
	cor_ignore(cor_sleep_ms(9999));
	assert_int_equal(get_price(stage, &price), 0);
	cor_ignore(cor_sleep_ms(1));
	assert_int_equal(get_price(stage, &price), -ENOENT);
	assert_int_equal(cor_cache_touch(stage->ctx, &kept, COR_KEY("price/{}", 7), 5000), -ENOENT);
	assert_int_equal(cor_cache_put(stage->ctx, &kept, price_schema, &price,
				 COR_KEY("price/{}", 7), .ttl_ms = 500),
		0);
	cor_ignore(cor_sleep_ms(500));
	assert_int_equal(get_price(stage, &price), -ENOENT);
}

static void put_on_conditions(struct stage *stage)
{
	const struct price price = { 3, NULL };
	struct price got;
	uint64_t version = 0;

	assert_int_equal(cor_cache_put(stage->ctx, &kept, price_schema, &price, COR_KEY("p"),
				 .how = COR_PUT_OVER),
		-ENOENT);
	assert_int_equal(cor_cache_put(stage->ctx, &kept, price_schema, &price, COR_KEY("p"),
				 .how = COR_PUT_NEW),
		0);
	assert_int_equal(cor_cache_put(stage->ctx, &kept, price_schema, &price, COR_KEY("p"),
				 .how = COR_PUT_NEW),
		-EEXIST);
	assert_int_equal(cor_cache_get(stage->ctx, &kept, price_schema, &got, COR_KEY("p"),
				 .ret_version = &version),
		0);
	assert_int_equal(cor_cache_put(stage->ctx, &kept, price_schema, &price, COR_KEY("p"),
				 .how = COR_PUT_UNCHANGED, .version = version),
		0);
	assert_int_equal(cor_cache_put(stage->ctx, &kept, price_schema, &price, COR_KEY("p"),
				 .how = COR_PUT_UNCHANGED, .version = version),
		-ESTALE);
}

static void keep_bytes(struct stage *stage)
{
	const struct cor_str bytes = { "a\0b", 3 };
	struct cor_str got;

	assert_int_equal(cor_cache_put_bytes(stage->ctx, &kept, bytes, COR_KEY("b")), 0);
	assert_int_equal(cor_cache_get_bytes(stage->ctx, &kept, &got, COR_KEY("b")), 0);
	assert_int_equal(got.len, 3);
	assert_memory_equal(got.data, "a\0b", 3);
	assert_int_equal(cor_cache_put_bytes(stage->ctx, &kept, COR_STR(""), COR_KEY("e")), 0);
	assert_int_equal(cor_cache_get_bytes(stage->ctx, &kept, &got, COR_KEY("e")), 0);
	assert_int_equal(got.len, 0);
}

static void count_up(struct stage *stage)
{
	uint64_t number = 9;

	assert_int_equal(cor_cache_add(stage->ctx, &kept, COR_KEY("n"), 1, 0, &number), 0);
	assert_int_equal(number, 0);
	assert_int_equal(cor_cache_add(stage->ctx, &kept, COR_KEY("n"), 5, 0, &number), 0);
	assert_int_equal(number, 5);
}

static void get_several(struct stage *stage)
{
	const struct cor_template keys[] = { COR_KEY("price/{}", 7), COR_KEY("price/{}", 8),
		COR_KEY("price/{}", 9) };
	struct price prices[3];
	bool found[3];

	assert_int_equal(put_price(stage, 7, "CHF"), 0);
	fake_set("price/9", COR_STR("somebody else's"));
	assert_int_equal(
		cor_cache_get_many(stage->ctx, &kept, price_schema, prices, found, keys, 3), 1);
	assert_true(found[0]);
	assert_false(found[1]);
	assert_false(found[2]);
	assert_int_equal(prices[0].cents, 7);
	assert_int_equal(prices[2].cents, 0);
	fake_fail(-ECONNREFUSED);
	assert_int_equal(
		cor_cache_get_many(stage->ctx, &kept, price_schema, prices, found, keys, 3), 0);
	assert_false(found[0]);
}

/* --- what another has written --- */

static void not_read_another_table(struct stage *stage)
{
	const struct old_price old = { 7, "CHF", "cheap" };
	struct price price;
	struct old_price again;
	struct cor_str bytes;
	int failure = 0;

	assert_int_equal(cor_cache_put(stage->ctx, &kept, old_price_schema, &old, COR_KEY("p")), 0);
	assert_int_equal(cor_cache_get(stage->ctx, &kept, price_schema, &price, COR_KEY("p"),
				 .ret_failure = &failure),
		-ENOENT);
	assert_int_equal(failure, -EBADMSG);
	assert_int_equal(price.cents, 0);
	assert_int_equal(
		cor_cache_get(stage->ctx, &kept, old_price_schema, &again, COR_KEY("p")), 0);
	assert_string_equal(again.note, "cheap");
	assert_int_equal(cor_cache_get_bytes(stage->ctx, &kept, &bytes, COR_KEY("p")), -ENOENT);
}

static void not_read_what_is_broken(struct stage *stage)
{
	static const char text[] = "{\"cents\":1}";
	struct price price;
	char kept_bytes[64];
	int failure = 0;

	assert_int_equal(put_price(stage, 1, NULL), 0);
	struct cor_str whole = fake_at("price/7");
	assert_true(whole.len > 24 && whole.len < sizeof kept_bytes);
	memcpy(kept_bytes, whole.data, whole.len);
	for (size_t len = 0; len <= whole.len; len++) {
		size_t full = whole.len;
		fake_set("price/7", (struct cor_str){ kept_bytes, len });
		assert_int_equal(cor_cache_get(stage->ctx, &kept, price_schema, &price,
					 COR_KEY("price/{}", 7), .ret_failure = &failure),
			len == full ? 0 : -ENOENT);
		assert_int_equal(failure, len == full ? 0 : -EBADMSG);
		assert_int_equal(price.cents, len == full ? 1 : 0);
		whole.len = full;
	}
	fake_set("price/7", (struct cor_str){ text, sizeof text - 1 });
	assert_int_equal(get_price(stage, &price), -ENOENT);
}

/* --- failures --- */

static void fail_softly(struct stage *stage)
{
	struct price price;
	int failure = 0;

	assert_int_equal(put_price(stage, 1, NULL), 0);
	fake_fail(-ECONNREFUSED);
	assert_int_equal(cor_cache_get(stage->ctx, &kept, price_schema, &price,
				 COR_KEY("price/{}", 7), .ret_failure = &failure),
		-ENOENT);
	assert_int_equal(failure, -ECONNREFUSED);
	assert_null(cor_problem_of(stage->ctx));
	assert_int_equal(put_price(stage, 2, NULL), -ECONNREFUSED);
	fake_fail(0);
	assert_int_equal(cor_cache_get(stage->ctx, &kept, price_schema, &price,
				 COR_KEY("price/{}", 7), .ret_failure = &failure),
		0);
	assert_int_equal(failure, 0);
}

static void end_with_the_request(struct stage *stage)
{
	struct cor_scope scope;
	struct price price;

	cor_scope_enter(&scope, 5);
	assert_int_equal(cor_sleep_ms(10), -ETIMEDOUT);
	fake_fail(-ETIMEDOUT);
	assert_int_equal(get_price(stage, &price), -ETIMEDOUT);
	cor_scope_leave(&scope);
}

static void not_keep_what_has_no_room(struct stage *stage)
{
	static const char text[1001] = { [0 ... 999] = 'x' };
	struct cor_str got;

	assert_int_equal(cor_cache_put_bytes(stage->ctx, &kept, COR_STR("old"), COR_KEY("b")), 0);
	assert_int_equal(cor_cache_put_bytes(stage->ctx, &kept, cor_str(text), COR_KEY("b")),
		-COR_ETOOLARGE);
	(void)got;
}

static void drop_what_cannot_be_written(struct stage *stage)
{
	struct price price;

	assert_int_equal(put_price(stage, 1, "CHF"), 0);
	assert_int_equal(put_price(stage, 1, "\xff"), -COR_EINVALID);
	assert_int_equal(get_price(stage, &price), -ENOENT);
}

static void have_no_key_too_long(struct stage *stage)
{
	static const char text[COR_CACHE_KEY_BYTES + 1] = { [0 ... COR_CACHE_KEY_BYTES - 1] = 'x' };
	struct cor_str got;
	int failure = 0;

	assert_int_equal(cor_cache_put_bytes(stage->ctx, &kept, COR_STR("a"), COR_KEY("{}", text)),
		-COR_ETOOLARGE);
	assert_int_equal(cor_cache_get_bytes(stage->ctx, &kept, &got, COR_KEY("{}", text),
				 .ret_failure = &failure),
		-ENOENT);
	assert_int_equal(failure, -COR_ETOOLARGE);
	assert_int_equal(cor_cache_delete(stage->ctx, &kept, COR_KEY("{}", text)), -ENOENT);
	assert_int_equal(cor_cache_touch(stage->ctx, &kept, COR_KEY("{}", text), 1), -ENOENT);
}

static void know_its_caches(struct stage *stage)
{
	struct cor_str got;
	const char *null = NULL;

	assert_int_equal(
		cor_cache_get_bytes(stage->ctx, &unlisted_cache, &got, COR_KEY("a")), -EINVAL);
	assert_said(stage, -EINVAL, "the service does not list the cache \"unlisted\" in .caches");
	assert_null(cor_cache_store(stage->ctx, &unlisted_cache));
	assert_non_null(cor_cache_store(stage->ctx, &kept));
	assert_int_equal(cor_cache_get_bytes(stage->ctx, &kept, &got, COR_KEY("{}")), -EINVAL);
	assert_said(stage, -EINVAL, "the key \"{}\" of a cache has more {} than arguments");
	assert_int_equal(cor_cache_delete(stage->ctx, &kept, COR_KEY("a", 1)), -EINVAL);
	assert_said(stage, -EINVAL, "the key \"a\" of a cache has more arguments than {}");
	assert_int_equal(cor_cache_delete(stage->ctx, &kept, COR_KEY("{}", null)), -EINVAL);
	assert_said(stage, -EINVAL, "the key \"{}\" of a cache has an argument that is NULL");
	assert_int_equal(cor_cache_delete(stage->ctx, &kept, COR_KEY("")), -EINVAL);
	assert_said(stage, -EINVAL, "the key \"\" of a cache is empty");
}

#define WRONG_TTL                                                                                  \
	"a value of the cache kept was to live for -5 ms: 0 is as long as the cache says, "        \
	"COR_FOREVER until it must go"

static void refuse_negative_times(struct stage *stage)
{
	uint64_t number;

	assert_int_equal(
		cor_cache_put_bytes(stage->ctx, &kept, COR_STR("x"), COR_KEY("a"), .ttl_ms = -5),
		-EINVAL);
	assert_said(stage, -EINVAL, WRONG_TTL);
	assert_int_equal(cor_cache_touch(stage->ctx, &kept, COR_KEY("a"), -5), -EINVAL);
	assert_said(stage, -EINVAL, WRONG_TTL);
	assert_int_equal(cor_cache_add(stage->ctx, &kept, COR_KEY("a"), 1, -5, &number), -EINVAL);
	assert_said(stage, -EINVAL, WRONG_TTL);
}

/* A handler that returns the code has the name of the cache in the log. */
static void name_the_cache_that_fails(struct stage *stage)
{
	struct cor_ctx *ctx = stage->ctx;

	fake_fail(-ECONNREFUSED);
	assert_int_equal(
		cor_cache_put_bytes(ctx, &common, COR_STR("x"), COR_KEY("a")), -ECONNREFUSED);
	assert_said(stage, -ECONNREFUSED, "the cache common has failed");
	assert_int_equal(cor_cache_forget_tag(ctx, &common, COR_KEY("a")), -ECONNREFUSED);
	assert_said(stage, -ECONNREFUSED, "the cache common has failed");
	assert_int_equal(cor_problem(ctx, 404, 0, "no such book"), -COR_EPROBLEM);
	cor_ignore(cor_cache_delete(ctx, &common, COR_KEY("a")));
	assert_said(stage, -COR_EPROBLEM, "no such book");
	fake_fail(0);
}

static void be_cleared(struct stage *stage)
{
	struct price price;

	assert_int_equal(put_price(stage, 1, NULL), 0);
	assert_int_equal(cor_cache_clear(stage->ctx, &kept), 0);
	assert_int_equal(get_price(stage, &price), -ENOENT);
	assert_int_equal(cor_cache_clear(stage->ctx, &unlisted_cache), -EINVAL);
}

#define IN_FIBER(name, act)                                                                        \
	static void name(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		stage_run(act);                                                                    \
	}

IN_FIBER(test_a_struct_comes_back, be_kept)
IN_FIBER(test_it_lives_as_long_as_it_was_said, be_kept_for_a_while)
IN_FIBER(test_puts_have_conditions, put_on_conditions)
IN_FIBER(test_bytes_come_back, keep_bytes)
IN_FIBER(test_numbers_are_added_to, count_up)
IN_FIBER(test_several_at_once, get_several)
IN_FIBER(test_another_table_is_a_miss, not_read_another_table)
IN_FIBER(test_what_is_broken_is_a_miss, not_read_what_is_broken)
IN_FIBER(test_failures_are_misses, fail_softly)
IN_FIBER(test_the_requests_own_end_is_told, end_with_the_request)
IN_FIBER(test_what_is_too_large_is_told, not_keep_what_has_no_room)
IN_FIBER(test_what_has_no_json_drops_the_old, drop_what_cannot_be_written)
IN_FIBER(test_keys_have_a_limit, have_no_key_too_long)
IN_FIBER(test_caches_are_listed, know_its_caches)
IN_FIBER(test_times_are_not_below_0, refuse_negative_times)
IN_FIBER(test_a_failure_names_its_cache, name_the_cache_that_fails)
IN_FIBER(test_clear, be_cleared)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_say_what_is_what),
		cmocka_unit_test(test_numbers_in_a_row_are_kept_apart),
		cmocka_unit_test(test_no_text_makes_the_key_of_another),
		cmocka_unit_test(test_what_is_no_key),
		cmocka_unit_test(test_a_struct_comes_back),
		cmocka_unit_test(test_it_lives_as_long_as_it_was_said),
		cmocka_unit_test(test_puts_have_conditions),
		cmocka_unit_test(test_bytes_come_back),
		cmocka_unit_test(test_numbers_are_added_to),
		cmocka_unit_test(test_several_at_once),
		cmocka_unit_test(test_another_table_is_a_miss),
		cmocka_unit_test(test_what_is_broken_is_a_miss),
		cmocka_unit_test(test_failures_are_misses),
		cmocka_unit_test(test_the_requests_own_end_is_told),
		cmocka_unit_test(test_what_is_too_large_is_told),
		cmocka_unit_test(test_what_has_no_json_drops_the_old),
		cmocka_unit_test(test_keys_have_a_limit),
		cmocka_unit_test(test_caches_are_listed),
		cmocka_unit_test(test_times_are_not_below_0),
		cmocka_unit_test(test_a_failure_names_its_cache),
		cmocka_unit_test(test_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
