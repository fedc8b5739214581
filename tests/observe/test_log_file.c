/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "observe/log_file.h"

#define TIMES   60000
#define WRITERS 3

static _Atomic bool is_over;

/* Zeros, which an event takes without end. */
static void *write_on(void *arg)
{
	const uint64_t nothing = 0;
	bool *fails = arg;

	while (!atomic_load(&is_over))
		if (write(STDERR_FILENO, &nothing, sizeof nothing) != sizeof nothing)
			*fails = true;
	return NULL;
}

static int another(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	assert_true(fd > STDERR_FILENO);
	return fd;
}

/* As in a worker, which has the new file from its master. Nobody finds standard error missing. */
static void test_others_write_meanwhile(void **state)
{
	pthread_t writers[WRITERS];
	bool fails[WRITERS] = { false };
	int before = dup(STDERR_FILENO), failed = 0;

	(void)state;
	assert_int_equal(cor_log_file_use(another()), 0);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&writers[i], NULL, write_on, &fails[i]), 0);
	for (int i = 0; i < TIMES; i++)
		failed += cor_log_file_use(another()) != 0;
	atomic_store(&is_over, true);
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(writers[i], NULL);
		failed += fails[i];
	}
	assert_int_equal(cor_log_file_use(before), 0);
	assert_int_equal(failed, 0);
}

static void test_its_own_descriptor_stays(void **state)
{
	(void)state;
	assert_int_equal(cor_log_file_use(STDERR_FILENO), 0);
	assert_int_equal(write(STDERR_FILENO, "", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_others_write_meanwhile),
		cmocka_unit_test(test_its_own_descriptor_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
