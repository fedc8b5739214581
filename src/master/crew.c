/* SPDX-License-Identifier: MIT */
#include "master/crew.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/shortage.h"
#include "master/channel.h"
#include "runtime/death.h"
#include "master/fault.h"
#include "master/launch.h"
#include "master/roster.h"
#include "observe/logger.h"
#include "runtime/scheduler.h"

#define YOUNG_NS       (10 * (int64_t)COR_NS_PER_S) /* a worker that dies earlier has died young */
#define FIRST_DELAY_MS 100
#define LAST_DELAY_MS  2000
#define GRACE_MS       5000 /* for a worker to end what its drain timeout has cut */
#define WORD_BYTES     (COR_FAULT_BYTES + 64)

/* --- time --- */

static int64_t in_ms(const struct cor_crew *crew, int64_t ms)
{
	return cor_clock_after_ms(cor_clock_fresh(crew->scheduler), ms);
}

static double age_s(const struct cor_worker *worker)
{
	int64_t now_ns = cor_clock_fresh(worker->crew->scheduler);

	return (double)(now_ns - worker->started_ns) / COR_NS_PER_S;
}

static bool is_young(const struct cor_worker *worker)
{
	int64_t now_ns = cor_clock_fresh(worker->crew->scheduler);

	return worker->state == COR_WORKER_STARTING || now_ns - worker->started_ns < YOUNG_NS;
}

/* How long its successor waits: 0, 100, 200 ... 2,000 ms. */
static uint32_t delay_ms(unsigned young_deaths)
{
	uint32_t ms = FIRST_DELAY_MS;

	if (young_deaths <= 1)
		return 0;
	for (unsigned i = 2; i < young_deaths && ms < LAST_DELAY_MS; i++)
		ms *= 2;
	return ms < LAST_DELAY_MS ? ms : LAST_DELAY_MS;
}

static void overdue(struct cor_timer *timer)
{
	struct cor_worker *worker = cor_container_of(timer, struct cor_worker, timer);
	const struct cor_plan *plan = &worker->generation->plan;

	if (worker->state == COR_WORKER_STARTING)
		cor_logger_log(worker->crew->logger, COR_LOG_ERROR, NULL,
			"worker %" PRIu32 " (pid %d) is not ready after %" PRIu32
			" ms (--start-timeout-ms): killing it",
			worker->slot, (int)worker->pid, plan->start_timeout_ms);
	else
		cor_logger_log(worker->crew->logger, COR_LOG_ERROR, NULL,
			"worker %" PRIu32 " (pid %d) did not end in time: killing it", worker->slot,
			(int)worker->pid);
	worker->was_killed = true;
	kill(worker->pid, SIGKILL);
}

/* --- what a worker says --- */

static void inherit(struct cor_worker *heir);
static void retire(struct cor_worker *worker, const char *word);

static void note_fault(struct cor_worker *worker, const char *word)
{
	char who[64];

	snprintf(who, sizeof who, "worker %" PRIu32 " (pid %d): ", worker->slot, (int)worker->pid);
	const char *why = cor_fault_hear(worker->crew->logger, who, word);
	if (why)
		snprintf(worker->why, sizeof worker->why, "%s", why);
}

static void obey(struct cor_worker *worker, const char *word)
{
	struct cor_crew *crew = worker->crew;
	const char *retired = cor_channel_after(COR_WORD_RETIRE, word);

	worker->has_served = worker->has_served || strcmp(word, COR_WORD_READY) == 0;
	if (strcmp(word, COR_WORD_READY) == 0 && worker->state == COR_WORKER_STARTING) {
		worker->state = COR_WORKER_READY;
		cor_timer_disarm(crew->scheduler, &worker->timer);
		if (worker->heir_of)
			inherit(worker);
		crew->on_ready(crew, worker);
	} else if (retired) {
		retire(worker, retired);
	} else if (strcmp(word, COR_WORD_EMPTIED) == 0) {
		worker->has_emptied = true;
		crew->on_emptied(crew);
	} else {
		note_fault(worker, word);
	}
}

static void close_channel(struct cor_worker *worker)
{
	if (worker->watch.fd < 0)
		return;
	cor_reactor_remove(worker->crew->scheduler, &worker->watch);
	close(worker->watch.fd);
	worker->watch.fd = -1;
}

