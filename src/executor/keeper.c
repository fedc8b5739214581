/* SPDX-License-Identifier: MIT */
#include "executor/keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "base/room.h"
#include "executor/nursery.h"
#include "executor/pool.h"
#include "executor/post_mortem.h"
#include "executor/typed.h"
#include "executor/work.h"
#include "observe/logger.h"
#include "runtime/clock.h"
#include "runtime/death.h"

#define LOOK_NS  (50 * (int64_t)COR_NS_PER_MS) /* how often it looks whether the nursery lives */
#define WORDS_NS (50 * (int64_t)COR_NS_PER_MS) /* one has that is asked for its last words */
#define LOOKS    2                             /* one has that dies, until it is killed */

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

static int tell(struct cor_pool_thread *thread, int what)
{
	const struct cor_nursery_order order = { .slot = thread->slot, .what = what };

	return cor_nursery_tell(thread->pool->surroundings.nursery, order);
}

/* One that a signal ends may hang while it writes where it was. */
static void help_to_die(struct cor_pool_thread *thread, unsigned *looks)
{
	*looks += atomic_load(&mailbox_of(thread)->last_words.signal) != 0;
	if (*looks == LOOKS)
		cor_ignore(tell(thread, COR_NURSERY_KILL));
}

/*
 * Wait until the state is not `seen`, until then. What a nursery that has died has made dies with
 * it, of SIGKILL, and nobody else buries it.
 */
static uint32_t await(struct cor_pool_thread *thread, uint32_t seen, int64_t until_ns)
{
	const struct cor_nursery *nursery = thread->pool->surroundings.nursery;
	struct cor_mailbox *mailbox = mailbox_of(thread);
	unsigned looks = 0;

	for (;;) {
		int64_t left_ns = until_ns == COR_FOREVER ? LOOK_NS : until_ns - cor_monotonic_ns();
		uint32_t word = cor_mailbox_wait(
			mailbox, seen, left_ns < LOOK_NS ? left_ns : LOOK_NS);
		follow_log_level(mailbox);
		if (word != seen || (until_ns != COR_FOREVER && left_ns <= 0))
			return word;
		help_to_die(thread, &looks);
		if (!cor_nursery_lives(nursery))
			cor_mailbox_bury(mailbox, SIGKILL, 0);
	}
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

/* With its last words, if it still listens. */
static void end_process(struct cor_pool_thread *thread)
{
	uint32_t word = atomic_load(&mailbox_of(thread)->word);

	if (tell(thread, COR_NURSERY_ASK) == 0)
		word = await(thread, word, cor_monotonic_ns() + WORDS_NS);
	if (!(word & COR_MAIL_DEAD))
		cor_ignore(tell(thread, COR_NURSERY_KILL));
	await_death(thread);
}

/* --- the process --- */

static void log_line(const struct cor_pool_thread *thread, const char *request_id, const char *what,
	const char *where)
{
	const char *name = thread->pool->executor->name;
	struct cor_logger *logger = thread->pool->surroundings.logger;

	if (logger)
		cor_logger_log(
			logger, COR_LOG_ERROR, request_id, "executor %s: %s%s", name, what, where);
	else
		cor_log_error(NULL, "executor %s: %s%s", name, what, where);
}

static int say_none(const struct cor_pool_thread *thread, int rc)
{
	char text[120];

	snprintf(text, sizeof text, "no process can be made: %s", cor_strerror(rc));
	log_line(thread, NULL, text, "");
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
	log_line(thread, NULL, text, "");
	return -COR_EBROKEN;
}

static int make_process(struct cor_pool_thread *thread)
{
	struct cor_mailbox *mailbox = mailbox_of(thread);

	mailbox->fork_error = 0;
	cor_last_words_clear(&mailbox->last_words);
	follow_log_level(mailbox);
	atomic_store(&mailbox->word, COR_MAIL_BORN);
	int rc = cor_relay_start(&thread->pool->surroundings.nursery->relay);
	if (rc < 0)
		return say_none(thread, rc);
	rc = tell(thread, COR_NURSERY_MAKE);
	if (rc < 0) {
		log_line(thread, NULL,
			"the process that makes its processes has died: restart the service", "");
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
	if (thread->has_process && !marshaller_of(thread, future) && put(thread, future) == 0)
		thread->has_begun = move_to_job(thread);
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
		if (move_to_job(thread))
			return 0;
		await_death(thread);
	}
}

/* Honest answers are copied once. What points to itself again and again has an end, too. */
static size_t answer_max(const struct cor_pool_thread *thread)
{
	return 2 * (thread->pool->call_max + COR_MAIL_PROBLEM_BYTES);
}

/* Returns false: it cannot be read. */
static bool take(struct cor_pool_thread *thread, struct cor_future *future)
{
	const struct cor_foreign room = cor_nursery_room(
		thread->pool->surroundings.nursery, thread->slot);
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
		cor_ctx_finish(&ctx);
		return false;
	}
	cor_mailbox_take_problem(mailbox, &ctx);
	ctx.arena.limit_bytes = 0;
	cor_future_leave(future, &ctx);
	return true;
}

/* --- how a job has ended --- */

static void fail(struct cor_pool_thread *thread, struct cor_future *future, enum cor_job_fate fate)
{
	struct cor_post_mortem found;
	struct cor_ctx ctx;

	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	cor_post_mortem(thread->pool->executor, mailbox_of(thread), fate, &ctx, &found);
	log_line(thread, future->request_id, found.detail, found.where);
	future->result = cor_ctx_fail(&ctx, 0, found.rc, found.detail);
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
		return await(thread, COR_MAIL_JOB, limit->at_ns);
	for (int64_t before_ns = -1;; look_ns += LOOK_NS) {
		word = await(thread, COR_MAIL_JOB, look_ns < limit->at_ns ? look_ns : limit->at_ns);
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

/* The process has ended, unless the job has ended well. */
static enum cor_job_fate await_end(struct cor_pool_thread *thread, const struct cor_future *future)
{
	struct limit limit = limit_of(thread, future);
	uint32_t word = await_job(thread, &limit);

	if (state_of(word) == COR_MAIL_READY) {
		thread->has_process = !(word & COR_MAIL_DEAD);
		return COR_FATE_WELL;
	}
	if (word & COR_MAIL_DEAD) {
		thread->has_process = false;
		return COR_FATE_DIED;
	}
	if (word == COR_MAIL_JOB)
		end_process(thread);
	else
		kill_process(thread);
	return word == COR_MAIL_JOB ? limit.fate : COR_FATE_UNREADABLE;
}

void cor_keeper_run(struct cor_pool_thread *thread, struct cor_future *future)
{
	int rc = thread->has_begun ? 0 : hand_over(thread, future);

	thread->has_begun = false;
	if (rc < 0) {
		refuse(thread, future, rc);
		return;
	}
	enum cor_job_fate fate = await_end(thread, future);
	if (fate == COR_FATE_WELL && !take(thread, future)) {
		fate = COR_FATE_UNREADABLE;
		kill_process(thread);
	}
	if (fate != COR_FATE_WELL)
		fail(thread, future, fate);
	thread->jobs++;
}
