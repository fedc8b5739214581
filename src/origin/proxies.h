/* SPDX-License-Identifier: MIT */
/**
 * The proxies whose word counts when they say who the client is (--trusted-proxies): networks,
 * addresses, and whoever comes over a unix socket.
 */
#ifndef CORACLE_ORIGIN_PROXIES_H
#define CORACLE_ORIGIN_PROXIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "origin/peer.h"

/** An IPv4 network is the one of its mapped addresses (RFC 4291 section 2.5.5.2). */
struct cor_proxy_network {
	uint8_t ip[16];
	uint8_t bits;
	bool is_local; /* all unix sockets: nothing else counts */
};

struct cor_proxies {
	struct cor_proxy_network *networks;
	size_t len; /* 0: nobody is trusted */
};

/**
 * Read "10.0.0.0/8", "192.0.2.1", "2001:db8::/32" or "unix". Returns 0, -EINVAL (it is none of
 * them), or -ERANGE (bits of the address are set behind the network's).
 */
int cor_proxy_network_parse(const char *text, struct cor_proxy_network *ret) COR_CHECKED;

/** Whether the peer is one of them. An IPv4 address is the same over an IPv6 socket. */
bool cor_proxies_trust(const struct cor_proxies *proxies, const struct cor_peer *peer);

#endif
