/* SPDX-License-Identifier: MIT */
/**
 * For how long a thread of this process was ready to run and had no processor: the machine was busy
 * with others, or its cgroup had used up its share.
 */
#ifndef CORACLE_RUNTIME_RUN_DELAY_H
#define CORACLE_RUNTIME_RUN_DELAY_H

#include <stdint.h>
#include <sys/types.h>

struct cor_run_delay {
	int fd; /* -1: not open yet, or the system does not say */
	int64_t delay_ns;
	int64_t ran_ns; /* on a processor */
};

void cor_run_delay_init(struct cor_run_delay *delay);

/**
 * Look again. Returns how long it had waited when it ran last, less what the look before has
 * returned: a wait that goes on is not known yet. 0 at the first look of a thread, and where the
 * system does not say; -1: the thread has gone.
 */
int64_t cor_run_delay_since(struct cor_run_delay *delay, pid_t thread);

void cor_run_delay_finish(struct cor_run_delay *delay);

#endif
