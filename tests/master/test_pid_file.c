/* SPDX-License-Identifier: MIT */
/* A pid file has one living holder; a stale one is replaced, and what is not a pid file stays. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "child.h"
#include "master/pid_file.h"

static char folder[] = "pid-XXXXXX";
static char path[64], other[64];
static struct cor_start_failure failure;

static int make_folder(void **state)
{
	(void)state;
	memcpy(folder, "pid-XXXXXX", sizeof folder);
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/service.pid", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	return rmdir(folder);
}

static void write_file(const char *at, const char *text)
{
	FILE *file = fopen(at, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static bool holds(const char *at, const char *text)
{
	char found[256] = { 0 };
	int fd = open(at, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t len = read(fd, found, sizeof found - 1);
	close(fd);
	return len >= 0 && strcmp(found, text) == 0;
}

static bool names(pid_t pid)
{
	char text[32];

	snprintf(text, sizeof text, "%ld\n", (long)pid);
	return holds(path, text);
}

static struct cor_pid_file create(void)
{
	struct cor_pid_file file;

	if (cor_pid_file_create(path, &file, &failure) != 0) {
		fprintf(stderr, "%s\n", failure.text);
		abort();
	}
	return file;
}

static void expect_refused(const char *at, int code, const char *before, const char *after)
{
	struct cor_pid_file file = { .fd = 42 };
	char text[512];

	assert_int_equal(cor_pid_file_create(at, &file, &failure), code);
	snprintf(text, sizeof text, "%s%s%s", before, at, after);
	assert_string_equal(failure.text, text);
	assert_int_equal(file.fd, 42);
}

static void test_life(void **state)
{
	struct stat there;
	mode_t mask = umask(0077);

	(void)state;
	struct cor_pid_file file = create();
	umask(mask);
	assert_true(names(getpid()));
	assert_int_equal(stat(path, &there), 0);
	assert_int_equal(there.st_mode & 0777, 0644);
	assert_int_equal(fcntl(file.fd, F_GETFD), FD_CLOEXEC);
	cor_pid_file_remove(&file);
	assert_int_equal(access(path, F_OK), -1);
	cor_pid_file_remove(&file);
	cor_pid_file_remove(&(struct cor_pid_file){ 0 });
}

static void test_held(void **state)
{
	char text[256];

	(void)state;
	struct cor_pid_file file = create();
	snprintf(text, sizeof text,
		" is held by process %ld, which is running: stop that, or change --pid-file",
		(long)getpid());
	expect_refused(path, -EBUSY, "pid file ", text);
	assert_int_equal(ftruncate(file.fd, 0), 0);
	expect_refused(path, -EBUSY, "pid file ",
		" is held by another program that starts: change --pid-file");
	assert_int_equal(cor_pid_file_claim(&file), 0);
	assert_true(names(getpid()));
	cor_pid_file_remove(&file);
}

/* A process that dies silently leaves its file, but its lock is gone. */
static void die_holding(void)
{
	(void)create();
}

static void test_stale(void **state)
{
	static const char *const left[] = { "1\n", "1", "2147483647\n", "", "\n", "\n\n" };

	(void)state;
	in_child(die_holding);
	assert_int_equal(access(path, F_OK), 0);
	struct cor_pid_file file = create();
	assert_true(names(getpid()));
	cor_pid_file_remove(&file);
	for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
		write_file(path, left[i]); /* process 1 lives, but does not hold it */
		file = create();
		assert_true(names(getpid()));
		cor_pid_file_remove(&file);
	}
}

static void test_not_a_pid_file(void **state)
{
	static const char *const texts[] = { "hello\n", "12 34\n", "-5\n", "0\n", "2147483648\n",
		"1\n2\n", "port = 8080\nthreads = 4 # and more\n" };
	static const char why[] = " is not a pid file and is left alone: change --pid-file";

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		write_file(path, texts[i]);
		expect_refused(path, -EEXIST, "", why);
		assert_true(holds(path, texts[i]));
	}
	unlink(path);
	write_file(other, "1\n");
	assert_int_equal(symlink("other", path), 0);
	expect_refused(path, -ELOOP, "", why);
	assert_true(holds(other, "1\n"));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_refused(path, -EEXIST, "", why);
	expect_refused(folder, -EEXIST, "", why);
	expect_refused("/dev/null", -EEXIST, "", why);
}

static void test_no_folder(void **state)
{
	(void)state;
	expect_refused("no/such/folder/a.pid", -ENOENT, "cannot make pid file ",
		": No such file or directory: change --pid-file, or let this "
		"user write there");
}

/* Another process has put its own file in place: it stays. */
static void test_replaced(void **state)
{
	(void)state;
	struct cor_pid_file file = create();
	unlink(path);
	struct cor_pid_file next = create();
	cor_pid_file_remove(&file);
	assert_true(names(getpid()));
	cor_pid_file_remove(&next);
	assert_int_equal(access(path, F_OK), -1);
}

/* --- a binary upgrade: children are the new master, with the descriptor of the old one --- */

static struct cor_pid_file old;
static int to_new[2], to_old[2];

