/* SPDX-License-Identifier: MIT */
#include "http2/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/poison.h"

#define STEP_BYTES 64
#define MOST_BYTES (STEP_BYTES * COR_HTTP2_MEMORY_CLASSES) /* larger ones are the heap's */
#define KEEP_BYTES ((size_t)256 * 1024)

#ifdef COR_ASAN
#define SEES_MISUSE 1
#else
#define SEES_MISUSE 0
#endif

/* What stands before a block that nghttp2 has. */
struct cor_http2_block {
	_Alignas(16) struct cor_http2_block *next; /* while it is idle */
	uint32_t size_class;                       /* COR_HTTP2_MEMORY_CLASSES: too large for one */
};

static size_t bytes_of(uint32_t size_class)
{
	return (size_class + 1) * (size_t)STEP_BYTES;
}

static void *allocate_new(size_t bytes, uint32_t size_class)
{
	struct cor_http2_block *block = malloc(sizeof *block + bytes);

	if (!block)
		return NULL;
	block->size_class = size_class;
	return block + 1;
}

static void *allocate(size_t bytes, void *arg)
{
	struct cor_http2_memory *memory = arg;

	if (COR_UNLIKELY(bytes > MOST_BYTES || bytes == 0))
		return allocate_new(bytes, COR_HTTP2_MEMORY_CLASSES);
	uint32_t size_class = (uint32_t)((bytes - 1) / STEP_BYTES);
	struct cor_http2_block *block = memory->idle[size_class];
	if (COR_UNLIKELY(!block))
		return allocate_new(bytes_of(size_class), size_class);
	memory->idle[size_class] = block->next;
	memory->idle_bytes -= bytes_of(size_class);
	return block + 1;
}

/* A sanitizer is to see who uses what was given back: there everything goes. */
static void give_back(void *pointer, void *arg)
{
	struct cor_http2_memory *memory = arg;

	if (!pointer)
		return;
	struct cor_http2_block *block = (struct cor_http2_block *)pointer - 1;
	if (SEES_MISUSE || block->size_class == COR_HTTP2_MEMORY_CLASSES ||
		memory->idle_bytes >= KEEP_BYTES) {
		free(block);
		return;
	}
	block->next = memory->idle[block->size_class];
	memory->idle[block->size_class] = block;
	memory->idle_bytes += bytes_of(block->size_class);
}

static void *allocate_zeroed(size_t count, size_t bytes, void *arg)
{
	size_t sum;

	if (__builtin_mul_overflow(count, bytes, &sum))
		return NULL;
	void *pointer = allocate(sum, arg);
	if (pointer)
		memset(pointer, 0, sum);
	return pointer;
}

static void *resize_large(struct cor_http2_block *block, size_t bytes)
{
	struct cor_http2_block *moved = realloc(block, sizeof *moved + bytes);

	/* cppcheck-suppress memleak; what is in it begins behind its head */
	return moved ? moved + 1 : NULL;
}

static void *resize(void *pointer, size_t bytes, void *arg)
{
	if (!pointer)
		return allocate(bytes, arg);
	struct cor_http2_block *block = (struct cor_http2_block *)pointer - 1;
	if (block->size_class == COR_HTTP2_MEMORY_CLASSES)
		return resize_large(block, bytes);
	size_t before = bytes_of(block->size_class);
	if (bytes <= before)
		return pointer;
	void *moved = allocate(bytes, arg);
	if (!moved) /* NOLINT(analyzer-malloc-leak): what is in it begins behind its head */
		return NULL;
	memcpy(moved, pointer, before);
	give_back(pointer, arg);
	return moved;
}

void cor_http2_memory_init(struct cor_http2_memory *memory)
{
	*memory = (struct cor_http2_memory){
		.functions = { memory, allocate, give_back, allocate_zeroed, resize },
	};
}

void cor_http2_memory_finish(struct cor_http2_memory *memory)
{
	for (size_t i = 0; i < COR_HTTP2_MEMORY_CLASSES; i++)
		while (memory->idle[i]) {
			struct cor_http2_block *block = memory->idle[i];
			memory->idle[i] = block->next;
			free(block);
		}
	memory->idle_bytes = 0;
}
