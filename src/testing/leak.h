/* SPDX-License-Identifier: MIT */
/** What a test leaves behind in its process: descriptors, threads, child processes, memory. */
#ifndef CORACLE_TESTING_LEAK_H
#define CORACLE_TESTING_LEAK_H

#include <stdbool.h>
#include <stddef.h>

#include "testing/outcome.h"

#define COR_LEAK_DESCRIPTORS_MAX 1024 /* those that are open before a test */

struct cor_leak_mark {
	int open[COR_LEAK_DESCRIPTORS_MAX];
	size_t open_len;
	size_t threads;
	size_t bytes;
};

/** Note what is there. */
void cor_leak_mark(struct cor_leak_mark *mark);

/**
 * Tell what is there and was not, as failures of the outcome, but for the kinds that are allowed
 * (enum cor_leaks). Children are ended. Memory is not among it where heap.h counts it.
 */
void cor_leak_tell(const struct cor_leak_mark *mark, struct cor_outcome *outcome, unsigned allowed);

#endif
