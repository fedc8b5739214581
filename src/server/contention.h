/* SPDX-License-Identifier: MIT */
/**
 * Tells the log about fibers that wait long for a mutex: most often somebody holds it across a wait
 * of another kind. One line for an operation and minute. The thread of its loop.
 */
#ifndef CORACLE_SERVER_CONTENTION_H
#define CORACLE_SERVER_CONTENTION_H

#include <stdint.h>

struct cor_loop;

#define COR_CONTENTION_ROWS 16 /* operations that are remembered */

struct cor_contention {
	struct cor_loop *loop;
	uint32_t limit_ms;
	struct {
		const char *waiter; /* the name of its fiber, which is static; NULL: free */
		int64_t told_ns;
	} rows[COR_CONTENTION_ROWS];
};

/** Watch the loop, which does not run yet. 0: nobody looks. */
void cor_contention_watch(
	struct cor_contention *contention, struct cor_loop *loop, uint32_t limit_ms);

#endif
