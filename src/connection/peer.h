/* SPDX-License-Identifier: MIT */
/** The other end of a connection, in less room than a socket address takes. */
#ifndef CORACLE_CONNECTION_PEER_H
#define CORACLE_CONNECTION_PEER_H

#include <stdint.h>

#include "runtime/address.h"

struct cor_peer {
	uint8_t family; /* AF_INET, AF_INET6, or 0: a unix socket */
	uint8_t ip[16];
	uint16_t port; /* network order */
};

struct cor_peer cor_peer_of(const struct cor_address *address);

void cor_peer_address(const struct cor_peer *peer, struct cor_address *ret);

#endif
