/* SPDX-License-Identifier: MIT */
/** A request that shows the same defect, with less in it. */
#ifndef CORACLE_FUZZ_SHRINK_H
#define CORACLE_FUZZ_SHRINK_H

#include "fuzz/verdict.h"

/**
 * Make the request smaller, as long as it shows the same; each try is a process. *verdict is what
 * the request showed, and then what it shows in the end. Returns how many tries it took.
 */
unsigned cor_fuzz_shrink(struct cor_fuzz_session *session, struct cor_fuzz_request *request,
	unsigned limit_s, struct cor_fuzz_verdict *verdict);

#endif
