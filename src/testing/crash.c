/* SPDX-License-Identifier: MIT */
#include "testing/crash.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/backtrace.h"
#include "testing/sanitizer.h"

#define STACK_BYTES ((size_t)64 * 1024)

#define KEEPING_S 5 /* where the counts, or the heap, are what is destroyed */

/* Of the process: a handler of signals has no argument. */
static struct cor_outcome *watched;
static void (*keep_counts)(void);

void cor_crash_keeps(void (*counts)(void))
{
	keep_counts = counts;
}

/* What the test has covered until here. It writes files: what happens there happens once. */
static void keep(void)
{
	void (*counts)(void) = keep_counts;

	keep_counts = NULL;
	if (!counts)
		return;
	alarm(KEEPING_S);
	counts();
	alarm(0);
}

static void note(int signal, siginfo_t *info, void *context)
{
	struct cor_outcome *outcome = watched;

	if (outcome && outcome->signal == 0) {
		outcome->signal = signal;
		outcome->fault = signal == SIGABRT ? NULL : info->si_addr;
		cor_backtrace_take(&outcome->backtrace, context);
	}
	keep();
	raise(signal); /* by its default now, which ends the process */
}

/* SIGABRT is first: a sanitizer tells of the others itself, and late tests get that one. */
static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };

void cor_crash_watch(struct cor_outcome *outcome)
{
	struct sigaction action = {
		.sa_sigaction = note,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | (int)SA_RESETHAND,
	};
	stack_t stack = { .ss_size = STACK_BYTES };

	stack.ss_sp = mmap(
		NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp != MAP_FAILED)
		sigaltstack(&stack, NULL);
	watched = outcome;
	cor_backtrace_prepare();
	size_t len = cor_has_asan() || cor_has_tsan() ? 1 : sizeof signals / sizeof signals[0];
	for (size_t i = 0; i < len; i++)
		sigaction(signals[i], &action, NULL);
}

void cor_crash_forget(void)
{
	watched->is_complete = true;
	watched = NULL;
}
