/* SPDX-License-Identifier: MIT */
/** How calls that are more than their bytes travel to a process, and what comes back. */
#ifndef CORACLE_EXECUTOR_MARSHALLER_H
#define CORACLE_EXECUTOR_MARSHALLER_H

#include <coracle/executor.h>

#include "base/foreign.h"
#include "context/context.h"

/** Constant data. The room has the same address in both processes: pointers may travel. */
struct cor_marshaller {
	cor_call *fn; /* the function of the jobs whose calls travel so */
	/**
	 * In the owner, on any thread: lay all that the job needs into the room, first what
	 * `packed` means. Returns 0, -ENOMEM (the room is too small), or another negative code.
	 */
	int (*pack)(const void *call, struct cor_arena *room);
	/** In the process: do the job, and leave what comes of it in the rest of the room. */
	int (*run)(struct cor_ctx *ctx, void *packed, struct cor_arena *room);
	/**
	 * In the owner: take from the room what was left there, into the call and the arena. The
	 * process may have written anything there. Returns 0, -ENOMEM, or -COR_EINVALID: it has;
	 * then nothing in the call is changed.
	 */
	int (*unpack)(void *call, const void *packed, const struct cor_foreign *room,
		struct cor_arena *arena);
};

#endif
