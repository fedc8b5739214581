/* SPDX-License-Identifier: MIT */
/** Jobs that wait until the test lets them go on. */
#ifndef CORACLE_TESTS_GATE_H
#define CORACLE_TESTS_GATE_H

#include <stdatomic.h>

#include <coracle/context.h>
#include <coracle/fiber.h>
#include <coracle/sync.h>

struct gate {
	struct cor_semaphore begun; /* a permit for each job that has begun */
	struct cor_semaphore open;  /* and for each that may end */
	_Atomic int count;          /* jobs that have ended */
};

struct pass {
	struct gate *gate;
	int result;
};

static inline int pass(struct cor_ctx *ctx, struct pass *call)
{
	struct cor_scope scope;

	(void)ctx;
	cor_semaphore_give(&call->gate->begun);
	cor_scope_shield(&scope, COR_FOREVER);
	int rc = cor_semaphore_take(&call->gate->open);
	cor_scope_leave(&scope);
	if (rc < 0)
		return rc;
	atomic_fetch_add(&call->gate->count, 1);
	return call->result;
}

#endif
