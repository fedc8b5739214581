/* SPDX-License-Identifier: MIT */
/* A process that dies of SIGKILL before each of the system calls with which it changes a store. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file_store/file_store.h"
#include "file_store/state.h"
#include "file_store/stripe.h"

static int calls_left = -1; /* before it dies; -1: it does not */

static void count_down(void)
{
	if (calls_left == 0)
		kill(getpid(), SIGKILL);
	if (calls_left > 0)
		calls_left--;
}

ssize_t __real_writev(int fd, const struct iovec *parts, int len);
ssize_t __wrap_writev(int fd, const struct iovec *parts, int len);
ssize_t __wrap_writev(int fd, const struct iovec *parts, int len)
{
	count_down();
	return __real_writev(fd, parts, len);
}

ssize_t __real_pwrite64(int fd, const void *data, size_t len, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t at)
{
	count_down();
	return __real_pwrite64(fd, data, len, at);
}

int __real_futimens(int fd, const struct timespec times[2]);
int __wrap_futimens(int fd, const struct timespec times[2]);
int __wrap_futimens(int fd, const struct timespec times[2])
{
	count_down();
	return __real_futimens(fd, times);
}

int __real_renameat(int from, const char *old, int to, const char *new);
int __wrap_renameat(int from, const char *old, int to, const char *new);
int __wrap_renameat(int from, const char *old, int to, const char *new)
{
	count_down();
	return __real_renameat(from, old, to, new);
}

int __real_unlinkat(int at, const char *name, int flags);
int __wrap_unlinkat(int at, const char *name, int flags);
int __wrap_unlinkat(int at, const char *name, int flags)
{
	count_down();
	return __real_unlinkat(at, name, flags);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	count_down();
	return __real_close(fd);
}

/* --- deaths --- */

#define ENTRIES 8

/* Whether it lived to the end. */
static bool survives(struct stage *stage, void (*act)(struct stage *stage), int calls)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		stage_reopen(stage); /* a process of its own */
		calls_left = calls;
		act(stage);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
	return WIFEXITED(status);
}

/* The old or the new value, whole; limits hold, and counts are not too low. */
static void expect_in_order(struct stage *stage)
{
	struct cor_item item;
	int rc = cor_store_get(stage->store, COR_STR("a"), &stage->arena, &item);
	const struct cor_store_figures figures = stage_figures(stage);

	if (rc == 0)
		assert_true(cor_str_equal(item.value, COR_STR("the old value")) ||
			    cor_str_equal(item.value, COR_STR("the new one")));
	else
		assert_int_equal(rc, -ENOENT);
	assert_true(stage_files(stage) <= ENTRIES);
	assert_true(figures.entries >= stage_files(stage));
	assert_int_equal(figures.lost, 0);
}

static void put_new_value(struct stage *stage)
{
	if (stage_put(stage, "a", "the new one") != 0)
		_exit(1);
}

static void delete_it(struct stage *stage)
{
	if (cor_store_delete(stage->store, COR_STR("a")) < 0)
		_exit(1);
}

static void touch_it(struct stage *stage)
{
	if (cor_store_touch(stage->store, COR_STR("a"), 5000) < 0)
		_exit(1);
}

static void clear_all(struct stage *stage)
{
	if (cor_store_clear(stage->store) < 0)
		_exit(1);
}

static void fill(struct stage *stage, int entries)
{
	assert_int_equal(stage_put(stage, "a", "the old value"), 0);
	for (int i = 1; i < entries; i++) {
		char key[16];
		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(stage_put(stage, key, "x"), 0);
	}
}

