/* SPDX-License-Identifier: MIT */
#include "executor/kept_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include <coracle/error.h>
#include <coracle/log.h>

#include "base/shortage.h"
#include "executor/nursery.h"
#include "executor/pool_figures.h"
#include "observe/logger.h"
#include "runtime/clock.h"
#include "runtime/death.h"

#define LOOK_NS  (50 * (int64_t)COR_NS_PER_MS) /* how often it looks whether the nursery lives */
#define WORDS_NS (50 * (int64_t)COR_NS_PER_MS) /* one has that is asked for its last words */
#define LEAVE_NS (5 * (int64_t)COR_NS_PER_S)   /* one has that is to leave, with its stop */
#define LOOKS    2                             /* one has that dies, until it is killed */

static struct cor_nursery *nursery_of(const struct cor_kept_process *process)
{
	return process->pool->surroundings.nursery;
}

struct cor_mailbox *cor_kept_mailbox(const struct cor_kept_process *process)
{
	return cor_nursery_mailbox(nursery_of(process), process->slot);
}

static uint32_t state_of(uint32_t word)
{
	return word & ~COR_MAIL_DEAD;
}

static int tell(const struct cor_kept_process *process, int what)
{
	const struct cor_nursery_order order = { .slot = process->slot, .what = what };

	return cor_nursery_tell(nursery_of(process), order);
}

/* --- waiting --- */

/* One that a signal ends may hang while it writes where it was. */
static void help_to_die(struct cor_kept_process *process, unsigned *looks)
{
	*looks += atomic_load(&cor_kept_mailbox(process)->last_words.signal) != 0;
	if (*looks == LOOKS)
		cor_ignore(tell(process, COR_NURSERY_KILL));
}

/* What a nursery that has died has made dies with it, of SIGKILL, and nobody else buries it. */
uint32_t cor_kept_await(struct cor_kept_process *process, uint32_t seen, int64_t until_ns)
{
	struct cor_mailbox *mailbox = cor_kept_mailbox(process);
	unsigned looks = 0;

	for (;;) {
		int64_t left_ns = until_ns == COR_FOREVER ? LOOK_NS : until_ns - cor_monotonic_ns();
		uint32_t word = cor_mailbox_wait(
			mailbox, seen, left_ns < LOOK_NS ? left_ns : LOOK_NS);
		cor_mailbox_follow_log_level(mailbox);
		if (word != seen || (until_ns != COR_FOREVER && left_ns <= 0))
			return word;
		help_to_die(process, &looks);
		if (!cor_nursery_lives(nursery_of(process)))
			cor_mailbox_bury(mailbox, SIGKILL, 0);
	}
}

void cor_kept_forget(struct cor_kept_process *process)
{
	if (process->stage == COR_KEPT_THERE)
		cor_pool_count_process(process->pool, false);
	process->stage = COR_KEPT_NONE;
}

static void put_out(struct cor_kept_process *process)
{
	cor_kept_log(process, NULL, "a process that was to leave had not ended after 5 s",
		": it was killed");
	cor_ignore(tell(process, COR_NURSERY_KILL));
	process->leaves_ns = COR_FOREVER;
}

void cor_kept_await_death(struct cor_kept_process *process)
{
	uint32_t word = atomic_load(&cor_kept_mailbox(process)->word);

	if (process->stage != COR_KEPT_LEAVING)
		process->leaves_ns = cor_monotonic_ns() + LEAVE_NS;
	while (!(word & COR_MAIL_DEAD)) {
		word = cor_kept_await(process, word, process->leaves_ns);
		if (!(word & COR_MAIL_DEAD) && cor_monotonic_ns() >= process->leaves_ns)
			put_out(process);
	}
	cor_kept_forget(process);
}

/* --- its end --- */

void cor_kept_count_death(const struct cor_kept_process *process)
{
	int status = cor_kept_mailbox(process)->status;

	cor_pool_count_death(
		process->pool, WIFSIGNALED(status) ? COR_DEATH_SIGNAL : COR_DEATH_EXIT);
}

void cor_kept_kill(struct cor_kept_process *process)
{
	cor_ignore(tell(process, COR_NURSERY_KILL)); /* without a nursery it dies anyway */
	cor_kept_await_death(process);
}

