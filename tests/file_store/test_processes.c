/* SPDX-License-Identifier: MIT */
/* Several processes with one directory: what they read proves itself; what they add is exact. */
#include "stage.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES  2
#define KEYS       200
#define ENTRIES    100
#define OPERATIONS 6000

/* What all of them see. */
struct board {
	_Atomic uint64_t done; /* operations */
	_Atomic uint64_t hits;
	_Atomic uint64_t won; /* puts of what was new */
	_Atomic uint64_t wrong;
};

static struct board *board;

static int open_board(void **state)
{
	board = mmap(
		NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED || stage_open(state) != 0)
		return -1;
	cor_seams_leave(&((struct stage *)*state)->seams); /* all have one clock: the system's */
	return 0;
}

static int close_board(void **state)
{
	struct stage *stage = *state;

	munmap(board, sizeof *board);
	cor_seams_enter(&stage->seams, &(struct cor_seams){ .clock = &stage->clock });
	return stage_close(state);
}

static uint32_t next(uint32_t *chance)
{
	*chance = *chance * 1664525 + 1013904223;
	return *chance >> 8;
}

/* Its key, its length and its bytes follow from each other. */
static struct cor_str value_of(char *buffer, int key, uint32_t chance)
{
	size_t len = chance % 9000;
	int front = snprintf(buffer, 64, "%d %zu %u ", key, len, chance);

	for (size_t i = 0; i < len; i++)
		buffer[(size_t)front + i] = (char)('a' + (i * 31 + chance) % 26);
	return (struct cor_str){ buffer, (size_t)front + len };
}

static bool proves_itself(struct cor_str value, int key)
{
	static char expected[10000];
	unsigned chance;
	size_t len;
	int its_key;

	if (sscanf(value.data, "%d %zu %u ", &its_key, &len, &chance) != 3 || its_key != key)
		return false;
	return cor_str_equal(value_of(expected, key, chance), value);
}

static void get_one(struct stage *stage, struct cor_str key, int number)
{
	struct cor_item item;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_store_get(stage->store, key, &arena, &item);
	if (rc == 0)
		atomic_fetch_add(&board->hits, 1);
	if ((rc != 0 && rc != -ENOENT) || (rc == 0 && !proves_itself(item.value, number)))
		atomic_fetch_add(&board->wrong, 1);
	cor_arena_finish(&arena);
}

static void do_something(struct stage *stage, uint32_t *chance)
{
	static char buffer[10000];
	char text[24];
	int number = (int)(next(chance) % KEYS);
	struct cor_str key = { text, (size_t)snprintf(text, sizeof text, "%d", number) };
	uint32_t what = next(chance) % 100;
	struct cor_item item = { .value = value_of(buffer, number, next(chance)) };
	int rc = 0;

	if (what < 50)
		get_one(stage, key, number);
	else if (what < 90)
		rc = cor_store_put(
			stage->store, key, &item, what < 80 ? COR_PUT_ALWAYS : COR_PUT_NEW);
	else if (what < 95)
		rc = cor_store_delete(stage->store, key);
	else
		rc = cor_store_touch(stage->store, key, 60000);
	if (rc != 0 && rc != -ENOENT && rc != -EEXIST)
		atomic_fetch_add(&board->wrong, 1);
	atomic_fetch_add(&board->done, 1);
}

/* Processes of their own, with stores of their own. */
static void start(struct stage *stage, pid_t pids[static PROCESSES],
	void (*act)(struct stage *stage, int process))
{
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] != 0)
			continue;
		stage_reopen(stage);
		act(stage, i);
		cor_store_close(stage->store);
		cor_arena_finish(&stage->arena);
		_exit(0);
	}
}

static void join(const pid_t pids[static PROCESSES])
{
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
}

static void do_many(struct stage *stage, int process)
{
	uint32_t chance = (uint32_t)process + 1;

	for (int i = 0; i < OPERATIONS; i++)
		do_something(stage, &chance);
}

static void what_is_read_is_whole(void **state)
{
	struct stage *stage = *state;
	pid_t pids[PROCESSES];

	stage->cache.entries = ENTRIES;
	stage_reopen(stage);
	start(stage, pids, do_many);
	/* A file can be there without being counted in its time: .entries and those under way. */
	while (atomic_load(&board->done) < PROCESSES * OPERATIONS) {
		assert_true(stage_files(stage) <= ENTRIES + PROCESSES);
		sched_yield();
	}
	join(pids);
	assert_int_equal(atomic_load(&board->wrong), 0);
	assert_true(atomic_load(&board->hits) > OPERATIONS / 10);
	assert_true(stage_files(stage) <= ENTRIES + PROCESSES);
	assert_int_equal(stage_figures(stage).entries, stage_files(stage));
	assert_int_equal(stage_figures(stage).lost, 0);
}

