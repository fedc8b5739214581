/* SPDX-License-Identifier: MIT */
/**
 * Where calls of a store run: outside of a fiber here; in a fiber what a disk could hold up on a
 * thread of the store's pool, while the fiber waits within its scope.
 */
#ifndef CORACLE_FILE_STORE_OFFLOAD_H
#define CORACLE_FILE_STORE_OFFLOAD_H

#include "file_store/operation.h"

/**
 * Do it. What comes out is in call->arena, which is the caller's: a job that goes on behind a
 * caller that has left has memory of its own. Yields. Returns what call->act() does, -ETIMEDOUT or
 * -ECANCELED of the scope, -ENOMEM, -EAGAIN (no thread can be made).
 */
int cor_file_do(struct cor_file_store *store, struct cor_file_call *call) COR_CHECKED;

/** Make the pools; no thread is made yet. Returns as cor_pool_create(). */
int cor_file_pools_create(struct cor_file_store *store) COR_CHECKED;

/** Wait for what has begun. */
void cor_file_pools_destroy(struct cor_file_store *store);

#endif