void cor_kept_cut_short(struct cor_kept_process *process)
{
	uint32_t word = atomic_load(&cor_kept_mailbox(process)->word);

	if (tell(process, COR_NURSERY_ASK) == 0)
		word = cor_kept_await(process, word, cor_monotonic_ns() + WORDS_NS);
	if (!(word & COR_MAIL_DEAD))
		cor_ignore(tell(process, COR_NURSERY_KILL));
	cor_kept_await_death(process);
}

void cor_kept_dismiss(struct cor_kept_process *process)
{
	cor_ignore(cor_mailbox_move(cor_kept_mailbox(process), COR_MAIL_READY, COR_MAIL_LEAVE));
	cor_kept_forget(process);
	process->stage = COR_KEPT_LEAVING;
	process->leaves_ns = cor_monotonic_ns() + LEAVE_NS;
}

bool cor_kept_has_left(struct cor_kept_process *process)
{
	bool is_dead = (atomic_load(&cor_kept_mailbox(process)->word) & COR_MAIL_DEAD) != 0;

	if (process->stage == COR_KEPT_LEAVING && is_dead)
		cor_kept_forget(process);
	else if (process->stage == COR_KEPT_LEAVING && cor_monotonic_ns() >= process->leaves_ns)
		put_out(process);
	return process->stage == COR_KEPT_NONE;
}

/* --- its beginning --- */

void cor_kept_log(const struct cor_kept_process *process, const char *request_id, const char *what,
	const char *where)
{
	const char *name = process->pool->executor->name;
	struct cor_logger *logger = process->pool->surroundings.logger;

	if (logger)
		cor_logger_log(
			logger, COR_LOG_ERROR, request_id, "executor %s: %s%s", name, what, where);
	else
		cor_log_error(NULL, "executor %s: %s%s", name, what, where);
}

static int say_none(const struct cor_kept_process *process, int rc)
{
	cor_kept_log(process, NULL, "no process can be made: ", cor_shortage_text(rc));
	return rc;
}

int cor_kept_call(struct cor_kept_process *process)
{
	struct cor_mailbox *mailbox = cor_kept_mailbox(process);

	cor_nursery_clear(nursery_of(process), process->slot);
	cor_mailbox_follow_log_level(mailbox);
	atomic_store(&mailbox->sleepers, 0); /* the last process has died asleep, perhaps */
	atomic_store(&mailbox->word, COR_MAIL_BORN);
	int rc = cor_relay_start(&nursery_of(process)->relay);
	if (rc < 0)
		return say_none(process, rc);
	rc = tell(process, COR_NURSERY_MAKE);
	if (rc < 0)
		cor_kept_log(process, NULL,
			"the process that makes its processes has died: restart the service", "");
	else
		process->stage = COR_KEPT_STARTING;
	return rc;
}

static int judge_stillbirth(struct cor_kept_process *process, uint32_t word)
{
	const struct cor_mailbox *mailbox = cor_kept_mailbox(process);
	char death[COR_DEATH_BYTES], text[COR_DEATH_BYTES + 80];

	cor_kept_await_death(process);
	if (mailbox->fork_error < 0)
		return say_none(process, mailbox->fork_error);
	if (state_of(word) == COR_MAIL_FAILED)
		return -COR_EBROKEN; /* the process has logged why */
	cor_kept_count_death(process);
	cor_death_print(mailbox->status, death);
	snprintf(text, sizeof text, "the process %s in its start", death);
	cor_kept_log(process, NULL, text, "");
	return -COR_EBROKEN;
}

int cor_kept_meet(struct cor_kept_process *process, int64_t until_ns)
{
	uint32_t word = cor_kept_await(process, COR_MAIL_BORN, until_ns);

	if (word == COR_MAIL_BORN)
		return -ETIMEDOUT;
	if (state_of(word) != COR_MAIL_READY)
		return judge_stillbirth(process, word);
	process->stage = COR_KEPT_THERE;
	cor_pool_count_process(process->pool, true);
	process->jobs = 0;
	process->born_ns = cor_monotonic_ns();
	return 0;
}
