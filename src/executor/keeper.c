/* SPDX-License-Identifier: MIT */
#include "executor/keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <coracle/error.h>

#include "executor/nursery.h"
#include "executor/pool.h"
#include "executor/work.h"
#include "observe/logger.h"
#include "runtime/clock.h"
#include "runtime/death.h"

#define GRACE_MS 1000 /* a job has after its request's deadline, to come to its end */
#define LOOK_NS  (50 * (int64_t)COR_NS_PER_MS) /* how often it looks whether the nursery lives */

static struct cor_mailbox *mailbox_of(const struct cor_pool_thread *thread)
{
	return cor_nursery_mailbox(thread->pool->surroundings.nursery, thread->slot);
}

static uint32_t state_of(uint32_t word)
{
	return word & ~COR_MAIL_DEAD;
}

/* It changes while jobs run, and they are in another process. */
static void follow_log_level(struct cor_mailbox *mailbox)
{
	atomic_store_explicit(&mailbox->log_level, cor_log_level_followed(), memory_order_relaxed);
}

/*
 * Wait until the state is not `seen`, until then. What a nursery that has died has made dies with
 * it, of SIGKILL, and nobody else buries it.
 */
static uint32_t await(struct cor_pool_thread *thread, uint32_t seen, int64_t until_ns)
{
	const struct cor_nursery *nursery = thread->pool->surroundings.nursery;
	struct cor_mailbox *mailbox = mailbox_of(thread);

	for (;;) {
		int64_t left_ns = until_ns == COR_FOREVER ? LOOK_NS : until_ns - cor_monotonic_ns();
		uint32_t word = cor_mailbox_wait(
			mailbox, seen, left_ns < LOOK_NS ? left_ns : LOOK_NS);
		follow_log_level(mailbox);
		if (word != seen || (until_ns != COR_FOREVER && left_ns <= 0))
			return word;
		if (!cor_nursery_lives(nursery))
			cor_mailbox_bury(mailbox, SIGKILL, 0);
	}
}

static int tell(struct cor_pool_thread *thread, int what)
{
	const struct cor_nursery_order order = { .slot = thread->slot, .what = what };

	return cor_nursery_tell(thread->pool->surroundings.nursery, order);
}

/* Whatever state it is in. */
static void await_death(struct cor_pool_thread *thread)
{
	uint32_t word = atomic_load(&mailbox_of(thread)->word);

	while (!(word & COR_MAIL_DEAD))
		word = await(thread, word, COR_FOREVER);
	thread->has_process = false;
}

static void kill_process(struct cor_pool_thread *thread)
{
	cor_ignore(tell(thread, COR_NURSERY_KILL)); /* without a nursery it dies anyway */
	await_death(thread);
}

/* --- the process --- */

static void log_line(const struct cor_pool_thread *thread, const char *request_id, const char *what)
{
	const struct cor_pool *pool = thread->pool;

	cor_logger_log(pool->surroundings.logger, COR_LOG_ERROR, request_id, "executor %s: %s",
		pool->executor->name, what);
}

static int say_none(const struct cor_pool_thread *thread, int rc)
{
	char text[120];

	snprintf(text, sizeof text, "no process can be made: %s", cor_strerror(rc));
	log_line(thread, NULL, text);
	return rc;
}

static int judge_birth(struct cor_pool_thread *thread, uint32_t word)
{
	const struct cor_mailbox *mailbox = mailbox_of(thread);
	char death[COR_DEATH_BYTES], text[COR_DEATH_BYTES + 80];

	if (state_of(word) == COR_MAIL_READY) {
		thread->has_process = true;
		thread->jobs = 0;
		return 0;
	}
	await_death(thread);
	if (mailbox->fork_error < 0)
		return say_none(thread, mailbox->fork_error);
	if (state_of(word) == COR_MAIL_FAILED)
		return -COR_EBROKEN; /* the process has logged why */
	cor_death_print(mailbox->status, death);
	snprintf(text, sizeof text, "the process %s in its start", death);
	log_line(thread, NULL, text);
	return -COR_EBROKEN;
}

static int make_process(struct cor_pool_thread *thread)
{
	struct cor_mailbox *mailbox = mailbox_of(thread);

	mailbox->fork_error = 0;
	follow_log_level(mailbox);
	atomic_store(&mailbox->word, COR_MAIL_BORN);
	int rc = cor_relay_start(&thread->pool->surroundings.nursery->relay);
	if (rc < 0)
		return say_none(thread, rc);
	rc = tell(thread, COR_NURSERY_MAKE);
	if (rc < 0) {
		log_line(thread, NULL,
			"the process that makes its processes has died: restart the service");
		return rc;
	}
	return judge_birth(thread, await(thread, COR_MAIL_BORN, COR_FOREVER));
}

