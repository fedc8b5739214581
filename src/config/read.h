/* SPDX-License-Identifier: MIT */
/** A small file as text. Private to the config folder. */
#ifndef CORACLE_CONFIG_READ_H
#define CORACLE_CONFIG_READ_H

#include <stddef.h>

#include <coracle/arena.h>
#include <coracle/str.h>

/**
 * Read a whole file into the arena, and append a NUL. Blocks.
 * Returns 0, -COR_ETOOLARGE (more than max_bytes), -ENOMEM, or the errno of open or read.
 */
int cor_config_slurp(struct cor_arena *arena, const char *path, size_t max_bytes,
	struct cor_str *ret) COR_CHECKED;

/** What a failure means to the operator, and what to do. */
const char *cor_config_slurp_fault(int code);

#endif
