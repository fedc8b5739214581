/* SPDX-License-Identifier: MIT */
#include "runtime/stall.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/scheduler.h"

#define PATIENCE_MS (COR_STALL_PATIENCE_NS / COR_NS_PER_MS)

/* A signal belongs to the whole process, so this cannot be anybody's own. 0: not installed. */
static int signal_number;

/* A thread has room for one question. */
static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER;

/* --- on the thread that is asked --- */

static void copy_name(char ret[COR_STALL_NAME_BYTES], const char *name)
{
	size_t len = name ? strnlen(name, COR_STALL_NAME_BYTES - 1) : 0;

	if (len != 0)
		memcpy(ret, name, len);
	ret[len] = '\0';
}

/* The unwinder has been used before, by the installer. */
static void tell(struct cor_stall *stall, const struct cor_fiber *fiber, const void *context)
{
	copy_name(stall->fiber, fiber ? fiber->name : NULL);
	copy_name(stall->request_id, fiber ? fiber->request_id : NULL);
	cor_backtrace_take(&stall->backtrace, context);
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
	int number = SIGRTMAX - 1;

	while (number > SIGRTMIN && !is_free(number))
		number--;
	if (number == SIGRTMIN)
		return -EBUSY;
	cor_backtrace_prepare();
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

/*
 * It is in the system call that it was asked about before: interrupted once more, a wait in it
 * could begin once more.
 */
static bool is_known(const struct cor_scheduler *scheduler, const struct cor_interruption *now)
{
	const struct cor_stall *room = scheduler->answer;

	return room->back_ns == cor_scheduler_back_ns(scheduler) &&
	       cor_interruption_is_same(&room->interruption, now);
}

/* The room is the scheduler's own, as the answer may come late. */
static int make_room(struct cor_scheduler *scheduler)
{
	if (scheduler->answer)
		return 0;
	scheduler->answer = calloc(1, sizeof *scheduler->answer);
	if (!scheduler->answer)
		return -ENOMEM;
	atomic_store(&scheduler->answer->is_told, true);
	scheduler->answer->back_ns = COR_FOREVER;
	return 0;
}

static int signal_to(struct cor_scheduler *scheduler, pid_t thread)
{
	struct cor_stall *room = scheduler->answer;

	room->asked = thread;
	atomic_store(&room->is_told, false);
	atomic_store(&scheduler->questions, room);
	if (syscall(SYS_tgkill, getpid(), thread, signal_number) == 0)
		return 0;
	int rc = -errno;
	atomic_store(&scheduler->questions, NULL);
	atomic_store(&room->is_told, true);
	room->back_ns = COR_FOREVER;
	return rc;
}

static int await_answer(const struct cor_stall *room)
{
	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		if (atomic_load(&room->is_told))
			return 0;
		(void)poll(NULL, 0, 1);
	}
	return atomic_load(&room->is_told) ? 0 : -ETIMEDOUT;
}

/* One that owes an answer is not asked again. */
static int ask(struct cor_scheduler *scheduler)
{
	struct cor_stall *room = scheduler->answer;
	pid_t thread = atomic_load(&scheduler->thread);
	struct cor_interruption now;
	int rc = 0;

	cor_interruption_read(thread, &now);
	if (!atomic_load(&room->is_told) && room->asked == thread)
		return await_answer(room);
	if (is_known(scheduler, &now))
		return 0;
	room->interruption = now;
	rc = signal_to(scheduler, thread);
	return rc < 0 ? rc : await_answer(room);
}

int cor_stall_ask(struct cor_scheduler *scheduler, struct cor_stall *ret)
{
	pthread_mutex_lock(&asking);
	int rc = make_room(scheduler);
	if (rc == 0)
		rc = ask(scheduler);
	if (rc == 0)
		*ret = *scheduler->answer;
	else if (rc == -ETIMEDOUT)
		ret->interruption = scheduler->answer->interruption;
	pthread_mutex_unlock(&asking);
	return rc;
}