void cor_keeper_end(struct cor_pool_thread *thread)
{
	if (!thread->has_process)
		return;
	cor_ignore(cor_mailbox_move(mailbox_of(thread), COR_MAIL_READY, COR_MAIL_LEAVE));
	await_death(thread);
}

int cor_keeper_renew(struct cor_pool_thread *thread)
{
	uint32_t jobs_max = thread->pool->executor->jobs_per_process;

	if (jobs_max != 0 && thread->jobs >= jobs_max)
		cor_keeper_end(thread);
	int rc = thread->has_process ? 0 : make_process(thread);
	return rc == -COR_EBROKEN ? rc : 0;
}

/* --- a job --- */

static bool is_packed(const struct cor_pool_thread *thread, const struct cor_future *future)
{
	const struct cor_marshaller *marshaller = thread->pool->surroundings.marshaller;

	return marshaller && future->fn == marshaller->fn;
}

static int pack(struct cor_pool_thread *thread, const struct cor_future *future)
{
	const struct cor_marshaller *marshaller = thread->pool->surroundings.marshaller;
	struct cor_mailbox *mailbox = mailbox_of(thread);
	struct cor_arena room;

	cor_arena_init(&room, mailbox->room, thread->pool->call_max, 1);
	int rc = marshaller->pack(future->call, &room);
	mailbox->marshaller = marshaller;
	mailbox->rest = room.next;
	return rc == -ENOMEM ? -COR_ETOOLARGE : rc;
}

static int put(struct cor_pool_thread *thread, const struct cor_future *future)
{
	struct cor_mailbox *mailbox = mailbox_of(thread);

	follow_log_level(mailbox);
	mailbox->fn = future->fn;
	mailbox->deadline_ns = future->deadline_ns;
	mailbox->request_id[0] = '\0';
	if (future->request_id)
		memcpy(mailbox->request_id, future->request_id, sizeof mailbox->request_id);
	mailbox->memory_bytes = future->memory_bytes;
	if (is_packed(thread, future))
		return pack(thread, future);
	mailbox->marshaller = NULL;
	mailbox->rest = mailbox->room + future->bytes;
	memcpy(mailbox->room, future->call, future->bytes);
	return 0;
}

/* One that died while it was idle has done the job no harm: another gets it. */
static int hand_over(struct cor_pool_thread *thread, const struct cor_future *future)
{
	for (;;) {
		int rc = thread->has_process ? 0 : make_process(thread);
		if (rc == 0)
			rc = put(thread, future);
		if (rc < 0)
			return rc;
		if (cor_mailbox_move(mailbox_of(thread), COR_MAIL_READY, COR_MAIL_JOB))
			return 0;
		await_death(thread);
	}
}

static int unpack(struct cor_pool_thread *thread, struct cor_future *future, struct cor_ctx *ctx)
{
	const struct cor_pool_surroundings *surroundings = &thread->pool->surroundings;
	const struct cor_foreign room = cor_nursery_room(surroundings->nursery, thread->slot);

	return surroundings->marshaller->unpack(future->call, room.start, &room, &ctx->arena);
}

/* Honest answers are copied once. What points to itself again and again has an end, too. */
static size_t answer_max(const struct cor_pool_thread *thread)
{
	return 2 * (thread->pool->call_max + COR_MAIL_PROBLEM_BYTES);
}

/* Returns false: it cannot be read. */
static bool take(struct cor_pool_thread *thread, struct cor_future *future)
{
	struct cor_mailbox *mailbox = mailbox_of(thread);
	struct cor_ctx ctx;
	int rc = 0;

	cor_ctx_init(&ctx, NULL, NULL, 0, answer_max(thread));
	future->result = mailbox->result;
	if (is_packed(thread, future))
		rc = unpack(thread, future, &ctx);
	else
		memcpy(future->call, mailbox->room, future->bytes);
	if (rc < 0) {
		cor_ctx_finish(&ctx);
		return false;
	}
	cor_mailbox_take_problem(mailbox, &ctx);
	ctx.arena.limit_bytes = 0;
	cor_future_leave(future, &ctx);
	return true;
}

/* --- how a job has ended --- */

