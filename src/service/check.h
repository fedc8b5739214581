/* SPDX-License-Identifier: MIT */
/** What a service, its resources and its operations must fulfil together: found out at start, all of it at once. */
#ifndef CORACLE_SERVICE_CHECK_H
#define CORACLE_SERVICE_CHECK_H

#include <coracle/service.h>
#include <coracle/violation.h>

#include "service/verb.h"

/** Where contradictions are told. */
struct cor_check {
	struct cor_violations *why;
	struct cor_arena *arena;
};

/** The service's own members and its middleware. */
void cor_check_service(const struct cor_check *check, const struct cor_service *service);

/** A resource with its operations. Whether its path collides with another is the router's to find. */
void cor_check_resource(const struct cor_check *check, const struct cor_resource *resource);

/** check_operation.c: the operation that a resource has for a verb. */
void cor_check_operation(const struct cor_check *check, const struct cor_resource *resource,
	const struct cor_verb *verb);

/** Tell one contradiction. */
#define cor_contradict(check, where, ...)                                                          \
	cor_violate((check)->why, (check)->arena, "service", (where), __VA_ARGS__)

#endif
