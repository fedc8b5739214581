/* SPDX-License-Identifier: MIT */
/* One mapping for several processes and programs: what attaches, what is refused, and regions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "segment/counter.h"
#include "segment/segment.h"
#include "steps.h"

#define MIB        1048576
#define PAGE       4096
#define ALL_SEALED (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static struct cor_segment segment;

static int set_up(void **state)
{
	(void)state;
	return cor_segment_create(MIB, &segment);
}

static int tear_down(void **state)
{
	(void)state;
	cor_segment_detach(&segment);
	return 0;
}

static void *region_of(struct cor_segment *of, const char *name, size_t bytes)
{
	const struct cor_region_options options = { .name = name, .bytes = bytes };
	void *region = NULL;

	assert_int_equal(cor_segment_region(of, &options, &region), 0);
	return region;
}

static void test_size(void **state)
{
	struct cor_segment other = { .fd = 77 };
	struct stat file;

	(void)state;
	assert_int_equal(cor_segment_create(0, &other), -EINVAL);
	assert_int_equal(cor_segment_create(PAGE, &other), -EINVAL);
	assert_int_equal(cor_segment_create(SIZE_MAX, &other), -EINVAL);
	assert_int_equal(cor_segment_create(PTRDIFF_MAX - PAGE, &other), -ENOMEM);
	assert_int_equal(other.fd, 77);
	assert_int_equal(cor_segment_create(PAGE + 1, &other), 0);
	assert_int_equal(other.bytes, 2 * PAGE);
	assert_int_equal(fcntl(cor_segment_fd(&other), F_GETFD), FD_CLOEXEC);
	assert_int_equal(ftruncate(other.fd, PAGE), -1);
	assert_int_equal(ftruncate(other.fd, MIB), -1);
	cor_segment_detach(&other);
	cor_segment_detach(&other);
	assert_int_equal(fstat(segment.fd, &file), 0);
	assert_int_equal(file.st_size, MIB);
}

/* A gibibyte, of which only a byte at the end is used. */
static void test_untouched_pages_cost_nothing(void **state)
{
	struct cor_segment large;
	struct stat file;

	(void)state;
	assert_int_equal(cor_segment_create((size_t)1 << 30, &large), 0);
	char *region = region_of(&large, "large", ((size_t)1 << 30) - PAGE);
	region[((size_t)1 << 30) - PAGE - 1] = 1;
	assert_int_equal(fstat(large.fd, &file), 0);
	assert_true(file.st_blocks * 512 <= 4 * PAGE);
	cor_segment_detach(&large);
}

static void test_a_region_is_found_or_created(void **state)
{
	(void)state;
	char *one = region_of(&segment, "one", 100);
	char *two = region_of(&segment, "two", 8);
	for (int i = 0; i < 100; i++)
		assert_int_equal(one[i], 0);
	assert_int_equal((uintptr_t)one % 64, 0);
	assert_int_equal((uintptr_t)two % 64, 0);
	assert_true(two >= one + 100);
	assert_ptr_equal(region_of(&segment, "one", 100), one);
	assert_ptr_equal(region_of(&segment, "two", 8), two);
}

static void refuses(const struct cor_region_options *options, int code)
{
	char place;
	void *region = &place;

	assert_int_equal(cor_segment_region(&segment, options, &region), code);
	assert_ptr_equal(region, &place);
}

static void test_options_that_break_a_rule(void **state)
{
	(void)state;
	refuses(&(struct cor_region_options){ .bytes = 1 }, -EINVAL);
	refuses(&(struct cor_region_options){ .name = "", .bytes = 1 }, -EINVAL);
	refuses(&(struct cor_region_options){ .name = "a" }, -EINVAL);
	refuses(&(struct cor_region_options){ .name = "a", .bytes = 1, .align = 3 }, -EINVAL);
	refuses(&(struct cor_region_options){ .name = "a", .bytes = 1, .align = 8192 }, -EINVAL);
	refuses(&(struct cor_region_options){ .name = "1234567890123456789012345678901234567890",
			.bytes = 1 },
		-EINVAL);
	region_of(&segment, "123456789012345678901234567890123456789", 1);
}

static void test_a_region_that_differs(void **state)
{
	struct cor_region_options same = { .name = "a", .bytes = 9, .fingerprint = 7 };
	void *region;

	(void)state;
	assert_int_equal(cor_segment_region(&segment, &same, &region), 0);
	same.align = 8;
	assert_int_equal(cor_segment_region(&segment, &same, &region), 0);
	refuses(&(struct cor_region_options){ .name = "a", .bytes = 8, .fingerprint = 7 }, -EEXIST);
	refuses(&(struct cor_region_options){ .name = "a", .bytes = 9, .fingerprint = 8 }, -EEXIST);
	region_of(&segment, "b", 1);
	region_of(&segment, "c", 1);
	refuses(&(struct cor_region_options){ .name = "c", .bytes = 1, .align = 4096 }, -EEXIST);
}