enum end {
	WELL,
	DIED,
	LATE,         /* by .job_timeout_ms */
	LEFT_WAITING, /* nobody waits for it any longer */
	UNREADABLE,
};

static bool took_too_much(const struct cor_pool_thread *thread)
{
	int status = mailbox_of(thread)->status;

	return thread->pool->executor->job_cpu_ms != 0 && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGXCPU;
}

/* What was wrong, as a sentence. NULL: no memory. */
static const char *describe(const struct cor_pool_thread *thread, struct cor_ctx *ctx, enum end end)
{
	const struct cor_executor *executor = thread->pool->executor;
	char death[COR_DEATH_BYTES];

	switch (end) {
	case LATE:
		return cor_printf(ctx,
			"the job took longer than the %u ms of .job_timeout_ms: its process was killed",
			(unsigned)executor->job_timeout_ms);
	case LEFT_WAITING:
		return cor_printf(ctx,
			"the job went on for %d ms after the deadline of its request: its process was "
			"killed",
			GRACE_MS);
	case UNREADABLE:
		return "the job has written where it should not: its process was killed";
	default:
		if (took_too_much(thread))
			return cor_printf(ctx,
				"the job took more CPU time than the %u ms of .job_cpu_ms: its "
				"process was killed",
				(unsigned)executor->job_cpu_ms);
		cor_death_print(mailbox_of(thread)->status, death);
		return cor_printf(ctx, "the process %s in a job", death);
	}
}

static int code_of(const struct cor_pool_thread *thread, enum end end)
{
	bool is_late = end == LATE || end == LEFT_WAITING || (end == DIED && took_too_much(thread));

	return is_late ? -ETIMEDOUT : -COR_EDIED;
}

static void fail(struct cor_pool_thread *thread, struct cor_future *future, enum end end)
{
	struct cor_ctx ctx;

	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	const char *detail = describe(thread, &ctx, end);
	if (!detail)
		detail = "a job has failed, and its process has ended";
	log_line(thread, future->request_id, detail);
	future->result = cor_ctx_fail(&ctx, 0, code_of(thread, end), detail);
	cor_future_leave(future, &ctx);
}

/* The job was not handed over. */
static void refuse(struct cor_pool_thread *thread, struct cor_future *future, int rc)
{
	struct cor_ctx ctx;

	future->result = rc;
	if (rc != -COR_ETOOLARGE)
		return;
	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	const char *detail = cor_printf(&ctx,
		"the request needs more than the %zu bytes that its handler can be given",
		thread->pool->call_max);
	future->result = cor_ctx_fail(&ctx, 413, rc, detail ? detail : "");
	cor_future_leave(future, &ctx);
}

struct limit {
	int64_t at_ns;
	enum end end; /* of a job that passes it */
};

static struct limit limit_of(const struct cor_pool_thread *thread, const struct cor_future *future)
{
	uint32_t ms = thread->pool->executor->job_timeout_ms;
	struct limit limit = { COR_FOREVER, LATE };

	if (ms != 0)
		limit.at_ns = cor_clock_after(cor_monotonic_ns(), ms);
	if (future->deadline_ns != COR_FOREVER) {
		int64_t at_ns = cor_clock_after(future->deadline_ns, GRACE_MS);
		if (at_ns < limit.at_ns)
			limit = (struct limit){ at_ns, LEFT_WAITING };
	}
	return limit;
}

/* The process has ended, unless the job has ended well. */
static enum end await_end(struct cor_pool_thread *thread, const struct cor_future *future)
{
	const struct limit limit = limit_of(thread, future);
	uint32_t word = await(thread, COR_MAIL_JOB, limit.at_ns);

	if (state_of(word) == COR_MAIL_READY) {
		thread->has_process = !(word & COR_MAIL_DEAD);
		return WELL;
	}
	if (word & COR_MAIL_DEAD) {
		thread->has_process = false;
		return DIED;
	}
	kill_process(thread);
	return word == COR_MAIL_JOB ? limit.end : UNREADABLE;
}

void cor_keeper_run(struct cor_pool_thread *thread, struct cor_future *future)
{
	int rc = hand_over(thread, future);

	if (rc < 0) {
		refuse(thread, future, rc);
		return;
	}
	enum end end = await_end(thread, future);
	if (end == WELL && !take(thread, future)) {
		end = UNREADABLE;
		kill_process(thread);
	}
	if (end != WELL)
		fail(thread, future, end);
	thread->jobs++;
}
