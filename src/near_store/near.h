/* SPDX-License-Identifier: MIT */
/**
 * Memory of this process in front of a store that other processes have, too (.near_ttl_ms):
 * cor_near_store of store/kind.h.
 *
 * A get asks the memory, then the store, whose answer it keeps as a copy. A call that changes the
 * store lets the copies of all processes of the machine go once it is done, whatever has come of
 * it. Copies are dropped by nobody: they do not count any more (changes.h).
 */
#ifndef CORACLE_NEAR_STORE_NEAR_H
#define CORACLE_NEAR_STORE_NEAR_H

#include <stdatomic.h>

#include "near_store/changes.h"
#include "store/kind.h"

struct cor_near {
	struct cor_store store;
	struct cor_store *far;
	struct cor_store *copies; /* in memory */
	struct cor_cache copies_cache;
	struct cor_near_changes *changes;
	void *own;                /* `changes`, where no other process has them */
	_Atomic uint64_t refused; /* copies that were found, and did not count any more */
	/*
	 * Of each counter: what it was for the copy that was kept last. If it has moved since,
	 * nothing is read only to be refused: that would take twice the memory of a get.
	 */
	_Atomic uint64_t kept[COR_NEAR_COUNTERS];
};

/** In front of each copy. */
struct cor_near_head {
	uint64_t count;    /* of the counter, before it was asked for */
	uint64_t version;  /* the store's own */
	int64_t longer_ms; /* it lives there, than the copy; COR_FOREVER */
};

#endif
