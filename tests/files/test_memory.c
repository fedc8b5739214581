/* SPDX-License-Identifier: MIT */
/* What is in memory is what the folder has, whatever happens to it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <coracle/clock.h>

#include "files/memory.h"

#define SECOND_NS 1000000000
#define LATER_S   10 /* by then a file that was written now is settled */

/* The clock is ahead, so that nobody has to wait until a file is settled. */
static time_t ahead_s = LATER_S;

struct timespec __real_cor_now(void);
struct timespec __wrap_cor_now(void);

struct timespec __wrap_cor_now(void)
{
	struct timespec now = __real_cor_now();

	now.tv_sec += ahead_s;
	return now;
}

static char place[] = "/tmp/test-memory-XXXXXX";
static int folder = -1;

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(place))
		return -1;
	folder = cor_folder_open(place);
	return folder < 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
	static const char *const names[] = { "a", "b", "new", "link" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unlinkat(folder, names[i], 0);
	close(folder);
	return rmdir(place);
}

/* Over what is there, without a change of its inode. */
static void write_file(const char *name, const char *bytes, size_t len)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

static void set_time(const char *name)
{
	const struct timespec times[] = { { 1000, 0 }, { 1000, 0 } };

	assert_int_equal(utimensat(folder, name, times, 0), 0);
}

static int find(struct cor_file_memory *memory, const char *name, int64_t now_ns, bool *ret_is_kept,
	char *ret_text)
{
	struct cor_file file;
	int rc = cor_file_memory_find(memory, folder, cor_str(name), now_ns, &file);

	if (rc < 0)
		return rc;
	*ret_is_kept = file.fd < 0;
	memset(ret_text, 0, 64);
	size_t len = file.size < 63 ? (size_t)file.size : 63;
	if (file.fd < 0) {
		memcpy(ret_text, file.bytes, len);
		return 0;
	}
	assert_int_equal(pread(file.fd, ret_text, len, 0), len);
	close(file.fd);
	return 0;
}

static void expect(struct cor_file_memory *memory, const char *name, bool is_kept, const char *text)
{
	bool kept;
	char found[64];

	assert_int_equal(find(memory, name, 0, &kept, found), 0);
	assert_int_equal(kept, is_kept);
	assert_string_equal(found, text);
}

/* --- without a wish: each request asks --- */

static void test_is_kept(void **state)
{
	struct cor_file_memory *memory = cor_file_memory_create(0);
	struct cor_file first, second;

	(void)state;
	assert_non_null(memory);
	write_text("a", "one");
	assert_int_equal(cor_file_memory_find(memory, folder, COR_STR("a"), 0, &first), 0);
	assert_int_equal(cor_file_memory_find(memory, folder, COR_STR("a"), 0, &second), 0);
	assert_int_equal(first.fd, -1);
	assert_ptr_equal(first.bytes, second.bytes); /* it was not read again */
	assert_int_equal(first.size, 3);
	assert_int_equal(first.modified_ns, second.modified_ns);
	cor_file_memory_destroy(memory);
}

static void test_changes_show_at_once(void **state)
{
	struct cor_file_memory *memory = cor_file_memory_create(0);
	bool kept;
	char text[64];

	(void)state;
	assert_non_null(memory);
	write_text("a", "one");
	set_time("a");
	expect(memory, "a", true, "one");
	write_text("a", "two"); /* as long, and of the same time */
	set_time("a");
	expect(memory, "a", true, "two");
	write_text("new", "new");
	set_time("new");
	assert_int_equal(renameat(folder, "new", folder, "a"), 0);
	expect(memory, "a", true, "new");
	write_text("a", "longer");
	expect(memory, "a", true, "longer");
	unlinkat(folder, "a", 0);
	assert_int_equal(find(memory, "a", 0, &kept, text), -ENOENT);
	assert_int_equal(mkdirat(folder, "a", 0700), 0);
	assert_int_equal(find(memory, "a", 0, &kept, text), -EISDIR);
	unlinkat(folder, "a", AT_REMOVEDIR);
	write_text("a", "again");
	expect(memory, "a", true, "again");
	cor_file_memory_destroy(memory);
}

