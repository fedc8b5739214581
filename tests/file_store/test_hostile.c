/* SPDX-License-Identifier: MIT */
/* What others have put where entries are, and directories that others could change. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A file outside, which nothing may read or write. */
static const char *outside(struct stage *stage)
{
	static char path[160];

	snprintf(path, sizeof path, "%s/outside", stage->at);
	return path;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void expect_text(const char *path, const char *text)
{
	char buffer[100] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	(void)!fread(buffer, 1, sizeof buffer - 1, file);
	fclose(file);
	assert_string_equal(buffer, text);
}

/* The path of the entry of "a", which is put there. */
static const char *entry(struct stage *stage)
{
	assert_int_equal(stage_put(stage, "a", "the value of a"), 0);
	return stage_file(stage);
}

/* What stands there instead is a miss for all, is left alone by those who make room, and the next
 * put takes its place. */
static void expect_foreign(struct stage *stage, const char *path)
{
	struct stat before, after;
	uint64_t n;
	const struct cor_item one = { .value = COR_STR("1") };

	assert_int_equal(lstat(path, &before), 0);
	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_figures(stage).lost, 1);
	assert_int_equal(cor_store_delete(stage->store, COR_STR("a")), -ENOENT);
	assert_int_equal(cor_store_touch(stage->store, COR_STR("a"), 1), -ENOENT);
	assert_int_equal(cor_store_put(stage->store, COR_STR("a"), &one, COR_PUT_OVER), -ENOENT);
	assert_int_equal(cor_store_clear(stage->store), 0);
	assert_int_equal(lstat(path, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(cor_store_add(stage->store, COR_STR("a"), 1, &one, &n), 0);
	assert_true(stage_has(stage, "a", "1"));
	assert_int_equal(stage_figures(stage).errors, 0);
}

static void a_symbolic_link(void **state)
{
	struct stage *stage = *state;
	const char *path = entry(stage);

	assert_int_equal(rename(path, outside(stage)), 0); /* even to what is an entry */
	assert_int_equal(symlink(outside(stage), path), 0);
	expect_foreign(stage, path);
	assert_int_equal(unlink(outside(stage)), 0); /* it is there still */
}

static void a_link_to_nothing(void **state)
{
	struct stage *stage = *state;
	const char *path = entry(stage);

	unlink(path);
	assert_int_equal(symlink(outside(stage), path), 0);
	expect_foreign(stage, path);
	assert_int_equal(access(outside(stage), F_OK), -1); /* nothing was made there */
}

static void a_pipe(void **state)
{
	struct stage *stage = *state;
	const char *path = entry(stage);

	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_foreign(stage, path);
}

static void a_socket(void **state)
{
	struct stage *stage = *state;
	const char *path = entry(stage);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), at = open(stage->files, O_PATH | O_DIRECTORY);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	unlink(path);
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", at,
		strrchr(path, '/') + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	close(at);
	expect_foreign(stage, path);
	close(fd);
}

static void a_device(void **state)
{
	struct stage *stage = *state;
	const char *path = entry(stage);

	unlink(path);
	if (mknod(path, S_IFCHR | 0600, 1 << 8 | 5) < 0) /* /dev/zero: it has no end */
		skip();
	expect_foreign(stage, path);
}

static void a_second_name(void **state)
{
	struct stage *stage = *state;
	const char *path = entry(stage);

	assert_int_equal(link(path, outside(stage)), 0);
	expect_foreign(stage, path);
	unlink(outside(stage));
}

static void another_user(void **state)
{
	struct stage *stage = *state;
	const char *path = entry(stage);

	if (chown(path, 65534, 65534) < 0)
		skip();
	expect_foreign(stage, path);
}

static void a_directory(void **state)
{
	struct stage *stage = *state;
	const char *path = entry(stage);

	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(cor_store_delete(stage->store, COR_STR("a")), -ENOENT);
	assert_int_equal(stage_put(stage, "a", "1"), -EISDIR); /* it is not ours to remove */
	assert_int_equal(stage_figures(stage).errors, 1);
	assert_int_equal(stage_put(stage, "b", "1"), 0);
	assert_int_equal(cor_store_clear(stage->store), 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(stage_put(stage, "a", "1"), 0);
}

/* --- entries that are broken: a miss, counted, and they go --- */

static void expect_broken(struct stage *stage)
{
	uint64_t lost = stage_figures(stage).lost;

	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_figures(stage).lost, lost + 1);
	assert_int_equal(stage_files(stage), 0);
	assert_int_equal(stage_figures(stage).entries, 0);
}

static void truncated(void **state)
{
	struct stage *stage = *state;
	struct stat found;

	assert_int_equal(stat(entry(stage), &found), 0);
	for (off_t len = 0; len < found.st_size; len++) {
		assert_int_equal(truncate(entry(stage), len), 0);
		expect_broken(stage);
	}
	assert_int_equal(truncate(entry(stage), found.st_size + 1), 0);
	expect_broken(stage);
	assert_int_equal(truncate(entry(stage), INT64_C(1) << 40), 0); /* with a hole */
	assert_true(stage_has(stage, "a", NULL));
}

static void flip(const char *path, off_t bit)
{
	int fd = open(path, O_RDWR);
	unsigned char byte;

	assert_int_equal(pread(fd, &byte, 1, bit / 8), 1);
	byte ^= (unsigned char)(1 << bit % 8);
	assert_int_equal(pwrite(fd, &byte, 1, bit / 8), 1);
	close(fd);
}

/* Each of its bits. One in the key makes it another's, which stays; no value comes of any. */
static void bits_flipped(void **state)
{
	struct stage *stage = *state;
	struct stat found;

	assert_int_equal(stat(entry(stage), &found), 0);
	for (off_t bit = 0; bit < 8 * found.st_size; bit++) {
		flip(entry(stage), bit);
		assert_true(stage_has(stage, "a", NULL));
	}
	assert_int_equal(stage_figures(stage).hits, 0);
}

/* One name for two keys cannot be had by chance: it is made here. The other's value is never seen.
 */
static void a_collision(void **state)
{
	struct stage *stage = *state;
	char of_a[512], of_b[512];

	snprintf(of_a, sizeof of_a, "%s", entry(stage));
	unlink(of_a);
	assert_int_equal(stage_put(stage, "b", "the value of b"), 0);
	snprintf(of_b, sizeof of_b, "%s", stage_file(stage));
	assert_int_equal(rename(of_b, of_a), 0);
	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_true(stage_has(stage, "a", "1"));
}

static void a_broken_state(void **state)
{
	struct stage *stage = *state;
	char path[200];
	struct stat found;

	snprintf(path, sizeof path, "%s/state.cor", stage->files);
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_int_equal(stat(path, &found), 0);
	for (off_t bit = 0; bit < 8 * found.st_size; bit += 5) {
		flip(path, bit);
		stage_reopen(stage);
		assert_int_equal(stage_put(stage, "a", "1"), 0);
		assert_true(stage_has(stage, "a", "1"));
		/* A new secret makes old entries unknown, but they are counted. */
		assert_int_equal(stage_figures(stage).entries, stage_files(stage));
		assert_int_equal(stage_figures(stage).bytes, 4096 * stage_files(stage));
	}
}

static void a_state_that_is_a_link(void **state)
{
	struct stage *stage = *state;
	char path[200];

	snprintf(path, sizeof path, "%s/state.cor", stage->files);
	write_file(outside(stage), "not to be written");
	unlink(path);
	assert_int_equal(symlink(outside(stage), path), 0);
	stage_reopen(stage);
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	expect_text(outside(stage), "not to be written");
}

/* Where the next file is written, and what a dead owner has left there. */
static void temporaries(void **state)
{
	struct stage *stage = *state;
	char path[200];

	write_file(outside(stage), "not to be written");
	for (int i = 0; i < 64; i++) {
		snprintf(path, sizeof path, "%s/put-%02d.new", stage->files, i);
		if (i % 2 != 0)
			assert_int_equal(symlink(outside(stage), path), 0);
		else
			write_file(path, "half of an ent");
	}
	for (int i = 0; i < 500; i++) {
		char key[16];
		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(stage_put(stage, key, key), 0);
		assert_true(stage_has(stage, key, key));
	}
	expect_text(outside(stage), "not to be written");
}

/* --- directories --- */

static void expect_refused(struct stage *stage, int rc, const char *why)
{
	struct cor_store *store;
	const char *fault = "";

	assert_int_equal(cor_store_open(&stage->cache, &store, &fault), rc);
	if (!strstr(fault, why))
		fail_msg("\"%s\" does not say \"%s\"", fault, why);
}

static void a_place_of_others(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(chmod(stage->at, 0777), 0);
	expect_refused(stage, -EPERM, "in which others can write: chmod go-w /");
	assert_int_equal(chmod(stage->at, 0770), 0);
	expect_refused(stage, -EPERM, "in which others can write: chmod go-w /");
	assert_int_equal(chmod(stage->at, 01777), 0);
	stage_reopen(stage);
	assert_int_equal(chmod(stage->at, 0755), 0);
	stage_reopen(stage);
	if (geteuid() == 0) {
		assert_int_equal(chown(stage->at, 65534, 65534), 0);
		expect_refused(stage, -EPERM, "belongs to user 65534");
	}
}

static void a_directory_that_is_not_ours(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(chmod(stage->files, 0755), 0);
	expect_refused(stage, -EPERM, "open to others: chmod 700 /");
	assert_int_equal(chmod(stage->files, 0700), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(stage->files, 65534, 65534), 0);
		expect_refused(stage, -EPERM, "belongs to user 65534: remove it");
	}
}

