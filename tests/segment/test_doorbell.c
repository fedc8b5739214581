/* SPDX-License-Identifier: MIT */
/* A process that sleeps wakes up when another one rings, and no ring is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "segment/doorbell.h"

#define ROUNDS 2000

struct door {
	struct cor_doorbell bell, answer;
};

static void answer_each(struct door *door)
{
	uint32_t seen = 0;

	while (seen < ROUNDS) {
		seen = cor_doorbell_wait(&door->bell, seen);
		(void)cor_doorbell_ring(&door->answer);
	}
	_exit(0);
}

static void test_each_ring_wakes_the_other_process(void **state)
{
	struct door *door = mmap(
		NULL, sizeof *door, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t answers = 0;
	int status = -1;

	(void)state;
	assert_ptr_not_equal(door, MAP_FAILED);
	pid_t pid = fork();
	if (pid == 0)
		answer_each(door);
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		assert_int_equal(cor_doorbell_ring(&door->bell), i);
		answers = cor_doorbell_wait(&door->answer, answers);
		assert_int_equal(answers, i);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	munmap(door, sizeof *door);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_ring_wakes_the_other_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
