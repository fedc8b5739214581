/* SPDX-License-Identifier: MIT */
#include "connection/peers.h"

#include <stdlib.h>
#include <string.h>

#include <coracle/random.h>

struct cor_peers_entry {
	struct cor_peers_entry *next;
	uint64_t key;
	uint32_t count;
};

void cor_peers_init(struct cor_peers *peers, uint32_t max)
{
	*peers = (struct cor_peers){ .max = max, .lock = PTHREAD_MUTEX_INITIALIZER };
	if (max != 0)
		cor_random_fill(&peers->seed, sizeof peers->seed);
}

void cor_peers_finish(struct cor_peers *peers)
{
	for (size_t i = 0; i < COR_PEERS_BUCKETS; i++)
		while (peers->buckets[i]) {
			struct cor_peers_entry *entry = peers->buckets[i];
			peers->buckets[i] = entry->next;
			free(entry);
		}
	pthread_mutex_destroy(&peers->lock);
}

/* An IPv4 address that came over an IPv6 socket (RFC 4291 section 2.5.5.2) is what it was. */
static uint64_t key_of(const struct cor_peer *peer)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool is_mapped = peer->family == AF_INET6 && memcmp(peer->ip, mapped, sizeof mapped) == 0;
	uint32_t v4;
	uint64_t prefix;

	if (peer->family == AF_INET6 && !is_mapped) {
		memcpy(&prefix, peer->ip, sizeof prefix);
		return prefix;
	}
	memcpy(&v4, is_mapped ? peer->ip + sizeof mapped : peer->ip, sizeof v4);
	return UINT64_C(0xffff00000000) | v4; /* nobody's prefix: RFC 4291 section 2.5.5 */
}

/* The place in its bucket, or the end of that. Nobody who fills one bucket knows the seed. */
static struct cor_peers_entry **find(struct cor_peers *peers, uint64_t key)
{
	uint64_t mixed = (key ^ peers->seed) * UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ (mixed >> 32) ^ peers->seed) * UINT64_C(0xd6e8feb86659fd93);
	struct cor_peers_entry **at = &peers->buckets[(mixed >> 32) % COR_PEERS_BUCKETS];
	while (*at && (*at)->key != key)
		at = &(*at)->next;
	return at;
}

static bool is_limited(const struct cor_peers *peers, const struct cor_peer *peer)
{
	return peers->max != 0 && peer->family != 0 && peer->family != AF_UNIX &&
	       !(peers->proxies && cor_proxies_trust(peers->proxies, peer));
}

bool cor_peers_take(struct cor_peers *peers, const struct cor_peer *peer)
{
	if (!is_limited(peers, peer))
		return true;
	uint64_t key = key_of(peer);
	pthread_mutex_lock(&peers->lock);
	struct cor_peers_entry **at = find(peers, key);
	if (!*at && (*at = calloc(1, sizeof **at)))
		(*at)->key = key;
	bool may = *at && (*at)->count < peers->max;
	if (may)
		(*at)->count++; /* NOLINT(analyzer-malloc-leak): peers have it */
	pthread_mutex_unlock(&peers->lock);
	return may;
}

void cor_peers_give(struct cor_peers *peers, const struct cor_peer *peer)
{
	if (!is_limited(peers, peer))
		return;
	pthread_mutex_lock(&peers->lock);
	struct cor_peers_entry **at = find(peers, key_of(peer));
	struct cor_peers_entry *entry = *at;
	if (entry && --entry->count == 0) {
		*at = entry->next;
		free(entry);
	}
	pthread_mutex_unlock(&peers->lock);
}
