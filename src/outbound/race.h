/* SPDX-License-Identifier: MIT */
/**
 * A connection to one of several addresses: the first that is made wins (happy eyeballs, RFC 8305).
 */
#ifndef CORACLE_OUTBOUND_RACE_H
#define CORACLE_OUTBOUND_RACE_H

#include <coracle/api.h>

#include "outbound/connection.h"
#include "resolver/lookup.h"

/** An address has so long before the next is tried beside it; less if it fails. */
#define COR_OUTBOUND_ATTEMPT_MS 250

/** What stood in the way: of the address that says most. */
struct cor_outbound_loss {
	int code;
	struct cor_address peer;
};

/**
 * Let families take turns, beginning with that of the first address (RFC 8305 section 4): the order
 * within each stays.
 */
void cor_outbound_interleave(struct cor_addresses *addresses);

/**
 * Connect to the first of the addresses, there is at least one, that lets us; all are tried in
 * their order. Yields, or blocks outside a fiber. Returns 0 with *ret; -ETIMEDOUT or -ECANCELED of
 * the scope; -ENOMEM, -EMFILE, -ENFILE; or, with *ret_loss, why no address can be had:
 * -ECONNREFUSED before all others.
 */
int cor_outbound_race(const struct cor_addresses *addresses, struct cor_outbound_connection **ret,
	struct cor_outbound_loss *ret_loss) COR_CHECKED;

#endif
