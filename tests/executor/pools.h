/* SPDX-License-Identifier: MIT */
/** What the tests of pools have in common: a pool of an executor, and a job there and back. */
#ifndef CORACLE_TESTS_POOLS_H
#define CORACLE_TESTS_POOLS_H

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

#endif
