/* SPDX-License-Identifier: MIT */
/* How much of its memory limit a control group uses, with a made-up tree for each test. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "cgroup_tree.h"
#include "runtime/memory.h"

static void expect(uint64_t limit_bytes, uint64_t used_bytes)
{
	struct cor_group_memory group = { 0 };

	assert_int_equal(cor_group_memory_open(&group, &files), 0);
	assert_int_equal(group.memory.limit_bytes, limit_bytes);
	assert_int_equal(group.memory.used(&group.memory), used_bytes);
	cor_group_memory_close(&group);
	cor_group_memory_close(&group);
}

static void expect_error(int code)
{
	struct cor_group_memory group = { 0 };

	assert_int_equal(cor_group_memory_open(&group, &files), code);
	cor_group_memory_close(&group);
}

static void test_v2(void **state)
{
	(void)state;
	write_file("cgroup", "0::/a/b\n");
	write_file("mountinfo", V2_MOUNT);
	expect_error(-ENOENT);
	write_file("cg/a/b/memory.max", "max\n");
	expect_error(-ENOENT);
	write_file("cg/a/memory.max", "1000000\n");
	expect_error(-ENOENT); /* no memory.current: the file that is missing */
	write_file("cg/a/memory.current", "700000\n");
	write_file("cg/a/memory.stat",
		"anon 300000\nfile 400000\nzswapped 0\ninactive_anon 1\nactive_anon 2\n"
		"inactive_file 150000\nactive_file 250000\n");
	expect(1000000, 550000);
	/* the least counts, wherever it is */
	write_file("cg/a/b/memory.max", "500000\n");
	write_file("cg/a/b/memory.current", "100000\n");
	write_file("cg/a/b/memory.stat", "anon 100000\ninactive_file 0\n");
	expect(500000, 100000);
}

static void test_v1(void **state)
{
	(void)state;
	write_file("cgroup", "8:memory:/a\n7:cpu,cpuacct:/a\n");
	write_file("mountinfo", V1_MOUNT);
	write_file("cg/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
	expect_error(-ENOENT);
	write_file("cg/memory/a/memory.limit_in_bytes", "1000000\n");
	write_file("cg/memory/a/memory.usage_in_bytes", "900000\n");
	write_file("cg/memory/a/memory.stat",
		"cache 1\ninactive_file 5\ntotal_cache 2\ntotal_inactive_file 300000\n");
	expect(1000000, 600000);
}

/* The kernel writes more lines with each release, and one for each device in some. */
static void test_long_stat(void **state)
{
	char text[64 * 1024];
	size_t len = 0;

	(void)state;
	while (len < sizeof text - 128)
		len += (size_t)snprintf(text + len, sizeof text - len, "line_%zu 1234567\n", len);
	snprintf(text + len, sizeof text - len, "inactive_file 150000\nactive_file 1\n");
	write_file("cgroup", "0::/\n");
	write_file("mountinfo", V2_MOUNT);
	write_file("cg/memory.max", "1000000\n");
	write_file("cg/memory.current", "700000\n");
	write_file("cg/memory.stat", text);
	expect(1000000, 550000);
}

static void test_what_is_not_a_number(void **state)
{
	(void)state;
	write_file("cgroup", "0::/\n");
	write_file("mountinfo", V2_MOUNT);
	write_file("cg/memory.max", "1000000\n");
	write_file("cg/memory.current", "");
	write_file("cg/memory.stat", "");
	expect(1000000, 0);
	write_file("cg/memory.current", "5\n");
	write_file("cg/memory.stat", "anon 0\ninactive_file 7\n"); /* a moment later */
	expect(1000000, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_v2, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_v1, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_long_stat, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(test_what_is_not_a_number, make_tree, remove_tree),
	};

	return cmocka_run_group_tests_name("runtime/memory", tests, NULL, NULL);
}
