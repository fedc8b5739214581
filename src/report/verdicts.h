/* SPDX-License-Identifier: MIT */
/**
 * What a service's readiness checks have said, in memory that all processes share: a row for each
 * worker's slot, and a verdict in it for each check.
 *
 * The worker writes its row, on one thread; anybody may read. A row belongs to the worker whose pid
 * it has. The region is made zeroed: nobody has a row. Nothing here waits or yields.
 */
#ifndef CORACLE_REPORT_VERDICTS_H
#define CORACLE_REPORT_VERDICTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

#include "segment/snapshot.h"

#define COR_VERDICT_SLOTS       512
#define COR_VERDICTS_MAX        16
#define COR_VERDICT_NAME_BYTES  48  /* with its NUL */
#define COR_VERDICT_ERROR_BYTES 160 /* the same; longer ones are cut */

/** Times are monotonic. */
struct cor_verdict {
	int64_t began_ns;  /* the run that goes on; 0: none does */
	int64_t ended_ns;  /* the last one that came to an end; 0: none has */
	int64_t took_ns;   /* that one */
	uint64_t failures; /* in a row */
	uint32_t timeout_ms;
	uint32_t period_ms; /* between two runs */
	uint64_t is_required;
	char name[COR_VERDICT_NAME_BYTES];
	char error[COR_VERDICT_ERROR_BYTES]; /* of the last failure */
};

struct cor_verdict_cell {
	struct cor_snapshot snapshot;
	uint64_t room[COR_SNAPSHOT_WORDS(struct cor_verdict)];
};
_Static_assert(sizeof(struct cor_verdict) % sizeof(uint64_t) == 0, "whole words");

struct cor_verdict_row {
	_Atomic int32_t pid;
	_Atomic uint32_t len;
	struct cor_verdict_cell cells[COR_VERDICTS_MAX];
};

struct cor_verdict_table {
	struct cor_verdict_row rows[COR_VERDICT_SLOTS];
};

/**
 * Take the row over: its verdicts are the first ones of `len` checks, at most COR_VERDICTS_MAX.
 */
void cor_verdicts_begin(
	struct cor_verdict_row *row, int32_t pid, const struct cor_verdict *verdicts, uint32_t len);

/** Replace a verdict in the worker's own row. */
void cor_verdict_write(struct cor_verdict_row *row, uint32_t at, const struct cor_verdict *verdict);

/** How many checks the worker with that pid has; -1: it has not taken the row over. */
int32_t cor_verdicts_len(const struct cor_verdict_row *row, int32_t pid);

/** Read one. */
struct cor_verdict cor_verdict_read(const struct cor_verdict_row *row, uint32_t at);

#endif
