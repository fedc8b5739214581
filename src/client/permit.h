/* SPDX-License-Identifier: MIT */
/** A call and the breaker of its upstream, if that has one. Private to the client folder. */
#ifndef CORACLE_CLIENT_PERMIT_H
#define CORACLE_CLIENT_PERMIT_H

#include "client/answer.h"

/**
 * May the next try be made? Never yields. Returns 0, or the code of answer->fault: the breaker is
 * open.
 */
int cor_answer_enter(struct cor_answer *answer) COR_CHECKED;

/**
 * The connection is there, which took its time: ask the breaker again if it is not closed any
 * more. Nothing was sent yet. Never yields. Returns as cor_answer_enter().
 */
int cor_answer_enter_again(struct cor_answer *answer) COR_CHECKED;

/** Whether it is of any use to try again later. Never yields. */
bool cor_answer_may_enter(const struct cor_answer *answer);

/** The head of an answer is there that is no failure: to wait for the rest is not a probe's. */
void cor_answer_enter_heard(struct cor_answer *answer);

/** The exchange is over. */
void cor_answer_leave(struct cor_answer *answer, enum cor_target_verdict verdict);

#endif
