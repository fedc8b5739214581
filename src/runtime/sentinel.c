/* SPDX-License-Identifier: MIT */
#include "runtime/sentinel.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/run_delay.h"
#include "runtime/scheduler.h"
#include "runtime/signal_stack.h"
#include "runtime/stall.h"

#define QUIET_LOOKS 10 /* in a row that find all loops waiting: then it sleeps */
#define SOON        4  /* times in a limit, where a look has not told enough */

struct cor_suspect {
	struct cor_stall stall;
	int64_t found_ns; /* held since then, it has been found */
	int64_t back_ns;  /* and of what began then, */
	int64_t lost_ns;  /* or not long before, its thread could not run for so long */
	struct cor_run_delay delay;
};

static struct cor_scheduler *scheduler_at(const struct cor_sentinel *sentinel, size_t i)
{
	return sentinel->options.schedulers[i];
}

static int64_t limit_ns(const struct cor_sentinel *sentinel)
{
	return (int64_t)sentinel->options.limit_ms * COR_NS_PER_MS;
}

/* --- sleeping --- */

/* Until it is rung another time than `seen`, for that long at most. */
static void sleep_for(struct cor_sentinel *sentinel, uint32_t seen, int64_t ns)
{
	const struct timespec time = { ns / COR_NS_PER_S, ns % COR_NS_PER_S };

	syscall(SYS_futex, &sentinel->bell, FUTEX_WAIT_PRIVATE, seen,
		ns == COR_FOREVER ? NULL : &time, NULL, 0);
}

