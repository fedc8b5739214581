/* SPDX-License-Identifier: MIT */
#include "executor/keeper.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/block.h"
#include "base/room.h"
#include "executor/nursery.h"
#include "executor/pool_figures.h"
#include "executor/pool_threads.h"
#include "executor/post_mortem.h"
#include "executor/turnover.h"
#include "executor/typed.h"
#include "executor/work.h"
#include "runtime/clock.h"

#define LOOK_NS                                                                                    \
	(50 * (int64_t)COR_NS_PER_MS) /* how often a process that does not listen is watched */

#define PAUSED_NS (200 * (int64_t)COR_NS_PER_MS) /* a job has then */

#define TRIES 3 /* a job has to find a process that does not die before it begins */

static struct cor_mailbox *mailbox_of(const struct cor_pool_thread *thread)
{
	return cor_kept_mailbox(thread->process);
}

/* --- a job --- */

/* How the job's call travels; NULL: as its bytes. */
static const struct cor_marshaller *marshaller_of(
	const struct cor_pool_thread *thread, const struct cor_future *future)
{
	const struct cor_marshaller *own = thread->pool->surroundings.marshaller;

	if (future->fn == cor_typed_marshaller.fn)
		return &cor_typed_marshaller;
	return own && future->fn == own->fn ? own : NULL;
}

static int pack(struct cor_pool_thread *thread, const struct cor_marshaller *marshaller,
	const struct cor_future *future)
{
	struct cor_mailbox *mailbox = mailbox_of(thread);
	struct cor_arena room;

	cor_arena_init_room(&room, mailbox->room, thread->pool->call_max);
	int rc = marshaller->pack(future->call, &room);
	mailbox->rest = room.next;
	return rc == -ENOMEM ? -COR_ETOOLARGE : rc;
}

/* 0: there is no limit. */
static size_t memory_left(struct cor_arena *account)
{
	size_t left = account ? cor_arena_left(account) : SIZE_MAX;

	if (left == SIZE_MAX)
		return 0;
	return left ? left : 1;
}

static int put(struct cor_pool_thread *thread, const struct cor_future *future)
{
	struct cor_mailbox *mailbox = mailbox_of(thread);

	cor_mailbox_follow_log_level(mailbox);
	mailbox->fn = future->fn;
	mailbox->unit = future->unit;
	atomic_store_explicit(&mailbox->has_begun, 0, memory_order_relaxed);
	mailbox->deadline_ns = future->deadline_ns;
	mailbox->request_id[0] = '\0';
	if (future->request_id)
		memcpy(mailbox->request_id, future->request_id, sizeof mailbox->request_id);
	mailbox->memory_bytes = memory_left(future->account);
	mailbox->marshaller = marshaller_of(thread, future);
	if (mailbox->marshaller)
		return pack(thread, mailbox->marshaller, future);
	mailbox->rest = mailbox->room + future->bytes;
	memcpy(mailbox->room, future->call, future->bytes);
	return 0;
}

static bool move_to_job(struct cor_pool_thread *thread)
{
	return cor_mailbox_move(mailbox_of(thread), COR_MAIL_READY, COR_MAIL_JOB);
}

/* What must be packed is the thread's to do: it may take long. */
void cor_keeper_begin(struct cor_pool_thread *thread, const struct cor_future *future)
{
	if (cor_turnover_is_settled(thread) && !marshaller_of(thread, future) &&
		put(thread, future) == 0)
		thread->has_begun = move_to_job(thread);
}

/* What a job has left could not be put back. */
static bool is_spoilt(const struct cor_pool_thread *thread)
{
	return atomic_load(&mailbox_of(thread)->is_spoilt) != 0;
}

/* One that died while it was idle has done the job no harm: another gets it. */
static int hand_over(struct cor_pool_thread *thread, const struct cor_future *future)
{
	bool has_begun = thread->has_begun;

	thread->has_begun = false;
	while (!has_begun) {
		int rc = cor_turnover_find(thread);
		if (rc == 0)
			rc = put(thread, future);
		if (rc < 0)
			return rc;
		has_begun = move_to_job(thread);
		if (has_begun)
			break;
		cor_kept_await_death(thread->process);
		if (is_spoilt(thread))
			continue;
		cor_kept_count_death(thread->process);
		if (thread->pool->executor->strict)
			return -COR_EBROKEN;
	}
	return 0;
}

/* Honest answers are copied once. What points to itself again and again has an end, too. */
static size_t answer_max(const struct cor_pool_thread *thread)
{
	return 2 * (thread->pool->call_max + COR_MAIL_PROBLEM_BYTES);
}

