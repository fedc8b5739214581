/* SPDX-License-Identifier: MIT */
/** A request and the adaptive limit of its upstream, if that has one. Private to the client. */
#ifndef CORACLE_CLIENT_SHEDDING_H
#define CORACLE_CLIENT_SHEDDING_H

#include "client/answer.h"
#include "client/slots.h"

/** A request that the limit counts. */
struct cor_load {
	struct cor_slot slot;
	bool has_waited; /* before it began */
	int64_t began_ns;
	int64_t asked_ns; /* when all of it was sent; 0: it was not yet */
};

/**
 * Wait until it may be sent; a hedge does not wait. Yields. Returns 0, or the code of
 * answer->fault; else it ends with cor_load_end().
 */
int cor_load_begin(struct cor_load *load, struct cor_answer *answer) COR_CHECKED;

/** All of it was sent: from here on the server is asked for its answer. */
void cor_load_asked(struct cor_load *load);

/** The head of its answer is there, if rc is 0, or else it has failed. Never yields. */
void cor_load_end(struct cor_load *load, struct cor_answer *answer, int rc);

/** Whether one more may be sent at once. Never yields. */
bool cor_load_has_room(const struct cor_answer *answer);

#endif
