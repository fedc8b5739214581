/* SPDX-License-Identifier: MIT */
/**
 * The carrier of plain HTTP/1.1: our own codec over TCP and unix sockets.
 *
 * Its states share one resolver, which exists while one of them does.
 */
#ifndef CORACLE_OUTBOUND_PLAIN_H
#define CORACLE_OUTBOUND_PLAIN_H

#include <coracle/api.h>

#include "client/carrier.h"

struct cor_resolver;

extern const struct cor_carrier cor_plain_carrier;

/** A state with a resolver of the caller's, which outlives it. Returns 0 or -ENOMEM. */
int cor_plain_open(struct cor_resolver *resolver, void **ret_state) COR_CHECKED;

/** Close such a state. */
void cor_plain_close(void *state);

#endif
