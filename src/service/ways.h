/* SPDX-License-Identifier: MIT */
/** All ways to be let in that a service declares, wherever they stand. */
#ifndef CORACLE_SERVICE_WAYS_H
#define CORACLE_SERVICE_WAYS_H

#include <coracle/service.h>

/**
 * Visit each: of the service, of its documentation, of its resources, operations and files. One
 * that stands in several places is visited as often.
 */
void cor_ways_visit(const struct cor_service *service,
	void (*visit)(void *arg, const struct cor_security *way), void *arg);

#endif
