/* SPDX-License-Identifier: MIT */
/** What the tests of pools of processes have in common: pools, and waiting for processes to go. */
#ifndef CORACLE_TESTS_PROCESSES_H
#define CORACLE_TESTS_PROCESSES_H

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/clock.h>
#include <coracle/executor.h>

static inline struct cor_pool *pool_of(const struct cor_executor *executor)
{
	struct cor_pool *pool = NULL;

	assert_int_equal(cor_pool_create(executor, &pool), 0);
	return pool;
}

/* Wait for it; what the function returned. The future is dropped. */
#define END_OF(future, call)                                                                       \
	({                                                                                         \
		assert_int_equal(cor_future_wait(future), 0);                                      \
		int end_of_rc = cor_future_read(future, call);                                     \
		cor_future_drop(future);                                                           \
		end_of_rc;                                                                         \
	})

/* One job, there and back. */
#define RUN(pool, fn, call)                                                                        \
	({                                                                                         \
		struct cor_future *run_future = NULL;                                              \
		assert_int_equal(cor_pool_submit(pool, fn, call, &run_future), 0);                 \
		END_OF(run_future, call);                                                          \
	})

/* Until nobody has that number, for 5 s. A zombie still has it. */
static inline bool has_gone(pid_t pid)
{
	for (int i = 0; i < 5000 && (kill(pid, 0) == 0 || errno != ESRCH); i++)
		(void)poll(NULL, 0, 1);
	return kill(pid, 0) < 0 && errno == ESRCH;
}

#endif
