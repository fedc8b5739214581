/* SPDX-License-Identifier: MIT */
#include "origin/proxies.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define MAPPED_BITS 96

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static void to_v6(const struct cor_peer *peer, uint8_t ret[16])
{
	if (peer->family == AF_INET6) {
		memcpy(ret, peer->ip, 16);
		return;
	}
	memcpy(ret, mapped, sizeof mapped);
	memcpy(ret + sizeof mapped, peer->ip, 4);
}

/* Up to three digits, and nothing else. -1: it is not a number. */
static int read_bits(const char *text)
{
	int bits = 0;
	size_t len = strlen(text);

	if (len == 0 || len > 3)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		bits = bits * 10 + (text[i] - '0');
	}
	return bits;
}

static bool has_bits_behind(const struct cor_proxy_network *network)
{
	for (unsigned bit = network->bits; bit < 128; bit++)
		if (network->ip[bit / 8] & (0x80 >> bit % 8))
			return true;
	return false;
}

int cor_proxy_network_parse(const char *text, struct cor_proxy_network *ret)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct cor_proxy_network network = { .is_local = strcmp(text, "unix") == 0 };
	struct cor_peer peer;

	if (network.is_local) {
		*ret = network;
		return 0;
	}
	if (!cor_peer_parse((struct cor_str){ text, len }, &peer) || peer.port != 0)
		return -EINVAL;
	int all = peer.family == AF_INET ? 32 : 128;
	int bits = slash ? read_bits(slash + 1) : all;
	if (bits < 0 || bits > all)
		return -EINVAL;
	to_v6(&peer, network.ip);
	network.bits = (uint8_t)(bits + (128 - all));
	if (has_bits_behind(&network))
		return -ERANGE;
	*ret = network;
	return 0;
}

static bool begins_alike(const uint8_t a[16], const uint8_t b[16], unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

/* ::/0 is all of IPv6, and none of IPv4. */
static bool has(const struct cor_proxy_network *network, const uint8_t ip[16])
{
	bool is_v4 = memcmp(ip, mapped, sizeof mapped) == 0;

	return !network->is_local && (!is_v4 || network->bits >= MAPPED_BITS) &&
	       begins_alike(network->ip, ip, network->bits);
}

bool cor_proxies_trust(const struct cor_proxies *proxies, const struct cor_peer *peer)
{
	uint8_t ip[16];

	if (peer->family == AF_INET || peer->family == AF_INET6)
		to_v6(peer, ip);
	for (size_t i = 0; i < proxies->len; i++) {
		const struct cor_proxy_network *network = &proxies->networks[i];
		if (peer->family == 0 ? network->is_local
				      : peer->family != AF_UNIX && has(network, ip))
			return true;
	}
	return false;
}
