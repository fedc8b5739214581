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
#include <sys/user.h>
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

/* --- all the way to an instruction --- */

/*
 * Where a child that does the work stands after each number of steps. A step costs a trap of the
 * processor, which is slow where that is virtual; a breakpoint does not, and is hit by itself.
 */
struct trace {
	long len;
	uintptr_t at[STEPS_MAX];
	bool changes[STEPS_MAX]; /* the segment, by its last step */
	long from
		[STEPS_MAX]; /* after how many steps a breakpoint there is hit next; 0: the start */
};

#ifdef __x86_64__

#define PC         offsetof(struct user, regs.rip)
#define BREAKPOINT 0xcc

static uintptr_t where(pid_t child)
{
	return (uintptr_t)ptrace(PTRACE_PEEKUSER, child, (void *)PC, NULL);
}

static void set_text(pid_t child, uintptr_t at, long word)
{
	assert_int_equal(ptrace(PTRACE_POKETEXT, child, (void *)at, (void *)word), 0);
}

/* False: its work ended before it came there. */
static bool run_to(pid_t child, uintptr_t at)
{
	long word = ptrace(PTRACE_PEEKTEXT, child, (void *)at, NULL);

	set_text(child, at, (long)(((unsigned long)word & ~0xfful) | BREAKPOINT));
	assert_int_equal(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
	int status = wait_for(child);
	assert_true(WIFSTOPPED(status));
	if (WSTOPSIG(status) == SIGSTOP)
		return false;
	assert_int_equal(WSTOPSIG(status), SIGTRAP);
	assert_int_equal(where(child), at + 1);
	set_text(child, at, word);
	assert_int_equal(ptrace(PTRACE_POKEUSER, child, (void *)PC, (void *)at), 0);
	return true;
}

#else

/* Nowhere else than before: each step is done. */
static uintptr_t where(pid_t child)
{
	(void)child;
	return 0;
}

static bool run_to(pid_t child, uintptr_t at)
{
	(void)at;
	return step(child, 1);
}

#endif

/* Once it has left the same instruction behind, if it was there before. */
static long hit_from(const struct trace *trace, long count)
{
	for (long before = count - 1; before >= 0; before--)
		if (trace->at[before] == trace->at[count])
			return before + 1 == count ? before : before + 1;
	return 0;
}

static bool arrive(pid_t child, const struct trace *trace, long count)
{
	long stops[STEPS_MAX], len = 0;

	for (long stop = count; stop > 0; stop = trace->from[stop])
		stops[len++] = stop;
	for (long from = 0; len > 0; from = stops[len]) {
		uintptr_t at = trace->at[stops[--len]];
		if (at == trace->at[from] ? !step(child, 1) : !run_to(child, at))
			return false;
	}
	return true;
}

/* Where it takes another way than the trace (a copy is aligned otherwise), steps are counted. */
static void kill_after(const struct scene *scene, const struct trace *trace, long count)
{
	scene->reset();
	pid_t child = start_stepped(scene->work);
	bool arrived = arrive(child, trace, count);
	kill_child(child);
	if (arrived || count == trace->len)
		return;
	scene->reset();
	child = start_stepped(scene->work);
	step(child, count);
	kill_child(child);
}

static void kill_at(const struct scene *scene, const struct trace *trace, long count)
{
	kill_after(scene, trace, count);
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
static void find_changes(const struct scene *scene, struct trace *trace)
{
	long count = 0;

	scene->reset();
	scene->work(); /* what is done the first time only, as binding names, is no part of it */
	scene->reset();
	char *before = calloc(1, scene->segment->bytes);
	assert_non_null(before);
	has_changed(scene->segment, before);
	pid_t child = start_stepped(scene->work);
	trace->at[0] = where(child);
	while (step(child, 1)) {
		assert_true(++count < STEPS_MAX);
		trace->at[count] = where(child);
		trace->changes[count] = has_changed(scene->segment, before);
		trace->from[count] = hit_from(trace, count);
	}
	trace->len = count;
	kill_child(child);
	free(before);
}

static long at_least_1(long stride)
{
	return stride ? stride : 1;
}

long kill_at_each_step(const struct scene *scene)
{
	static struct trace trace;
	long changed = 0;

	find_changes(scene, &trace);
	for (long count = 0; count <= trace.len; count++) {
		bool look = count % at_least_1(scene->stride) == 0 || count == trace.len;

		if (trace.changes[count])
			look |= changed++ % at_least_1(scene->change_stride) == 0;
		if (look)
			kill_at(scene, &trace, count);
	}
	return trace.len;
}
