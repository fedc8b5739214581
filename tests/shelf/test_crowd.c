/* SPDX-License-Identifier: MIT */
/* Threads that use one store at the same time: sums are exact, values whole. */
#include "stores.h"

#include <pthread.h>
#include <string.h>

#include "sound.h"

#define THREADS 4
#define ROUNDS  20000
#define KEYS    300

struct worker {
	pthread_t thread;
	uint64_t chance;
	uint64_t gets;
	bool is_wrong;
};

static uint32_t chance(struct worker *worker, uint32_t below)
{
	uint64_t x = worker->chance;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	worker->chance = x;
	return (uint32_t)(x >> 20) % below;
}

static bool is_whole(const struct cor_item *item)
{
	for (size_t i = 1; i < item->value.len; i++)
		if (item->value.data[i] != item->value.data[0])
			return false;
	return true;
}

static void call_some(struct worker *worker, struct cor_arena *own)
{
	char key[16], text[200];
	struct cor_item item = { .value = { text, 1 + chance(worker, sizeof text) } };
	uint64_t number;

	snprintf(key, sizeof key, "%u", chance(worker, KEYS));
	memset(text, 'a' + (int)chance(worker, 26), sizeof text);
	int rc = cor_store_put(store, cor_str(key), &item, COR_PUT_ALWAYS);
	worker->is_wrong |= rc < 0 && rc != -EBUSY;
	snprintf(key, sizeof key, "%u", chance(worker, KEYS));
	rc = cor_store_get(store, cor_str(key), own, &item);
	worker->gets += rc != -EBUSY;
	worker->is_wrong |= rc == 0 && !is_whole(&item);
	if (chance(worker, 10) == 0 && cor_store_delete(store, cor_str(key)) == -EINVAL)
		worker->is_wrong = true;
	do /* on a machine that has no time for the owner of a lock */
		rc = cor_store_add(store, COR_STR("sum"), 1, &(struct cor_item){ 0 }, &number);
	while (rc == -EBUSY);
	worker->is_wrong |= rc < 0;
}

static void *run(void *arg)
{
	struct worker *worker = arg;
	struct cor_arena own = { 0 };

	for (int i = 0; i < ROUNDS; i++) {
		call_some(worker, &own);
		cor_arena_reset(&own);
	}
	cor_arena_finish(&own);
	return NULL;
}

static void crowd(const struct cor_cache *cache)
{
	struct worker workers[THREADS] = { 0 };
	uint64_t gets = 0;

	open_store(cache);
	put("sum", "0");
	for (int i = 0; i < THREADS; i++) {
		workers[i].chance = 88172645463325252 + (uint64_t)i;
		assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_false(workers[i].is_wrong);
		gets += workers[i].gets;
	}
	assert_int_equal(figures().hits + figures().misses, gets);
	char sum[16];
	snprintf(sum, sizeof sum, "%d", THREADS * ROUNDS);
	assert_string_equal(get("sum"), sum);
	check_shelf(store);
	close_store();
}

static void threads_of_a_process(void **state)
{
	(void)state;
	for (enum cor_eviction evicts = 0; evicts <= COR_EVICT_LRU; evicts++) {
		crowd(&(struct cor_cache){ .name = "one", .evicts = evicts, .entries = KEYS + 1 });
		crowd(&(struct cor_cache){ .name = "many", .evicts = evicts, .value_bytes = 1000 });
	}
}

static void threads_of_processes(void **state)
{
	(void)state;
	crowd(&(struct cor_cache){
		.name = "one", .store = &cor_shared_store, .entries = KEYS + 1 });
	crowd(&(struct cor_cache){
		.name = "many", .store = &cor_shared_store, .value_bytes = 1000 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_of_a_process),
		cmocka_unit_test(threads_of_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
