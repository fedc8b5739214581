/* SPDX-License-Identifier: MIT */
#include "segment/heap.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>

#include "segment/counter.h"

/*
 * A header stands eight bytes before a multiple of UNIT, so that what follows it is aligned. It is
 * one word: in the upper half the units of the block, header included; in the lower half a mark
 * derived from its offset, which gives away offsets that are not a block's, and a bit that says
 * whether it is taken.
 */
#define UNIT   COR_HEAP_ALIGN
#define HEADER sizeof(uint64_t)
#define FIRST  (sizeof(struct cor_heap) + HEADER)
#define TAKEN  UINT64_C(1)
#define MARK   UINT64_C(0xfffffffe)

_Static_assert((FIRST + HEADER) % UNIT == 0, "what follows the first header is aligned");
_Static_assert(COR_HEAP_BYTES_MAX / UNIT <= UINT64_C(1) << 32, "units fit in half a header");

struct block {
	uint64_t at; /* offset of its header */
	uint64_t bytes;
	bool is_taken;
};

static uint64_t mark_of(uint64_t at)
{
	return (at / UNIT + 1) * UINT64_C(0x9e3779b1) & MARK;
}

static _Atomic uint64_t *header(const struct cor_heap *heap, uint64_t at)
{
	return (_Atomic uint64_t *)((uintptr_t)heap + at);
}

/* The store that is the change: what was written before it is in memory before it. */
static void write_block(struct cor_heap *heap, uint64_t at, uint64_t bytes, bool is_taken)
{
	uint64_t word = (bytes / UNIT) << 32 | mark_of(at) | (is_taken ? TAKEN : 0);

	atomic_store_explicit(header(heap, at), word, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
}

/* False: no block begins at `at`. */
static bool read_block(const struct cor_heap *heap, uint64_t at, struct block *block)
{
	if (at < FIRST || at >= heap->end || (at - FIRST) % UNIT != 0)
		return false;
	uint64_t word = atomic_load_explicit(header(heap, at), memory_order_relaxed);
	block->at = at;
	block->bytes = (word >> 32) * UNIT;
	block->is_taken = word & TAKEN;
	return (word & MARK) == mark_of(at) && block->bytes > 0 && block->bytes <= heap->end - at;
}

static bool is_taken_block(const struct cor_heap *heap, uint64_t offset, struct block *block)
{
	return offset >= HEADER && read_block(heap, offset - HEADER, block) && block->is_taken;
}

static void set_rover(struct cor_heap *heap, uint64_t at)
{
	atomic_store_explicit(&heap->rover, at, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
}

int cor_heap_init(struct cor_heap *heap, size_t bytes)
{
	if ((uintptr_t)heap % UNIT != 0 || bytes < COR_HEAP_BYTES_MIN || bytes > COR_HEAP_BYTES_MAX)
		return -EINVAL;
	uint64_t blocks_bytes = (bytes - FIRST) / UNIT * UNIT;
	heap->end = FIRST + blocks_bytes;
	write_block(heap, FIRST, blocks_bytes, false);
	set_rover(heap, FIRST);
	heap->used_bytes = 0;
	heap->used_blocks = 0;
	return 0;
}

/* Make one block of a free one and those that follow it. The rover never points into a block. */
static void merge(struct cor_heap *heap, struct block *block)
{
	struct block next;

	while (read_block(heap, block->at + block->bytes, &next) && !next.is_taken) {
		if (atomic_load_explicit(&heap->rover, memory_order_relaxed) == next.at)
			set_rover(heap, block->at);
		block->bytes += next.bytes;
		write_block(heap, block->at, block->bytes, false);
	}
}

/* The first free block of so many bytes among those from `from` up to `to`. */
static bool find_free(
	struct cor_heap *heap, uint64_t from, uint64_t to, uint64_t bytes, struct block *ret_block)
{
	struct block block;

	for (uint64_t at = from; at < to && read_block(heap, at, &block); at += block.bytes) {
		if (block.is_taken)
			continue;
		merge(heap, &block);
		if (block.bytes >= bytes) {
			*ret_block = block;
			return true;
		}
	}
	return false;
}

/* Cut what is needed off the front of a free block. */
static void take(struct cor_heap *heap, const struct block *block, uint64_t bytes)
{
	uint64_t behind = block->at + bytes;

	if (block->bytes > bytes)
		write_block(heap, behind, block->bytes - bytes, false);
	write_block(heap, block->at, bytes, true);
	set_rover(heap, behind < heap->end ? behind : FIRST);
	cor_count(&heap->used_bytes, bytes);
	cor_count(&heap->used_blocks, 1);
}

uint64_t cor_heap_alloc(struct cor_heap *heap, size_t bytes)
{
	struct block block;
	uint64_t rover = atomic_load_explicit(&heap->rover, memory_order_relaxed);

	if (bytes == 0 || bytes > heap->end)
		return 0;
	uint64_t needed = (bytes + HEADER + UNIT - 1) / UNIT * UNIT;
	if (!find_free(heap, rover, heap->end, needed, &block) &&
		!find_free(heap, FIRST, rover, needed, &block))
		return 0;
	take(heap, &block, needed);
	return block.at + HEADER;
}

int cor_heap_free(struct cor_heap *heap, uint64_t offset)
{
	struct block block;
	bool is_taken = is_taken_block(heap, offset, &block);

	assert(is_taken);
	if (!is_taken)
		return -EINVAL;
	uint64_t bytes = block.bytes;
	write_block(heap, block.at, bytes, false);
	merge(heap, &block);
	cor_count(&heap->used_bytes, -bytes);
	cor_count(&heap->used_blocks, UINT64_MAX); /* one less */
	return 0;
}

size_t cor_heap_room(const struct cor_heap *heap, uint64_t offset)
{
	struct block block;

	return is_taken_block(heap, offset, &block) ? block.bytes - HEADER : 0;
}

uint64_t cor_heap_next(const struct cor_heap *heap, uint64_t offset)
{
	struct block block;
	uint64_t at = FIRST;

	if (offset != 0) {
		if (!is_taken_block(heap, offset, &block))
			return 0;
		at = block.at + block.bytes;
	}
	for (; read_block(heap, at, &block); at += block.bytes)
		if (block.is_taken)
			return at + HEADER;
	return 0;
}

int cor_heap_repair(struct cor_heap *heap)
{
	struct block block;
	uint64_t at, bytes = 0, blocks = 0;

	for (at = FIRST; read_block(heap, at, &block); at += block.bytes) {
		bytes += block.is_taken ? block.bytes : 0;
		blocks += block.is_taken;
	}
	if (at != heap->end)
		return -EUCLEAN;
	set_rover(heap, FIRST);
	atomic_store(&heap->used_bytes, bytes);
	atomic_store(&heap->used_blocks, blocks);
	return 0;
}
