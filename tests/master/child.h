/* SPDX-License-Identifier: MIT */
/** A case that changes its process for good: it runs in a child. */
#ifndef TESTS_MASTER_CHILD_H
#define TESTS_MASTER_CHILD_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static inline void child_expect(bool holds, const char *what, int line)
{
	if (holds)
		return;
	fprintf(stderr, "in the child, line %d: %s\n", line, what);
	_exit(1);
}

/** In the child: end it unless the condition holds. */
#define EXPECT(condition) child_expect((condition), #condition, __LINE__)

/** Run it in a child, which must succeed. */
static inline void in_child(void (*run)(void))
{
	int status;

	fflush(stdout);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#endif
