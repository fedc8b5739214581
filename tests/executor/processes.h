/* SPDX-License-Identifier: MIT */
/** What the tests of pools of processes have in common besides: waiting for processes to go. */
#ifndef CORACLE_TESTS_PROCESSES_H
#define CORACLE_TESTS_PROCESSES_H

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/clock.h>

#include "pools.h"

/* Until nobody has that number, for 5 s. A zombie still has it. */
static inline bool has_gone(pid_t pid)
{
	for (int i = 0; i < 5000 && (kill(pid, 0) == 0 || errno != ESRCH); i++)
		(void)poll(NULL, 0, 1);
	return kill(pid, 0) < 0 && errno == ESRCH;
}

#endif
