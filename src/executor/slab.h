/* SPDX-License-Identifier: MIT */
/**
 * Memory for many small things of one pool that come one after another and go in any order:
 * futures.
 *
 * A slab is taken from the heap for some sixty of them, and goes back when the last one has gone,
 * which may be after its pool. So a batch costs an addition where malloc() and free() took a fifth
 * of its time; in return one thing that is kept keeps its slab.
 */
#ifndef CORACLE_EXECUTOR_SLAB_H
#define CORACLE_EXECUTOR_SLAB_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

struct cor_slab;

/** Where they come from. Zeroed: ready. On a cache line of its own. */
struct cor_slab_source {
	_Alignas(64) uint32_t lock;
	uint32_t taken; /* things of the current one */
	size_t used;    /* bytes of it */
	struct cor_slab *current;
};

/**
 * Take memory, undefined, and aligned as malloc()'s; *ret_slab is what it belongs to (NULL: it is
 * large, and belongs to none). Returns NULL if there is no memory. Never yields; any thread.
 */
void *cor_slab_take(
	struct cor_slab_source *source, size_t bytes, struct cor_slab **ret_slab) COR_CHECKED;

/** Give back what was taken. Never yields; any thread. */
void cor_slab_give(struct cor_slab *slab, void *memory, size_t bytes);

/** Nothing more will be taken; what was taken stays. Never yields. */
void cor_slab_end(struct cor_slab_source *source);

#endif
