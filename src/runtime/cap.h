/* SPDX-License-Identifier: MIT */
/** How many stacks a process can have. */
#ifndef CORACLE_RUNTIME_CAP_H
#define CORACLE_RUNTIME_CAP_H

#include <stdint.h>

/**
 * How many stacks vm.max_map_count and the memory limit of this process allow, all schedulers
 * together. At least 16.
 */
uint32_t cor_stack_cap(void);

#endif
