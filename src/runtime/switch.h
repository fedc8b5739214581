/* SPDX-License-Identifier: MIT */
/**
 * The context switch, in assembler.
 *
 * The registers that the calling convention makes the callee save are saved; for the modes see
 * modes.h. It leaves by a jump, not by a return: the return predictor would be wrong each time.
 * Compilers that guard indirect jumps (IBT, BTI) are told to put a landing pad behind each call of
 * it. Shadow stacks are not supported.
 */
#ifndef CORACLE_RUNTIME_SWITCH_H
#define CORACLE_RUNTIME_SWITCH_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && !defined(__clang__)
#define COR_RETURNS_BY_JUMP __attribute__((indirect_return))
#else
#define COR_RETURNS_BY_JUMP __attribute__((returns_twice))
#endif

/** Save the caller's state, its stack pointer in *save, and go on where `load` was saved. */
COR_RETURNS_BY_JUMP void cor_switch(void **save, void *load);

/**
 * Where a new stack starts: calls the function with the argument that cor_switch_prepare() left for
 * it.
 */
void cor_switch_start(void);

/**
 * Lay out `top` (16-byte aligned) so that a switch to what is returned calls run(arg), which must
 * not return.
 */
static inline void *cor_switch_prepare(void *top, void (*run)(void *arg), void *arg)
{
	uintptr_t *sp = top;

#if defined(__x86_64__)
	sp -= 7;
	sp[0] = 0;              /* r15 */
	sp[1] = 0;              /* r14 */
	sp[2] = (uintptr_t)run; /* r13 */
	sp[3] = (uintptr_t)arg; /* r12 */
	sp[4] = 0;              /* rbx */
	sp[5] = 0;              /* rbp */
	sp[6] = (uintptr_t)cor_switch_start;
#elif defined(__aarch64__)
	sp -= 20;
	for (int i = 0; i < 20; i++)
		sp[i] = 0;
	sp[0] = (uintptr_t)arg;               /* x19 */
	sp[1] = (uintptr_t)run;               /* x20 */
	sp[11] = (uintptr_t)cor_switch_start; /* x30 */
#else
#error "Coracle runs on x86-64 and aarch64"
#endif
	return sp;
}

#endif
