/* SPDX-License-Identifier: MIT */
/**
 * Equal GETs on their way at the same time, of which one is sent: .equal_gets of an upstream.
 * Private to the client folder.
 *
 * The first leads: it goes to the server, reads the answer to its end and leaves it, as it came,
 * for those that follow. From there each goes on as if the answer were its own.
 */
#ifndef CORACLE_CLIENT_FLIGHT_H
#define CORACLE_CLIENT_FLIGHT_H

#include "client/answer.h"

enum {
	COR_FLIGHT_SEND,  /* it is to be sent */
	COR_FLIGHT_HERE,  /* the answer is */
	COR_FLIGHT_AGAIN, /* the one that it followed has ended for reasons of its own */
};

/**
 * Before a request is sent: it follows one that is on its way, or others may follow it. Yields.
 * Returns an enum below, or the code of answer->fault.
 */
int cor_flight_board(struct cor_answer *answer) COR_CHECKED;

/**
 * What others may follow has its head, or has failed with rc: they get it, too, once the body is
 * here. Yields. Returns 0, or the code of answer->fault.
 */
int cor_flight_land(struct cor_answer *answer, int rc) COR_CHECKED;

#endif