/* Returns false: it cannot be read. That there is no memory for it is not the process's fault. */
static bool take(struct cor_pool_thread *thread, struct cor_future *future)
{
	const struct cor_foreign room = cor_nursery_room(
		thread->pool->surroundings.nursery, thread->process->slot);
	const struct cor_marshaller *marshaller = marshaller_of(thread, future);
	struct cor_mailbox *mailbox = mailbox_of(thread);
	struct cor_ctx ctx;
	int rc = 0;

	cor_ctx_init(&ctx, NULL, NULL, 0, answer_max(thread));
	future->result = mailbox->result;
	if (marshaller)
		rc = marshaller->unpack(future->call, room.start, &room, &ctx.arena);
	else
		memcpy(future->call, mailbox->room, future->bytes);
	if (rc < 0) {
		bool is_short = rc == -ENOMEM && !ctx.arena.is_short;
		cor_ctx_finish(&ctx);
		if (is_short)
			cor_future_lose(future);
		return is_short;
	}
	cor_mailbox_take_problem(mailbox, &ctx);
	ctx.arena.limit_bytes = 0;
	cor_future_leave(future, &ctx);
	return true;
}

/* --- how a job has ended --- */

static void leave_failure(
	struct cor_future *future, struct cor_ctx *ctx, int rc, const char *detail)
{
	future->result = cor_ctx_fail(ctx, 0, rc, detail);
	cor_future_leave(future, ctx);
}

/* With all processes, and all jobs. */
static void bring_down(struct cor_pool *pool)
{
	const struct cor_nursery *nursery = pool->surroundings.nursery;
	uint32_t first = cor_nursery_slot(nursery, pool->executor);
	uint32_t len = cor_nursery_mailboxes(pool->executor);

	if (atomic_exchange(&pool->has_fallen, true))
		return;
	for (uint32_t i = 0; i < len; i++) {
		const struct cor_nursery_order order = { first + i, COR_NURSERY_KILL };
		cor_ignore(cor_nursery_tell(pool->surroundings.nursery, order));
	}
	cor_pool_break(pool);
}

static void fall(struct cor_pool_thread *thread, struct cor_future *future)
{
	struct cor_ctx ctx;

	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	bring_down(thread->pool);
	leave_failure(future, &ctx, -COR_EBROKEN,
		"a process of the executor has died, and with it all jobs: it is .strict");
}

static void fail(struct cor_pool_thread *thread, struct cor_future *future, enum cor_job_fate fate)
{
	struct cor_pool *pool = thread->pool;
	struct cor_post_mortem found;
	struct cor_ctx ctx;

	if (atomic_load(&pool->has_fallen)) {
		fall(thread, future);
		return;
	}
	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	cor_post_mortem(pool->executor, mailbox_of(thread), fate, &ctx, &found);
	cor_pool_count_death(pool, found.death);
	cor_kept_log(thread->process, future->request_id, found.detail, found.where);
	if (pool->executor->strict)
		bring_down(pool);
	leave_failure(future, &ctx, pool->executor->strict ? -COR_EBROKEN : found.rc, found.detail);
}

/* The job was not handed over. */
static void refuse(struct cor_pool_thread *thread, struct cor_future *future, int rc)
{
	struct cor_ctx ctx;

	future->result = rc;
	if (rc == -COR_EBROKEN && thread->pool->executor->strict)
		fall(thread, future);
	if (rc != -COR_ETOOLARGE)
		return;
	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	const char *detail = cor_printf(&ctx,
		"the call needs more than the %zu bytes of .call_bytes", thread->pool->call_max);
	future->result = cor_ctx_fail(&ctx, 413, rc, detail ? detail : "");
	cor_future_leave(future, &ctx);
}

struct limit {
	int64_t at_ns;
	enum cor_job_fate fate; /* of a job that passes it */
};

static struct limit limit_of(const struct cor_pool_thread *thread, const struct cor_future *future)
{
	uint32_t ms = thread->pool->executor->job_timeout_ms;
	struct limit limit = { COR_FOREVER, COR_FATE_LATE };

	if (ms != 0)
		limit.at_ns = cor_clock_after(cor_monotonic_ns(), ms);
	if (future->deadline_ns != COR_FOREVER) {
		int64_t at_ns = cor_clock_after(future->deadline_ns, COR_GRACE_MS);
		if (at_ns < limit.at_ns)
			limit = (struct limit){ at_ns, COR_FATE_LEFT_WAITING };
	}
	return limit;
}