static void test_no_room(void **state)
{
	char name[16];

	(void)state;
	refuses(&(struct cor_region_options){ .name = "a", .bytes = MIB }, -ENOSPC);
	refuses(&(struct cor_region_options){ .name = "a", .bytes = SIZE_MAX }, -ENOSPC);
	region_of(&segment, "a", MIB - PAGE);
	refuses(&(struct cor_region_options){ .name = "b", .bytes = 1 }, -ENOSPC);
	cor_segment_detach(&segment);
	assert_int_equal(cor_segment_create(MIB, &segment), 0);
	for (int i = 0; i < COR_REGIONS_MAX; i++) {
		snprintf(name, sizeof name, "%d", i);
		region_of(&segment, name, 1);
	}
	refuses(&(struct cor_region_options){ .name = "b", .bytes = 1 }, -ENOSPC);
}

static int write_and_fail(void *region, size_t bytes)
{
	memset(region, 0xff, bytes);
	return -EOVERFLOW;
}

static int ask_again(void *region, size_t bytes)
{
	(void)bytes;
	const struct cor_region_options options = { .name = "inner", .bytes = 1 };
	return cor_segment_region(&segment, &options, &region);
}

static void test_an_init_that_fails(void **state)
{
	struct cor_region_options options = { .name = "a", .bytes = 100, .init = write_and_fail };

	(void)state;
	refuses(&options, -EOVERFLOW);
	const char *region = region_of(&segment, "a", 50);
	for (int i = 0; i < 50; i++)
		assert_int_equal(region[i], 0);
	region = region_of(&segment, "b", 50);
	for (int i = 0; i < 50; i++)
		assert_int_equal(region[i], 0);
	refuses(&(struct cor_region_options){ .name = "c", .bytes = 1, .init = ask_again },
		-EDEADLK);
}

static void attach_refuses(int fd, int code)
{
	struct cor_segment other = { .fd = 77 };

	assert_int_equal(cor_segment_attach(fd, &other), code);
	assert_int_equal(other.fd, 77);
	if (fd >= 0 && fd != segment.fd)
		assert_int_equal(close(fd), 0);
}

