/* SPDX-License-Identifier: MIT */
/* When a process's row in the table of siblings asks for clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <unistd.h>

#include "connection/siblings.h"

static struct cor_sibling_table table;

static void expect_row(uint32_t generation)
{
	assert_int_equal(atomic_load(&table.items[0].generation), generation);
}

static void test_one_that_has_left_stays_out(void **state)
{
	struct cor_siblings siblings = { .table = &table, .generation = 7 };

	(void)state;
	table.token = (uint64_t)getpid(); /* the names of inboxes are the machine's */
	assert_int_equal(cor_siblings_open(&siblings), 0);
	expect_row(0);
	cor_siblings_join(&siblings);
	expect_row(7);
	cor_siblings_rest(&siblings);
	expect_row(0);
	cor_siblings_join(&siblings);
	expect_row(7);
	/* as a loop whose descriptors are back, once the watchdog has found a thread held */
	cor_siblings_rest(&siblings);
	cor_siblings_leave(&siblings);
	cor_siblings_join(&siblings);
	expect_row(0);
	cor_siblings_close(&siblings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_that_has_left_stays_out),
	};

	return cmocka_run_group_tests_name("connection/siblings", tests, NULL, NULL);
}
