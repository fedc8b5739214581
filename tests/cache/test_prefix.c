/* SPDX-License-Identifier: MIT */
/* Services at one place: each has its own entries, unless they say that they share them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <coracle/cache.h>
#include <coracle/context.h>
#include <coracle/service.h>

#include "store/open.h"

static char folder[] = "/tmp/coracle-prefix-XXXXXX";

static const struct cor_cache values = { .name = "values", .store = &cor_file_store, .at = folder };
static const struct cor_cache shared = {
	.name = "shared", .store = &cor_file_store, .at = folder, .prefix = "both:"
};
static const struct cor_service shop = { .name = "shop", .caches = COR_CACHES(&values, &shared) };
static const struct cor_service bank = { .name = "bank", .caches = COR_CACHES(&values, &shared) };

static void expect_found(struct cor_ctx *ctx, const struct cor_cache *cache, const char *wanted)
{
	struct cor_str found;
	int rc = cor_cache_get_bytes(ctx, cache, &found, COR_KEY("a"));

	assert_int_equal(rc, wanted ? 0 : -ENOENT);
	if (wanted)
		assert_true(cor_str_equal(found, cor_str(wanted)));
}

static struct cor_ctx *ctx_of(const struct cor_service *service)
{
	struct cor_ctx *ctx;

	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = service }, &ctx), 0);
	return ctx;
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

static void test_services_are_apart(void **state)
{
	struct cor_ctx *ours = ctx_of(&shop), *theirs = ctx_of(&bank);

	(void)state;
	assert_int_equal(cor_cache_put_bytes(ours, &values, COR_STR("ours"), COR_KEY("a")), 0);
	expect_found(theirs, &values, NULL);
	assert_int_equal(cor_cache_put_bytes(theirs, &values, COR_STR("theirs"), COR_KEY("a")), 0);
	expect_found(ours, &values, "ours");
	expect_found(theirs, &values, "theirs");
	assert_int_equal(cor_cache_clear(theirs, &values), 0);
	expect_found(ours, &values, "ours");
	cor_ctx_destroy(ours);
	ours = ctx_of(&shop); /* as after a restart */
	expect_found(ours, &values, "ours");
	cor_ctx_destroy(ours);
	cor_ctx_destroy(theirs);
}

static void test_a_prefix_shares(void **state)
{
	struct cor_ctx *ours = ctx_of(&shop), *theirs = ctx_of(&bank);

	(void)state;
	assert_int_equal(cor_cache_put_bytes(ours, &shared, COR_STR("ours"), COR_KEY("a")), 0);
	expect_found(theirs, &shared, "ours");
	cor_ctx_destroy(ours);
	cor_ctx_destroy(theirs);
}

static void expect_prefix(const struct cor_cache *cache, const char *service, const char *wanted)
{
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	assert_null(cor_cache_fault(&arena, cache, service));
	assert_string_equal(cor_cache_filled(&arena, cache, service)->prefix, wanted);
	cor_arena_finish(&arena);
}

static void test_defaults(void **state)
{
	const struct cor_cache far = {
		.name = "values", .store = &cor_memcached_store, .at = "10.0.0.1"
	};
	struct cor_cache plain = far;

	(void)state;
	plain.prefix = "";
	expect_prefix(&far, "shop", "shop:values:");
	expect_prefix(&far, NULL, "values:");
	expect_prefix(&plain, "shop", "");
}

/* A long name is the service's own affair, until it stands in keys. */
static void test_limit(void **state)
{
	static const char longest[] = "a-service-whose-name-is-of-fifty-five-bytes-with-a-nul";
	static const char longer[] = "a-service-whose-name-is-of-fifty-seven-bytes-with-a-nul.";
	struct cor_cache cache = { .name = "values", .at = "10.0.0.1" };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	cache.at = NULL;
	assert_null(cor_cache_fault(&arena, &cache, longer));
	cache.at = "10.0.0.1";
	cache.store = &cor_memcached_store;
	assert_null(cor_cache_fault(&arena, &cache, longest));
	assert_string_equal(cor_cache_fault(&arena, &cache, longer),
		"has keys that begin with \"a-service-whose-name-is-of-fifty-seven-bytes-with-a-nul."
		":values:\", which is too long: say a .prefix of 63 bytes at most");
	cache.prefix = "s:";
	assert_null(cor_cache_fault(&arena, &cache, longer));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services_are_apart),
		cmocka_unit_test(test_a_prefix_shares),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
