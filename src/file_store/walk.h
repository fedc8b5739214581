/* SPDX-License-Identifier: MIT */
/**
 * All entries of a cache: looked at and cleared.
 */
#ifndef CORACLE_FILE_STORE_WALK_H
#define CORACLE_FILE_STORE_WALK_H

#include "file_store/operation.h"

/** The names of all files that may be entries, in call->names. */
int cor_file_list(struct cor_file_store *store, struct cor_file_call *call) COR_CHECKED;

/** What is in the file call->name: call->found and call->item. Else -ENOENT. */
int cor_file_get_named(struct cor_file_store *store, struct cor_file_call *call) COR_CHECKED;

/** Remove all entries with the cache's prefix, and what is broken. */
int cor_file_clear(struct cor_file_store *store, struct cor_file_call *call) COR_CHECKED;

#endif
