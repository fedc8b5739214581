/* SPDX-License-Identifier: MIT */
/**
 * A service that `coracle dev` has started tells in the browser what is wrong with the newest
 * sources, while it answers everybody else as ever.
 *
 * COR_DEVELOPMENT_FOLDER in the environment names a folder, where the command puts, while something
 * is wrong, `page.html`: the answer (503) to a browser that navigates, unless it has the cookie
 * coracle-dev=N of this state, which a link of the page sets. `state.json` is what GET
 * /.coracle/dev answers, so that a page knows when it is old; with ?state=N it waits, for 20 s at
 * most, until that is not the state any more. A process that stands in for the service
 * (COR_DEVELOPMENT_STAND_IN) answers all others with `problem.json` of that folder.
 */
#ifndef CORACLE_SERVICE_DEVELOPMENT_H
#define CORACLE_SERVICE_DEVELOPMENT_H

#include <stdbool.h>

#include "exchange/exchange.h"

#define COR_DEVELOPMENT_FOLDER   "CORACLE_DEV"
#define COR_DEVELOPMENT_STAND_IN "CORACLE_DEV_STAND_IN"

/** Zeroed: the service is not in development, and nothing asks. */
struct cor_development {
	const char *folder;
	bool stands_in;
};

/** Answer, if this is for the command to answer. On the fiber; reads files. */
bool cor_development_answers(const struct cor_development *development, struct cor_exchange *x);

#endif
