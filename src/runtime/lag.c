/* SPDX-License-Identifier: MIT */
#include "runtime/lag.h"

#include "runtime/scheduler.h"

/* Between two looks at the clock of a thread that works all the time: more, and it has waited. */
#define GAP_NS (5 * (int64_t)COR_NS_PER_MS)

void cor_lag_watch(struct cor_scheduler *scheduler, int64_t target_ns)
{
	struct cor_lag *lag = &scheduler->lag;

	lag->target_ns = target_ns;
	lag->turn_ns = scheduler->looked_ns;
	lag->seen_ns = scheduler->looked_ns;
	lag->turns_since_ns = COR_FOREVER;
	lag->ready_since_ns = COR_FOREVER;
}

int64_t cor_lag_waited_ns(const struct cor_scheduler *scheduler)
{
	return scheduler->now_ns - scheduler->looked_ns;
}

int64_t cor_lag_behind_ns(const struct cor_scheduler *scheduler)
{
	const struct cor_lag *lag = &scheduler->lag;
	bool is_late = lag->late_look_ns == scheduler->looked_ns;

	return cor_lag_waited_ns(scheduler) + (is_late ? lag->late_ns : 0);
}

void cor_lag_look_was_late(struct cor_scheduler *scheduler, int64_t turn_ns)
{
	struct cor_lag *lag = &scheduler->lag;

	lag->late_ns = turn_ns;
	lag->late_look_ns = scheduler->looked_ns;
	if (lag->notice)
		lag->notice(lag->arg);
}

/* --- time that passes at once --- */

static void put_off(int64_t *since_ns, int64_t ns)
{
	if (*since_ns != COR_FOREVER)
		*since_ns += ns;
}

/*
 * Between two looks, a target of time counts at most, whatever has passed: in one step a queue does
 * not show whether it empties. A process that was stopped meanwhile looks like that, and so does
 * one request that held its thread: those who wait have their turn soon, unless more of that
 * follows.
 */
static void count_steps(struct cor_scheduler *scheduler)
{
	struct cor_lag *lag = &scheduler->lag;
	int64_t from_ns = lag->seen_ns > lag->turn_ns ? lag->seen_ns : lag->turn_ns;
	int64_t beyond_ns = scheduler->now_ns - from_ns - lag->target_ns;

	if (beyond_ns <= 0)
		return;
	lag->beyond_ns += beyond_ns;
	lag->mark_ns += beyond_ns;
	put_off(&lag->turns_since_ns, beyond_ns);
	put_off(&lag->ready_since_ns, beyond_ns);
}

/* --- turns --- */

/* How long the rest of this turn has waited, so counted. */
static int64_t counted_ns(const struct cor_scheduler *scheduler)
{
	return cor_lag_waited_ns(scheduler) - scheduler->lag.beyond_ns;
}

/* Turns between this one and the one seen last were short, or the thread waited for events. */
static bool was_calm(const struct cor_lag *lag, int64_t turn_ns)
{
	return lag->seen_ns - lag->turn_ns < lag->target_ns || turn_ns - lag->seen_ns > GAP_NS;
}

static void see_turn(struct cor_scheduler *scheduler)
{
	struct cor_lag *lag = &scheduler->lag;

	if (scheduler->looked_ns != lag->turn_ns) {
		if (was_calm(lag, scheduler->looked_ns))
			lag->turns_since_ns = COR_FOREVER;
		lag->turn_ns = scheduler->looked_ns;
		lag->beyond_ns = 0;
	}
	count_steps(scheduler);
	lag->seen_ns = scheduler->now_ns;
	if (lag->turns_since_ns == COR_FOREVER && counted_ns(scheduler) >= lag->target_ns)
		lag->turns_since_ns = lag->turn_ns + lag->beyond_ns;
}

/* --- the run queue --- */

static int64_t patience_ns(const struct cor_lag *lag)
{
	return COR_LAG_PATIENCE * lag->target_ns;
}

/* How long it takes until all that are ready now have had their turn. */
static int64_t ready_ns(const struct cor_scheduler *scheduler)
{
	const struct cor_lag *lag = &scheduler->lag;
	int64_t known_ns = lag->mark ? scheduler->now_ns - lag->mark_ns : 0;
	int64_t expected_ns = lag->each_ns * scheduler->ready_len;

	return known_ns > expected_ns ? known_ns : expected_ns;
}

static void set_mark(struct cor_scheduler *scheduler)
{
	struct cor_lag *lag = &scheduler->lag;

	lag->mark = scheduler->ready_last;
	lag->mark_ns = scheduler->now_ns;
	lag->mark_len = scheduler->ready_len;
}

static void see_ready(struct cor_scheduler *scheduler)
{
	struct cor_lag *lag = &scheduler->lag;

	if (!lag->mark && scheduler->now_ns - lag->passed_ns > patience_ns(lag)) {
		lag->ready_since_ns = COR_FOREVER;
		lag->each_ns = 0;
	}
	if (!lag->mark && scheduler->ready_first)
		set_mark(scheduler);
	if (lag->ready_since_ns == COR_FOREVER && ready_ns(scheduler) >= lag->target_ns)
		lag->ready_since_ns = scheduler->now_ns;
}

/* While it is held at the target by refusals, it is not short by itself. */
void cor_lag_mark_passes(struct cor_scheduler *scheduler)
{
	struct cor_lag *lag = &scheduler->lag;
	int64_t took_ns = scheduler->now_ns - lag->mark_ns;

	lag->each_ns = took_ns / lag->mark_len;
	lag->mark = NULL;
	lag->passed_ns = scheduler->now_ns;
	if (took_ns < lag->target_ns && scheduler->now_ns - lag->refused_ns > patience_ns(lag))
		lag->ready_since_ns = COR_FOREVER;
	if (scheduler->ready_first)
		set_mark(scheduler);
}

/* --- both --- */

bool cor_lag_is_over(const struct cor_scheduler *scheduler)
{
	return cor_lag_behind_ns(scheduler) < COR_LAG_NOTICE_NS &&
	       ready_ns(scheduler) < COR_LAG_NOTICE_NS;
}

void cor_lag_see(struct cor_scheduler *scheduler)
{
	see_turn(scheduler);
	see_ready(scheduler);
	if (!cor_lag_is_over(scheduler))
		scheduler->lag.notice(scheduler->lag.arg);
}

/* A queue that has been longer than the target since then, and is so long now. */
static bool is_too_long(const struct cor_scheduler *scheduler, int64_t since_ns, int64_t long_ns)
{
	int64_t patience = patience_ns(&scheduler->lag);

	if (long_ns < scheduler->lag.target_ns)
		return false;
	return long_ns >= patience ||
	       (since_ns != COR_FOREVER && scheduler->now_ns - since_ns >= patience);
}

static bool turns_stand(const struct cor_scheduler *scheduler)
{
	const struct cor_lag *lag = &scheduler->lag;

	return scheduler->reactor.at > COR_LAG_FEW &&
	       is_too_long(scheduler, lag->turns_since_ns, counted_ns(scheduler));
}

static bool ready_stands(struct cor_scheduler *scheduler)
{
	struct cor_lag *lag = &scheduler->lag;

	if (scheduler->ready_len <= COR_LAG_FEW ||
		!is_too_long(scheduler, lag->ready_since_ns, ready_ns(scheduler)))
		return false;
	lag->refused_ns = scheduler->now_ns;
	return true;
}

bool cor_lag_stands(struct cor_scheduler *scheduler)
{
	return turns_stand(scheduler) || ready_stands(scheduler);
}
