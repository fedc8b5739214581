/* SPDX-License-Identifier: MIT */
#include "executor/last_words.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "runtime/forked.h"
#include "runtime/overflow.h"

#define STACK_BYTES ((size_t)128 * 1024) /* for the handler: that of the job may be used up */

/* Of time that is used up, too: see nursery.h. */
static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGXCPU };

#define COUNT (sizeof signals / sizeof signals[0])

/* A signal has one handler in the whole process, so this cannot be anybody's own. */
static struct cor_last_words *mine;
static struct sigaction actions[COUNT]; /* as they were when the process was ready */

/* --- in the handler --- */

static bool is_access(int number, const siginfo_t *info)
{
	return (number == SIGSEGV || number == SIGBUS) && info->si_code > 0 &&
	       info->si_code != SI_KERNEL; /* which does not tell the address */
}

static uint32_t facts_of(int number, const siginfo_t *info, const void *context, int error)
{
	uint32_t facts = error == ENOMEM ? COR_FACT_SHORT : 0;

	if (!is_access(number, info))
		return facts;
	facts |= COR_FACT_ADDRESS;
	return cor_is_overflow(info, context) ? facts | COR_FACT_OVERFLOW : facts;
}

/* The stack of one that has called what is no code begins where it would have returned to. */
static void undo_call(const siginfo_t *info, void *context)
{
#if defined(__x86_64__)
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	if ((uintptr_t)info->si_addr != (uintptr_t)registers[REG_RIP])
		return;
	registers[REG_RIP] = *(
		greg_t *)(uintptr_t)registers[REG_RSP]; // NOLINT(performance-no-int-to-ptr)
	registers[REG_RSP] += (greg_t)sizeof(greg_t);
#elif defined(__aarch64__)
	mcontext_t *machine = &((ucontext_t *)context)->uc_mcontext;
	if ((uintptr_t)info->si_addr == machine->pc)
		machine->pc = machine->regs[30];
#else
	(void)info, (void)context;
#endif
}

static void leave_words(int number, const siginfo_t *info, void *context, int error)
{
	mine->call = number == SIGSYS && info->si_code > 0 ? info->si_syscall : -1;
	mine->address = (uint64_t)(uintptr_t)info->si_addr;
	mine->facts = facts_of(number, info, context, error);
	atomic_store(&mine->signal, number);
	if ((mine->facts & COR_FACT_ADDRESS) != 0)
		undo_call(info, context);
	cor_backtrace_take(&mine->backtrace, context);
}

/*
 * It is gone when it begins: a second fault ends the process. What is raised comes at its end. A
 * child that a job has forked has the mailbox of its parent, which lives.
 */
static void on_end(int number, siginfo_t *info, void *context)
{
	int error = errno;

	if (!cor_forked_is_child())
		leave_words(number, info, context, error);
	raise(number);
}

/* --- life --- */

static int use_own_stack(void)
{
	stack_t stack = { .ss_size = STACK_BYTES };

	stack.ss_sp = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack.ss_sp == MAP_FAILED)
		return -ENOMEM;
	return sigaltstack(&stack, NULL) < 0 ? -errno : 0;
}

static int handle_signals(void)
{
	struct sigaction action = {
		.sa_sigaction = on_end,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND,
	};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < COUNT; i++)
		if (sigaction(signals[i], &action, NULL) < 0)
			return -errno;
	return 0;
}

int cor_last_words_prepare(struct cor_last_words *words)
{
	mine = words;
	cor_backtrace_prepare();
	int rc = use_own_stack();
	return rc < 0 ? rc : handle_signals();
}

/* What the executor's start has put there, a runtime that needs its faults say, stays. */
void cor_last_words_keep(void)
{
	for (size_t i = 0; i < COUNT; i++)
		(void)sigaction(signals[i], NULL, &actions[i]);
}

/* In a sandbox that of SIGSYS cannot be changed. */
void cor_last_words_renew(void)
{
	for (size_t i = 0; i < COUNT; i++)
		(void)sigaction(signals[i], &actions[i], NULL);
}

static bool is_ours(int number)
{
	for (size_t i = 0; i < COUNT; i++)
		if (signals[i] == number)
			return true;
	return false;
}

bool cor_last_words_read(const struct cor_last_words *words, struct cor_last_words *ret)
{
	memcpy(ret, words, sizeof *ret);
	if (ret->backtrace.len > COR_BACKTRACE_FRAMES)
		ret->backtrace.len = 0;
	return is_ours(ret->signal);
}
