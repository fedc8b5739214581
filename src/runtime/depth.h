/* SPDX-License-Identifier: MIT */
/**
 * How deep stacks are used: noticed when they are given back, kept by name, and undone.
 */
#ifndef CORACLE_RUNTIME_DEPTH_H
#define CORACLE_RUNTIME_DEPTH_H

struct cor_fiber;

/** The fiber's run is over: note how deep it went, and give memory back that few runs need. */
void cor_stack_settle_depth(struct cor_fiber *fiber);

/**
 * The calling fiber is about to wait for long: what it has used of its stack and does not use now
 * goes back to the system.
 */
void cor_stack_rest(void);

/**
 * Nobody may use the idle stack and its room any more, nor find what was there: see base/poison.h.
 */
void cor_stack_forget(struct cor_fiber *fiber);

#endif