static void a_directory_that_is_a_link(void **state)
{
	struct stage *stage = *state;
	char moved[200];

	snprintf(moved, sizeof moved, "%s/moved", stage->at);
	assert_int_equal(rename(stage->files, moved), 0);
	assert_int_equal(symlink(moved, stage->files), 0);
	expect_refused(stage, -EPERM, "which is something else: remove it");
	assert_int_equal(unlink(stage->files), 0);
	write_file(stage->files, "");
	expect_refused(stage, -EPERM, "which is something else: remove it");
}

static void a_place_that_is_not_there(void **state)
{
	struct stage *stage = *state;
	char deep[200], file[200];
	struct stat found;

	snprintf(deep, sizeof deep, "%s/a/b//c/", stage->at);
	stage->cache.at = deep;
	stage_reopen(stage);
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_int_equal(stat(deep, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0700);
	write_file(outside(stage), "");
	snprintf(file, sizeof file, "%s/b", outside(stage));
	stage->cache.at = file;
	expect_refused(stage, -ENOTDIR, "cannot open its .at");
	stage->cache.at = "";
	expect_refused(stage, -EINVAL, "has no .at: say which directory");
	stage->cache.at = NULL;
	expect_refused(stage, -EINVAL, "has no .at: say which directory");
}

/* It is made anew: what was there is gone, and the rest goes on. */
static void removed_while_running(void **state)
{
	struct stage *stage = *state;
	char command[200];

	snprintf(command, sizeof command, "rm -rf %s", stage->files);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(stage_put(stage, "a", "1"), 0);
		assert_int_equal(system(command), 0);
		assert_true(stage_has(stage, "a", NULL));
		assert_int_equal(system(command), 0);
		assert_int_equal(cor_store_delete(stage->store, COR_STR("a")), -ENOENT);
		assert_int_equal(system(command), 0);
		assert_int_equal(stage_put(stage, "b", "2"), 0);
		assert_true(stage_has(stage, "b", "2"));
		assert_int_equal(stage_figures(stage).entries, 1);
		assert_int_equal(system(command), 0);
		assert_int_equal(cor_store_clear(stage->store), 0);
	}
	snprintf(command, sizeof command, "rm -rf %s", stage->at);
	assert_int_equal(system(command), 0);
	assert_int_equal(stage_put(stage, "a", "1"), 0); /* with its parents */
	assert_true(stage_has(stage, "a", "1"));
}

