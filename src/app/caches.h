/* SPDX-License-Identifier: MIT */
/** The caches of a running service. Private to the app folder. */
#ifndef CORACLE_APP_CACHES_H
#define CORACLE_APP_CACHES_H

#include <stddef.h>

#include "app/program.h"

/** How much shared memory those of a service take that are kept there; 0: none is. */
size_t cor_caches_shared_bytes(const struct cor_setup *setup);

/**
 * Open them: in a worker, those in shared memory at the place that all workers have. What cannot be
 * opened is reported. Returns COR_EXIT_OK, or how to exit.
 */
enum cor_exit cor_program_open_caches(struct cor_program *program);

/**
 * Whether the files of caches can be read with the rights that it serves with: better no start than
 * a cache that never has anything.
 */
enum cor_exit cor_program_try_caches(const struct cor_program *program) COR_CHECKED;

/** Nobody uses them any more. */
void cor_program_drop_caches(struct cor_program *program);

#endif
