/* SPDX-License-Identifier: MIT */
/** How much memory the heap of the process has in use. */
#ifndef CORACLE_TESTING_HEAP_H
#define CORACLE_TESTING_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Start the program once more, with an allocator that counts what is freed at once, if it is not
 * yet so. Returns when there is nothing to do, or it cannot be done.
 */
void cor_heap_prepare(void);

/** Whether memory is counted here: by glibc, without a sanitizer. */
bool cor_heap_is_counted(void);

/** Bytes that the heap has now. */
size_t cor_heap_bytes(void);

#endif
