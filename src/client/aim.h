/* SPDX-License-Identifier: MIT */
/** A call and its target, where its upstream has several. Private to the client folder. */
#ifndef CORACLE_CLIENT_AIM_H
#define CORACLE_CLIENT_AIM_H

#include "client/answer.h"

/** Choose who gets the next try, and make it the host of the message's URL. Never yields. */
void cor_answer_aim(struct cor_answer *answer);

/** The head of an answer is there. */
void cor_answer_heard(struct cor_answer *answer);

/** The exchange is over: what it was like is in answer->fault and the head. */
void cor_answer_settle(struct cor_answer *answer);

#endif
