/* SPDX-License-Identifier: MIT */
/** A request whose path has a slash too many at its end, or lacks one: .slashes of a service. */
#ifndef CORACLE_SERVICE_SLASHES_H
#define CORACLE_SERVICE_SLASHES_H

#include "exchange/exchange.h"
#include "service/router.h"

/**
 * Answer 308 (RFC 9110 section 15.4.9) with the path that a resource of the router has, if it
 * differs in that slash alone. Never yields. Returns 1, 0 if there is none, or a negative code.
 */
int cor_slashes_redirect(struct cor_exchange *x, const struct cor_router *router) COR_CHECKED;

#endif
