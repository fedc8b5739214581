/* SPDX-License-Identifier: MIT */
/**
 * What a job may leave in its process that would end or mislead another one: timers, blocked
 * signals, handlers, a mask, a folder, limits, closed descriptors. It is put back; where that
 * cannot be, the process is replaced.
 */
#ifndef CORACLE_EXECUTOR_MANNERS_H
#define CORACLE_EXECUTOR_MANNERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <coracle/api.h>

#define COR_MANNERS_LIMITS 4

struct cor_manners {
	uint32_t jobs; /* since all was put back */
	bool is_boxed; /* nothing but its signals can change in a sandbox */
	int folder_fd;
	mode_t mask;
	int next_timer; /* the number that the system gives to the next one */
	struct rlimit limits[COR_MANNERS_LIMITS];
};

/** The process is as it shall be, and about to enter its sandbox. */
void cor_manners_begin(struct cor_manners *manners, bool is_boxed);

/** After a job, at once: what is quick, and would end the next job at once. */
void cor_manners_restore_first(struct cor_manners *manners);

/** After some jobs: everything. It takes 5 us. Returns false: the process cannot go on. */
bool cor_manners_restore(struct cor_manners *manners) COR_CHECKED;

#endif
