/* SPDX-License-Identifier: MIT */
/** A try of a call, and another one next to it when the answer is late. Private to the client. */
#ifndef CORACLE_CLIENT_HEDGE_H
#define CORACLE_CLIENT_HEDGE_H

#include "client/answer.h"

/**
 * As cor_answer_try(), of an upstream with .hedge. *answer is the one whose answer has come from
 * now on, perhaps another than before, or else the one that was tried first. Yields.
 */
int cor_answer_try_hedged(struct cor_answer **answer) COR_CHECKED;

#endif
