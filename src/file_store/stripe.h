/* SPDX-License-Identifier: MIT */
/**
 * The locks of a store: a stripe of names is changed by one thread of one process at a time.
 */
#ifndef CORACLE_FILE_STORE_STRIPE_H
#define CORACLE_FILE_STORE_STRIPE_H

#include "file_store/file_store.h"

/**
 * Lock a stripe, and see to it that the directory and its state are those that others use. Blocks,
 * for 5 s at most. Returns 0, -ETIMEDOUT or -ECANCELED (also of the scope), -EROFS, or the errno of
 * open() and fcntl().
 */
int cor_stripe_lock(struct cor_file_store *store, uint32_t stripe) COR_CHECKED;

/** Lock one more, without waiting. Returns 0, -EBUSY, -ESTALE (not opened by this process) or
 * another code. */
int cor_stripe_try_lock(struct cor_file_store *store, uint32_t stripe) COR_CHECKED;

void cor_stripe_unlock(struct cor_file_store *store, uint32_t stripe);

/**
 * Open the directory anew, and make it if it has gone. No stripe is locked by the caller. Returns
 * 0, or a code as cor_stripe_lock() does.
 */
int cor_stripes_reopen(struct cor_file_store *store) COR_CHECKED;

#endif
