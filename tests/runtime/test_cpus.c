/* SPDX-License-Identifier: MIT */
/* How many CPUs count, with a made-up tree of control groups for each test. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cgroup_tree.h"
#include "runtime/cpus.h"

static void expect_quota(uint32_t cpus)
{
	assert_int_equal(cor_cpus_quota(&files), cpus);
}

static void test_v2(void **state)
{
	static const struct {
		const char *text;
		uint32_t cpus;
	} rows[] = {
		{ "200000 100000\n", 2 },
		{ "150000 100000\n", 2 },
		{ "1000 100000\n", 1 },
		{ "100001 100000\n", 2 },
		{ "100000 100000\n", 1 },
		{ "50000 10000", 5 },
		{ "max 100000\n", UINT32_MAX },
		{ "18446744073709551615 1\n", UINT32_MAX },
		/* Garbage is not a quota. */
		{ "", UINT32_MAX },
		{ "\n", UINT32_MAX },
		{ "200000", UINT32_MAX },
		{ "200000 0\n", UINT32_MAX },
		{ "0 100000\n", UINT32_MAX },
		{ "-1 100000\n", UINT32_MAX },
		{ "2e5 100000\n", UINT32_MAX },
		{ "18446744073709551616 100000\n", UINT32_MAX },
		{ "two hundred thousand, and some more words than a file of the kernel has, on and "
		  "on and on and on and on and on and on and on and on and on and on\n",
			UINT32_MAX },
	};

	(void)state;
	write_file("cgroup", "0::/app.slice/web.service\n");
	write_file("mountinfo", OTHER_MOUNTS V2_MOUNT);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		write_file("cg/app.slice/web.service/cpu.max", rows[i].text);
		expect_quota(rows[i].cpus);
	}
}

static void test_v2_nested(void **state)
{
	(void)state;
	write_file("cgroup", "0::/a/b/c\n");
	write_file("mountinfo", V2_MOUNT);
	write_file("cg/a/b/c/cpu.max", "max 100000\n");
	write_file("cg/a/b/cpu.max", "300000 100000\n");
	write_file("cg/a/cpu.max", "800000 100000\n");
	write_file("cg/b/c/cpu.max", "100000 100000\n"); /* somebody else's */
	expect_quota(3);
	write_file("cg/a/cpu.max", "200000 100000\n");
	expect_quota(2);
	write_file("cg/a/b/c/cpu.max", "50000 100000\n");
	expect_quota(1);
}

static void test_v2_container(void **state)
{
	(void)state;
	/* A namespace of its own: the root is its group. */
	write_file("mountinfo", V2_MOUNT);
	write_file("cgroup", "0::/\n");
	write_file("cg/cpu.max", "400000 100000\n");
	expect_quota(4);
	/* It sees the host's names, and its group is mounted. */
	write_file("mountinfo", "29 23 0:26 /docker/abc /cg rw - cgroup2 cgroup2 rw\n");
	write_file("cgroup", "0::/docker/abc\n");
	expect_quota(4);
	write_file("cgroup", "0::/docker/abc/sub\n");
	write_file("cg/sub/cpu.max", "300000 100000\n");
	expect_quota(3);
	/* Its group is elsewhere: what is mounted counts, not a name with the same beginning. */
	write_file("cgroup", "0::/docker/abcsub\n");
	expect_quota(4);
	write_file("cgroup", "0::/docker/abc/../sub\n");
	expect_quota(4);
	write_file("mountinfo", "29 23 0:26 /../.. /cg rw - cgroup2 cgroup2 rw\n");
	write_file("cgroup", "0::/\n");
	expect_quota(4);
}