/* Each death; after it others go on, and what it has left is used up: no half file stays. */
static void die_everywhere(struct stage *stage, void (*act)(struct stage *stage), int entries)
{
	int deaths = 0;
	char command[300];

	stage->cache.entries = ENTRIES;
	stage_reopen(stage);
	for (;; deaths++) {
		fill(stage, entries);
		bool lived = survives(stage, act, deaths);
		expect_in_order(stage);
		if (lived)
			break;
		for (int i = 0; i < 3 * ENTRIES; i++) {
			char key[16];
			snprintf(key, sizeof key, "k%d", i);
			assert_int_equal(stage_put(stage, key, "x"), 0);
			expect_in_order(stage);
		}
		assert_int_equal(stage_files(stage), ENTRIES);
		assert_int_equal(stage_figures(stage).entries, ENTRIES);
	}
	assert_true(deaths >= 2);
	print_message("# %d deaths\n", deaths);
	for (int i = 0; i < 500; i++) { /* each stripe: what dead owners have left goes */
		char key[16];
		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(stage_put(stage, key, "x"), 0);
	}
	snprintf(command, sizeof command, "test -z \"$(ls %s | grep put-)\"", stage->files);
	assert_int_equal(system(command), 0);
}

static void while_it_puts(void **state)
{
	die_everywhere(*state, put_new_value, ENTRIES);
}

static void put_another(struct stage *stage)
{
	if (stage_put(stage, "one more", "x") != 0)
		_exit(1);
}

static void while_it_makes_room(void **state)
{
	die_everywhere(*state, put_another, ENTRIES);
}

static void while_it_deletes(void **state)
{
	die_everywhere(*state, delete_it, ENTRIES);
}

static void while_it_touches(void **state)
{
	die_everywhere(*state, touch_it, ENTRIES);
}

static void while_it_clears(void **state)
{
	die_everywhere(*state, clear_all, ENTRIES);
}

/* The directory and its state as well: an open store needs both. */
static void while_it_opens(void **state)
{
	struct stage *stage = *state;
	char command[200];

	snprintf(command, sizeof command, "rm -rf %s", stage->files);
	for (int calls = 0; calls < 30; calls++) {
		assert_int_equal(system(command), 0);
		pid_t pid = fork();
		if (pid == 0) {
			struct cor_store *store;
			calls_left = calls;
			_exit(cor_store_open(&stage->cache, &store, NULL) != 0);
		}
		int status;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
		stage_reopen(stage);
		assert_int_equal(stage_put(stage, "a", "1"), 0);
		assert_true(stage_has(stage, "a", "1"));
	}
}

/* A store that is open over fork(): the child's locks are its own. */
static void over_fork(void **state)
{
	struct stage *stage = *state;
	const struct cor_item first = { .value = COR_STR("0") };
	struct cor_item item;
	uint64_t n;
	int status;

	cor_seams_leave(&stage->seams); /* both have one clock: the system's */
	assert_int_equal(cor_store_add(stage->store, COR_STR("n"), 1, &first, &n), 0);
	pid_t pid = fork();
	for (int i = 0; i < 500; i++)
		if (cor_store_add(stage->store, COR_STR("n"), 1, &first, &n) != 0)
			_exit(1);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	int rc = cor_store_get(stage->store, COR_STR("n"), &stage->arena, &item);
	cor_seams_enter(&stage->seams, &(struct cor_seams){ .clock = &stage->clock });
	assert_int_equal(rc, 0);
	assert_memory_equal(item.value.data, "1000", 4);
}

/* A lock that fork() has copied: the child neither has it nor gives it back. */
static void locked_over_fork(void **state)
{
	struct stage *stage = *state;
	struct cor_file_store *store = (struct cor_file_store *)stage->store;
	int status;

	assert_int_equal(cor_state_try_lock(store->state, 3), 0);
	pid_t pid = fork();
	if (pid == 0) {
		bool has_got_it = cor_stripe_try_lock(store, 3) == 0;
		if (has_got_it)
			cor_stripe_unlock(store, 3);
		_exit(has_got_it);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	uint64_t seed;
	int directory = open(stage->files, O_DIRECTORY | O_PATH | O_CLOEXEC);
	int other = cor_state_open(directory, &seed);
	assert_true(other >= 0);
	assert_int_equal(cor_state_try_lock(other, 3), -EAGAIN);
	close(other);
	close(directory);
	cor_state_unlock(store->state, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(while_it_puts),
		TEST(while_it_makes_room),
		TEST(while_it_deletes),
		TEST(while_it_touches),
		TEST(while_it_clears),
		TEST(while_it_opens),
		TEST(over_fork),
		TEST(locked_over_fork),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
