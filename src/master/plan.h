/* SPDX-License-Identifier: MIT */
/**
 * What the master needs to know of a configuration. It never reads one itself, since a new program
 * may have settings that an old master has not heard of: the process that reads it says the plan.
 */
#ifndef CORACLE_MASTER_PLAN_H
#define CORACLE_MASTER_PLAN_H

#include <stdint.h>
#include <sys/types.h>

#include <coracle/schema.h>

#include "base/buffer.h"
#include "runtime/listening.h"

struct cor_plan {
	uint32_t processes;     /* workers, at least 1; the fewest of them, if there is a range */
	uint32_t processes_max; /* 0: there is none */
	uint32_t surplus_s;     /* how long one too many is kept */
	uint32_t start_timeout_ms;
	uint32_t drain_timeout_ms;
	cor_array(const char *) http; /* addresses to listen on */
	uint32_t backlog;
	uint32_t unix_mode; /* 0: as the umask leaves it */
	int64_t unix_group; /* -1: as the folder has it */
	/* of the master itself, for as long as it lives */
	const char *log_file; /* NULL: it logs to standard error */
	const char *pid_file; /* NULL: none */
};

COR_DECLARE_SCHEMA(cor_plan_schema, struct cor_plan);

/** How many workers there are to be where there are `now`. */
uint32_t cor_plan_workers(const struct cor_plan *plan, uint32_t now);

/** Append its JSON. Errors go into the buffer. */
void cor_plan_print(const struct cor_plan *plan, struct cor_buffer *buffer);

/**
 * Read it; members that another version has added are ignored. What it points to belongs to the
 * arena. Returns 0, -ENOMEM, or a code of cor_decode_text(): it is not a plan.
 */
int cor_plan_read(struct cor_str text, struct cor_arena *arena, struct cor_plan *ret) COR_CHECKED;

#endif
