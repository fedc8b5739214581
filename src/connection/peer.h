/* SPDX-License-Identifier: MIT */
/** Peers from socket addresses, and back. */
#ifndef CORACLE_CONNECTION_PEER_H
#define CORACLE_CONNECTION_PEER_H

#include "origin/peer.h"
#include "runtime/address.h"

struct cor_peer cor_peer_of(const struct cor_address *address);

void cor_peer_address(const struct cor_peer *peer, struct cor_address *ret);

#endif
