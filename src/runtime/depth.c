/* SPDX-License-Identifier: MIT */
#include "runtime/depth.h"

#include <string.h>
#include <sys/mman.h>

#include "runtime/scheduler.h"

#define SHALLOW_BYTES (16 * 1024) /* what a stack keeps when it is trimmed */
#define KEEP_DEEP     8           /* stacks that may stay fat, for those who go deep each time */
#define SAMPLE_EACH   1024        /* one run in so many is measured, however deep it went */
#define PROBES        4
#define CHUNK_PAGES   64

#if defined(COR_ASAN)
#define UNCHECKED __attribute__((no_sanitize("address")))
#elif defined(COR_TSAN)
#define UNCHECKED __attribute__((no_sanitize("thread")))
#else
#define UNCHECKED
#endif

static char *top_of(const struct cor_fiber *fiber)
{
	return fiber->bottom + fiber->stack_bytes;
}

/* What a trimmed stack keeps, in whole pages. */
static size_t shallow_bytes(const struct cor_fiber *fiber)
{
	size_t page_bytes = fiber->scheduler->pool.page_bytes;

	return page_bytes > SHALLOW_BYTES ? page_bytes : SHALLOW_BYTES;
}

/*
 * The page that tells deep from shallow: below what is kept. Reading it maps the shared zero page
 * and costs no memory.
 */
static char *probe_page(const struct cor_fiber *fiber)
{
	return top_of(fiber) - shallow_bytes(fiber) - fiber->scheduler->pool.page_bytes;
}

/* A stack that went through the page has hardly left every one of these words zero. */
UNCHECKED static bool was_deep(const struct cor_fiber *fiber)
{
	const struct cor_stack_pool *pool = &fiber->scheduler->pool;
	uint64_t seen = 0;

	if (COR_LIKELY(!pool->probe) ||
		fiber->stack_bytes <= shallow_bytes(fiber) + pool->page_bytes)
		return false;
	const volatile uint64_t *word = (const volatile void *)probe_page(fiber);
	for (int i = 0; i < PROBES; i++)
		seen |= word[i * (pool->page_bytes / 8 / PROBES) + i];
	return seen != 0;
}

/* Bytes from the top of the stack to the end of its lowest page in use. */
static uint32_t measure(const struct cor_fiber *fiber, bool deep)
{
	size_t page_bytes = fiber->scheduler->pool.page_bytes;
	unsigned char resident[CHUNK_PAGES];
	char *lowest = top_of(fiber);
	char *end = top_of(fiber);

	while (end > fiber->bottom) {
		size_t pages = (size_t)(end - fiber->bottom) / page_bytes;
		if (pages > CHUNK_PAGES)
			pages = CHUNK_PAGES;
		char *begin = end - pages * page_bytes;
		if (mincore(begin, pages * page_bytes, resident) < 0)
			break;
		char *before = lowest;
		for (size_t i = pages; i-- > 0;) {
			char *page = begin + i * page_bytes;
			if ((resident[i] & 1) && (deep || page != probe_page(fiber)))
				lowest = page;
		}
		if (lowest == before)
			break; /* a whole chunk untouched: nobody went further */
		end = begin;
	}
	return (uint32_t)(top_of(fiber) - lowest);
}

/* The mark of a name, copied because the name may go; NULL when all marks are taken. */
static struct cor_stack_mark *mark_of(struct cor_stack_pool *pool, const char *name)
{
	for (int i = 0; i < COR_STACK_NAMES; i++) {
		struct cor_stack_mark *mark = &pool->report->marks[i];
		if (mark->name[0] == '\0')
			memcpy(mark->name, name, strnlen(name, sizeof mark->name - 1));
		if (strncmp(mark->name, name, sizeof mark->name - 1) == 0)
			return mark;
	}
	return NULL;
}

static void note(struct cor_fiber *fiber, bool deep)
{
	struct cor_stack_mark *mark = mark_of(&fiber->scheduler->pool, fiber->name);

	if (!mark)
		return;
	uint32_t bytes = measure(fiber, deep);
	if (bytes > mark->high_water_bytes)
		mark->high_water_bytes = bytes;
	mark->measured++;
}

static void trim(struct cor_fiber *fiber)
{
	char *end = top_of(fiber) - shallow_bytes(fiber);

	(void)madvise(fiber->bottom, (size_t)(end - fiber->bottom), MADV_DONTNEED);
}

#define BELOW_BYTES 1024 /* frames that the wait itself still needs, and a red zone */

COR_OUT_OF_LINE void cor_stack_rest(void)
{
	const struct cor_fiber *fiber = cor_fiber_current();

	if (!fiber || !fiber->scheduler->pool.probe)
		return;
	size_t page_bytes = fiber->scheduler->pool.page_bytes;
	uintptr_t end = ((uintptr_t)__builtin_frame_address(0) - BELOW_BYTES) & ~(page_bytes - 1);
	size_t bytes = end - (uintptr_t)fiber->bottom;
	if (end > (uintptr_t)fiber->bottom)
		(void)madvise(fiber->bottom, bytes, MADV_DONTNEED);
}

static COR_OUT_OF_LINE void settle(struct cor_fiber *fiber, bool sampled)
{
	struct cor_stack_pool *pool = &fiber->scheduler->pool;

	if (sampled)
		pool->unsampled = SAMPLE_EACH;
	if (fiber->deep) {
		if (!sampled)
			return;
		/* Nobody knows any more whose depth this is: start again. */
		trim(fiber);
		fiber->deep = false;
		pool->deep--;
	} else if (was_deep(fiber)) {
		note(fiber, true);
		if (pool->deep >= KEEP_DEEP) {
			trim(fiber);
			return;
		}
		fiber->deep = true;
		pool->deep++;
	} else if (sampled) {
		note(fiber, false);
	}
}

void cor_stack_settle_depth(struct cor_fiber *fiber)
{
	bool sampled = --fiber->scheduler->pool.unsampled == 0;

	if (COR_UNLIKELY(sampled || fiber->deep || was_deep(fiber)))
		settle(fiber, sampled);
}

#if defined(COR_ASAN)

static void poison_stack(struct cor_fiber *fiber)
{
	cor_poison(fiber->bottom, (size_t)((char *)fiber->sp - fiber->bottom));
}

#elif COR_POISONS

/* Of the pages that every stack keeps, those that are in use: others stay untouched. */
static void poison_stack(struct cor_fiber *fiber)
{
	size_t page_bytes = fiber->scheduler->pool.page_bytes;
	size_t bytes = shallow_bytes(fiber);
	char *begin = top_of(fiber) - bytes;
	unsigned char resident[SHALLOW_BYTES / 4096];

	if (!fiber->scheduler->pool.probe || mincore(begin, bytes, resident) < 0)
		return;
	for (size_t i = 0; i < bytes / page_bytes; i++) {
		char *page = begin + i * page_bytes;
		char *end = page + page_bytes < (char *)fiber->sp ? page + page_bytes : fiber->sp;
		if ((resident[i] & 1) && page < end)
			cor_poison(page, (size_t)(end - page));
	}
}

#else

static void poison_stack(struct cor_fiber *fiber)
{
	(void)fiber;
}

#endif

void cor_stack_forget(struct cor_fiber *fiber)
{
	poison_stack(fiber);
	cor_poison(cor_fiber_room(fiber), COR_FIBER_ROOM_BYTES);
}