/* --- exact --- */

#define COUNTED 1500

static void add_many(struct stage *stage, int process)
{
	const struct cor_item first = { .value = COR_STR("0") };
	uint64_t n;

	(void)process;
	for (int i = 0; i < COUNTED; i++)
		if (cor_store_add(stage->store, COR_STR("n"), 1, &first, &n) != 0)
			atomic_fetch_add(&board->wrong, 1);
}

static void put_many_new(struct stage *stage, int process)
{
	char text[40], key[24];

	for (int i = 0; i < COUNTED; i++) {
		struct cor_item item = {
			.value = { text, (size_t)snprintf(text, sizeof text, "of %d", process) }
		};
		struct cor_str its = { key, (size_t)snprintf(key, sizeof key, "new %d", i) };
		int rc = cor_store_put(stage->store, its, &item, COR_PUT_NEW);
		if (rc != 0 && rc != -EEXIST)
			atomic_fetch_add(&board->wrong, 1);
		if (rc == 0)
			atomic_fetch_add(&board->won, 1);
	}
}

/* A number that is read, and put if nobody has changed it. */
static void count_by_versions(struct stage *stage, int process)
{
	(void)process;
	for (int i = 0; i < COUNTED / 5;) {
		struct cor_item item;
		char text[24] = "";
		if (cor_store_get(stage->store, COR_STR("v"), &stage->arena, &item) != 0)
			_exit(1);
		snprintf(text, sizeof text, "%ld", strtol(item.value.data, NULL, 10) + 1);
		item.value = cor_str(text);
		int rc = cor_store_put(stage->store, COR_STR("v"), &item, COR_PUT_UNCHANGED);
		if (rc != 0 && rc != -ESTALE)
			_exit(2);
		i += rc == 0;
		cor_arena_reset(&stage->arena);
	}
}

static void numbers_are_exact(void **state)
{
	struct stage *stage = *state;
	pid_t pids[PROCESSES];
	char text[24];

	assert_int_equal(stage_put(stage, "n", "0"), 0);
	assert_int_equal(stage_put(stage, "v", "0"), 0);
	start(stage, pids, add_many);
	join(pids);
	snprintf(text, sizeof text, "%d", PROCESSES * COUNTED);
	assert_true(stage_has(stage, "n", text));
	start(stage, pids, put_many_new);
	join(pids);
	assert_int_equal(atomic_load(&board->won), COUNTED);
	start(stage, pids, count_by_versions);
	join(pids);
	snprintf(text, sizeof text, "%d", PROCESSES * (COUNTED / 5));
	assert_true(stage_has(stage, "v", text));
	assert_int_equal(atomic_load(&board->wrong), 0);
}

/* --- killed --- */

static void do_for_ever(struct stage *stage, int process)
{
	uint32_t chance = (uint32_t)atomic_load(&board->done) + (uint32_t)process;

	for (;;)
		do_something(stage, &chance);
}

static void kill_after(const pid_t pids[static PROCESSES], uint64_t operations)
{
	uint64_t begun = atomic_load(&board->done);

	while (atomic_load(&board->done) < begun + operations)
		sched_yield();
	for (int i = 0; i < PROCESSES; i++) {
		kill(pids[i], SIGKILL);
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
}

static void killed_at_any_moment(void **state)
{
	struct stage *stage = *state;
	pid_t pids[PROCESSES];
	uint32_t chance = 7;
	char key[24];

	stage->cache.entries = ENTRIES;
	stage_reopen(stage);
	for (int round = 0; round < 50; round++) {
		start(stage, pids, do_for_ever);
		kill_after(pids, 1 + next(&chance) % 60);
		for (int i = 0; i < KEYS; i++)
			get_one(stage,
				(struct cor_str){ key, (size_t)snprintf(key, sizeof key, "%d", i) },
				i);
		assert_true(stage_files(stage) <= ENTRIES + PROCESSES);
		assert_true(stage_figures(stage).entries >= stage_files(stage));
	}
	for (int i = 0; i < KEYS; i++) {
		snprintf(key, sizeof key, "more %d", i);
		assert_int_equal(stage_put(stage, key, "x"), 0);
	}
	assert_int_equal(stage_files(stage), ENTRIES);
	assert_int_equal(stage_figures(stage).entries, ENTRIES);
	assert_int_equal(stage_figures(stage).lost, 0);
	assert_int_equal(atomic_load(&board->wrong), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_board, close_board)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_read_is_whole),
		TEST(numbers_are_exact),
		TEST(killed_at_any_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
