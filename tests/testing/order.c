/* SPDX-License-Identifier: MIT */
/*
 * Fixtures at each level, which write down that they run, by the names that unittest has for them;
 * one of them fails, by COR_FAILS. order.py is the same with unittest.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/testing.h>

static void step(struct cor_test *t, const char *name)
{
	const char *fails = getenv("COR_FAILS"), *skips = getenv("COR_SKIPS");
	char line[64];
	int len = snprintf(line, sizeof line, "%s\n", name);
	int fd = open(getenv("COR_STEPS"), O_WRONLY | O_APPEND | O_CLOEXEC);

	cor_require(t, fd >= 0 && write(fd, line, (size_t)len) == len);
	close(fd);
	if (getenv("COR_CRASHES") && strcmp(getenv("COR_CRASHES"), name) == 0)
		abort();
	if (getenv("COR_HANGS") && strcmp(getenv("COR_HANGS"), name) == 0)
		pause();
	if (skips && strcmp(skips, name) == 0)
		cor_test_skip(t, "asked to");
	cor_require(t, !fails || strcmp(fails, name) != 0);
}

static void clean_up(void *arg)
{
	struct cor_test *t = arg;

	step(t, t->fixture);
}

/* Cleanups of the test itself: two, of which the last comes first. */
static void first(void *arg)
{
	step(arg, "cleanup 1");
}

static void second(void *arg)
{
	step(arg, "cleanup 2");
}

static void set_up_module(struct cor_test *t)
{
	t->fixture = "module cleanup";
	cor_test_defer(t, clean_up, t);
	step(t, "setUpModule");
}

static void tear_down_module(struct cor_test *t)
{
	step(t, "tearDownModule");
}

static void set_up_class(struct cor_test *t)
{
	cor_expect_equal(t, (const char *)t->fixture, "module cleanup");
	t->fixture = "class cleanup";
	cor_test_defer(t, clean_up, t);
	step(t, "setUpClass");
}

static void tear_down_class(struct cor_test *t)
{
	step(t, "tearDownClass");
}

static void set_up(struct cor_test *t)
{
	cor_expect_equal(t, (const char *)t->fixture, "class cleanup");
	cor_test_defer(t, first, t);
	cor_test_defer(t, second, t);
	step(t, "setUp");
}

static void tear_down(struct cor_test *t)
{
	step(t, "tearDown");
}

static void test_a(struct cor_test *t)
{
	step(t, "test_a");
}

static void test_b(struct cor_test *t)
{
	step(t, "test_b");
}

static const struct cor_case cases[] = {
	COR_CASE(test_a),
	COR_CASE(test_b),
};
static const struct cor_case_group groups[] = {
	{
		.name = "A",
		.before = set_up_class,
		.after = tear_down_class,
		.before_each = set_up,
		.after_each = tear_down,
		COR_CASES(cases),
	},
};

int main(int argc, char **argv)
{
	return cor_test_main(argc, argv,
		&(struct cor_suite){
			.before = set_up_module, .after = tear_down_module, COR_GROUPS(groups) });
}
