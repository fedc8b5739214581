/* SPDX-License-Identifier: MIT */
#include "runtime/stall.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include "runtime/scheduler.h"
#include "runtime/symbols.h"

#define PATIENCE_MS 100

/* A signal belongs to the whole process, so this cannot be anybody's own. 0: not installed. */
static int signal_number;

/* A thread has room for one question. */
static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER;

/* --- on the thread that is asked --- */

static void *interrupted_at(const void *context)
{
#if defined(__x86_64__)
	return (void *)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
	return (void *)((const ucontext_t *)context)->uc_mcontext.pc;
#else
	(void)context;
	return NULL;
#endif
}

struct walk {
	struct cor_stall *stall;
	void *from;
	bool has_begun; /* behind the frames of the signal handler */
};

static _Unwind_Reason_Code take_frame(struct _Unwind_Context *context, void *arg)
{
	struct walk *walk = arg;
	struct cor_stall *stall = walk->stall;
	void *at = (void *)_Unwind_GetIP(context); // NOLINT(performance-no-int-to-ptr)

	walk->has_begun = walk->has_begun || at == walk->from;
	if (walk->has_begun && at)
		stall->frames[stall->frames_len++] = at;
	return stall->frames_len < COR_STALL_FRAMES_MAX ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static void copy_name(char ret[COR_STALL_NAME_BYTES], const char *name)
{
	size_t len = name ? strnlen(name, COR_STALL_NAME_BYTES - 1) : 0;

	if (len != 0)
		memcpy(ret, name, len);
	ret[len] = '\0';
}

/*
 * The unwinder allocates nothing and takes no lock: it has been used before, by the installer.
 * ThreadSanitizer calls the handler later, from elsewhere: then all frames are told, and its own.
 */
static void tell(struct cor_stall *stall, const struct cor_fiber *fiber, const void *context)
{
	struct walk walk = { .stall = stall, .from = interrupted_at(context) };

	copy_name(stall->fiber, fiber ? fiber->name : NULL);
	copy_name(stall->request_id, fiber ? fiber->request_id : NULL);
	stall->frames_len = 0;
	_Unwind_Backtrace(take_frame, &walk);
	if (walk.has_begun)
		return;
	walk.has_begun = true;
	_Unwind_Backtrace(take_frame, &walk);
	if (stall->frames_len == 0)
		stall->frames[stall->frames_len++] = walk.from;
}

static void on_question(int number, siginfo_t *info, void *context)
{
	struct cor_scheduler *scheduler = cor_this_thread.scheduler;
	int before = errno;

	(void)number, (void)info;
	struct cor_stall *stall = scheduler ? atomic_exchange(&scheduler->questions, NULL) : NULL;
	if (stall) {
		tell(stall, scheduler->running, context);
		stall->back_ns = cor_scheduler_back_ns(scheduler);
		cor_interruption_undo(&stall->interruption, context);
		atomic_store(&stall->is_told, true);
	}
	errno = before;
}

/* --- on the one that asks --- */

static bool is_free(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) &&
	       (now.sa_handler == SIG_DFL || now.sa_handler == SIG_IGN);
}

/* valgrind takes the last one. */
static int install(void)
{
	struct sigaction action = {
		.sa_sigaction = on_question,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART,
	};
	struct cor_stall first = { .frames_len = 0 };
	struct walk walk = { .stall = &first, .has_begun = true };
	int number = SIGRTMAX - 1;

	while (number > SIGRTMIN && !is_free(number))
		number--;
	if (number == SIGRTMIN)
		return -EBUSY;
	_Unwind_Backtrace(take_frame, &walk);
	sigemptyset(&action.sa_mask);
	if (sigaction(number, &action, NULL) < 0)
		return -errno;
	signal_number = number;
	return 0;
}

int cor_stall_install(void)
{
	pthread_mutex_lock(&asking);
	int rc = signal_number == 0 ? install() : 0;
	pthread_mutex_unlock(&asking);
	return rc;
}

static int ask(struct cor_scheduler *scheduler, struct cor_stall *ret)
{
	pid_t thread = atomic_load(&scheduler->thread);

	cor_interruption_read(thread, &ret->interruption);
	atomic_store(&ret->is_told, false);
	atomic_store(&scheduler->questions, ret);
	if (syscall(SYS_tgkill, getpid(), thread, signal_number) < 0)
		return -errno;
	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		if (atomic_load(&ret->is_told))
			return 0;
		(void)poll(NULL, 0, 1);
	}
	return atomic_load(&ret->is_told) ? 0 : -ETIMEDOUT;
}

int cor_stall_ask(struct cor_scheduler *scheduler, struct cor_stall *ret)
{
	pthread_mutex_lock(&asking);
	int rc = ask(scheduler, ret);
	pthread_mutex_unlock(&asking);
	return rc;
}

static void print_frame(FILE *out, struct cor_symbols *symbols, const void *address)
{
	struct cor_symbol symbol;

	cor_symbols_find(symbols, address, &symbol);
	if (symbol.function[0])
		fprintf(out, "%s ", symbol.function);
	fprintf(out, symbol.file[0] ? "%s+0x%zx" : "%s0x%zx", symbol.file, (size_t)symbol.at);
}

/* Of a return address: the call stands before it. */
void cor_stall_print_stack(const struct cor_stall *stall, char ret[COR_STALL_BYTES])
{
	struct cor_symbols symbols = { .len = 0 };
	FILE *out = fmemopen(ret, COR_STALL_BYTES, "w");

	ret[0] = '\0';
	if (!out)
		return;
	for (size_t i = 0; i < stall->frames_len; i++) {
		fputs(i == 0 ? "" : " < ", out);
		print_frame(out, &symbols, (const char *)stall->frames[i] - (i == 0 ? 0 : 1));
	}
	fclose(out);
	cor_symbols_close(&symbols);
	ret[COR_STALL_BYTES - 1] = '\0';
}
