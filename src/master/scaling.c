/* SPDX-License-Identifier: MIT */
#include "master/scaling.h"

#include <assert.h>
#include <inttypes.h>

#include "base/compiler.h"
#include "observe/logger.h"
#include "runtime/scheduler.h"
#include "segment/counter.h"

#define LOOK_MS        250
#define LOOKS_A_SECOND 4

/* What all workers did in a second, in percent. */
struct second {
	bool is_whole; /* each was there, and ready, all the time */
	bool has_queue;
	unsigned least;
	unsigned sum;
};

static void arm(struct cor_scaling *scaling)
{
	struct cor_scheduler *scheduler = scaling->crew->scheduler;

	cor_timer_arm(scheduler, &scaling->timer,
		cor_clock_after_ms(cor_clock_fresh(scheduler), LOOK_MS));
}

/* --- measuring --- */

/* The worker's share since the last time; -1: it is not known. */
static int take_share(struct cor_scaling *scaling, const struct cor_worker *worker)
{
	const struct cor_load *load = &scaling->loads[worker->slot];
	uint64_t looks = cor_counter_read(&load->looks);
	uint64_t busy = cor_counter_read(&load->busy);
	uint64_t looks_now = looks - scaling->seen[worker->slot].looks;
	uint64_t busy_now = busy - scaling->seen[worker->slot].busy;
	bool is_known = scaling->seen[worker->slot].pid == worker->pid && looks_now != 0;

	scaling->seen[worker->slot].pid = worker->pid;
	scaling->seen[worker->slot].looks = looks;
	scaling->seen[worker->slot].busy = busy;
	if (!is_known || worker->state != COR_WORKER_READY)
		return -1;
	return (int)(100 * busy_now / looks_now);
}

static struct second measure(struct cor_scaling *scaling)
{
	const struct cor_crew *crew = scaling->crew;
	struct second second = {
		.is_whole = true,
		.has_queue = scaling->queued_looks == LOOKS_A_SECOND,
		.least = 100,
	};

	for (uint32_t i = 0; i < crew->posts_len; i++) {
		const struct cor_worker *worker = crew->posts[i].worker;
		int share = worker ? take_share(scaling, worker) : -1;
		if (share < 0) {
			second.is_whole = false;
			continue;
		}
		second.sum += (unsigned)share;
		if ((unsigned)share < second.least)
			second.least = (unsigned)share;
	}
	return second;
}

/* --- the rule --- */

static void add(struct cor_scaling *scaling, const struct second *second)
{
	struct cor_crew *crew = scaling->crew;
	uint32_t count = crew->posts_len;

	if (second->least >= COR_SCALING_FULL)
		cor_logger_log(crew->logger, COR_LOG_INFO, NULL,
			"adding a worker: for a second each of %" PRIu32
			" was busy for at least %u%% of the time; %" PRIu32 " from now on",
			count, second->least, count + 1);
	else
		cor_logger_log(crew->logger, COR_LOG_INFO, NULL,
			"adding a worker: for a second clients waited to be accepted; %" PRIu32
			" from now on",
			count + 1);
	scaling->surplus_s = 0;
	cor_crew_resize(crew, count + 1);
}

static void count_surplus(struct cor_scaling *scaling, const struct second *second)
{
	struct cor_crew *crew = scaling->crew;
	uint32_t fewer = crew->posts_len - 1;

	assert(fewer != 0); /* a plan has at least one process */
	unsigned share = second->sum / fewer;

	if (share > COR_SCALING_SLACK || scaling->queued_looks != 0) {
		scaling->surplus_s = 0;
		return;
	}
	if (scaling->surplus_s++ == 0 || share > scaling->surplus_share)
		scaling->surplus_share = share;
	if (scaling->surplus_s < crew->generation->plan.surplus_s)
		return;
	cor_logger_log(crew->logger, COR_LOG_INFO, NULL,
		"removing a worker: for %" PRIu32
		" s one fewer would have been busy for at most %u%% of the time; %" PRIu32
		" from now on",
		scaling->surplus_s, scaling->surplus_share, fewer);
	scaling->surplus_s = 0;
	cor_crew_resize(crew, fewer);
}

static void judge(struct cor_scaling *scaling)
{
	const struct cor_crew *crew = scaling->crew;
	const struct cor_plan *plan = &crew->generation->plan;
	const struct second second = measure(scaling);
	bool is_full = second.least >= COR_SCALING_FULL || second.has_queue;
	bool may_change = second.is_whole && !scaling->reload->candidate && !crew->is_ending;

	if (may_change && is_full && crew->posts_len < plan->processes_max)
		add(scaling, &second);
	else if (may_change && crew->posts_len > plan->processes)
		count_surplus(scaling, &second);
	else
		scaling->surplus_s = 0;
}

static void look(struct cor_timer *timer)
{
	struct cor_scaling *scaling = cor_container_of(timer, struct cor_scaling, timer);

	scaling->queued_looks += cor_listening_has_queue(&scaling->crew->generation->listening);
	if (++scaling->looks == LOOKS_A_SECOND) {
		judge(scaling);
		scaling->looks = scaling->queued_looks = 0;
	}
	arm(scaling);
}

/* --- life --- */

void cor_scaling_begin(struct cor_scaling *scaling)
{
	cor_scaling_stop(scaling);
	const struct cor_plan *plan = &scaling->crew->generation->plan;
	if (plan->processes_max <= plan->processes || scaling->crew->is_ending)
		return; /* there is no range, or one of a single number */
	scaling->timer.fire = look;
	arm(scaling);
}

void cor_scaling_stop(struct cor_scaling *scaling)
{
	if (scaling->timer.fire)
		cor_timer_disarm(scaling->crew->scheduler, &scaling->timer);
	scaling->looks = scaling->queued_looks = 0;
	scaling->surplus_s = 0;
}
