/* SPDX-License-Identifier: MIT */
/**
 * A heap inside shared memory: blocks of any size in a fixed number of bytes.
 *
 * It takes no lock. Its owner has one next to it that also protects the contents of the blocks, and
 * holds it for every call below; only the figures may be read without it:
 *
 *     struct shelf {
 *             struct cor_lock lock;
 *             _Atomic uint64_t first_book; // an offset
 *             struct cor_heap heap;        // the last member: its blocks follow
 *     };
 *
 * Blocks stand in a row without gaps, each behind a header of eight bytes. Each change is one store
 * of a header, so the row is valid after every instruction. A process that is killed leaves behind
 * at worst a block that it had taken but not yet linked anywhere, and stale figures. The lock's
 * repair calls cor_heap_repair(), and finds such a block with cor_heap_next(): the one that nothing
 * refers to.
 *
 * A block's name is its offset from the heap, which is the same in all processes; 0 is no block.
 * The search is first fit, from where the last block was found; it may pass every block. Nothing
 * here yields.
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
 * Make an empty heap of `bytes`, the struct included: at first, or to drop everything. Returns 0,
 * or -EINVAL: `heap` is not aligned to COR_HEAP_ALIGN, or `bytes` are fewer than COR_HEAP_BYTES_MIN
 * or more than COR_HEAP_BYTES_MAX.
 */
int cor_heap_init(struct cor_heap *heap, size_t bytes) COR_CHECKED;

/**
 * Take a block of at least `bytes`, aligned to COR_HEAP_ALIGN and not zeroed. Returns its offset,
 * or 0: there is no room, `bytes` is 0, or the row is damaged.
 */
uint64_t cor_heap_alloc(struct cor_heap *heap, size_t bytes);

/**
 * Give a block back. If `offset` is not a taken block (given back before, or never handed out), an
 * assertion fails; without assertions it does nothing and returns -EINVAL. Returns 0 otherwise.
 */
int cor_heap_free(struct cor_heap *heap, uint64_t offset);

/** Where a block stands in this process. */
static inline void *cor_heap_at(struct cor_heap *heap, uint64_t offset)
{
	return (char *)heap + offset;
}

/**
 * How many bytes a taken block has room for: those asked for, or a few more. 0: not a taken block.
 */
size_t cor_heap_room(const struct cor_heap *heap, uint64_t offset);

/**
 * The taken block behind `offset` in the row, 0: the first one. Returns 0 if there is no more. Look
 * for the next block before you give one back.
 */
uint64_t cor_heap_next(const struct cor_heap *heap, uint64_t offset);

/**
 * Check each header and recount the figures, after an owner of the lock has died. Returns 0, or
 * -EUCLEAN: something has overwritten a header, and only cor_heap_init() helps.
 */
int cor_heap_repair(struct cor_heap *heap) COR_CHECKED;

#endif
