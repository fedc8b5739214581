/* SPDX-License-Identifier: MIT */
#include "steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEPS_MAX 10000
#define HUNG_S    60 /* nothing here waits that long: SIGALRM ends a test that hangs */

static pid_t start(void (*work)(void))
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		alarm(HUNG_S);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(1);
		raise(SIGSTOP);
		work();
		raise(SIGSTOP);
		_exit(0);
	}
	return child;
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return status;
}

static void do_nothing(void)
{
}

static bool can_step(void)
{
	if (getenv("COR_TEST_LIGHT"))
		return false;
	pid_t child = start(do_nothing);
	int status = wait_for(child);
	if (!WIFSTOPPED(status))
		return false;
	bool steps = ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0 && wait_for(child) != 0;
	kill_child(child);
	return steps;
}

size_t tests_to_run(size_t len, size_t stepping)
{
	if (can_step())
		return len;
	printf("# %zu tests are left out: processes cannot be stepped here, or a sanitizer makes it "
	       "too slow\n",
		stepping);
	return len - stepping;
}

pid_t start_stepped(void (*work)(void))
{
	pid_t child = start(work);

	assert_true(WIFSTOPPED(wait_for(child)));
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_EXITKILL), 0);
	return child;
}

bool step(pid_t child, long count)
{
	for (; count > 0; count--) {
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
		int status = wait_for(child);
		assert_true(WIFSTOPPED(status));
		if (WSTOPSIG(status) == SIGSTOP)
			return false;
		assert_int_equal(WSTOPSIG(status), SIGTRAP);
	}
	return true;
}

void kill_child(pid_t child)
{
	kill(child, SIGKILL);
	wait_for(child);
}

void reap(pid_t child)
{
	assert_int_equal(wait_for(child), 0);
}

pid_t start_working(void (*work)(void))
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		alarm(HUNG_S);
		work();
		_exit(0);
	}
	return child;
}

void work_elsewhere(void (*work)(void))
{
	reap(start_working(work));
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void kill_at(const struct scene *scene, long count)
{
	scene->reset();
	pid_t child = start_stepped(scene->work);
	step(child, count);
	kill_child(child);
	double start = now_s();
	scene->check();
	assert_true(now_s() - start < 1);
	work_elsewhere(scene->work);
	scene->check();
}

/* Whether the segment is other than at the last call. */
static bool has_changed(const struct cor_segment *segment, char *before)
{
	bool changed = memcmp(before, segment->base, segment->bytes) != 0;

	if (changed)
		memcpy(before, segment->base, segment->bytes);
	return changed;
}

/* One child tells how many instructions there are and which of them change something. */
static long find_changes(const struct scene *scene, bool *changes)
{
	long count = 0;

	scene->reset();
	char *before = calloc(1, scene->segment->bytes);
	assert_non_null(before);
	has_changed(scene->segment, before);
	pid_t child = start_stepped(scene->work);
	while (step(child, 1)) {
		assert_true(++count < STEPS_MAX);
		changes[count] = has_changed(scene->segment, before);
	}
	kill_child(child);
	free(before);
	return count;
}

static long at_least_1(long stride)
{
	return stride ? stride : 1;
}

long kill_at_each_step(const struct scene *scene)
{
	static bool changes[STEPS_MAX];
	long len = find_changes(scene, changes), changed = 0;

	for (long count = 0; count <= len; count++) {
		bool look = count % at_least_1(scene->stride) == 0 || count == len;

		if (changes[count])
			look |= changed++ % at_least_1(scene->change_stride) == 0;
		if (look)
			kill_at(scene, count);
	}
	return len;
}
