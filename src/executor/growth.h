/* SPDX-License-Identifier: MIT */
/** By how much the memory of this process has grown: what its jobs have left. */
#ifndef CORACLE_EXECUTOR_GROWTH_H
#define CORACLE_EXECUTOR_GROWTH_H

#include <stdint.h>

#include <coracle/api.h>

/** Reading it takes less than a microsecond, as the file stays open. */
struct cor_growth {
	int fd; /* -1: it is not open */
	uint64_t before_bytes;
};

/** Returns 0 or an errno of open. */
int cor_growth_open(struct cor_growth *growth) COR_CHECKED;

/** From now on. */
void cor_growth_begin(struct cor_growth *growth);

/** Resident memory that is not shared with files; UINT64_MAX: a job has closed the file. */
uint64_t cor_growth_bytes(const struct cor_growth *growth);

#endif
