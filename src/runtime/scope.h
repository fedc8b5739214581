/* SPDX-License-Identifier: MIT */
/**
 * Private to the runtime: the scope that the caller's waits obey. The rest stands in
 * <coracle/fiber.h>.
 */
#ifndef CORACLE_RUNTIME_SCOPE_H
#define CORACLE_RUNTIME_SCOPE_H

#include <coracle/fiber.h>

/**
 * The innermost scope of the running fiber, or of the thread outside one; NULL: none. Never yields.
 */
struct cor_scope *cor_scope_innermost(void);

/** When that ends; COR_FOREVER: there is none, or it has no end. Never yields. */
static inline int64_t cor_scope_deadline_ns(void)
{
	const struct cor_scope *scope = cor_scope_innermost();

	return scope ? scope->deadline_ns : COR_FOREVER;
}

/**
 * 0, or the sticky error of the innermost scope, as of this turn of the loop in a fiber:
 * cor_scope_error() without asking the clock there. Never yields.
 */
int cor_scope_state(void) COR_CHECKED;

/** 0 while the fiber may wait, else the sticky error of its innermost scope at now_ns. */
int cor_fiber_interruption(struct cor_fiber *fiber, int64_t now_ns);

#endif
