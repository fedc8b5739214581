/* SPDX-License-Identifier: MIT */
/**
 * What a child has found wrong: the master logs it, as the child has no log yet.
 */
#ifndef CORACLE_MASTER_FAULT_H
#define CORACLE_MASTER_FAULT_H

#include <stdbool.h>

#include <coracle/api.h>

#define COR_FAULT_BYTES 1024 /* of one; what is longer is cut */

struct cor_logger;

/**
 * Log what `said` reports, behind `who` ("worker 3: ", or ""), if it reports anything. Returns why
 * the child fails, as part of `said`; NULL: it said something else, or only warned.
 */
const char *cor_fault_hear(
	struct cor_logger *logger, const char *who, const char *said) COR_CHECKED;

#endif