static void heard(struct cor_watch *watch, uint32_t events)
{
	struct cor_worker *worker = cor_container_of(watch, struct cor_worker, watch);
	char word[WORD_BYTES];
	ssize_t n;

	(void)events;
	while (worker->watch.fd >= 0 &&
		(n = cor_channel_hear(worker->watch.fd, word, sizeof word)) != -EAGAIN) {
		if (n > 0)
			obey(worker, word);
		else
			close_channel(worker);
	}
}

/* One that has closed its channel dies, or is killed in time. */
static void say(struct cor_worker *worker, const char *word)
{
	if (worker->watch.fd >= 0)
		cor_ignore(cor_channel_say(worker->watch.fd, word));
}

/* --- the beginning --- */

static struct cor_worker *make(struct cor_crew *crew, struct cor_generation *generation)
{
	uint32_t slot = 0;

	while (slot < COR_SLOTS_MAX && !cor_roster_claim(crew->roster, slot))
		slot++;
	if (slot == COR_SLOTS_MAX)
		return NULL;
	struct cor_worker *worker = calloc(1, sizeof *worker);
	if (!worker) {
		cor_roster_release(crew->roster, slot);
		return NULL;
	}
	*worker = (struct cor_worker){
		.crew = crew,
		.generation = generation,
		.watch = { .fd = -1, .ready = heard },
		.timer.fire = overdue,
		.slot = slot,
		.started_ns = cor_clock_fresh(crew->scheduler),
	};
	return worker;
}

static int launch(struct cor_worker *worker, int channel)
{
	const struct cor_generation *generation = worker->generation;
	struct cor_child child = {
		.role = COR_CHILD_WORKER,
		.slot = worker->slot,
		.generation = generation->number,
		.channel = channel,
		.config = generation->config,
		.segment = worker->crew->segment,
	};

	for (size_t i = 0; i < generation->listening.len; i++)
		child.listening[child.listening_len++] = generation->listening.items[i].fd;
	const struct cor_launch launch = {
		.program = generation->program,
		.argv = worker->crew->argv,
		.child = &child,
	};
	return cor_launch(&launch, &worker->pid);
}

static int watch_and_launch(struct cor_worker *worker)
{
	struct cor_scheduler *scheduler = worker->crew->scheduler;
	int ends[2];
	int rc = cor_channel_open(ends);

	if (rc < 0)
		return rc;
	worker->watch.fd = ends[0];
	rc = cor_reactor_add(scheduler, &worker->watch, EPOLLIN);
	if (rc < 0) {
		close(ends[0]);
		worker->watch.fd = -1;
	} else {
		rc = launch(worker, ends[1]);
	}
	close(ends[1]);
	if (rc < 0)
		close_channel(worker);
	return rc;
}

int cor_crew_start(
	struct cor_crew *crew, struct cor_generation *generation, struct cor_worker **ret)
{
	struct cor_worker *worker = make(crew, generation);

	if (!worker)
		return -ENOSPC;
	int rc = watch_and_launch(worker);
	if (rc < 0) {
		cor_roster_release(crew->roster, worker->slot);
		free(worker);
		return rc;
	}
	crew->slots[worker->slot] = worker;
	crew->alive++;
	cor_generation_hold(generation);
	cor_timer_arm(
		crew->scheduler, &worker->timer, in_ms(crew, generation->plan.start_timeout_ms));
	*ret = worker;
	return 0;
}

/* --- posts --- */

void cor_crew_appoint(struct cor_crew *crew, struct cor_post *post, struct cor_worker *worker)
{
	/* not cut: it may serve already, and have said so a moment ago */
	if (post->heir && post->heir != worker)
		cor_crew_dismiss(post->heir, COR_WORD_DRAIN);
	if (post->worker)
		post->worker->post = NULL;
	post->worker = worker;
	post->heir = NULL;
	post->retires = false;
	worker->post = post;
	worker->heir_of = NULL;
	cor_timer_disarm(crew->scheduler, &post->again);
}

static void try_later(struct cor_post *post)
{
	cor_timer_arm(post->crew->scheduler, &post->again,
		in_ms(post->crew, delay_ms(post->young_deaths)));
}

