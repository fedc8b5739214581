/* SPDX-License-Identifier: MIT */
/** Private to the sandbox folder: a filter of system calls, put together piece by piece. */
#ifndef CORACLE_SANDBOX_CALL_FILTER_H
#define CORACLE_SANDBOX_CALL_FILTER_H

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

#define COR_CALL_FILTER_LENGTH 384

struct cor_call_filter {
	struct sock_filter code[COR_CALL_FILTER_LENGTH];
	unsigned short len;
};

#define COR_CALL_REFUSE(error) (SECCOMP_RET_ERRNO | (error))

#define COR_CALL_OURSELVES 0xfffffffeU /* stands for the process's own number */

/**
 * A call that depends on one of its arguments, of which only the low half counts: whom it concerns,
 * or what is asked.
 */
struct cor_call_condition {
	uint32_t call;
	uint32_t argument; /* from 0 */
	uint32_t values[2];
	bool is_allowed;  /* with these values, and else refused; false: the reverse */
	uint32_t refusal; /* what becomes of it then */
};

/** It starts zeroed. What comes by another architecture's numbers gets `foreign`. */
void cor_call_filter_begin(struct cor_call_filter *filter, uint32_t foreign);

/** Which of these calls it is decides alone. */
void cor_call_filter_judge(
	struct cor_call_filter *filter, const uint32_t *calls, size_t len, uint32_t verdict);

/** Instructions as they are; the number of the call is loaded, and behind them must be again. */
void cor_call_filter_append(
	struct cor_call_filter *filter, const struct sock_filter *code, size_t len);

/** Ends the judgement of those calls. */
void cor_call_filter_look(
	struct cor_call_filter *filter, const struct cor_call_condition *conditions, size_t len);

/**
 * All other calls get `rest`; from now on it holds. Returns 0, -EOPNOTSUPP, -EBUSY or -ENOMEM;
 * *ret_failure then says what to do.
 */
int cor_call_filter_install(struct cor_call_filter *filter, uint32_t rest,
	struct cor_start_failure *ret_failure) COR_CHECKED;

/** The kernel has refused it, with that code: say what to do. Returns the code, or -EOPNOTSUPP. */
int cor_call_filter_fail(int rc, struct cor_start_failure *ret_failure);

#endif
