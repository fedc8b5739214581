/* SPDX-License-Identifier: MIT */
/* What is used of limits: rates by a clock of our own, what is in progress by slots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "limit/table.h"

#define S INT64_C(1000000000)

static struct cor_limit_table *table;

static int make_table(void **state)
{
	(void)state;
	table = cor_limit_table_create();
	return table ? 0 : -1;
}

static int drop_table(void **state)
{
	(void)state;
	free(table);
	return 0;
}

static bool take(uint64_t key, const struct cor_rate *rate, int64_t now_ns)
{
	return cor_limit_take(table, key, rate, 1, now_ns).is_taken;
}

/* Three at once, then one each two seconds, and three again after a pause. */
static void test_rate(void **state)
{
	const struct cor_rate rate = { .interval_ns = 2 * S, .burst = 3 };
	uint64_t key = cor_limit_key(table, "a", COR_STR("x"));
	struct cor_rate_state at;

	(void)state;
	at = cor_limit_take(table, key, &rate, 0, 100 * S);
	assert_true(at.is_taken);
	assert_int_equal(at.remaining, 3);
	at = cor_limit_take(table, key, &rate, 1, 100 * S);
	assert_int_equal(at.remaining, 2);
	assert_int_equal(at.reset_ns, 2 * S);
	assert_true(take(key, &rate, 100 * S));
	assert_true(take(key, &rate, 100 * S));
	at = cor_limit_take(table, key, &rate, 1, 100 * S);
	assert_false(at.is_taken);
	assert_int_equal(at.remaining, 0);
	assert_int_equal(at.next_ns, 2 * S);
	assert_false(take(key, &rate, 102 * S - 1));
	assert_true(take(key, &rate, 102 * S));
	assert_false(take(key, &rate, 102 * S));
	for (int i = 0; i < 3; i++)
		assert_true(take(key, &rate, 200 * S));
	assert_false(take(key, &rate, 200 * S));
}

static void test_keys(void **state)
{
	const struct cor_rate rate = { .interval_ns = S, .burst = 1 };
	const struct cor_rate other = { .interval_ns = S, .burst = 2 };

	(void)state;
	assert_true(take(cor_limit_key(table, "a", COR_STR("x")), &rate, S));
	assert_false(take(cor_limit_key(table, "a", COR_STR("x")), &rate, S));
	assert_true(take(cor_limit_key(table, "a", COR_STR("y")), &rate, S));
	assert_true(take(cor_limit_key(table, "b", COR_STR("x")), &rate, S));
	assert_true(take(cor_limit_key(table, "a", (struct cor_str){ "x", 2 }), &rate, S));
	/* a limit with other numbers is another */
	assert_true(take(cor_limit_key(table, "a", COR_STR("x")), &other, S));
}

/* More clients than there is room for: none is refused that has not used its own. */
static void test_no_room(void **state)
{
	const struct cor_rate rate = { .interval_ns = S, .burst = 2 };
	size_t many = 2 * COR_LIMIT_STRIPES * COR_LIMIT_ENTRIES;

	(void)state;
	for (size_t i = 0; i < many; i++) {
		const struct cor_str whose = { (const char *)&i, sizeof i };
		assert_true(take(cor_limit_key(table, "a", whose), &rate, S));
	}
	/* the last ones are remembered */
	size_t last = many - 1;
	uint64_t key = cor_limit_key(
		table, "a", (struct cor_str){ (const char *)&last, sizeof last });
	assert_true(take(key, &rate, S));
	assert_false(take(key, &rate, S));
}

static bool is_kept; /* what was entered last */

static bool enter(uint64_t key, uint32_t slot, uint32_t most)
{
	return cor_limit_enter(table, &(struct cor_limit_visit){ key, slot, S }, most, &is_kept);
}

/* What found no room has nothing to leave: it would leave another's. */
static void test_no_entry(void **state)
{
	(void)state;
	cor_limit_table_begin(table, 0);
	for (uint64_t key = 1; key <= COR_LIMIT_ENTRIES; key++) {
		assert_true(enter(key, 0, 1)); /* keys of one stripe */
		assert_true(is_kept);
	}
	assert_true(enter(1000, 0, 1));
	assert_false(is_kept);
	assert_false(enter(1, 0, 1));
	assert_false(is_kept);
	cor_limit_leave(table, 1, 0);
	assert_true(enter(1000, 0, 1));
	assert_true(is_kept);
	assert_false(enter(1000, 0, 1));
}

