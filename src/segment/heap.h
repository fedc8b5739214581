/* SPDX-License-Identifier: MIT */
/**
 * A heap inside shared memory: blocks of any size in a fixed number of bytes.
 *
 * It takes no lock. Whoever owns it has one beside it that also protects what the blocks hold, and
 * calls everything here but the figures with it held:
 *
 *     struct shelf {
 *             struct cor_lock lock;
 *             _Atomic uint64_t first_book; // an offset
 *             struct cor_heap heap;        // the last member: its blocks follow
 *     };
 *
 * Blocks stand in a row without gaps, each behind a header of eight bytes. Each change is one store
 * of a header, so that the row is valid after every instruction. An owner that is killed leaves at
 * worst a block that it had taken and told nobody of, and figures that lag. The lock's repair calls
 * cor_heap_repair(), and can find such a block by a walk: free what nothing points to.
 *
 * A block is named by its offset from the heap, which is the same in all processes; 0 is none.
 * Finding one takes as long as there are blocks: first fit, from where the last one was found.
 * Nothing here yields.
 */
#ifndef CORACLE_SEGMENT_HEAP_H
#define CORACLE_SEGMENT_HEAP_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#define COR_HEAP_ALIGN     16
#define COR_HEAP_BYTES_MIN 64
#define COR_HEAP_BYTES_MAX (UINT64_C(1) << 36)

struct cor_heap {
	_Alignas(COR_HEAP_ALIGN) uint64_t end; /* offset behind the last block */
	_Atomic uint64_t rover;                /* offset of the header to search from */
	/* Anybody may read the figures without the lock: cor_counter_read(). */
	_Atomic uint64_t used_bytes; /* with the headers */
	_Atomic uint64_t used_blocks;
};

/**
 * Make a heap of `bytes`, the struct included, with nothing in it: at first, or to drop all it
 * holds. Returns 0, or -EINVAL: `heap` is not aligned to COR_HEAP_ALIGN, or `bytes` are fewer than
 * COR_HEAP_BYTES_MIN or more than COR_HEAP_BYTES_MAX.
 */
int cor_heap_init(struct cor_heap *heap, size_t bytes) COR_CHECKED;

/**
 * Take a block of at least `bytes`, aligned to COR_HEAP_ALIGN; what it holds is left over from
 * before. 0: there is no room, `bytes` is 0, or the row is damaged.
 */
uint64_t cor_heap_alloc(struct cor_heap *heap, size_t bytes);

/**
 * Give a block back. Returns 0, or -EINVAL and does nothing if `offset` is not a block that is
 * taken: given back before, or never handed out. That is a defect of the caller, and an assertion
 * fails where those are compiled in.
 */
int cor_heap_free(struct cor_heap *heap, uint64_t offset);

/** Where a block stands in this process. */
static inline void *cor_heap_at(struct cor_heap *heap, uint64_t offset)
{
	return (char *)heap + offset;
}

/** How many bytes a block that is taken has room for: as many as were asked for, or a few more. */
size_t cor_heap_room(const struct cor_heap *heap, uint64_t offset);

/**
 * The taken block behind `offset` in the row, 0: the first one. Returns 0 if there is no more. Look
 * for the next block before you give one back.
 */
uint64_t cor_heap_next(const struct cor_heap *heap, uint64_t offset);

/**
 * After an owner of the lock has died: look at each header, and count anew. Returns 0, or -EUCLEAN:
 * something has written over a header, and only cor_heap_init() is left.
 */
int cor_heap_repair(struct cor_heap *heap) COR_CHECKED;

#endif