static void test_links(void **state)
{
	struct cor_file_memory *memory = cor_file_memory_create(0);
	bool kept;
	char text[64];

	(void)state;
	assert_non_null(memory);
	write_text("a", "one");
	write_text("b", "two");
	assert_int_equal(symlinkat("a", folder, "link"), 0);
	expect(memory, "link", true, "one");
	unlinkat(folder, "link", 0);
	assert_int_equal(symlinkat("b", folder, "link"), 0);
	expect(memory, "link", true, "two");
	unlinkat(folder, "link", 0);
	assert_int_equal(symlinkat("/etc/hostname", folder, "link"), 0);
	assert_int_equal(find(memory, "link", 0, &kept, text), -ENOENT);
	unlinkat(folder, "link", 0);
	cor_file_memory_destroy(memory);
}

/* What was changed just now may change once more, and look the same. */
static void test_what_is_new_is_not_kept(void **state)
{
	struct cor_file_memory *memory = cor_file_memory_create(0);

	(void)state;
	assert_non_null(memory);
	ahead_s = 0;
	write_text("a", "one");
	expect(memory, "a", false, "one");
	write_text("a", "two");
	expect(memory, "a", false, "two");
	ahead_s = LATER_S;
	expect(memory, "a", true, "two");
	cor_file_memory_destroy(memory);
}

static void test_room(void **state)
{
	static char bytes[COR_FILE_MEMORY_USUAL_LARGEST + 1];
	struct cor_file_memory *memory = cor_file_memory_create(0);
	char name[32];

	(void)state;
	assert_non_null(memory);
	memset(bytes, 'x', sizeof bytes);
	write_file("a", bytes, sizeof bytes);
	bool kept;
	char text[64];
	assert_int_equal(find(memory, "a", 0, &kept, text), 0);
	assert_false(kept);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 2 * COR_FILE_MEMORY_USUAL_ROOM / (int)sizeof bytes; i++) {
			snprintf(name, sizeof name, "many-%d", i);
			bytes[0] = (char)('a' + i % 26);
			if (round == 0)
				write_file(name, bytes, sizeof bytes - 1);
			assert_int_equal(find(memory, name, 0, &kept, text), 0);
			assert_true(kept);
			assert_int_equal(text[0], 'a' + i % 26);
			if (round == 2)
				unlinkat(folder, name, 0);
		}
	write_text("a", "");
	expect(memory, "a", true, "");
	cor_file_memory_destroy(memory);
}

/* --- with one: a second long nobody asks --- */

static void test_taken_as_it_is(void **state)
{
	struct cor_file_memory *memory = cor_file_memory_create(100000);
	bool kept;
	char text[64];

	(void)state;
	assert_non_null(memory);
	write_text("a", "one");
	for (int round = 0; round < 2; round++) { /* new, and settled */
		ahead_s = round * LATER_S;
		write_text("a", "one");
		int64_t now_ns = (1 + 2 * round) * (int64_t)SECOND_NS;
		assert_int_equal(find(memory, "a", now_ns, &kept, text), 0);
		assert_true(kept);
		assert_string_equal(text, "one");
		write_text("a", "two");
		assert_int_equal(find(memory, "a", now_ns + SECOND_NS - 1, &kept, text), 0);
		assert_string_equal(text, "one");
		assert_int_equal(find(memory, "a", now_ns + SECOND_NS, &kept, text), 0);
		assert_true(kept);
		assert_string_equal(text, "two");
	}
	cor_file_memory_destroy(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_kept),
		cmocka_unit_test(test_changes_show_at_once),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_what_is_new_is_not_kept),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_taken_as_it_is),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
