/* SPDX-License-Identifier: MIT */
/** A new connection to a destination, name and all. */
#ifndef CORACLE_OUTBOUND_DIAL_H
#define CORACLE_OUTBOUND_DIAL_H

#include <coracle/api.h>

#include "client/carrier.h"
#include "outbound/connection.h"

struct cor_resolver;

/**
 * Connect to where the wire's request goes. Yields. Returns 0 with *ret, or a code: with
 * wire->fault, or -ETIMEDOUT or -ECANCELED of the scope.
 */
int cor_outbound_dial(struct cor_resolver *resolver, struct cor_wire *wire,
	struct cor_outbound_connection **ret) COR_CHECKED;

#endif
