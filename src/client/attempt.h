/* SPDX-License-Identifier: MIT */
/** One exchange of a call, and the waits of which it consists. Private to the client folder. */
#ifndef CORACLE_CLIENT_ATTEMPT_H
#define CORACLE_CLIENT_ATTEMPT_H

#include <coracle/fiber.h>

#include "client/answer.h"

/** Keep what has failed. Returns its code. */
int cor_answer_fail(struct cor_answer *answer, enum cor_failure kind, const char *format, ...)
	COR_PRINTF(3, 4);

/**
 * One try: send the request and wait for the head of the answer. Returns 0 or the code of
 * answer->fault; nothing is open then. Yields.
 */
int cor_answer_try(struct cor_answer *answer) COR_CHECKED;

/**
 * Whether the body can be sent once more; if not, its failure will say so. Yields only in .rewind
 * of a source.
 */
bool cor_answer_rewind(struct cor_answer *answer);

/** What limits a wait: the milliseconds of a phase, and the deadline of the whole call. */
struct cor_answer_wait {
	struct cor_scope scope;
	enum cor_failure kind; /* what it is if the time is up */
	uint32_t limit_ms;
};

/** Begin a wait of one phase; end it with what it has returned. Returns that, or the code of
 * answer->fault. */
void cor_answer_begin_wait(struct cor_answer *answer, struct cor_answer_wait *wait,
	uint32_t limit_ms, enum cor_failure kind);
int cor_answer_end_wait(
	struct cor_answer *answer, struct cor_answer_wait *wait, int rc) COR_CHECKED;

#endif
