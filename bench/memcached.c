/* SPDX-License-Identifier: MIT */
/*
 * Gets from memcached, in one process and one thread: bench-memcached AT FIBERS GETS. The fibers
 * share one connection; 0: there is none, the thread itself asks. Prints gets a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/coracle.h>

#define KEYS 1000

/* A machine that is busy with something else is no failure. */
static const struct cor_memcached patient = { .connect_ms = 10000, .timeout_ms = 10000 };
static struct cor_cache cache = { .memcached = &patient,
	.name = "bench",
	.store = &cor_memcached_store,
	.prefix = "",
	.ttl_ms = COR_FOREVER };
static struct cor_store *store;
static int64_t left;

static struct cor_str key_of(int64_t number, char room[16])
{
	return (struct cor_str){ room, (size_t)snprintf(room, 16, "key:%d", (int)(number % KEYS)) };
}

static int get_all(void *nothing)
{
	char first[1024], room[16]; /* as a request's memory is: there already */
	struct cor_arena arena;
	struct cor_item item;

	(void)nothing;
	cor_arena_init(&arena, first, sizeof first, 0);
	while (left-- > 0) {
		if (cor_store_get(store, key_of(left, room), &arena, &item) < 0 ||
			item.value.len != 64)
			abort();
		cor_arena_reset(&arena);
	}
	cor_arena_finish(&arena);
	return 0;
}

static int put_all(void *nothing)
{
	char value[64], room[16];
	struct cor_item item = { .value = { value, sizeof value } };

	(void)nothing;
	memset(value, 'v', sizeof value);
	for (int i = 0; i < KEYS; i++)
		if (cor_store_put(store, key_of(i, room), &item, COR_PUT_ALWAYS) < 0)
			return -1;
	return 0;
}

static void run_fibers(struct cor_scheduler *scheduler, int fibers)
{
	for (int i = 0; i < fibers; i++)
		if (cor_fiber_start(scheduler, get_all, NULL, NULL, NULL) < 0)
			abort();
	cor_scheduler_stop(scheduler);
	if (cor_scheduler_run(scheduler) < 0)
		abort();
}

int main(int argc, char **argv)
{
	struct cor_scheduler *scheduler;
	const char *fault = "";

	if (argc != 4)
		return 64;
	int64_t gets = strtoll(argv[3], NULL, 10);
	int fibers = (int)strtol(argv[2], NULL, 10);
	cache.at = argv[1];
	if (cor_store_open(&cache, &store, &fault) < 0 || put_all(NULL) < 0 ||
		cor_scheduler_create(NULL, &scheduler) < 0) {
		fprintf(stderr, "bench-memcached: no answer from %s; %s\n", argv[1], fault);
		return 1;
	}
	left = gets;
	int64_t began_ns = cor_monotonic_ns();
	if (fibers == 0)
		get_all(NULL);
	else
		run_fibers(scheduler, fibers);
	printf("%.0f\n", (double)gets * 1e9 / (double)(cor_monotonic_ns() - began_ns));
	cor_store_close(store);
	cor_scheduler_destroy(scheduler);
	return 0;
}
