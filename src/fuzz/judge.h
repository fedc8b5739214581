/* SPDX-License-Identifier: MIT */
/** Whether an answer is one that the operation promises. */
#ifndef CORACLE_FUZZ_JUDGE_H
#define CORACLE_FUZZ_JUDGE_H

#include "fuzz/promise.h"
#include "fuzz/stage.h"

/** What is wrong with it, as a text of the arena; NULL: nothing. */
const char *cor_fuzz_judge(struct cor_arena *arena, const struct cor_fuzz_promise *promise,
	const struct cor_fuzz_answer *answer);

#endif