/* Of somebody who is there still, and retires: when it is ready. */
static void take_place(struct cor_post *post, struct cor_worker *worker)
{
	if (!post->worker) {
		cor_crew_appoint(post->crew, post, worker);
		return;
	}
	post->heir = worker;
	worker->heir_of = post;
}

static void fill(struct cor_timer *timer)
{
	struct cor_post *post = cor_container_of(timer, struct cor_post, again);
	struct cor_crew *crew = post->crew;
	struct cor_worker *worker;
	int rc = crew->is_ending ? 0 : cor_crew_start(crew, crew->generation, &worker);

	if (crew->is_ending)
		return;
	if (rc == 0) {
		take_place(post, worker);
		return;
	}
	post->young_deaths = post->young_deaths ? post->young_deaths + 1 : 2; /* never at once */
	cor_logger_log(crew->logger, COR_LOG_ERROR, NULL, "cannot start a worker: %s",
		cor_shortage_text(rc));
	crew->on_not_started(crew);
	if (crew->is_ending)
		return;
	cor_logger_log(crew->logger, COR_LOG_INFO, NULL,
		"starting a worker again in %" PRIu32 " ms", delay_ms(post->young_deaths));
	try_later(post);
}

static void vacate(struct cor_post *post)
{
	cor_timer_disarm(post->crew->scheduler, &post->again);
	if (post->heir)
		cor_crew_dismiss(post->heir, COR_WORD_DRAIN);
	if (post->worker)
		cor_crew_dismiss(post->worker, COR_WORD_DRAIN);
}

void cor_crew_resize(struct cor_crew *crew, uint32_t posts)
{
	uint32_t before = crew->posts_len;

	crew->posts_len = posts;
	for (uint32_t i = posts; i < before; i++)
		vacate(&crew->posts[i]);
	for (uint32_t i = before; i < posts; i++) {
		crew->posts[i] = (struct cor_post){ .crew = crew, .again.fire = fill };
		fill(&crew->posts[i].again);
	}
}

/* --- retirement --- */

/* One that is on its way out, or has asked before, has nothing to ask for. */
static void retire(struct cor_worker *worker, const char *word)
{
	struct cor_post *post = worker->post;

	if (!post || post->retires)
		return;
	const char *why = cor_roster_count_retirement(worker->crew->roster, word);
	cor_logger_log(worker->crew->logger, COR_LOG_INFO, NULL,
		"worker %" PRIu32 " (pid %d) retires: %s; its successor is starting", worker->slot,
		(int)worker->pid, why);
	post->retires = true;
	fill(&post->again);
}

static void inherit(struct cor_worker *heir)
{
	struct cor_post *post = heir->heir_of;
	struct cor_worker *old = post->worker;

	post->young_deaths = 0;
	cor_crew_appoint(heir->crew, post, heir);
	cor_crew_dismiss(old, COR_WORD_DRAIN);
}

/* The one that retires stays meanwhile. */
static void replace_heir(struct cor_worker *heir)
{
	struct cor_post *post = heir->heir_of;

	post->heir = NULL;
	post->young_deaths++;
	try_later(post);
}

/* --- the end --- */

/* One that was told before has its time already: to be told again gives it no more. */
static void leave_within(struct cor_worker *worker, int64_t ms)
{
	int64_t due_ns = in_ms(worker->crew, ms);

	if (worker->state == COR_WORKER_LEAVING && worker->timer.due_ns < due_ns)
		return;
	worker->state = COR_WORKER_LEAVING;
	cor_timer_arm(worker->crew->scheduler, &worker->timer, due_ns);
}

void cor_crew_dismiss(struct cor_worker *worker, const char *word)
{
	if (worker->post)
		worker->post->worker = NULL;
	worker->post = NULL;
	if (worker->heir_of)
		worker->heir_of->heir = NULL;
	worker->heir_of = NULL;
	say(worker, word);
	leave_within(worker, (int64_t)worker->generation->plan.drain_timeout_ms + GRACE_MS);
}

void cor_crew_end(struct cor_crew *crew, const char *word)
{
	crew->is_ending = true;
	for (uint32_t i = 0; i < crew->posts_len; i++)
		cor_timer_disarm(crew->scheduler, &crew->posts[i].again);
	for (uint32_t i = 0; i < COR_SLOTS_MAX; i++)
		if (crew->slots[i])
			cor_crew_dismiss(crew->slots[i], word);
}

