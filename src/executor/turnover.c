/* SPDX-License-Identifier: MIT */
#include "executor/turnover.h"

#include <errno.h>

#include <coracle/error.h>

#include "executor/mailbox.h"
#include "executor/pool_figures.h"
#include "runtime/clock.h"

/* With a successor that starts, while there is no job for the old one. */
#define PATIENCE_NS (5 * COR_NS_PER_MS)
#define LOOK_NS     (COR_NS_PER_MS / 10)

bool cor_turnover_is_planned(const struct cor_executor *executor)
{
	return executor->jobs_per_process != 0 || executor->recycle_ms != 0 ||
	       executor->recycle_bytes != 0;
}

void cor_turnover_begin(struct cor_pool_thread *thread, uint32_t slot)
{
	struct cor_pool *pool = thread->pool;

	thread->processes[0] = (struct cor_kept_process){ .pool = pool, .slot = slot };
	thread->processes[1] = (struct cor_kept_process){ .pool = pool, .slot = slot + pool->size };
	thread->process = &thread->processes[0];
}

static struct cor_kept_process *other_of(struct cor_pool_thread *thread)
{
	return &thread->processes[thread->process == &thread->processes[0]];
}

/* --- when --- */

static bool has_done_its_share(const struct cor_pool_thread *thread, uint32_t more)
{
	uint32_t jobs_max = thread->pool->executor->jobs_per_process;

	return jobs_max != 0 && thread->process->jobs + more >= jobs_max;
}

static bool is_old(const struct cor_pool_thread *thread)
{
	uint32_t ms = thread->pool->executor->recycle_ms;

	return ms != 0 && cor_monotonic_ns() >= cor_clock_after(thread->process->born_ns, ms);
}

static bool has_grown(const struct cor_pool_thread *thread)
{
	uint64_t bytes = thread->pool->executor->recycle_bytes;

	return bytes != 0 && cor_kept_mailbox(thread->process)->grown_bytes > bytes;
}

/* --- how --- */

/* Returns 0 if it starts, or the one before it in that mailbox has not left yet. */
static int call_successor(struct cor_pool_thread *thread, enum cor_turnover_cause why)
{
	struct cor_kept_process *other = other_of(thread);

	thread->why = why;
	return cor_kept_has_left(other) ? cor_kept_call(other) : 0;
}

/* One that has died meanwhile has not retired. */
static void retire(struct cor_pool_thread *thread)
{
	cor_kept_dismiss(thread->process);
	cor_pool_count_retirement(thread->pool, thread->why);
}

static void hand_on(struct cor_pool_thread *thread)
{
	if (thread->process->stage == COR_KEPT_THERE)
		retire(thread);
	thread->process = other_of(thread);
}

/* A successor that starts already is there sooner than another. */
static int find_another(struct cor_pool_thread *thread)
{
	if (other_of(thread)->stage == COR_KEPT_STARTING) {
		hand_on(thread);
		return cor_kept_meet(thread->process, COR_FOREVER);
	}
	int rc = cor_kept_call(thread->process);
	return rc < 0 ? rc : cor_kept_meet(thread->process, COR_FOREVER);
}

/* Whether it is there, or has failed: whoever meets it need not wait. */
static bool can_be_met(const struct cor_kept_process *process)
{
	return process->stage == COR_KEPT_STARTING &&
	       atomic_load(&cor_kept_mailbox(process)->word) != COR_MAIL_BORN;
}

static bool is_ready(const struct cor_kept_process *process)
{
	return process->stage == COR_KEPT_STARTING &&
	       atomic_load(&cor_kept_mailbox(process)->word) == COR_MAIL_READY;
}

bool cor_turnover_is_settled(const struct cor_pool_thread *thread)
{
	return thread->process->stage == COR_KEPT_THERE &&
	       !is_ready(&thread->processes[thread->process == &thread->processes[0]]);
}

int cor_turnover_find(struct cor_pool_thread *thread)
{
	struct cor_kept_process *other = other_of(thread);

	if (atomic_load_explicit(&thread->pool->has_fallen, memory_order_relaxed))
		return -COR_EBROKEN;
	if (thread->process->stage != COR_KEPT_THERE)
		return find_another(thread);
	if (is_ready(other) && cor_kept_meet(other, 0) == 0)
		hand_on(thread);
	return 0;
}

void cor_turnover_prepare(struct cor_pool_thread *thread)
{
	if (has_done_its_share(thread, 1))
		cor_ignore(call_successor(
			thread, COR_TURNOVER_JOBS)); /* whoever needs it tries again */
}

/* The old one does not work any more, whether there is another or not. */
static int replace(struct cor_pool_thread *thread)
{
	struct cor_kept_process *other = other_of(thread);

	if (other->stage == COR_KEPT_LEAVING)
		cor_kept_await_death(other);
	int rc = call_successor(thread, COR_TURNOVER_JOBS);
	if (rc == 0)
		rc = cor_kept_meet(other, COR_FOREVER);
	if (other->stage == COR_KEPT_THERE)
		hand_on(thread);
	else
		retire(thread);
	return rc;
}

/* A job that comes meanwhile is the old one's. */
static void wait_for(struct cor_kept_process *other, struct cor_pool *pool)
{
	int64_t until_ns = cor_monotonic_ns() + PATIENCE_NS, now_ns;

	while (!can_be_met(other) && (now_ns = cor_monotonic_ns()) < until_ns &&
		cor_pool_look(pool).queued == 0)
		(void)cor_kept_await(other, COR_MAIL_BORN, now_ns + LOOK_NS);
}

static int replace_in_time(struct cor_pool_thread *thread, enum cor_turnover_cause why)
{
	struct cor_kept_process *other = other_of(thread);
	bool is_first = other->stage != COR_KEPT_STARTING;
	int rc = call_successor(thread, why);

	if (rc == 0 && is_first && other->stage == COR_KEPT_STARTING)
		wait_for(other, thread->pool);
	if (rc == 0 && can_be_met(other))
		rc = cor_kept_meet(other, 0);
	if (other->stage == COR_KEPT_THERE)
		hand_on(thread);
	return rc;
}

static int renew(struct cor_pool_thread *thread)
{
	int rc = cor_turnover_find(thread);

	if (rc < 0)
		return rc;
	if (has_done_its_share(thread, 0))
		return replace(thread);
	if (has_grown(thread))
		return replace_in_time(thread, COR_TURNOVER_MEMORY);
	return is_old(thread) ? replace_in_time(thread, COR_TURNOVER_AGE) : 0;
}

int cor_turnover_renew(struct cor_pool_thread *thread)
{
	return renew(thread) == -COR_EBROKEN ? -COR_EBROKEN : 0;
}

void cor_turnover_end(struct cor_pool_thread *thread)
{
	for (size_t i = 0; i < 2; i++) {
		struct cor_kept_process *process = &thread->processes[i];
		if (process->stage == COR_KEPT_STARTING)
			cor_ignore(cor_kept_meet(process, COR_FOREVER));
		if (process->stage == COR_KEPT_THERE)
			cor_kept_dismiss(process);
	}
	for (size_t i = 0; i < 2; i++)
		if (thread->processes[i].stage == COR_KEPT_LEAVING)
			cor_kept_await_death(&thread->processes[i]);
}
