/* SPDX-License-Identifier: MIT */
/**
 * How many connections each client has, where that is limited (--connections-per-peer).
 *
 * A client is an IPv4 address, or the /64 of an IPv6 address: with one address of it, a client has
 * all. Unix sockets have no address and no limit, and trusted proxies are not clients. Any thread.
 */
#ifndef CORACLE_CONNECTION_PEERS_H
#define CORACLE_CONNECTION_PEERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

#include "connection/peer.h"
#include "origin/proxies.h"

#define COR_PEERS_BUCKETS 1024

struct cor_peers_entry;

struct cor_peers {
	const struct cor_proxies *proxies; /* that are trusted; NULL: none */
	uint32_t max;                      /* of each; 0: no limit, and nothing is counted */
	uint64_t seed;
	pthread_mutex_t lock;
	struct cor_peers_entry *buckets[COR_PEERS_BUCKETS];
};

void cor_peers_init(struct cor_peers *peers, uint32_t max);
void cor_peers_finish(struct cor_peers *peers);

/** Count one more. Returns false, and counts nothing, if it has as many as it may have. */
bool cor_peers_take(struct cor_peers *peers, const struct cor_peer *peer) COR_CHECKED;

/** Count one less, which was taken. */
void cor_peers_give(struct cor_peers *peers, const struct cor_peer *peer);

#endif