static void test_v1(void **state)
{
	(void)state;
	write_file("cgroup",
		"12:memory:/m\n5:cpuset:/s\n4:cpuacct,cpu:/docker/abc\n1:name=systemd:/x\n");
	write_file("mountinfo", OTHER_MOUNTS V1_MOUNT);
	write_file("cg/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
	write_file("cg/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
	write_file("cg/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "50000\n");
	write_file("cg/memory/m/cpu.cfs_quota_us", "1\n");
	write_file("cg/memory/m/cpu.cfs_period_us", "1\n");
	expect_quota(UINT32_MAX); /* a file is missing */
	write_file("cg/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "-1\n");
	expect_quota(UINT32_MAX);
	write_file("cg/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "125000\n");
	expect_quota(3);
	write_file("cg/cpu,cpuacct/docker/cpu.cfs_quota_us", "110000\n");
	write_file("cg/cpu,cpuacct/docker/cpu.cfs_period_us", "100000\n");
	expect_quota(2);
	write_file("cg/cpu,cpuacct/docker/cpu.cfs_quota_us", "nonsense\n");
	expect_quota(3);
}

static void test_v1_container(void **state)
{
	(void)state;
	write_file("cgroup", "4:cpu:/docker/abc\n");
	write_file("mountinfo", "26 23 0:23 /docker/abc /cg/cpu ro - cgroup cgroup rw,cpu\n");
	write_file("cg/cpu/cpu.cfs_quota_us", "600000\n");
	write_file("cg/cpu/cpu.cfs_period_us", "100000\n");
	expect_quota(6);
}

static void test_hybrid(void **state)
{
	(void)state;
	write_file("cgroup", "4:cpu,cpuacct:/one\n1:name=systemd:/two\n0::/two\n");
	write_file("mountinfo",
		OTHER_MOUNTS "29 23 0:26 / /cg/unified rw - cgroup2 cgroup2 rw\n" V1_MOUNT);
	write_file("cg/unified/two/cgroup.procs", "1\n");
	write_file("cg/cpu,cpuacct/one/cpu.cfs_quota_us", "200000\n");
	write_file("cg/cpu,cpuacct/one/cpu.cfs_period_us", "100000\n");
	expect_quota(2);
}

static void test_escapes(void **state)
{
	(void)state;
	write_file("cgroup", "0::/with blank/and:colon\n");
	write_file(
		"mountinfo", "29 23 0:26 /with\\040blank /my\\040groups\\134 rw - cgroup2  rw\n");
	write_file("my groups\\/and:colon/cpu.max", "700000 100000\n");
	expect_quota(7);
}

static void test_missing(void **state)
{
	(void)state;
	expect_quota(UINT32_MAX);
	write_file("mountinfo", V2_MOUNT V1_MOUNT);
	expect_quota(UINT32_MAX);
	write_file("cgroup", "0::/a\n4:cpu:/a\n");
	expect_quota(UINT32_MAX);
}

static void test_garbage(void **state)
{
	static const char *const lines[] = { "", "\n", "29", "29 23 0:26 / /cg rw", "- - - - - - -",
		"29 23 0:26 / /cg rw - cgroup2", "29 23 0:26 / /cg rw shared:1 cgroup2 a b\n",
		"29 23 0:26 / /cg rw - cgroup2 \n" };
	static const char *const lists[] = { "", "\n", "0", "0:", "0::", ":::::", "0:\n::" };

	(void)state;
	write_file("cg/cpu.max", "100000 100000\n");
	write_file("cgroup", "0::/\n");
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		write_file("mountinfo", lines[i]);
		expect_quota(UINT32_MAX);
	}
	write_file("mountinfo", V2_MOUNT V1_MOUNT);
	expect_quota(1);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		write_file("cgroup", lists[i]);
		(void)cor_cpus_quota(&files);
	}
}

static void test_long_path(void **state)
{
	static char text[70000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	memcpy(text, "0::/", 4);
	write_file("cgroup", text);
	write_file("mountinfo", V2_MOUNT);
	write_file("cg/cpu.max", "100000 100000\n");
	expect_quota(UINT32_MAX); /* longer than a path can be */
}

/* On this machine: what it allows, and not more than one if it allows one. */
static void test_usable(void **state)
{
	cpu_set_t all, one;

	(void)state;
	uint32_t usable = cor_cpus_usable();
	assert_in_range(usable, 1, sysconf(_SC_NPROCESSORS_CONF));
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	uint32_t alone = cor_cpus_usable();
	assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
	assert_int_equal(alone, 1);
}

#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_v2),
		TREE_TEST(test_v2_nested),
		TREE_TEST(test_v2_container),
		TREE_TEST(test_v1),
		TREE_TEST(test_v1_container),
		TREE_TEST(test_hybrid),
		TREE_TEST(test_escapes),
		TREE_TEST(test_missing),
		TREE_TEST(test_garbage),
		TREE_TEST(test_long_path),
		cmocka_unit_test(test_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
