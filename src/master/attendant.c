/* SPDX-License-Identifier: MIT */
#include "master/attendant.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/shortage.h"
#include "master/channel.h"
#include "runtime/death.h"
#include "master/launch.h"
#include "master/roster.h"
#include "observe/logger.h"
#include "runtime/scheduler.h"

#define YOUNG_NS       (10 * (int64_t)COR_NS_PER_S)
#define FIRST_DELAY_MS 100
#define LAST_DELAY_MS  2000
#define GRACE_MS       2000 /* for its end, and answers that it owes */
#define WORD_BYTES     64

static void arm(struct cor_attendant *attendant, int64_t ms)
{
	struct cor_scheduler *scheduler = attendant->crew->scheduler;

	cor_timer_arm(
		scheduler, &attendant->timer, cor_clock_after_ms(cor_clock_fresh(scheduler), ms));
}

/* --- its channel --- */

static void close_channel(struct cor_attendant *attendant)
{
	if (attendant->watch.fd < 0)
		return;
	cor_reactor_remove(attendant->crew->scheduler, &attendant->watch);
	close(attendant->watch.fd);
	attendant->watch.fd = -1;
}

/* At its end it has died, and will be reaped soon. */
static void heard(struct cor_watch *watch, uint32_t events)
{
	struct cor_attendant *attendant = cor_container_of(watch, struct cor_attendant, watch);
	char word[WORD_BYTES];
	ssize_t n;

	(void)events;
	while (watch->fd >= 0 && (n = cor_channel_hear(watch->fd, word, sizeof word)) != -EAGAIN)
		if (n > 0)
			attendant->on_order(attendant, word);
		else
			close_channel(attendant);
}

/* --- the beginning --- */

static int launch(struct cor_attendant *attendant, int channel)
{
	const struct cor_generation *generation = attendant->crew->generation;
	const struct cor_child child = {
		.role = COR_CHILD_CONTROL,
		.generation = generation->number,
		.channel = channel,
		.config = generation->public_config,
		.segment = attendant->crew->segment,
		.listening = { attendant->listening },
		.listening_len = 1,
	};
	const struct cor_launch launch = {
		.program = generation->program,
		.argv = attendant->crew->argv,
		.child = &child,
		.withheld = attendant->crew->variables,
	};

	return cor_launch(&launch, &attendant->pid);
}

static int watch_and_launch(struct cor_attendant *attendant)
{
	int ends[2];
	int rc = cor_channel_open(ends);

	if (rc < 0)
		return rc;
	attendant->watch = (struct cor_watch){ .fd = ends[0], .ready = heard };
	rc = cor_reactor_add(attendant->crew->scheduler, &attendant->watch, EPOLLIN);
	if (rc < 0) {
		close(ends[0]);
		attendant->watch.fd = -1;
	} else {
		rc = launch(attendant, ends[1]);
	}
	close(ends[1]);
	if (rc < 0)
		close_channel(attendant);
	return rc;
}

static uint32_t delay_ms(const struct cor_attendant *attendant)
{
	uint32_t ms = FIRST_DELAY_MS;

	for (unsigned i = 1; i < attendant->young_deaths && ms < LAST_DELAY_MS; i++)
		ms *= 2;
	return ms < LAST_DELAY_MS ? ms : LAST_DELAY_MS;
}

static void start(struct cor_attendant *attendant)
{
	int rc = watch_and_launch(attendant);

	if (rc < 0) {
		attendant->pid = 0;
		attendant->young_deaths++;
		cor_logger_log(attendant->crew->logger, COR_LOG_ERROR, NULL,
			"cannot start the control process: %s; trying again in %" PRIu32 " ms",
			cor_shortage_text(rc), delay_ms(attendant));
		arm(attendant, delay_ms(attendant));
		return;
	}
	attendant->started_ns = cor_clock_fresh(attendant->crew->scheduler);
	attendant->generation = attendant->crew->generation;
	cor_generation_hold(attendant->generation);
}

static void time_is_up(struct cor_timer *timer)
{
	struct cor_attendant *attendant = cor_container_of(timer, struct cor_attendant, timer);

	if (!attendant->is_ending) {
		start(attendant);
		return;
	}
	if (attendant->pid != 0)
		kill(attendant->pid, SIGKILL);
	if (attendant->leaving != 0)
		kill(attendant->leaving, SIGKILL);
}