static void test_in_progress(void **state)
{
	uint64_t key = cor_limit_key(table, "a", COR_STR("x"));

	(void)state;
	cor_limit_table_begin(table, 0);
	cor_limit_table_begin(table, 7);
	assert_true(enter(key, 0, 2));
	assert_true(enter(key, 7, 2));
	assert_false(enter(key, 7, 2));
	assert_true(enter(cor_limit_key(table, "a", COR_STR("y")), 7, 2));
	cor_limit_leave(table, key, 0);
	assert_true(enter(key, 7, 2));
	assert_false(enter(key, 0, 2));
	cor_limit_table_begin(table, 7); /* its worker has died */
	assert_true(enter(key, 0, 2));
	assert_true(enter(key, 7, 2));
	assert_false(enter(key, 7, 2));
	cor_limit_leave(table, key, 7);
	cor_limit_leave(table, key, 0);
	cor_limit_leave(table, key, 0); /* nothing is there */
	assert_true(enter(key, 0, 1));
}

static struct cor_limit_table *share(void)
{
	struct cor_limit_table *shared = mmap(
		NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(shared, MAP_FAILED);
	assert_int_equal(cor_limit_table_init(shared, sizeof *shared), 0);
	return shared;
}

/* A worker that was killed has nothing in progress, even if no other ever gets its slot. */
static void test_death(void **state)
{
	struct cor_limit_table *shared = share();
	uint64_t key = cor_limit_key(shared, "a", COR_STR("x"));
	const struct cor_limit_visit visit = { key, 0, S }, of_child = { key, 7, S };
	int here[2], there[2], status;
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(here), 0);
	assert_int_equal(pipe(there), 0);
	cor_limit_table_begin(shared, 0);
	pid_t child = fork();
	if (child == 0) {
		cor_limit_table_begin(shared, 7);
		for (int i = 0; i < 2; i++)
			if (!cor_limit_enter(shared, &of_child, 2, &is_kept))
				_exit(1);
		(void)!write(there[1], "", 1);
		(void)!read(here[0], &byte, 1);
		_exit(0); /* without leaving */
	}
	assert_int_equal(read(there[0], &byte, 1), 1);
	assert_false(cor_limit_enter(shared, &visit, 2, &is_kept)); /* it is alive */
	assert_int_equal(write(here[1], "", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(cor_limit_enter(shared, &visit, 2, &is_kept));
	assert_true(cor_limit_enter(shared, &visit, 2, &is_kept));
	assert_false(cor_limit_enter(shared, &visit, 2, &is_kept));
	for (int i = 0; i < 2; i++) {
		close(here[i]);
		close(there[i]);
	}
	munmap(shared, sizeof *shared);
}

/* What is charged counts, even if nothing was left. */
static void test_charge(void **state)
{
	const struct cor_rate rate = { .interval_ns = 2 * S, .burst = 3 };
	uint64_t key = cor_limit_key(table, "a", COR_STR("x"));

	(void)state;
	for (int i = 0; i < 5; i++)
		cor_limit_charge(table, key, &rate, 100 * S);
	struct cor_rate_state at = cor_limit_take(table, key, &rate, 0, 100 * S);
	assert_false(at.is_taken);
	assert_int_equal(at.remaining, 0);
	assert_int_equal(at.next_ns, 6 * S);
	assert_false(take(key, &rate, 106 * S - 1));
	assert_true(take(key, &rate, 106 * S));
	/* there is an end to it */
	for (int i = 0; i < 100000; i++)
		cor_limit_charge(table, key, &rate, 200 * S);
	at = cor_limit_take(table, key, &rate, 0, 200 * S);
	assert_true(at.next_ns <= 25 * 3600 * S);
}

/* Four processes at the same time: as many are let in as there are, exactly. */
static void test_exact(void **state)
{
	const struct cor_rate rate = { .interval_ns = S, .burst = 5000 };
	struct {
		struct cor_limit_table table;
		uint32_t taken;
	} *shared = mmap(
		NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	(void)state;
	assert_ptr_not_equal(shared, MAP_FAILED);
	assert_int_equal(cor_limit_table_init(&shared->table, sizeof shared->table), 0);
	uint64_t key = cor_limit_key(&shared->table, "a", COR_STR("x"));
	for (int child = 0; child < 4; child++)
		if (fork() == 0) {
			for (int i = 0; i < 2500; i++)
				if (cor_limit_take(&shared->table, key, &rate, 1, S).is_taken)
					__atomic_fetch_add(&shared->taken, 1, __ATOMIC_RELAXED);
			_exit(0);
		}
	for (int child = 0; child < 4; child++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(shared->taken, 5000);
	munmap(shared, sizeof *shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rate, make_table, drop_table),
		cmocka_unit_test_setup_teardown(test_keys, make_table, drop_table),
		cmocka_unit_test_setup_teardown(test_no_room, make_table, drop_table),
		cmocka_unit_test_setup_teardown(test_in_progress, make_table, drop_table),
		cmocka_unit_test_setup_teardown(test_charge, make_table, drop_table),
		cmocka_unit_test_setup_teardown(test_no_entry, make_table, drop_table),
		cmocka_unit_test(test_death),
		cmocka_unit_test(test_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
