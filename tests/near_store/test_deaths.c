/* SPDX-License-Identifier: MIT */
/*
 * A worker counts up in files and is killed at any moment, a thousand times: whoever has copies
 * sees each number that was put before its call has returned, and never a lower one after it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "near_store/changes.h"
#include "store/open.h"

#define KEY COR_STR("number")

struct common {
	struct cor_near_changes changes;
	_Atomic uint64_t put; /* the last whose call has returned */
};

static struct cor_arena arena;
static struct common *common;
static struct cor_cache cache = {
	.name = "numbers", .store = &cor_file_store, .ttl_ms = 3600000, .near_ttl_ms = 3600000
};

static struct cor_store *open_worker(void)
{
	struct cor_store *store;
	const struct cor_cache *filled = cor_cache_filled(&arena, &cache, NULL);

	if (!filled || cor_store_open_at(filled, &common->changes, &store) < 0)
		abort();
	return store;
}

/* A worker's life: it counts until it is killed. */
static void count_up(uint64_t number)
{
	struct cor_store *store = open_worker();
	char text[24];

	for (;; number++) {
		int len = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
		const struct cor_item item = { .value = { text, (size_t)len } };

		if (cor_store_put(store, KEY, &item, COR_PUT_ALWAYS) != 0)
			_exit(1);
		atomic_store(&common->put, number);
	}
}

static uint64_t get(struct cor_store *store, bool *ret_is_near)
{
	struct cor_arena scratch;
	struct cor_item item;
	char text[24] = "";

	cor_arena_init(&scratch, NULL, 0, 0);
	assert_int_equal(cor_store_get(store, KEY, &scratch, &item), 0);
	assert_true(item.value.len < sizeof text);
	memcpy(text, item.value.data, item.value.len);
	*ret_is_near = item.is_near;
	cor_arena_finish(&scratch);
	return strtoull(text, NULL, 10);
}

static void test_deaths(void **state)
{
	int rounds = getenv("COR_TEST_LIGHT") ? 100 : 1000, near = 0;
	struct cor_store *store = open_worker();
	uint64_t number = 1;

	(void)state;
	for (int i = 0; i < rounds; i++) {
		pid_t pid = fork();
		if (pid == 0)
			count_up(number);
		while (atomic_load(&common->put) < number)
			sched_yield();
		for (int gets = 0; gets < i % 50; gets++) {
			uint64_t before = atomic_load(&common->put);
			bool is_near;

			assert_true(get(store, &is_near) >= before);
			near += is_near;
		}
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		bool is_near;
		number = get(store, &is_near);
		assert_true(number >= atomic_load(&common->put));
		number++; /* its last may be there, though it could not tell */
	}
	printf("# figure: %d workers killed after %llu puts, %d copies found meanwhile\n", rounds,
		(unsigned long long)number, near);
	assert_true(near > 0);
	cor_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_deaths) };
	char at[] = "/tmp/coracle-test-XXXXXX", command[64];

	cor_arena_init(&arena, NULL, 0, 0);
	common = mmap(
		NULL, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cache.at = mkdtemp(at);
	if (common == MAP_FAILED || !cache.at ||
		cor_near_changes_init(&common->changes, sizeof common->changes) < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof command, "rm -rf %s", at);
	return system(command) != 0 || failed;
}
