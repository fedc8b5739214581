/* SPDX-License-Identifier: MIT */
/* What a start makes of caches, and what it says of those that are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <coracle/cache.h>
#include <coracle/idempotency.h>
#include <coracle/limit.h>
#include <coracle/mount.h>
#include <coracle/service.h>

#include "app/program.h"
#include "base/buffer.h"

/* What was said, of one start. */
struct start {
	enum cor_exit status;
	char said[4096];
	char help[65536];
	char settings[65536];
};

/* Standard error, meanwhile, is a file. */
static int divert(FILE *file)
{
	int before = dup(STDERR_FILENO);

	assert_true(before >= 0);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	return before;
}

static void bring_back(FILE *file, int before, char *ret, size_t room)
{
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	rewind(file);
	ret[fread(ret, 1, room - 1, file)] = '\0';
}

static void keep_text(struct cor_buffer *buffer, char *ret, size_t room)
{
	assert_int_equal(cor_buffer_error(buffer), 0);
	snprintf(ret, room, "%.*s", (int)buffer->len, buffer->data);
	cor_buffer_clear(buffer, SIZE_MAX);
}

/* As cor_main() reads and judges it, with one flag. NULL: none. */
static void start(const struct cor_service *service, const char *flag, struct start *ret)
{
	struct cor_setup setup = { .service = service };
	struct cor_buffer buffer = { 0 };
	char name[] = "shop", copy[128];
	char *argv[] = { name, flag ? copy : NULL, NULL };
	FILE *file = tmpfile();

	assert_non_null(file);
	*ret = (struct start){ 0 };
	snprintf(copy, sizeof copy, "%s", flag ? flag : "");
	int before = divert(file);
	ret->status = cor_setup_read(&setup, service, flag ? 2 : 1, argv);
	if (ret->status == COR_EXIT_OK)
		ret->status = cor_program_check_tables(&setup);
	else if (!setup.config)
		cor_ignore(cor_program_check_tables(&setup));
	bring_back(file, before, ret->said, sizeof ret->said);
	fclose(file);
	if (setup.config) {
		cor_config_help(setup.config, &buffer);
		keep_text(&buffer, ret->help, sizeof ret->help);
	}
	if (ret->status == COR_EXIT_OK) {
		cor_config_print(setup.config, &buffer);
		keep_text(&buffer, ret->settings, sizeof ret->settings);
	}
	cor_buffer_finish(&buffer);
	cor_setup_finish(&setup);
}

static void expect_part(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s\nis not in\n%s", part, text);
}

/* --- for ever --- */

static const struct cor_cache lasting = { .name = "prices", .ttl_ms = COR_FOREVER };
static const struct cor_service lasting_shop = { .name = "shop", .caches = COR_CACHES(&lasting) };
static const struct cor_cache prices = { .name = "prices" };
static const struct cor_service shop = { .name = "shop", .caches = COR_CACHES(&prices) };

static void test_forever(void **state)
{
	static struct start got;

	(void)state;
	start(&lasting_shop, NULL, &got);
	assert_string_equal(got.said, "");
	assert_int_equal(got.status, COR_EXIT_OK);
	expect_part(got.settings, "\"cache_prices_ttl_ms\": {\"value\": \"forever\", "
				  "\"from\": \"default\"}");
	expect_part(got.help, "--cache-prices-ttl-ms N|forever");
	expect_part(got.help, "default forever;");
	start(&lasting_shop, "--cache-prices-ttl-ms=1000", &got);
	assert_string_equal(got.said, "");
	expect_part(got.settings, "\"cache_prices_ttl_ms\": {\"value\": 1000,");
}

static void test_forever_by_a_flag(void **state)
{
	static struct start got;

	(void)state;
	start(&shop, "--cache-prices-ttl-ms=forever", &got);
	assert_string_equal(got.said, "");
	assert_int_equal(got.status, COR_EXIT_OK);
	expect_part(got.settings, "\"cache_prices_ttl_ms\": {\"value\": \"forever\", "
				  "\"from\": \"--cache-prices-ttl-ms\"}");
	start(&shop, "--cache-prices-ttl-ms=0", &got);
	assert_int_equal(got.status, COR_EXIT_USAGE);
	expect_part(got.said, "--cache-prices-ttl-ms 0: must be at least 1");
}

/* --- what all processes must find --- */

static int do_nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static const struct cor_limit per_client = {
	.name = "per-client", .count = 9, .per_s = 1, .cache = &prices
};
COR_OPERATION(limited_operation, do_nothing, COR_NONE, COR_NONE, .limits = COR_LIMITS(&per_client));
COR_OPERATION(keyed_operation, do_nothing, COR_NONE, COR_NONE,
	.idempotency = &(const struct cor_idempotency){ .cache = &prices });
COR_OPERATION(plain_operation, do_nothing, COR_NONE, COR_NONE);
static const struct cor_resource limited = { .path = "/a", .get = &limited_operation };
static const struct cor_resource keyed = { .path = "/a", .post = &keyed_operation };
static const struct cor_resource limited_whole = {
	.path = "/a", .get = &plain_operation, .limits = COR_LIMITS(&per_client)
};
static const struct cor_service limiting = {
	.name = "shop", .caches = COR_CACHES(&prices), .resources = COR_RESOURCES(&limited)
};
static const struct cor_service keying = {
	.name = "shop", .caches = COR_CACHES(&prices), .resources = COR_RESOURCES(&keyed)
};
static const struct cor_service limiting_resource = {
	.name = "shop", .caches = COR_CACHES(&prices), .resources = COR_RESOURCES(&limited_whole)
};
static const struct cor_service limiting_all = {
	.name = "shop", .caches = COR_CACHES(&prices), .limits = COR_LIMITS(&per_client)
};
static const struct cor_service around = {
	.name = "around",
	.mounts = (const struct cor_mount[]){ { .prefix = "/in", .service = &keying },
		{ .service = NULL } },
};

