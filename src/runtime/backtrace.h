/* SPDX-License-Identifier: MIT */
/**
 * The C stack of a thread that a signal has interrupted: taken in the handler, printed elsewhere,
 * where files may be read.
 */
#ifndef CORACLE_RUNTIME_BACKTRACE_H
#define CORACLE_RUNTIME_BACKTRACE_H

#include <stddef.h>

#include <coracle/api.h>

#define COR_BACKTRACE_FRAMES 24
#define COR_BACKTRACE_BYTES  1536 /* of a printed one */

/** Instructions, innermost first. */
struct cor_backtrace {
	void *frames[COR_BACKTRACE_FRAMES];
	size_t len;
};

/** Use the unwinder once, so that it allocates nothing and takes no lock later. Any thread. */
void cor_backtrace_prepare(void);

/**
 * In a signal handler, with its ucontext_t: the frames from the interrupted instruction on. If the
 * stack is destroyed, this may crash; what has been found until then is in *ret.
 */
void cor_backtrace_take(struct cor_backtrace *ret, const void *context);

/**
 * Each frame as "function program+0x12", as far as they fit; addr2line(1) takes program and offset.
 * Functions have their names unless the file is stripped: see symbols.h. The addresses may be
 * anything. Not in a signal handler.
 */
void cor_backtrace_print(const struct cor_backtrace *backtrace, char ret[COR_BACKTRACE_BYTES]);

#endif