/* Two stores, as in two processes: who did not write finds the new directory, too. */
static void removed_behind_one_that_only_reads(void **state)
{
	struct stage *stage = *state;
	struct cor_store *reader, *writer = stage->store;
	char command[200];

	assert_int_equal(cor_store_open(&stage->cache, &reader, NULL), 0);
	snprintf(command, sizeof command, "rm -rf %s", stage->files);
	assert_int_equal(system(command), 0);
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	stage->store = reader;
	assert_true(stage_has(stage, "a", NULL)); /* and notices */
	assert_true(stage_has(stage, "a", "1"));
	stage->store = writer;
	cor_store_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_symbolic_link),
		TEST(a_link_to_nothing),
		TEST(a_pipe),
		TEST(a_socket),
		TEST(a_device),
		TEST(a_second_name),
		TEST(another_user),
		TEST(a_directory),
		TEST(truncated),
		TEST(bits_flipped),
		TEST(a_collision),
		TEST(a_broken_state),
		TEST(a_state_that_is_a_link),
		TEST(temporaries),
		TEST(a_place_of_others),
		TEST(a_directory_that_is_not_ours),
		TEST(a_directory_that_is_a_link),
		TEST(a_place_that_is_not_there),
		TEST(removed_while_running),
		TEST(removed_behind_one_that_only_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
