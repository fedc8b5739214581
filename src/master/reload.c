/* SPDX-License-Identifier: MIT */
#include "master/reload.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/shortage.h"
#include "master/channel.h"
#include "runtime/death.h"
#include "master/fault.h"
#include "master/launch.h"
#include "observe/logger.h"
#include "runtime/scheduler.h"

#define CHECK_MS     60000
#define AGAIN_MS     500 /* after a worker that did not get ready */
#define FAILURES_MAX 10
#define WHY_BYTES    COR_ROSTER_REFUSAL_BYTES

static void arm(struct cor_reload *reload, int64_t ms)
{
	struct cor_scheduler *scheduler = reload->crew->scheduler;

	cor_timer_arm(
		scheduler, &reload->timer, cor_clock_after_ms(cor_clock_fresh(scheduler), ms));
}

/* --- the end --- */

static void close_channel(struct cor_reload *reload)
{
	if (reload->watch.fd < 0)
		return;
	cor_reactor_remove(reload->crew->scheduler, &reload->watch);
	close(reload->watch.fd);
	reload->watch.fd = -1;
}

static void finish(struct cor_reload *reload)
{
	close_channel(reload);
	cor_timer_disarm(reload->crew->scheduler, &reload->timer);
	cor_generation_drop(reload->candidate);
	reload->candidate = NULL;
	reload->worker = NULL;
	reload->on_done(reload);
	if (!reload->is_wanted_again || reload->crew->is_ending)
		return;
	reload->is_wanted_again = false;
	cor_reload_begin(reload);
	reload->moved = reload->moved_again;
}