static void adopt(struct cor_pid_file *ret)
{
	EXPECT(fcntl(old.fd, F_SETFD, 0) == 0); /* as it is after exec */
	EXPECT(cor_pid_file_adopt(path, old.fd, ret) == 0);
	EXPECT(fcntl(ret->fd, F_GETFD) == FD_CLOEXEC);
	EXPECT(names(getppid()));
}

/* It ends normally, and has claimed nothing. */
static void end_before_ready(void)
{
	struct cor_pid_file file;

	adopt(&file);
	cor_pid_file_remove(&file);
}

static void die_after_claim(void)
{
	struct cor_pid_file file;

	adopt(&file);
	EXPECT(cor_pid_file_claim(&file) == 0);
	EXPECT(names(getpid()));
}

/* Outlives the old master, and then ends itself. */
static void succeed(void)
{
	struct cor_pid_file file;
	char byte = 'x';

	close(to_new[1]);
	adopt(&file);
	EXPECT(cor_pid_file_claim(&file) == 0);
	EXPECT(write(to_old[1], &byte, 1) == 1);
	EXPECT(read(to_new[0], &byte, 1) == 0); /* the old one has closed it */
	EXPECT(names(getpid()));
	cor_pid_file_remove(&file);
	EXPECT(access(path, F_OK) < 0);
}

static void test_failed_upgrade(void **state)
{
	(void)state;
	old = create();
	in_child(end_before_ready);
	assert_true(names(getpid()));
	in_child(die_after_claim);
	assert_false(names(getpid()));
	assert_int_equal(cor_pid_file_claim(&old), 0);
	assert_true(names(getpid()));
	struct cor_pid_file second;
	assert_int_equal(cor_pid_file_create(path, &second, &failure), -EBUSY);
	cor_pid_file_remove(&old);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_upgrade(void **state)
{
	struct cor_pid_file second;
	char byte, text[64];
	int status;

	(void)state;
	old = create();
	assert_int_equal(pipe2(to_new, O_CLOEXEC) | pipe2(to_old, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		succeed();
		_exit(0);
	}
	close(to_old[1]); /* so that its death ends the wait */
	assert_int_equal(read(to_old[0], &byte, 1), 1);
	assert_true(names(pid));
	cor_pid_file_remove(&old);
	assert_true(names(pid));
	assert_int_equal(cor_pid_file_create(path, &second, &failure), -EBUSY);
	snprintf(text, sizeof text, "is held by process %ld, ", (long)pid);
	assert_non_null(strstr(failure.text, text));
	close(to_new[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(to_new[0]);
	close(to_old[0]);
}

static void test_adopt_refused(void **state)
{
	struct cor_pid_file file = { .fd = 42 };

	(void)state;
	old = create();
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(cor_pid_file_adopt(path, fd, &file), -EBUSY);
	close(fd);
	assert_int_equal(cor_pid_file_adopt(path, fd, &file), -EBADF);
	assert_int_equal(cor_pid_file_adopt(other, old.fd, &file), -ESTALE);
	unlink(path);
	write_file(path, "1\n");
	assert_int_equal(cor_pid_file_adopt(path, old.fd, &file), -ESTALE);
	assert_int_equal(file.fd, 42);
	cor_pid_file_remove(&old);
	assert_true(holds(path, "1\n"));
}

/* --- many that start at the same time --- */

#define STARTS 8

/* 0: it got the file; each waits for the end, so that no other can get it. */
static int start(void)
{
	struct cor_pid_file file;
	char byte;

	close(to_new[1]);
	close(to_old[0]);
	int rc = cor_pid_file_create(path, &file, &failure);
	close(to_old[1]);
	if (read(to_new[0], &byte, 1) != 0)
		return 2;
	return rc == 0 ? 0 : rc == -EBUSY ? 1 : 2;
}

static void test_race(void **state)
{
	int got = 0, refused = 0, status;
	char byte;

	(void)state;
	write_file(path, "1\n");
	assert_int_equal(pipe2(to_new, O_CLOEXEC) | pipe2(to_old, O_CLOEXEC), 0);
	for (int i = 0; i < STARTS; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(start());
	}
	close(to_old[1]);
	assert_int_equal(read(to_old[0], &byte, 1), 0); /* all have tried */
	close(to_old[0]);
	close(to_new[0]);
	close(to_new[1]);
	for (int i = 0; i < STARTS; i++) {
		assert_true(wait(&status) > 0);
		got += WIFEXITED(status) && WEXITSTATUS(status) == 0;
		refused += WIFEXITED(status) && WEXITSTATUS(status) == 1;
	}
	assert_int_equal(got, 1);
	assert_int_equal(refused, STARTS - 1);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_life),
		FOLDER_TEST(test_held),
		FOLDER_TEST(test_stale),
		FOLDER_TEST(test_not_a_pid_file),
		FOLDER_TEST(test_no_folder),
		FOLDER_TEST(test_replaced),
		FOLDER_TEST(test_failed_upgrade),
		FOLDER_TEST(test_upgrade),
		FOLDER_TEST(test_adopt_refused),
		FOLDER_TEST(test_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
