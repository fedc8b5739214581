/* SPDX-License-Identifier: MIT */
/**
 * When a worker has served long enough: after so many answers, at an age, at a size.
 *
 * Each worker draws its limits when it starts, up to a tenth below the settings, so that workers
 * that started together do not all go at the same time. Drawn, not derived from the slot: a worker
 * and its successor have different slots. Private to the app folder; one thread.
 */
#ifndef CORACLE_APP_RETIREMENT_H
#define CORACLE_APP_RETIREMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "master/settings.h"

struct cor_logger;

#define COR_RETIREMENT_BYTES 128 /* of a reason */

struct cor_retirement {
	const struct cor_master_settings *settings;
	uint64_t answers;      /* as many are enough, of the slot's count; UINT64_MAX: no limit */
	uint64_t memory_bytes; /* UINT64_MAX: no limit */
	int64_t due_ns;        /* monotonic; COR_FOREVER: no limit */
	uint64_t answered;     /* of the slot, before this worker */
	uint64_t looked;       /* answers when memory was looked at last */
	int64_t started_ns;
	int statm; /* -1: memory has no limit */
};

/**
 * Draw the limits. `answered` is what the slot has counted before this worker. A memory limit that
 * this process exceeds already is not obeyed, and a warning says so: no successor would be smaller.
 * Returns 0 or the negative errno of opening /proc/self/statm.
 */
int cor_retirement_open(struct cor_retirement *retirement,
	const struct cor_master_settings *settings, uint64_t answered,
	struct cor_logger *logger) COR_CHECKED;

/**
 * Whether a limit has been reached; `ret_why` says which, with the name of its cause in front (see
 * master/roster.h). Memory is only looked at if there has
 * been an answer since the last time.
 */
bool cor_retirement_is_due(
	struct cor_retirement *retirement, uint64_t answered, char ret_why[COR_RETIREMENT_BYTES]);

void cor_retirement_close(struct cor_retirement *retirement);

#endif
