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

#define LOOK_NS (50 * (int64_t)COR_NS_PER_MS) /* how often it looks whether the nursery lives */

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

static void put(struct cor_mailbox *mailbox, const struct cor_future *future)
{
	follow_log_level(mailbox);
	mailbox->fn = future->fn;
	mailbox->deadline_ns = future->deadline_ns;
	mailbox->request_id[0] = '\0';
	if (future->request_id)
		memcpy(mailbox->request_id, future->request_id, sizeof mailbox->request_id);
	mailbox->memory_bytes = future->memory_bytes;
	mailbox->bytes = future->bytes;
	memcpy(mailbox->call, future->call, future->bytes);
}

/* One that died while it was idle has done the job no harm: another gets it. */
static int hand_over(struct cor_pool_thread *thread, const struct cor_future *future)
{
	for (;;) {
		int rc = thread->has_process ? 0 : make_process(thread);
		if (rc < 0)
			return rc;
		put(mailbox_of(thread), future);
		if (cor_mailbox_move(mailbox_of(thread), COR_MAIL_READY, COR_MAIL_JOB))
			return 0;
		await_death(thread);
	}
}

static void take(struct cor_mailbox *mailbox, struct cor_future *future)
{
	struct cor_ctx ctx;

	future->result = mailbox->result;
	memcpy(future->call, mailbox->call, future->bytes);
	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	cor_mailbox_take_problem(mailbox, &ctx);
	cor_future_leave(future, &ctx);
}

/* Which limit the job has passed, as a sentence; NULL: none. */
static const char *limit_passed(
	const struct cor_pool_thread *thread, struct cor_ctx *ctx, bool is_late)
{
	const struct cor_executor *executor = thread->pool->executor;
	int status = mailbox_of(thread)->status;

	if (is_late)
		return cor_printf(ctx,
			"the job took longer than the %u ms of .job_timeout_ms: its process was killed",
			(unsigned)executor->job_timeout_ms);
	if (executor->job_cpu_ms != 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return cor_printf(ctx,
			"the job took more CPU time than the %u ms of .job_cpu_ms: its process was "
			"killed",
			(unsigned)executor->job_cpu_ms);
	return NULL;
}

static void fail(struct cor_pool_thread *thread, struct cor_future *future, bool is_late)
{
	char death[COR_DEATH_BYTES];
	struct cor_ctx ctx;

	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	const char *detail = limit_passed(thread, &ctx, is_late);
	int rc = detail || is_late ? -ETIMEDOUT : -COR_EDIED;
	cor_death_print(mailbox_of(thread)->status, death);
	if (!detail)
		detail = cor_printf(&ctx, "the process %s in a job", death);
	log_line(thread, future->request_id, detail ? detail : death);
	future->result = cor_ctx_fail(&ctx, 0, rc, detail);
	cor_future_leave(future, &ctx);
}

/* Returns the state in which the job has left it. */
static uint32_t await_end(struct cor_pool_thread *thread, bool *ret_late)
{
	uint32_t ms = thread->pool->executor->job_timeout_ms;
	int64_t until_ns = ms ? cor_clock_after(cor_monotonic_ns(), ms) : COR_FOREVER;
	uint32_t word = await(thread, COR_MAIL_JOB, until_ns);

	*ret_late = word == COR_MAIL_JOB;
	if (state_of(word) == COR_MAIL_READY)
		return word;
	if (!(word & COR_MAIL_DEAD))
		kill_process(thread); /* late, or its job has written where it should not */
	return atomic_load(&mailbox_of(thread)->word);
}

void cor_keeper_run(struct cor_pool_thread *thread, struct cor_future *future)
{
	bool is_late;

	future->result = hand_over(thread, future);
	if (future->result < 0)
		return;
	uint32_t word = await_end(thread, &is_late);
	if (state_of(word) == COR_MAIL_READY)
		take(mailbox_of(thread), future);
	else
		fail(thread, future, is_late);
	thread->has_process = !(word & COR_MAIL_DEAD);
	thread->jobs++;
}
