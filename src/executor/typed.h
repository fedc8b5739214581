/* SPDX-License-Identifier: MIT */
/** Jobs whose call has a schema: it is copied with all that it holds, and travels so. */
#ifndef CORACLE_EXECUTOR_TYPED_H
#define CORACLE_EXECUTOR_TYPED_H

#include "executor/future.h"
#include "executor/marshaller.h"

/**
 * As cor_future_create(), for such a call. Returns 0, -ENOMEM, or -COR_EINVALID or
 * -COR_ETOOLARGE as cor_copy().
 */
int cor_typed_create(struct cor_pool *pool, cor_call *fn, const struct cor_schema *schema,
	const void *call, const char *request_id, struct cor_future **ret) COR_CHECKED;

/** The call as its function knows it; *ret_bytes are its bytes. Of any future. */
void *cor_typed_call(struct cor_future *future, size_t *ret_bytes);

/** What the call holds is memory of the arena from now on. Of any future. */
void cor_typed_adopt(struct cor_future *future, struct cor_arena *arena);

/** Give back what the call holds. Of any future. */
void cor_typed_finish(struct cor_future *future);

/** How such calls travel to a process. */
extern const struct cor_marshaller cor_typed_marshaller;

#endif
