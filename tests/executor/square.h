/* SPDX-License-Identifier: MIT */
/** A job whose result, and whose call, tell which one it was; a number below 0 fails. */
#ifndef CORACLE_TESTS_SQUARE_H
#define CORACLE_TESTS_SQUARE_H

#include <errno.h>
#include <stdint.h>

#include <coracle/executor.h>

struct square {
	int64_t in;
	int64_t out;
};

static inline int square(struct cor_ctx *ctx, struct square *call)
{
	(void)ctx;
	call->out = call->in * call->in;
	return call->in < 0 ? -ERANGE : (int)call->in;
}

#endif
