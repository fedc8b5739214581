/* SPDX-License-Identifier: MIT */
#include "executor/slab.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/poison.h"
#include "runtime/wait_list.h"

#define LINE_BYTES  64 /* of a cache: things share none, as threads share them */
#define SLAB_BYTES  8192
#define SMALL_BYTES 256 /* at most, of a thing that has a slab */
#define MANY        (UINT32_C(1) << 31)

/* While things are taken from it, it has MANY references that nobody has. */
struct cor_slab {
	_Alignas(LINE_BYTES) _Atomic uint32_t references;
};

static void drop(struct cor_slab *slab, uint32_t references)
{
	if (atomic_fetch_sub_explicit(&slab->references, references, memory_order_acq_rel) ==
		references)
		free(slab);
}

static void leave(struct cor_slab_source *source)
{
	if (source->current)
		drop(source->current, MANY - source->taken);
	source->current = NULL;
	source->taken = 0;
}

static void *begin(struct cor_slab_source *source)
{
	leave(source);
	source->current = aligned_alloc(LINE_BYTES, SLAB_BYTES);
	if (source->current)
		atomic_init(&source->current->references, MANY);
	source->used = sizeof *source->current;
	return source->current;
}

static void *take(struct cor_slab_source *source, size_t bytes)
{
	if (!source->current || source->used + bytes > SLAB_BYTES)
		if (!begin(source))
			return NULL;
	void *memory = (char *)source->current + source->used;
	source->used += bytes;
	source->taken++;
	return memory;
}

void *cor_slab_take(struct cor_slab_source *source, size_t bytes, struct cor_slab **ret_slab)
{
	*ret_slab = NULL;
	if (bytes > SMALL_BYTES)
		return malloc(bytes);
	cor_spin_lock(&source->lock);
	void *memory = take(source, (bytes + LINE_BYTES - 1) & ~(size_t)(LINE_BYTES - 1));
	*ret_slab = source->current;
	cor_spin_unlock(&source->lock);
	return memory;
}

void cor_slab_give(struct cor_slab *slab, void *memory, size_t bytes)
{
	if (!slab) {
		free(memory);
		return;
	}
	cor_poison(memory, bytes);
	drop(slab, 1);
}

void cor_slab_end(struct cor_slab_source *source)
{
	leave(source);
}