static bool is_over(uint32_t word, int64_t at_ns)
{
	return word != COR_MAIL_JOB || (at_ns != COR_FOREVER && cor_monotonic_ns() >= at_ns);
}

/*
 * The signal of its own timer ends a job that takes too much CPU time, unless it does not listen:
 * once it could have passed the limit, its clock is watched.
 */
static uint32_t await_job(struct cor_pool_thread *thread, struct limit *limit)
{
	int64_t most_ns = (int64_t)thread->pool->executor->job_cpu_ms * COR_NS_PER_MS;
	int64_t look_ns = cor_monotonic_ns() + most_ns;
	uint32_t word;

	if (most_ns == 0)
		return cor_kept_await(thread->process, COR_MAIL_JOB, limit->at_ns);
	for (int64_t before_ns = -1;; look_ns += LOOK_NS) {
		word = cor_kept_await(thread->process, COR_MAIL_JOB,
			look_ns < limit->at_ns ? look_ns : limit->at_ns);
		if (is_over(word, limit->at_ns))
			return word;
		int64_t cpu_ns = cor_cpu_ns_of(atomic_load(&mailbox_of(thread)->pid));
		if (before_ns < 0)
			before_ns = cpu_ns;
		if (cpu_ns - before_ns <= most_ns)
			continue;
		limit->fate = COR_FATE_TOO_MUCH;
		return word;
	}
}

/* Where this thread has slept for much too long, the machine stood still, and the job with it. */
static uint32_t forgive_pause(struct cor_pool_thread *thread, const struct limit *limit)
{
	int64_t now_ns = cor_monotonic_ns();

	if (limit->at_ns == COR_FOREVER || now_ns < limit->at_ns + LOOK_NS)
		return COR_MAIL_JOB;
	return cor_kept_await(thread->process, COR_MAIL_JOB, now_ns + PAUSED_NS);
}

/* A process that the job has spoilt may have left before this thread looks. */
static bool has_ended_well(uint32_t word)
{
	uint32_t state = word & ~COR_MAIL_DEAD;

	return state == COR_MAIL_READY || state == COR_MAIL_LEAVE;
}

/* The process has ended, unless the job has ended well. */
static enum cor_job_fate await_end(struct cor_pool_thread *thread, const struct cor_future *future)
{
	struct limit limit = limit_of(thread, future);
	uint32_t word = cor_mailbox_look_out(
		mailbox_of(thread), COR_MAIL_JOB, &thread->process->lookout);

	if (word == COR_MAIL_JOB)
		word = await_job(thread, &limit);
	if (word == COR_MAIL_JOB)
		word = forgive_pause(thread, &limit);
	if (word & COR_MAIL_DEAD)
		cor_kept_forget(thread->process);
	if (has_ended_well(word))
		return COR_FATE_WELL;
	if (word & COR_MAIL_DEAD)
		return COR_FATE_DIED;
	if (word == COR_MAIL_JOB)
		cor_kept_cut_short(thread->process);
	else
		cor_kept_kill(thread->process);
	return word == COR_MAIL_JOB ? limit.fate : COR_FATE_UNREADABLE;
}

/* A process that was killed while it was idle, and not buried yet, has not begun with it. */
static bool is_unharmed(const struct cor_pool_thread *thread, enum cor_job_fate fate)
{
	return fate == COR_FATE_DIED && (is_spoilt(thread) || !thread->pool->executor->strict) &&
	       atomic_load(&mailbox_of(thread)->has_begun) == 0;
}

static enum cor_job_fate run(struct cor_pool_thread *thread, struct cor_future *future)
{
	cor_turnover_prepare(thread);
	enum cor_job_fate fate = await_end(thread, future);
	if (fate == COR_FATE_WELL && !take(thread, future)) {
		fate = COR_FATE_UNREADABLE;
		cor_kept_kill(thread->process);
	}
	thread->process->jobs++;
	return fate;
}

void cor_keeper_run(struct cor_pool_thread *thread, struct cor_future *future)
{
	enum cor_job_fate fate = COR_FATE_DIED;

	for (int tries = 0; tries < TRIES; tries++) {
		int rc = hand_over(thread, future);
		if (rc < 0) {
			refuse(thread, future, rc);
			return;
		}
		fate = run(thread, future);
		if (!is_unharmed(thread, fate))
			break;
		if (!is_spoilt(thread))
			cor_kept_count_death(thread->process);
	}
	if (fate != COR_FATE_WELL)
		fail(thread, future, fate);
}
