/* SPDX-License-Identifier: MIT */
/**
 * Tells AddressSanitizer, ThreadSanitizer and valgrind about switches of stacks. Does nothing in
 * other builds.
 *
 * Around each switch the one who leaves calls cor_annotate_leave() and, back again,
 * cor_annotate_arrive().
 */
#ifndef CORACLE_RUNTIME_ANNOTATE_H
#define CORACLE_RUNTIME_ANNOTATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/poison.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define COR_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define COR_TSAN 1
#endif

#ifdef COR_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef COR_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND                 0
#define VALGRIND_STACK_REGISTER(start, end) ((void)(start), (void)(end), 0)
#define VALGRIND_STACK_DEREGISTER(id)       ((void)(id))
#endif

/** A stack, as the tools know it. */
struct cor_annotation {
	const void *bottom; /* its lowest address; of a thread's own stack known once it was left */
	size_t bytes;
	void *fake_stack; /* ASan's, while the stack is left */
	void *fiber;      /* TSan's */
	unsigned valgrind_id;
};

/** Whether memory below a stack pointer may be read: valgrind reports it. */
static inline bool cor_annotate_may_probe(void)
{
	return RUNNING_ON_VALGRIND == 0;
}

/** A new stack of `bytes` bytes from `bottom` on. */
static inline void cor_annotate_create(
	struct cor_annotation *stack, const void *bottom, size_t bytes)
{
	*stack = (struct cor_annotation){ .bottom = bottom, .bytes = bytes };
	stack->valgrind_id = VALGRIND_STACK_REGISTER(bottom, (const char *)bottom + bytes);
#ifdef COR_TSAN
	stack->fiber = __tsan_create_fiber(0);
#endif
}

/** The stack is about to be unmapped; nobody runs on it. */
static inline void cor_annotate_destroy(struct cor_annotation *stack)
{
	VALGRIND_STACK_DEREGISTER(stack->valgrind_id);
#ifdef COR_TSAN
	__tsan_destroy_fiber(stack->fiber);
#endif
}

/** The calling thread's own stack. */
static inline void cor_annotate_thread(struct cor_annotation *stack)
{
	*stack = (struct cor_annotation){ 0 };
#ifdef COR_TSAN
	stack->fiber = __tsan_get_current_fiber();
#endif
}

/** Right before the switch from `from` to `to`. */
static inline __attribute__((always_inline)) void cor_annotate_leave(
	struct cor_annotation *from, struct cor_annotation *to)
{
#ifdef COR_ASAN
	__sanitizer_start_switch_fiber(&from->fake_stack, to->bottom, to->bytes);
#endif
#ifdef COR_TSAN
	__tsan_switch_to_fiber(to->fiber, 0);
#endif
	(void)from;
	(void)to;
}

/** The same when nothing on `from` is used again but its first frame. */
static inline __attribute__((always_inline)) void cor_annotate_end(struct cor_annotation *to)
{
#ifdef COR_ASAN
	__sanitizer_start_switch_fiber(NULL, to->bottom, to->bytes);
#endif
#ifdef COR_TSAN
	__tsan_switch_to_fiber(to->fiber, 0);
#endif
	(void)to;
}

/**
 * Right after a switch to `self` (with its fake stack, or NULL when it starts over) from `from`,
 * whose place is noted.
 */
static inline __attribute__((always_inline)) void cor_annotate_arrive(
	void *fake_stack, struct cor_annotation *from)
{
#ifdef COR_ASAN
	__sanitizer_finish_switch_fiber(fake_stack, &from->bottom, &from->bytes);
#endif
	(void)fake_stack;
	(void)from;
}

#endif