void cor_attendant_begin(struct cor_attendant *attendant, struct cor_crew *crew, int listening,
	void (*on_order)(struct cor_attendant *attendant, const char *word))
{
	*attendant = (struct cor_attendant){
		.crew = crew,
		.listening = listening,
		.watch.fd = -1,
		.leaving_channel = -1,
		.timer.fire = time_is_up,
		.on_order = on_order,
	};
	if (listening >= 0)
		start(attendant);
}

/* --- the end --- */

static void forget_leaving(struct cor_attendant *attendant)
{
	close(attendant->leaving_channel);
	attendant->leaving = 0;
	attendant->leaving_channel = -1;
}

/* Its channel stays open until it has gone: else it would think that the master has gone. */
void cor_attendant_renew(struct cor_attendant *attendant)
{
	if (attendant->listening < 0 || attendant->is_ending || attendant->pid == 0 ||
		attendant->watch.fd < 0 || attendant->generation == attendant->crew->generation)
		return; /* there is none, or one of the new generation is on its way */
	if (attendant->leaving != 0)
		return; /* it has answers to give: this one is renewed when it has gone */
	cor_ignore(cor_channel_say(attendant->watch.fd, COR_WORD_DRAIN));
	attendant->leaving = attendant->pid;
	attendant->leaving_channel = attendant->watch.fd;
	cor_reactor_remove(attendant->crew->scheduler, &attendant->watch);
	attendant->watch.fd = -1;
	cor_generation_drop(attendant->generation);
	attendant->generation = NULL;
	start(attendant);
}

void cor_attendant_leave(struct cor_attendant *attendant)
{
	if (attendant->is_ending || attendant->listening < 0)
		return;
	attendant->is_ending = true;
	if (attendant->watch.fd >= 0)
		cor_ignore(cor_channel_say(attendant->watch.fd, COR_WORD_DRAIN));
	/* it may owe an operator the answer to the last order */
	arm(attendant, (int64_t)attendant->crew->generation->plan.drain_timeout_ms + GRACE_MS);
}

bool cor_attendant_end(struct cor_attendant *attendant)
{
	if (attendant->listening < 0 || (attendant->pid == 0 && attendant->leaving == 0)) {
		cor_timer_disarm(attendant->crew->scheduler, &attendant->timer);
		return true;
	}
	if (attendant->is_ending)
		return false;
	const char *word = attendant->crew->roster->end_waiters != 0 ? COR_WORD_DRAIN
								     : COR_WORD_STOP;
	attendant->is_ending = true;
	if (attendant->watch.fd >= 0)
		cor_ignore(cor_channel_say(attendant->watch.fd, word));
	if (attendant->leaving != 0)
		cor_ignore(cor_channel_say(attendant->leaving_channel, word));
	arm(attendant, GRACE_MS);
	return false;
}

static void replace(struct cor_attendant *attendant, int status)
{
	int64_t age_ns = cor_clock_fresh(attendant->crew->scheduler) - attendant->started_ns;
	char end[COR_DEATH_BYTES];

	if (attendant->is_ending)
		return;
	attendant->young_deaths = age_ns < YOUNG_NS ? attendant->young_deaths + 1 : 0;
	cor_death_print(status, end);
	cor_logger_log(attendant->crew->logger, COR_LOG_ERROR, NULL,
		"the control process %s after %.1f s: starting another", end,
		(double)age_ns / COR_NS_PER_S);
	arm(attendant, attendant->young_deaths <= 1 ? 0 : delay_ms(attendant));
}

bool cor_attendant_bury(struct cor_attendant *attendant, pid_t pid, int status)
{
	if (attendant->leaving == pid) {
		forget_leaving(attendant);
		cor_attendant_renew(attendant);
		return true;
	}
	if (attendant->pid != pid)
		return false;
	close_channel(attendant);
	attendant->pid = 0;
	cor_generation_drop(attendant->generation);
	attendant->generation = NULL;
	replace(attendant, status);
	return true;
}