static void give_up(struct cor_reload *reload, const char *format, ...) COR_PRINTF(2, 3);
static void give_up(struct cor_reload *reload, const char *format, ...)
{
	char why[WHY_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	cor_logger_log(reload->crew->logger, COR_LOG_ERROR, NULL,
		"not reloaded, the service goes on as it was: %s", why);
	if (reload->mistakes[0])
		snprintf(why, sizeof why, "%s", reload->mistakes);
	cor_roster_refuse_reload(reload->crew->roster, why);
	finish(reload);
}

/* --- rolling --- */

static void roll(struct cor_reload *reload);

static void stop_midway(struct cor_reload *reload)
{
	char why[WHY_BYTES];

	snprintf(why, sizeof why,
		"reloaded in part: %" PRIu32 " of %" PRIu32
		" workers are new, the next did not start %u times%s%s; reload again to go on",
		reload->at, reload->crew->posts_len, reload->failures, reload->why[0] ? ": " : "",
		reload->why);
	cor_logger_log(reload->crew->logger, COR_LOG_ERROR, NULL, "%s", why);
	cor_roster_refuse_reload(reload->crew->roster, why);
	finish(reload);
}

/* What follows a failure to start a worker of the candidate. */
static void stumble(struct cor_reload *reload, const char *why)
{
	if (!reload->has_taken_over) {
		give_up(reload, "%s", why);
	} else if (++reload->failures < FAILURES_MAX) {
		arm(reload, AGAIN_MS);
	} else {
		stop_midway(reload);
	}
}

/* Whether a worker of the old generation still accepts clients. */
static bool is_old_at_the_door(const struct cor_reload *reload)
{
	for (uint32_t i = 0; i < COR_SLOTS_MAX; i++) {
		const struct cor_worker *worker = reload->crew->slots[i];
		if (worker && worker->generation != reload->candidate && !worker->has_emptied)
			return true;
	}
	return false;
}

/* One that died, or a place that was added, has a worker of the new generation already. */
static void skip_renewed(struct cor_reload *reload)
{
	const struct cor_crew *crew = reload->crew;

	while (reload->at < crew->posts_len && crew->posts[reload->at].worker &&
		crew->posts[reload->at].worker->generation == reload->candidate)
		reload->at++;
}

void cor_reload_emptied(struct cor_reload *reload)
{
	if (!reload->candidate || !reload->has_taken_over || reload->worker)
		return;
	skip_renewed(reload);
	if (reload->at < reload->crew->posts_len || is_old_at_the_door(reload))
		return;
	cor_logger_log(reload->crew->logger, COR_LOG_INFO, NULL, "reloaded");
	finish(reload);
}

static void roll(struct cor_reload *reload)
{
	skip_renewed(reload);
	if (reload->at >= reload->crew->posts_len) {
		cor_reload_emptied(reload);
		return;
	}
	int rc = cor_crew_start(reload->crew, reload->candidate, &reload->worker);
	if (rc < 0) {
		reload->worker = NULL;
		snprintf(reload->why, sizeof reload->why, "%s", cor_shortage_text(rc));
		stumble(reload, cor_shortage_text(rc));
	}
}

/* Within a range they are as many as they were, and signals have moved that. */
static uint32_t count_workers(const struct cor_reload *reload)
{
	const struct cor_crew *crew = reload->crew;
	const struct cor_plan *plan = &reload->candidate->plan;
	int64_t wanted = cor_plan_workers(plan, crew->posts_len);

	if (plan->processes_max == 0)
		wanted += (int64_t)crew->moved - reload->moved;
	if (wanted > COR_POSTS_MAX)
		return COR_POSTS_MAX;
	return wanted < 1 ? 1 : (uint32_t)wanted;
}

static bool has_address(const struct cor_listening_set *set, const char *address)
{
	for (size_t i = 0; i < set->len; i++)
		if (strcmp(set->items[i].address, address) == 0)
			return true;
	return false;
}

static void say_addresses(const struct cor_reload *reload, const char *what,
	const struct cor_listening_set *set, const struct cor_listening_set *other)
{
	for (size_t i = 0; i < set->len; i++)
		if (!has_address(other, set->items[i].address))
			cor_logger_log(reload->crew->logger, COR_LOG_INFO, NULL, "%s %s", what,
				set->items[i].address);
}

/* The first worker is ready: from now on the dead are replaced by the new generation. */
static void take_over(struct cor_reload *reload)
{
	struct cor_crew *crew = reload->crew;
	struct cor_generation *old = crew->generation;
	say_addresses(reload, "listening on", &reload->candidate->listening, &old->listening);
	say_addresses(
		reload, "no longer listening on", &old->listening, &reload->candidate->listening);
	bool leaves = cor_listening_take_over(
		&reload->candidate->listening, &old->listening, old->activation);
	cor_generation_admit(reload->candidate, crew->logger);

	reload->has_taken_over = true;
	reload->word = leaves ? COR_WORD_END : COR_WORD_DRAIN;
	cor_generation_hold(reload->candidate);
	crew->generation = reload->candidate;
	cor_generation_drop(old);
	cor_crew_resize(crew, count_workers(reload));
}

static void give_place(struct cor_reload *reload, struct cor_worker *worker)
{
	struct cor_post *post = &reload->crew->posts[reload->at];
	struct cor_worker *old = post->worker;

	cor_crew_appoint(reload->crew, post, worker);
	if (!reload->has_taken_over)
		take_over(reload);
	if (old)
		cor_crew_dismiss(old, reload->word);
	reload->at++;
}

bool cor_reload_ready(struct cor_reload *reload, struct cor_worker *worker)
{
	struct cor_crew *crew = reload->crew;

	if (!reload->candidate)
		return false;
	if (worker != reload->worker) {
		cor_reload_emptied(reload); /* it may have filled the last place */
		return false;
	}
	reload->worker = NULL;
	reload->failures = 0;
	if (reload->at < crew->posts_len)
		give_place(reload, worker);
	else
		cor_crew_dismiss(worker, COR_WORD_DRAIN); /* its place was removed meanwhile */
	roll(reload);
	return true;
}

void cor_reload_gone(struct cor_reload *reload, struct cor_worker *worker)
{
	char text[sizeof worker->why + 64];

	if (!reload->candidate || worker != reload->worker)
		return;
	reload->worker = NULL;
	snprintf(reload->why, sizeof reload->why, "%s", worker->why);
	snprintf(text, sizeof text, "its first worker did not start: %s",
		worker->why[0] ? worker->why : "the log says why");
	stumble(reload, text);
}

/* --- checking --- */

/* Who asked for the reload gets all that is wrong, as far as there is room. */
static void keep(struct cor_reload *reload, const char *mistake)
{
	size_t len = strlen(reload->mistakes);

	snprintf(reload->mistakes + len, sizeof reload->mistakes - len, "%s%s", len ? "; " : "",
		mistake);
}

static void obey(struct cor_reload *reload, const char *said)
{
	struct cor_generation *candidate = reload->candidate;
	const char *plan = cor_channel_after(COR_WORD_PLAN, said);
	const char *mistake = cor_fault_hear(reload->crew->logger, "", said);

	if (plan)
		reload->has_plan = cor_plan_read(
					   cor_str(plan), &candidate->arena, &candidate->plan) == 0;
	if (mistake)
		keep(reload, mistake);
}

static void heard(struct cor_watch *watch, uint32_t events)
{
	struct cor_reload *reload = cor_container_of(watch, struct cor_reload, watch);
	char *word = malloc(COR_CHANNEL_BYTES);

	(void)events;
	while (word && watch->fd >= 0) {
		ssize_t n = cor_channel_hear(watch->fd, word, COR_CHANNEL_BYTES);
		if (n == -EAGAIN)
			break;
		if (n > 0)
			obey(reload, word);
		else
			close_channel(reload);
	}
	free(word);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* What is the master's own, and stays as it is; NULL: nothing of that has changed. */
static const char *changed_for_good(const struct cor_plan *now, const struct cor_plan *then)
{
	if (!is_same(now->log_file, then->log_file))
		return "log_file";
	return is_same(now->pid_file, then->pid_file) ? NULL : "pid_file";
}

static void listen_and_roll(struct cor_reload *reload)
{
	const char *failed = NULL;
	const char *changed = changed_for_good(
		&reload->candidate->plan, &reload->crew->generation->plan);

	if (changed) {
		give_up(reload, "%s has changed: restart the service for that", changed);
		return;
	}
	reload->candidate->activation = reload->crew->generation->activation;
	int rc = cor_generation_listen(
		reload->candidate, &reload->crew->generation->listening, &failed);

	if (rc == -ENXIO)
		give_up(reload, "%s: systemd has passed no such socket to this process", failed);
	else if (rc < 0 && failed)
		give_up(reload, "cannot listen on %s: %s", failed, cor_shortage_text(rc));
	else if (rc < 0)
		give_up(reload, "%s", cor_shortage_text(rc));
	else
		roll(reload);
}

bool cor_reload_bury(struct cor_reload *reload, pid_t pid, int status)
{
	char end[COR_DEATH_BYTES];

	if (reload->checker == 0 || pid != reload->checker)
		return false;
	reload->checker = 0;
	if (!reload->candidate)
		return true; /* cancelled */
	heard(&reload->watch, 0);
	close_channel(reload);
	cor_timer_disarm(reload->crew->scheduler, &reload->timer);
	cor_death_print(status, end);
	if (status != 0)
		give_up(reload, "the check of program and configuration %s", end);
	else if (!reload->has_plan)
		give_up(reload, "the program at %s does not know how to be checked",
			reload->program);
	else
		listen_and_roll(reload);
	return true;
}

/* The checker's time is up, or it is time for the next attempt of a worker. */
static void time_is_up(struct cor_timer *timer)
{
	struct cor_reload *reload = cor_container_of(timer, struct cor_reload, timer);

	if (reload->checker != 0)
		kill(reload->checker, SIGKILL);
	else
		roll(reload);
}

static int launch(struct cor_reload *reload, int channel)
{
	const struct cor_child child = {
		.role = COR_CHILD_CHECKER,
		.channel = channel,
		.config = reload->candidate->config,
		.segment = -1,
		.listening = { reload->candidate->public_config },
		.listening_len = 1,
	};
	const struct cor_launch launch = {
		.program = reload->candidate->program,
		.argv = reload->crew->argv,
		.child = &child,
	};

	return cor_launch(&launch, &reload->checker);
}

static int check(struct cor_reload *reload)
{
	int ends[2];
	int rc = cor_channel_open(ends);

	if (rc < 0)
		return rc;
	reload->watch = (struct cor_watch){ .fd = ends[0], .ready = heard };
	rc = cor_reactor_add(reload->crew->scheduler, &reload->watch, EPOLLIN);
	if (rc < 0) {
		close(ends[0]);
		reload->watch.fd = -1;
	} else {
		rc = launch(reload, ends[1]);
	}
	close(ends[1]);
	return rc;
}

void cor_reload_begin(struct cor_reload *reload)
{
	struct cor_crew *crew = reload->crew;

	if (reload->candidate || reload->checker != 0) {
		reload->is_wanted_again = true;
		reload->moved_again = crew->moved;
		return;
	}
	cor_count(&crew->roster->begun_reloads, 1);
	reload->moved = crew->moved;
	reload->mistakes[0] = '\0';
	reload->timer.fire = time_is_up;
	reload->watch.fd = -1;
	reload->has_plan = reload->has_taken_over = false;
	reload->at = 0;
	reload->failures = 0;
	reload->why[0] = '\0';
	int rc = cor_generation_create(crew->numbers + 1, reload->program, &reload->candidate);
	if (rc < 0) {
		give_up(reload, "cannot open %s: %s", reload->program, cor_shortage_text(rc));
		return;
	}
	crew->numbers++;
	rc = check(reload);
	if (rc < 0)
		give_up(reload, "cannot start %s: %s", reload->program, cor_shortage_text(rc));
	else
		arm(reload, CHECK_MS);
}

void cor_reload_cancel(struct cor_reload *reload)
{
	if (reload->checker != 0)
		kill(reload->checker, SIGKILL);
	reload->is_wanted_again = false;
	if (!reload->candidate)
		return;
	close_channel(reload);
	cor_timer_disarm(reload->crew->scheduler, &reload->timer);
	cor_generation_drop(reload->candidate);
	reload->candidate = NULL;
	reload->worker = NULL;
}
