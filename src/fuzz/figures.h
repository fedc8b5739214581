/* SPDX-License-Identifier: MIT */
/** What a target has done so far: a file that `coracle fuzz` reads, also after a crash. */
#ifndef CORACLE_FUZZ_FIGURES_H
#define CORACLE_FUZZ_FIGURES_H

#include <stdint.h>

#define COR_FUZZ_STATUSES 600

struct cor_fuzz_figures {
	uint64_t executions;
	uint64_t statuses[COR_FUZZ_STATUSES];
};

/** What a target ends with that has sent no request of the operation. */
enum {
	COR_FUZZ_NO_OPERATION = 64,
	COR_FUZZ_BEFORE_WRONG = 66, /* test/before.http, told */
};

/** What stands before a finding on standard error. */
#define COR_FUZZ_MARK "coracle-fuzz: "

#endif
