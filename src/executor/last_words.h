/* SPDX-License-Identifier: MIT */
/**
 * What a process of a pool leaves in its mailbox when a signal is about to end it: which, and where
 * it was. It only writes numbers into memory that is there; its owner, which has the same program
 * at the same addresses, finds the names.
 */
#ifndef CORACLE_EXECUTOR_LAST_WORDS_H
#define CORACLE_EXECUTOR_LAST_WORDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

#include "runtime/backtrace.h"

/** Written by a process that is in no good state: anything may stand here. */
struct cor_last_words {
	_Atomic int32_t signal; /* that ends it; 0: none has come */
	int32_t call;           /* that its sandbox forbids; -1: that is not why */
	uint32_t facts;         /* COR_FACT_... */
	uint64_t address;
	struct cor_backtrace backtrace;
};

#define COR_FACT_ADDRESS  1U /* .address is where it wanted to read, write or run */
#define COR_FACT_OVERFLOW 2U /* its stack was used up */
#define COR_FACT_SHORT    4U /* the last call that failed found no memory */

/** In the process, once: signals that end it write there first. Returns 0, -ENOMEM or an errno. */
int cor_last_words_prepare(struct cor_last_words *words) COR_CHECKED;

/** In the process, when it is ready: handlers are as they shall be. */
void cor_last_words_keep(void);

/** In the process, between jobs: they are so again, whatever a job has done to them. */
void cor_last_words_renew(void);

/** In the owner: what can be trusted of them. Returns whether there are any. */
bool cor_last_words_read(const struct cor_last_words *words, struct cor_last_words *ret);

#endif
