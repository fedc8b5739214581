/* SPDX-License-Identifier: MIT */
/* Threads, each with fibers of its own, over one store: sharing AT. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/memcached.h>
#include <coracle/store.h>

#define THREADS 4
#define FIBERS  20
#define ROUNDS  50

static struct cor_cache cache = { .name = "test", .store = &cor_memcached_store, .ttl_ms = 60000 };
static const struct cor_memcached options = { .timeout_ms = 10000, .connect_ms = 10000 };
static struct cor_store *store;
static _Atomic int wrong;

static struct cor_str key_of(int number, char room[24])
{
	return (struct cor_str){ room, (size_t)snprintf(room, 24, "key %d", number % 97) };
}

static int use(void *arg)
{
	char room[24];

	for (int i = 0; i < ROUNDS; i++) {
		struct cor_arena arena = { 0 };
		struct cor_str key = key_of(i * 31 + *(int *)arg, room);
		struct cor_item item = { .value = key };
		uint64_t number;

		wrong += cor_store_put(store, key, &item, COR_PUT_ALWAYS) != 0;
		wrong += cor_store_get(store, key, &arena, &item) != 0 ||
			 !cor_str_equal(item.value, key);
		wrong += cor_store_add(store, COR_STR("sum"), 1,
				 &(struct cor_item){ .value = COR_STR("1") }, &number) != 0;
		cor_arena_finish(&arena);
	}
	return 0;
}

static void *run(void *arg)
{
	struct cor_scheduler *scheduler;
	int numbers[FIBERS];

	if (cor_scheduler_create(NULL, &scheduler) < 0)
		abort();
	for (int i = 0; i < FIBERS; i++) {
		numbers[i] = *(int *)arg * FIBERS + i;
		if (cor_fiber_start(scheduler, use, &numbers[i], NULL, NULL) < 0)
			abort();
	}
	cor_scheduler_stop(scheduler);
	if (cor_scheduler_run(scheduler) < 0)
		abort();
	cor_scheduler_destroy(scheduler);
	use(&numbers[0]); /* without a loop, over the same connection */
	return NULL;
}

int main(int argc, char **argv)
{
	struct cor_arena arena = { 0 };
	struct cor_item item = { 0 };
	pthread_t threads[THREADS];
	int numbers[THREADS];

	cache.at = argc > 1 ? argv[1] : "127.0.0.1";
	cache.memcached = &options;
	if (cor_store_open(&cache, &store, NULL) < 0)
		return 1;
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		if (pthread_create(&threads[i], NULL, run, &numbers[i]) != 0)
			return 1;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (cor_store_get(store, COR_STR("sum"), &arena, &item) < 0)
		return 1;
	printf("%d wrong, sum %.*s of %d\n", wrong, (int)item.value.len, item.value.data,
		THREADS * (FIBERS + 1) * ROUNDS);
	cor_arena_finish(&arena);
	cor_store_close(store);
	return 0;
}
