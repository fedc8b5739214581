/* SPDX-License-Identifier: MIT */
#include "connection/peer.h"

#include <string.h>

struct cor_peer cor_peer_of(const struct cor_address *address)
{
	struct cor_peer peer = { 0 };

	if (address->any.sa_family == AF_INET) {
		peer.family = AF_INET;
		peer.port = address->v4.sin_port;
		memcpy(peer.ip, &address->v4.sin_addr, sizeof address->v4.sin_addr);
	} else if (address->any.sa_family == AF_INET6) {
		peer.family = AF_INET6;
		peer.port = address->v6.sin6_port;
		memcpy(peer.ip, &address->v6.sin6_addr, sizeof address->v6.sin6_addr);
	}
	return peer;
}

void cor_peer_address(const struct cor_peer *peer, struct cor_address *ret)
{
	*ret = (struct cor_address){ 0 };
	if (peer->family == AF_INET) {
		ret->bytes = sizeof ret->v4;
		ret->v4.sin_port = peer->port;
		memcpy(&ret->v4.sin_addr, peer->ip, sizeof ret->v4.sin_addr);
	} else if (peer->family == AF_INET6) {
		ret->bytes = sizeof ret->v6;
		ret->v6.sin6_port = peer->port;
		memcpy(&ret->v6.sin6_addr, peer->ip, sizeof ret->v6.sin6_addr);
	} else {
		ret->bytes = sizeof(sa_family_t);
	}
	ret->any.sa_family = peer->family ? peer->family : AF_UNIX;
}