static void ring(struct cor_sentinel *sentinel)
{
	atomic_fetch_add(&sentinel->bell, 1);
	syscall(SYS_futex, &sentinel->bell, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void cor_sentinel_wake(struct cor_scheduler *scheduler)
{
	struct cor_sentinel *sentinel = atomic_exchange(&scheduler->asleep, NULL);

	if (sentinel)
		ring(sentinel);
}

static bool all_wait(const struct cor_sentinel *sentinel)
{
	for (size_t i = 0; i < sentinel->options.len; i++)
		if (cor_scheduler_back_ns(scheduler_at(sentinel, i)) != COR_FOREVER)
			return false;
	return true;
}

static void be_woken_by_all(struct cor_sentinel *sentinel, struct cor_sentinel *asleep)
{
	for (size_t i = 0; i < sentinel->options.len; i++)
		atomic_store(&scheduler_at(sentinel, i)->asleep, asleep);
}

/*
 * A loop says that it turns, then looks whether anybody sleeps, without a barrier between the two.
 * One that has not seen this yet is seen itself in the look a while later.
 */
static void sleep_until_one_turns(struct cor_sentinel *sentinel)
{
	uint32_t seen = atomic_load(&sentinel->bell);

	be_woken_by_all(sentinel, sentinel);
	if (!atomic_load(&sentinel->is_over))
		sleep_for(sentinel, seen, limit_ns(sentinel) / 2);
	while (!atomic_load(&sentinel->is_over) && atomic_load(&sentinel->bell) == seen &&
		all_wait(sentinel))
		sleep_for(sentinel, seen, COR_FOREVER);
	be_woken_by_all(sentinel, NULL);
}

/* --- looking --- */

/*
 * Somebody who turns is looked at within a limit. If not, then the process was stopped, or frozen:
 * what began before that has held nothing.
 */
static int64_t pause_ns(const struct cor_sentinel *sentinel, int64_t back_ns)
{
	const struct cor_looks *looks = &sentinel->looks;
	int64_t before_ns = back_ns > looks->end_ns ? back_ns : looks->end_ns;
	int64_t ns = looks->begin_ns - before_ns;

	return ns - looks->delay_ns > limit_ns(sentinel) * 3 / 2 ? ns : 0;
}

/*
 * Nothing has held the thread while it was ready to run, but the machine was busy. Returns false if
 * it has gone.
 */
static bool count_lost(struct cor_sentinel *sentinel, size_t i, int64_t back_ns)
{
	struct cor_suspect *suspect = &sentinel->suspects[i];
	pid_t thread = atomic_load(&scheduler_at(sentinel, i)->thread);

	if (suspect->back_ns != back_ns)
		suspect->lost_ns = 0;
	suspect->back_ns = back_ns;
	int64_t delay_ns = cor_run_delay_since(&suspect->delay, thread);
	suspect->lost_ns += delay_ns > 0 ? delay_ns : 0;
	return delay_ns >= 0;
}

/* By what began then, at least. */
static int64_t held_ns(const struct cor_sentinel *sentinel, size_t i)
{
	const struct cor_suspect *suspect = &sentinel->suspects[i];
	int64_t ns = cor_clock_fresh(scheduler_at(sentinel, i)) - suspect->back_ns;

	return ns > suspect->lost_ns ? ns - suspect->lost_ns : 0;
}

/* It waits for a processor still. */
static bool had_no_turn(const struct cor_suspect *suspect, int64_t ran_ns)
{
	return suspect->delay.fd >= 0 && !suspect->stall.interruption.is_known &&
	       suspect->delay.ran_ns - ran_ns < COR_STALL_PATIENCE_NS / 10;
}

/*
 * Returns whether it is found. How long it has waited for a processor is known once it had one, to
 * answer.
 */
static bool look_closely(struct cor_sentinel *sentinel, size_t i, int64_t back_ns)
{
	struct cor_scheduler *scheduler = scheduler_at(sentinel, i);
	struct cor_suspect *suspect = &sentinel->suspects[i];
	int64_t ran_ns = suspect->delay.ran_ns;
	int rc = cor_stall_ask(scheduler, &suspect->stall);

	if ((rc == 0 ? suspect->stall.back_ns : cor_scheduler_back_ns(scheduler)) != back_ns)
		return false; /* it has come back meanwhile: the answer is about something else */
	if (!count_lost(sentinel, i, back_ns))
		return false;
	int64_t ns = held_ns(sentinel, i);
	if (ns < limit_ns(sentinel) || (rc == -ETIMEDOUT && had_no_turn(suspect, ran_ns)))
		return false;
	suspect->found_ns = back_ns;
	sentinel->options.found(sentinel->options.arg, i, ns, rc == 0 ? &suspect->stall : NULL);
	return true;
}

/* Returns in how long the next look at it is due. */
static int64_t look_at(struct cor_sentinel *sentinel, size_t i)
{
	int64_t limit = limit_ns(sentinel);
	int64_t back_ns = cor_scheduler_back_ns(scheduler_at(sentinel, i));

	(void)count_lost(sentinel, i, back_ns);
	if (back_ns == COR_FOREVER || sentinel->suspects[i].found_ns == back_ns)
		return limit;
	sentinel->suspects[i].lost_ns += pause_ns(sentinel, back_ns);
	int64_t left_ns = limit - held_ns(sentinel, i);
	if (left_ns > 0)
		return left_ns;
	return look_closely(sentinel, i, back_ns) ? limit : limit / SOON;
}

/* Returns in how long the next look is due. */
static int64_t look(struct cor_sentinel *sentinel)
{
	struct cor_looks *looks = &sentinel->looks;
	int64_t next_ns = limit_ns(sentinel);

	looks->delay_ns = cor_run_delay_since(&looks->delay, gettid());
	looks->begin_ns = cor_monotonic_ns();
	for (size_t i = 0; i < sentinel->options.len; i++) {
		int64_t due_ns = look_at(sentinel, i);
		next_ns = due_ns < next_ns ? due_ns : next_ns;
	}
	looks->end_ns = cor_monotonic_ns();
	return next_ns;
}

static void *run(void *arg)
{
	struct cor_sentinel *sentinel = arg;
	unsigned quiet = QUIET_LOOKS; /* nobody turns yet */

	while (!atomic_load(&sentinel->is_over)) {
		uint32_t seen = atomic_load(&sentinel->bell);
		int64_t next_ns = look(sentinel);
		quiet = all_wait(sentinel) ? quiet + 1 : 0;
		if (quiet > QUIET_LOOKS) {
			sleep_until_one_turns(sentinel);
			quiet = 0;
		} else if (!atomic_load(&sentinel->is_over)) {
			sleep_for(sentinel, seen, next_ns);
		}
	}
	return NULL;
}

/* --- life --- */

/* Signals of the process are for others: a thread inherits which ones it blocks. */
static int start_thread(struct cor_sentinel *sentinel)
{
	sigset_t others, before;

	cor_signals_of_others(&others);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	int rc = -pthread_create(&sentinel->thread, NULL, run, sentinel);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int cor_sentinel_start(struct cor_sentinel *sentinel, const struct cor_sentinel_options *options)
{
	int rc = cor_stall_install();

	if (rc < 0)
		return rc;
	*sentinel = (struct cor_sentinel){
		.options = *options,
		.suspects = calloc(options->len, sizeof *sentinel->suspects),
	};
	if (!sentinel->suspects)
		return -ENOMEM;
	cor_run_delay_init(&sentinel->looks.delay);
	for (size_t i = 0; i < options->len; i++)
		cor_run_delay_init(&sentinel->suspects[i].delay);
	rc = start_thread(sentinel);
	sentinel->runs = rc == 0;
	if (rc < 0)
		free(sentinel->suspects);
	return rc;
}

void cor_sentinel_stop(struct cor_sentinel *sentinel)
{
	if (!sentinel->runs)
		return;
	sentinel->runs = false;
	atomic_store(&sentinel->is_over, true);
	ring(sentinel);
	pthread_join(sentinel->thread, NULL);
	for (size_t i = 0; i < sentinel->options.len; i++)
		cor_run_delay_finish(&sentinel->suspects[i].delay);
	cor_run_delay_finish(&sentinel->looks.delay);
	free(sentinel->suspects);
}
