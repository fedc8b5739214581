/* SPDX-License-Identifier: MIT */
/*
 * A store in files that does what its input says, a line for each call, at the time that it says,
 * and prints what each has returned: for test_cachelib.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/store.h>

#include "runtime/seams.h"

struct moved {
	struct cor_clock clock;
	int64_t now_ns;
};

static int64_t now_of(const struct cor_clock *clock)
{
	return ((const struct moved *)clock)->now_ns; /* its first member */
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	((struct moved *)(uintptr_t)clock)->now_ns = due_ns;
}

static struct cor_store *store;
static struct cor_arena arena;

static void print_item(const char *key)
{
	struct cor_item item;

	if (cor_store_get(store, cor_str(key), &arena, &item) != 0)
		printf("None\n");
	else
		printf("%.*s\n", (int)item.value.len, item.value.data);
}

/* As cachelib has it: -1 is the default, 0 never. */
static int64_t ttl_ms(long timeout)
{
	return timeout < 0 ? 0 : timeout == 0 ? COR_FOREVER : timeout * 1000;
}

static void do_line(struct moved *moved, char *line)
{
	char what[20] = "", key[100] = "", value[100] = "";
	long timeout = -1;

	(void)!sscanf(line, "%19s %99s %99s %ld", what, key, value, &timeout);
	struct cor_item item = { .value = cor_str(value), .ttl_ms = ttl_ms(timeout) };
	uint64_t number = 0;
	if (strcmp(what, "at") == 0)
		moved->now_ns = (int64_t)(strtod(key, NULL) * 1e9);
	else if (strcmp(what, "get") == 0)
		print_item(key);
	else if (strcmp(what, "set") == 0)
		printf("%d\n", cor_store_put(store, cor_str(key), &item, COR_PUT_ALWAYS) == 0);
	else if (strcmp(what, "add") == 0)
		printf("%d\n", cor_store_put(store, cor_str(key), &item, COR_PUT_NEW) == 0);
	else if (strcmp(what, "delete") == 0)
		printf("%d\n", cor_store_delete(store, cor_str(key)) == 0);
	else if (strcmp(what, "clear") == 0)
		printf("%d\n", cor_store_clear(store) == 0);
	else if (strcmp(what, "inc") == 0 &&
		 cor_store_add(store, cor_str(key), strtol(value, NULL, 10),
			 &(struct cor_item){ .value = COR_STR("0") }, &number) == 0)
		printf("%llu\n", (unsigned long long)number);
	else if (strcmp(what, "inc") == 0)
		printf("None\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct moved moved = { { now_of, now_of, sleep_until }, 0 };
	struct cor_thread_seams seams;
	const struct cor_seams own = { .clock = &moved.clock };
	char line[300];

	if (argc != 4)
		return 2;
	const struct cor_cache cache = {
		.name = "pages",
		.store = &cor_file_store,
		.at = argv[1],
		.entries = (uint32_t)strtoul(argv[2], NULL, 10),
		.ttl_ms = strtol(argv[3], NULL, 10) * 1000,
	};
	cor_seams_enter(&seams, &own);
	if (cor_store_open(&cache, &store, NULL) != 0)
		return 1;
	while (fgets(line, sizeof line, stdin))
		do_line(&moved, line);
	cor_store_close(store);
	cor_arena_finish(&arena);
	cor_seams_leave(&seams);
	return 0;
}
