/* SPDX-License-Identifier: MIT */
#include "executor/manners.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "executor/last_words.h"

#define TIMERS_MAX 64 /* that are looked for */

/* Those that would end or break a job that has done nothing. */
static const int limited[COR_MANNERS_LIMITS] = {
	RLIMIT_CPU,
	RLIMIT_NOFILE,
	RLIMIT_AS,
	RLIMIT_FSIZE,
};

/* --- timers --- */

/* Numbers of timers are never used again: what a job has made lies between two of ours. */
static int number_of_next(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	int number = -1;

	if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &number) < 0)
		return -1;
	(void)syscall(SYS_timer_delete, number);
	return number + 1;
}

static bool delete_timers(struct cor_manners *manners)
{
	int first = manners->next_timer, next = number_of_next();

	manners->next_timer = next;
	if (next < first || next - first > TIMERS_MAX)
		return false;
	for (int number = first; number < next - 1; number++)
		(void)syscall(SYS_timer_delete, number);
	return true;
}

static void stop_cpu_timers(void)
{
	static const struct itimerval none;

	(void)setitimer(ITIMER_VIRTUAL, &none, NULL);
	(void)setitimer(ITIMER_PROF, &none, NULL);
}

/* --- the rest --- */

static bool has_its_limits(const struct cor_manners *manners)
{
	struct rlimit now;

	for (size_t i = 0; i < COR_MANNERS_LIMITS; i++)
		if (getrlimit(limited[i], &now) < 0 ||
			memcmp(&now, &manners->limits[i], sizeof now) != 0)
			return false;
	return true;
}

static bool has_its_descriptors(const struct cor_manners *manners)
{
	return fchdir(manners->folder_fd) == 0 && fcntl(STDERR_FILENO, F_GETFD) >= 0;
}

void cor_manners_begin(struct cor_manners *manners, bool is_boxed)
{
	manners->is_boxed = is_boxed;
	manners->folder_fd = open(".", O_PATH | O_CLOEXEC);
	manners->mask = umask(0);
	(void)umask(manners->mask);
	manners->next_timer = number_of_next();
	for (size_t i = 0; i < COR_MANNERS_LIMITS; i++)
		(void)getrlimit(limited[i], &manners->limits[i]);
}

/* What is pending comes now: it is the job's own. */
void cor_manners_restore_first(struct cor_manners *manners)
{
	static const struct itimerval none;
	sigset_t empty;

	manners->jobs++;
	sigemptyset(&empty);
	(void)pthread_sigmask(SIG_SETMASK, &empty, NULL);
	if (!manners->is_boxed)
		(void)setitimer(ITIMER_REAL, &none, NULL);
}

bool cor_manners_restore(struct cor_manners *manners)
{
	manners->jobs = 0;
	cor_last_words_renew();
	if (manners->is_boxed)
		return true;
	stop_cpu_timers();
	(void)umask(manners->mask);
	return delete_timers(manners) && has_its_descriptors(manners) && has_its_limits(manners);
}
