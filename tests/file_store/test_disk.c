/* SPDX-License-Identifier: MIT */
/* A disk that is full, and one that is read-only: a tmpfs of 1 MB in a namespace of the test's. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/error.h>

#define PLACE "/mnt"

static bool has_place;

/* As root, or as root of a user namespace of its own. */
static bool make_place(void)
{
	uid_t uid = geteuid();
	char map[40];

	if (uid != 0) {
		if (unshare(CLONE_NEWUSER) < 0)
			return false;
		snprintf(map, sizeof map, "0 %u 1", (unsigned)uid);
		int fd = open("/proc/self/uid_map", O_WRONLY);
		ssize_t n = write(fd, map, strlen(map));
		close(fd);
		if (n < 0)
			return false;
	}
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", PLACE, "tmpfs", 0, "size=1m,mode=0700") == 0;
}

static int open_on_disk(void **state)
{
	if (!has_place)
		return 0;
	setenv("STAGE", PLACE, 1);
	return stage_open(state);
}

static int close_on_disk(void **state)
{
	return has_place ? stage_close(state) : 0;
}

static struct stage *here(void **state)
{
	if (!has_place)
		skip();
	return *state;
}

static char *text_of(size_t len)
{
	char *text = malloc(len + 1);

	memset(text, 'x', len);
	text[len] = '\0';
	return text;
}

static size_t temporaries(struct stage *stage)
{
	char command[300];
	size_t len = 0;

	snprintf(command, sizeof command, "ls -A %s | grep -c '[.]new$'", stage->files);
	FILE *out = popen(command, "r");
	(void)!fscanf(out, "%zu", &len);
	pclose(out);
	return len;
}

/* The limits allow more than the disk has: others go. */
static void room_is_made_on_a_full_disk(void **state)
{
	struct stage *stage = here(state);
	char *text = text_of(50000);

	for (int i = 0; i < 200; i++) {
		char key[16];
		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(stage_put(stage, key, text), 0);
		assert_true(stage_has(stage, key, text));
		stage_pass(stage, SECOND);
		assert_int_equal(stage_figures(stage).entries, stage_files(stage));
	}
	assert_true(stage_figures(stage).evicted > 100);
	assert_true(stage_files(stage) > 10);
	assert_int_equal(temporaries(stage), 0);
	assert_int_equal(stage_figures(stage).errors, 0);
	free(text);
}

/* Something else has filled it: no old value is taken for the new one, and no half file stays. */
static void a_disk_that_others_have_filled(void **state)
{
	struct stage *stage = here(state);
	char *text = text_of(100000), path[160];

	assert_int_equal(stage_put(stage, "a", "old"), 0);
	snprintf(path, sizeof path, "%s/ballast", stage->at);
	FILE *ballast = fopen(path, "w");
	char *much = text_of(1 << 20);
	(void)!fwrite(much, 1, 1 << 20, ballast);
	fclose(ballast);
	assert_int_equal(stage_put(stage, "a", text), -ENOSPC);
	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_files(stage), 0);
	assert_int_equal(temporaries(stage), 0);
	assert_int_equal(stage_figures(stage).entries, 0);
	assert_int_equal(stage_figures(stage).errors, 1);
	unlink(path);
	assert_int_equal(stage_put(stage, "a", text), 0);
	assert_true(stage_has(stage, "a", text));
	free(text);
	free(much);
}

static void a_value_larger_than_the_disk(void **state)
{
	struct stage *stage = here(state);
	char *text = text_of(COR_CACHE_VALUE_BYTES);

	assert_int_equal(stage_put(stage, "b", "small"), 0);
	assert_int_equal(stage_put(stage, "a", text), -ENOSPC);
	assert_int_equal(temporaries(stage), 0);
	assert_int_equal(stage_put(stage, "a", "small"), 0);
	assert_true(stage_has(stage, "a", "small"));
	free(text);
}

/* Nobody may have a file open for writing then. */
static void remount(struct stage *stage, unsigned long flags)
{
	cor_store_close(stage->store);
	stage->store = NULL;
	assert_int_equal(mount(NULL, PLACE, NULL, MS_REMOUNT | flags, NULL), 0);
}

/* What is there is read, but for what could not be replaced. */
static void a_disk_that_is_read_only(void **state)
{
	struct stage *stage = here(state);

	assert_int_equal(stage_put(stage, "a", "old"), 0);
	assert_int_equal(stage_put(stage, "b", "1"), 0);
	stage_pass(stage, 2 * SECOND);
	remount(stage, MS_RDONLY);
	stage_reopen(stage);
	assert_true(stage_has(stage, "a", "old"));
	assert_true(stage_has(stage, "b", "1"));
	assert_int_equal(stage_put(stage, "a", "new"), -EROFS);
	assert_int_equal(cor_store_delete(stage->store, COR_STR("b")), -EROFS);
	assert_true(stage_has(stage, "a", NULL));
	assert_true(stage_figures(stage).errors >= 2);
	stage_pass(stage, 120 * SECOND);
	assert_true(stage_has(stage, "b", NULL)); /* it stays, and is not served */
	remount(stage, 0);
	stage_reopen(stage);
	assert_int_equal(stage_put(stage, "a", "new"), 0);
	assert_true(stage_has(stage, "a", "new"));
}

static void a_place_that_is_read_only(void **state)
{
	struct stage *stage = here(state);
	struct cor_store *store;
	const char *fault = "";

	stage->cache.name = "others";
	remount(stage, MS_RDONLY);
	assert_int_equal(cor_store_open(&stage->cache, &store, &fault), -EROFS);
	assert_non_null(strstr(fault, "Read-only file system"));
	remount(stage, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_on_disk, close_on_disk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(room_is_made_on_a_full_disk),
		TEST(a_disk_that_others_have_filled),
		TEST(a_value_larger_than_the_disk),
		TEST(a_disk_that_is_read_only),
		TEST(a_place_that_is_read_only),
	};

	has_place = make_place();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
