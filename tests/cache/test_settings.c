/* SPDX-License-Identifier: MIT */
/* What settings make of what is declared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <coracle/cache.h>
#include <coracle/memcached.h>
#include <coracle/service.h>

#include "app/cache_settings.h"

static const struct cor_memcached servers = { .timeout_ms = 50 };
static const struct cor_cache prices = {
	.name = "prices", .store = &cor_memcached_store, .memcached = &servers, .at = "10.0.0.1"
};
static const struct cor_service shop = { .name = "shop", .caches = COR_CACHES(&prices) };

/* In a place without memcached: what is said of its servers goes with them. */
static void test_another_store(void **state)
{
	static const struct {
		const char *store;
		const struct cor_store_kind *kind;
		const char *at;
		const struct cor_memcached *memcached;
	} cases[] = {
		{ "memory", &cor_memory_store, NULL, NULL },
		{ "shared", &cor_shared_store, NULL, NULL },
		{ "file:/tmp", &cor_file_store, "/tmp", NULL },
		{ "memcached:10.0.0.2", &cor_memcached_store, "10.0.0.2", &servers },
		{ NULL, &cor_memcached_store, "10.0.0.1", &servers },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_cache_settings said = { .store = cases[i].store, .ttl_ms = 1000 };
		struct cor_setup setup = { .composition.whole = &shop, .cache_settings = &said };

		cor_arena_init(&setup.arena, NULL, 0, 0);
		assert_int_equal(cor_cache_settings_apply(&setup), COR_EXIT_OK);
		assert_ptr_equal(setup.caches[0].store, cases[i].kind);
		assert_ptr_equal(setup.caches[0].memcached, cases[i].memcached);
		if (cases[i].at)
			assert_string_equal(setup.caches[0].at, cases[i].at);
		else
			assert_null(setup.caches[0].at);
		cor_arena_finish(&setup.arena);
	}
}

static const struct cor_cache copied = { .name = "copied",
	.store = &cor_file_store,
	.at = "/tmp",
	.near_ttl_ms = 100,
	.near_entries = 7 };
static const struct cor_service copying = { .name = "shop", .caches = COR_CACHES(&copied) };

/* Copies that are declared go with the store that they are of; what is said is told. */
static void test_copies(void **state)
{
	static const struct {
		const char *store;
		int64_t near_ttl_ms;
		int64_t comes_to_ms;
	} cases[] = {
		{ NULL, 100, 100 },
		{ NULL, 200, 200 },
		{ NULL, 0, 0 },
		{ "memory", 100, 0 },
		{ "shared", 100, 0 },
		{ "memcached:10.0.0.2", 100, 100 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_cache_settings said = { .store = cases[i].store,
			.ttl_ms = 1000,
			.near_ttl_ms = cases[i].near_ttl_ms,
			.near_bytes = COR_CACHE_NEAR_BYTES };
		struct cor_setup setup = { .composition.whole = &copying, .cache_settings = &said };

		cor_arena_init(&setup.arena, NULL, 0, 0);
		assert_int_equal(cor_cache_settings_apply(&setup), COR_EXIT_OK);
		assert_int_equal(setup.caches[0].near_ttl_ms, cases[i].comes_to_ms);
		assert_int_equal(setup.caches[0].near_entries, cases[i].comes_to_ms ? 7 : 0);
		cor_arena_finish(&setup.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_another_store),
		cmocka_unit_test(test_copies) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