/* A memfd that begins with the segment's directory, changed by `change`. */
static int forged(off_t bytes, int seals, void (*change)(char *front))
{
	char front[PAGE];
	int fd = memfd_create("forged", MFD_ALLOW_SEALING);

	memcpy(front, segment.base, sizeof front);
	if (change)
		change(front);
	assert_int_equal(pwrite(fd, front, sizeof front, 0), sizeof front);
	assert_int_equal(ftruncate(fd, bytes), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void change_magic(char *front)
{
	front[0] ^= 1;
}

static void change_version(char *front)
{
	front[8] ^= 2;
}

static void test_what_is_not_attached(void **state)
{
	int pair[2];

	(void)state;
	attach_refuses(-1, -EBADF);
	assert_int_equal(pipe(pair), 0);
	attach_refuses(pair[0], -EBADF);
	close(pair[1]);
	attach_refuses(open("/proc/self/exe", O_RDONLY), -EBADF);
	attach_refuses(forged(MIB, 0, NULL), -EPERM);
	attach_refuses(forged(MIB, F_SEAL_SHRINK, NULL), -EPERM);
	attach_refuses(forged(PAGE, ALL_SEALED, NULL), -EBADMSG);
	attach_refuses(forged(0, ALL_SEALED, NULL), -EBADMSG);
	attach_refuses(forged(MIB, ALL_SEALED, change_magic), -EBADMSG);
	attach_refuses(forged(MIB, ALL_SEALED, change_version), -EPROTO);
	attach_refuses(forged(2 * MIB, ALL_SEALED, NULL), -EMSGSIZE);
	attach_refuses(forged(MIB - PAGE, ALL_SEALED, NULL), -EMSGSIZE);
}

static void test_a_second_mapping_is_the_same_memory(void **state)
{
	struct cor_segment other;

	(void)state;
	_Atomic uint64_t *here = region_of(&segment, "counter", 8);
	assert_int_equal(cor_segment_attach(dup(segment.fd), &other), 0);
	_Atomic uint64_t *there = region_of(&other, "counter", 8);
	assert_ptr_not_equal(here, there);
	cor_count(there, 5);
	assert_int_equal(cor_counter_read(here), 5);
	cor_segment_detach(&other);
}

static void test_a_child_of_fork(void **state)
{
	(void)state;
	_Atomic uint64_t *counter = region_of(&segment, "counter", 8);
	pid_t child = fork();
	if (child == 0) {
		cor_count(region_of(&segment, "counter", 8), 3);
		cor_count(region_of(&segment, "of the child", 8), 4);
		_exit(0);
	}
	reap(child);
	assert_int_equal(cor_counter_read(counter), 3);
	assert_int_equal(cor_counter_read(region_of(&segment, "of the child", 8)), 4);
}

static int attach_and_count(int fd)
{
	const struct cor_region_options options = { .name = "counter", .bytes = 8 };
	struct cor_segment inherited;
	void *counter;

	if (cor_segment_attach(fd, &inherited) != 0 ||
		cor_segment_region(&inherited, &options, &counter) != 0)
		return 1;
	cor_count(counter, 6);
	return 0;
}

static void test_another_program(void **state)
{
	char number[16];

	(void)state;
	_Atomic uint64_t *counter = region_of(&segment, "counter", 8);
	pid_t child = fork();
	if (child == 0) {
		snprintf(number, sizeof number, "%d", dup(cor_segment_fd(&segment)));
		execl("/proc/self/exe", "test-segment", number, (char *)NULL);
		_exit(2);
	}
	reap(child);
	assert_int_equal(cor_counter_read(counter), 6);
}

static void test_gauges_and_counters(void **state)
{
	(void)state;
	_Atomic int64_t *gauge = region_of(&segment, "gauge", 8);
	_Atomic uint64_t *counter = region_of(&segment, "counter", 8);
	cor_gauge_move(gauge, 5);
	cor_gauge_move(gauge, -7);
	assert_int_equal(cor_gauge_read(gauge), -2);
	cor_gauge_move_shared(gauge, 3);
	assert_int_equal(cor_gauge_read(gauge), 1);
	cor_gauge_store(gauge, 40);
	assert_int_equal(cor_gauge_read(gauge), 40);
	cor_count(counter, 2);
	cor_count_shared(counter, UINT32_MAX);
	assert_int_equal(cor_counter_read(counter), UINT64_C(2) + UINT32_MAX);
}

static int fill(void *region, size_t bytes)
{
	memset(region, 0x5a, bytes);
	return 0;
}

static bool is_filled(const char *region, size_t bytes, char with)
{
	for (size_t i = 0; i < bytes; i++)
		if (region[i] != with)
			return false;
	return true;
}

static void *filled_region(const char *name)
{
	const struct cor_region_options options = { .name = name, .bytes = 40, .init = fill };
	void *region;

	assert_int_equal(cor_segment_region(&segment, &options, &region), 0);
	return region;
}

static void make_one_region(void)
{
	cor_segment_detach(&segment);
	assert_int_equal(cor_segment_create(MIB, &segment), 0);
	filled_region("old");
}

static void make_another(void)
{
	filled_region("new");
}

/* The new one is there completely or not at all, and what follows the last is zero. */
static void check_regions(void)
{
	char *zeroed = region_of(&segment, "zeroed", 90);
	char *new = filled_region("new");
	char *old = filled_region("old");

	assert_true(is_filled(old, 40, 0x5a));
	assert_true(is_filled(new, 40, 0x5a));
	assert_true(is_filled(zeroed, 90, 0));
	assert_true(new >= old + 40);
	assert_true(zeroed >= new + 40 || new >= zeroed + 90);
}

static void test_killed_at_each_step_of_an_insertion(void **state)
{
	const struct scene scene = { make_one_region, make_another, check_regions, &segment };

	(void)state;
	print_message("# %ld instructions of an insertion\n", kill_at_each_step(&scene));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_size, set_up, tear_down),
		cmocka_unit_test(test_untouched_pages_cost_nothing),
		cmocka_unit_test_setup_teardown(
			test_a_region_is_found_or_created, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options_that_break_a_rule, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_region_that_differs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_init_that_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_not_attached, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_second_mapping_is_the_same_memory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_child_of_fork, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_another_program, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_gauges_and_counters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_killed_at_each_step_of_an_insertion, set_up, tear_down),
	};

	if (argc == 2)
		return attach_and_count((int)strtol(argv[1], NULL, 10));
	return _cmocka_run_group_tests(
		"tests", tests, tests_to_run(sizeof tests / sizeof tests[0], 1), NULL, NULL);
}
