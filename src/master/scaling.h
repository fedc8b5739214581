/* SPDX-License-Identifier: MIT */
/**
 * As many workers as the load needs, between the bounds of the plan.
 *
 * The rule, judged once a second. One is added if, all through the second, each worker was busy for
 * at least COR_SCALING_FULL percent of the time, or clients waited to be accepted. One is removed
 * if in each of the last surplus_s seconds the work of all, done by one fewer, would have kept each
 * of them busy for at most COR_SCALING_SLACK percent, and nobody waited. The distance between the
 * two keeps it from swinging. Nothing is judged while a worker starts or a reload goes on.
 *
 * A timer runs only if the plan has bounds. Everything here belongs to the master's one thread and
 * runs on its loop.
 */
#ifndef CORACLE_MASTER_SCALING_H
#define CORACLE_MASTER_SCALING_H

#include <stdbool.h>
#include <stdint.h>

#include "master/load.h"
#include "master/reload.h"

#define COR_SCALING_FULL  90
#define COR_SCALING_SLACK 70

struct cor_scaling {
	struct cor_crew *crew;
	const struct cor_reload *reload;
	const struct cor_load *loads; /* of all slots */
	struct cor_timer timer;
	struct {
		pid_t pid;
		uint64_t looks;
		uint64_t busy;
	} seen[COR_SLOTS_MAX];  /* at the beginning of the second */
	unsigned looks;         /* in this second */
	unsigned queued_looks;  /* of them, those that found clients waiting */
	uint32_t surplus_s;     /* seconds in a row with a worker too many */
	unsigned surplus_share; /* the most, in percent, that one fewer would have been busy */
};

/** Run or stop as the plan of the crew's generation says: at the start, and after a reload. */
void cor_scaling_begin(struct cor_scaling *scaling);

void cor_scaling_stop(struct cor_scaling *scaling);

#endif