static void test_processes(void **state)
{
	static const struct {
		const struct cor_service *service;
		const char *use; /* NULL: none */
	} cases[] = {
		{ &limiting, "a limit is counted in it" },
		{ &limiting_resource, "a limit is counted in it" },
		{ &limiting_all, "a limit is counted in it" },
		{ &keying, "Idempotency-Keys are kept in it" },
		{ &around, "Idempotency-Keys are kept in it" },
		{ &shop, NULL },
	};
	static struct start got;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		start(cases[i].service, "--processes=1", &got);
		assert_string_equal(got.said, "");
		assert_int_equal(got.status, COR_EXIT_OK);
		start(cases[i].service, "--processes=2", &got);
		assert_int_equal(got.status, cases[i].use ? COR_EXIT_CONFIG : COR_EXIT_OK);
		if (cases[i].use)
			expect_part(got.said, cases[i].use);
		else
			assert_string_equal(got.said, "");
	}
}

/* --- what is wrong --- */

static const struct cor_cache kept_in_files = {
	.name = "c", .store = &cor_file_store, .at = "/tmp"
};
static const struct cor_cache of_memory = { .name = "c", .evicts = COR_EVICT_LRU };
static const struct cor_service with_files = { .name = "s", .caches = COR_CACHES(&kept_in_files) };
static const struct cor_service with_memory = { .name = "s", .caches = COR_CACHES(&of_memory) };

static void test_wrong_flags(void **state)
{
	static const struct {
		const struct cor_service *service;
		const char *flag;
		const char *said;
	} cases[] = {
		{ &with_memory, "--cache-c-near-ttl-ms=5",
			"s: --cache-c-near-ttl-ms: 5: the cache is in memory itself, and needs no "
			"copies near: leave it out, or keep the cache elsewhere\n" },
		{ &with_files, "--cache-c-store=nowhere",
			"s: --cache-c-store: nowhere: is no store: say memory, shared, file:DIR or "
			"memcached:HOST:PORT,...\n" },
	};
	static struct start got;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		start(cases[i].service, cases[i].flag, &got);
		assert_string_equal(got.said, cases[i].said);
		assert_int_equal(got.status, COR_EXIT_USAGE);
	}
}

/* A policy goes with the memory that it is of. */
static void test_another_store(void **state)
{
	static const char *const flags[] = { "--cache-c-store=file:/tmp",
		"--cache-c-store=memcached:10.0.0.1", "--cache-c-store=shared" };
	static struct start got;

	(void)state;
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		start(&with_memory, flags[i], &got);
		assert_string_equal(got.said, "");
		assert_int_equal(got.status, COR_EXIT_OK);
	}
}

/* What is wrong with a declaration is told once. */
static void test_wrong_declarations(void **state)
{
	static const struct {
		struct cor_cache cache;
		const char *said;
	} cases[] = {
		{ { .name = "c", .ttl_ms = -7 },
			"has a .ttl_ms below 0: say milliseconds, or COR_FOREVER" },
		{ { .name = "c", .bytes = 5 }, "has .bytes of 5: say 65536 to 68719476736" },
		{ { .name = "c", .near_ttl_ms = 5 },
			"has .near_ttl_ms, but is in memory itself: leave it out, or say another "
			".store" },
		{ { .name = "c", .near_bytes = 5 },
			"has .near_bytes or .near_entries: say .near_ttl_ms, too" },
		{ { .name = "c", .store = &cor_file_store }, "has no .at: say which directory" },
		{ { .name = "c", .store = &cor_file_store, .at = "/tmp", .evicts = COR_EVICT_LRU },
			"has an .evicts, which is of memory: leave it out" },
	};
	static struct start got;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct cor_cache *const caches[] = { &cases[i].cache, NULL };
		const struct cor_service service = { .name = "s", .caches = caches };
		char wanted[256];

		start(&service, NULL, &got);
		snprintf(wanted, sizeof wanted, "s: c: the cache %s\n", cases[i].said);
		assert_string_equal(got.said, wanted);
		assert_int_equal(got.status, COR_EXIT_CONFIG);
	}
}

static void test_help(void **state)
{
	static const struct cor_cache far = { .name = "far",
		.doc = "Prices of the others",
		.store = &cor_memcached_store,
		.at = "10.0.0.1" };
	const struct cor_cache *const caches[] = { &far, &prices, NULL };
	const struct cor_service service = { .name = "shop", .caches = caches };
	static struct start got;

	(void)state;
	start(&service, NULL, &got);
	assert_string_equal(got.said, "");
	expect_part(got.help, "far, Prices of the others: where it is kept:");
	expect_part(got.help, "prices: where it is kept:");
	expect_part(got.help, "far: how long its entries live");
	expect_part(got.help, "prices: how long its entries live");
	expect_part(got.help, "default 67108864; 0 to 68719476736; SHOP_CACHE_PRICES_BYTES");
	assert_null(strstr(got.help, "default 67108864; 0 to 68719476736; SHOP_CACHE_FAR_BYTES"));
	start(&service, "--cache-far-entries=9", &got);
	assert_int_equal(got.status, COR_EXIT_USAGE);
	assert_string_equal(got.said,
		"shop: --cache-far-entries: 9: is of memory and files: memcached has limits of its "
		"own (memcached -m)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forever),
		cmocka_unit_test(test_forever_by_a_flag),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_wrong_flags),
		cmocka_unit_test(test_another_store),
		cmocka_unit_test(test_wrong_declarations),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
