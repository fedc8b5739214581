/* SPDX-License-Identifier: MIT */
/*
 * Files as a cache: what a put and a get cost of the processor, beside plain C, which believes what
 * it finds, and cachelib, each on the same file system in turns.
 *
 *     bench-file-store [DIRECTORY [BYTES]]     default: /dev/shm 64
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <coracle/fiber.h>
#include <coracle/store.h>

#define KEYS   1000
#define ROUNDS 15
#define SERIES 1 /* of all keys in a round */

static char at[200];
static char *value;
static size_t value_bytes = 64;
static struct cor_store *store;

static void must(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench-file-store: %s: %s\n", what, strerror(-rc));
	exit(1);
}

static struct cor_str key_of(int i, char text[static 32])
{
	return (struct cor_str){ text, (size_t)snprintf(text, 32, "pages/%06d/index", i) };
}

/* --- plain C --- */

static int directory;

static void plain_put(int i)
{
	char name[40];

	snprintf(name, sizeof name, "%032d", i);
	int fd = openat(directory, "new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (write(fd, value, value_bytes) != (ssize_t)value_bytes)
		must(-errno, "write");
	close(fd);
	must(renameat(directory, "new", directory, name) < 0 ? -errno : 0, "rename");
}

static void plain_get(int i)
{
	char name[40];
	char buffer[65536];

	snprintf(name, sizeof name, "%032d", i);
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	if (read(fd, buffer, sizeof buffer) != (ssize_t)value_bytes)
		must(-errno, "read");
	close(fd);
}

/* --- ours --- */

static void our_put(int i)
{
	const struct cor_item item = { .value = { value, value_bytes } };
	char key[32];

	must(cor_store_put(store, key_of(i, key), &item, COR_PUT_ALWAYS), "put");
}

static void our_get(int i)
{
	struct cor_item item;
	struct cor_arena arena;
	char key[32], first[8192];

	cor_arena_init(&arena, first, sizeof first, 0);
	must(cor_store_get(store, key_of(i, key), &arena, &item), "get");
	cor_arena_finish(&arena);
}

/* --- in turns --- */

struct series {
	const char *name;
	void (*act)(int i);
	double us[ROUNDS];
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Of all threads: others on the machine do not count. */
static int64_t processor_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void run(struct series *series, int round)
{
	int64_t began_ns = processor_ns();

	for (int i = 0; i < SERIES * KEYS; i++)
		series->act(i % KEYS);
	series->us[round] = (double)(processor_ns() - began_ns) / 1e3 / (SERIES * KEYS);
}

/* The median of the ratios of rounds, since the machine may be slow for a while. */
static void print(const struct series *plain, const struct series *ours)
{
	double ratios[ROUNDS], of_plain[ROUNDS], of_ours[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		ratios[i] = ours->us[i] / plain->us[i];
	memcpy(of_plain, plain->us, sizeof of_plain);
	memcpy(of_ours, ours->us, sizeof of_ours);
	qsort(ratios, ROUNDS, sizeof *ratios, compare);
	qsort(of_plain, ROUNDS, sizeof *of_plain, compare);
	qsort(of_ours, ROUNDS, sizeof *of_ours, compare);
	printf("%-16s %6.2f us  %-16s %6.2f us  %.2f x (%.2f to %.2f)\n", plain->name,
		of_plain[ROUNDS / 2], ours->name, of_ours[ROUNDS / 2], ratios[ROUNDS / 2],
		ratios[ROUNDS / 4], ratios[ROUNDS * 3 / 4]);
}

static int all(void *arg)
{
	const char *where = arg;
	struct series plain_puts = { "plain put", plain_put }, our_puts = { "put", our_put };
	struct series plain_gets = { "plain get", plain_get }, our_gets = { "get", our_get };

	printf("%s, %zu bytes\n", where, value_bytes);
	for (int round = -1; round < ROUNDS; round++) {
		run(&plain_puts, round < 0 ? 0 : round);
		run(&our_puts, round < 0 ? 0 : round);
		run(&plain_gets, round < 0 ? 0 : round);
		run(&our_gets, round < 0 ? 0 : round);
	}
	print(&plain_puts, &our_puts);
	print(&plain_gets, &our_gets);
	if (cor_scheduler_current())
		cor_scheduler_stop(cor_scheduler_current());
	return 0;
}

/* --- cachelib --- */

static void run_cachelib(void)
{
	char command[1000];

	snprintf(command, sizeof command,
		"/usr/bin/python3 -c '\n"
		"import time\n"
		"from cachelib.file import FileSystemCache\n"
		"c = FileSystemCache(\"%s/cachelib\", threshold=100000, default_timeout=120)\n"
		"v = b\"x\" * %zu\n"
		"for what in (lambda k: c.set(k, v), c.get) * 2:\n"
		"    best = []\n"
		"    for _ in range(7):\n"
		"        t = time.process_time()\n"
		"        for i in range(1000): what(\"pages/%%06d/index\" %% i)\n"
		"        best.append((time.process_time() - t) * 1e3)\n"
		"    times = sorted(best)[3]\n"
		"    print(\"cachelib %%-7s %%6.2f us\" %% (\"get\" if what == c.get else \"set\", times))\n"
		"'",
		at, value_bytes);
	fflush(stdout);
	if (system(command) != 0)
		printf("cachelib: not here (python3-cachelib)\n");
}

int main(int argc, char **argv)
{
	const char *place = argc > 1 ? argv[1] : "/dev/shm";
	struct cor_scheduler *scheduler;
	char command[300];
	const char *fault = "";

	value_bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : value_bytes;
	if (value_bytes == 0 || value_bytes > 65536)
		return 2;
	value = malloc(value_bytes);
	memset(value, 'x', value_bytes);
	snprintf(at, sizeof at, "%s/bench-file-store-%d", place, (int)getpid());
	must(mkdir(at, 0700) < 0 ? -errno : 0, at);
	directory = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct cor_cache cache = {
		.name = "pages", .store = &cor_file_store, .at = at, .bytes = UINT64_C(1) << 30
	};
	must(cor_store_open(&cache, &store, &fault), fault);
	(void)all((char[]){ "outside of fibers" });
	must(cor_scheduler_create(NULL, &scheduler), "scheduler");
	must(cor_fiber_start(scheduler, all, (char[]){ "in a fiber" },
		     &(struct cor_fiber_options){ .stack_bytes = 1 << 20 }, NULL),
		"fiber");
	must(cor_scheduler_run(scheduler), "run");
	cor_scheduler_destroy(scheduler);
	cor_store_close(store);
	run_cachelib();
	snprintf(command, sizeof command, "rm -rf %s", at);
	return system(command);
}