void cor_crew_stop(struct cor_crew *crew)
{
	for (uint32_t i = 0; i < COR_SLOTS_MAX; i++) {
		struct cor_worker *worker = crew->slots[i];
		if (!worker)
			continue;
		say(worker, COR_WORD_STOP);
		leave_within(worker, GRACE_MS);
	}
}

static void give_log(struct cor_worker *worker, int fd)
{
	int rc = worker->watch.fd >= 0 ? cor_channel_give(worker->watch.fd, COR_WORD_LOG, fd) : 0;

	if (rc < 0 && rc != -EPIPE)
		cor_logger_log(worker->crew->logger, COR_LOG_ERROR, NULL,
			"worker %" PRIu32 " (pid %d) logs to the old file: %s; send SIGUSR1 again",
			worker->slot, (int)worker->pid, cor_strerror(rc));
}

void cor_crew_give_log(struct cor_crew *crew, int fd)
{
	for (uint32_t i = 0; i < COR_SLOTS_MAX; i++)
		if (crew->slots[i])
			give_log(crew->slots[i], fd);
}

void cor_crew_kill(struct cor_crew *crew)
{
	for (uint32_t i = 0; i < COR_SLOTS_MAX; i++)
		if (crew->slots[i])
			kill(crew->slots[i]->pid, SIGKILL);
}

bool cor_crew_is_whole(const struct cor_crew *crew)
{
	for (uint32_t i = 0; i < crew->posts_len; i++)
		if (!crew->posts[i].worker || crew->posts[i].worker->state != COR_WORKER_READY)
			return false;
	return true;
}

bool cor_crew_has_emptied(const struct cor_crew *crew)
{
	for (uint32_t i = 0; i < COR_SLOTS_MAX; i++)
		if (crew->slots[i] && !crew->slots[i]->has_emptied)
			return false;
	return true;
}

/* --- death --- */

static void say_death(const struct cor_worker *worker, int status, const char *then)
{
	char end[COR_DEATH_BYTES];
	bool as_told = worker->state == COR_WORKER_LEAVING && WIFEXITED(status);
	bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0; /* somebody sent it TERM */
	enum cor_log_level level = well ? COR_LOG_WARNING : COR_LOG_ERROR;

	cor_death_print(status, end);
	cor_logger_log(worker->crew->logger, as_told ? COR_LOG_DEBUG : level, NULL,
		"worker %" PRIu32 " (pid %d) %s after %.1f s%s", worker->slot, (int)worker->pid,
		end, age_s(worker), then);
}

static void replace(struct cor_post *post, bool young)
{
	post->worker = NULL;
	if (post->heir) {
		cor_crew_appoint(post->crew, post, post->heir);
		return;
	}
	post->retires = false;
	post->young_deaths = young ? post->young_deaths + 1 : 0;
	if (!post->crew->is_ending)
		try_later(post);
}

static void announce_death(const struct cor_worker *worker, int status)
{
	const struct cor_post *post = worker->post;
	char then[64] = "";

	if (post && !worker->crew->is_ending) {
		uint32_t ms = delay_ms(is_young(worker) ? post->young_deaths + 1 : 0);
		if (ms == 0)
			snprintf(then, sizeof then, ": starting another");
		else
			snprintf(then, sizeof then, ": starting another in %" PRIu32 " ms", ms);
	}
	say_death(worker, status, then);
}

bool cor_crew_bury(struct cor_crew *crew, pid_t pid, int status)
{
	struct cor_worker *worker = NULL;

	for (uint32_t i = 0; i < COR_SLOTS_MAX && !worker; i++)
		if (crew->slots[i] && crew->slots[i]->pid == pid)
			worker = crew->slots[i];
	if (!worker)
		return false;
	heard(&worker->watch, EPOLLIN); /* its last words */
	announce_death(worker, status);
	close_channel(worker);
	cor_timer_disarm(crew->scheduler, &worker->timer);
	crew->slots[worker->slot] = NULL;
	cor_roster_release(crew->roster, worker->slot);
	crew->alive--;
	if (worker->post)
		replace(worker->post, is_young(worker));
	if (worker->heir_of)
		replace_heir(worker);
	crew->on_gone(crew, worker, status);
	crew->on_emptied(crew);
	cor_generation_drop(worker->generation);
	free(worker);
	return true;
}
