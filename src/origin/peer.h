/* SPDX-License-Identifier: MIT */
/** The other end of a connection, in less room than a socket address takes. */
#ifndef CORACLE_ORIGIN_PEER_H
#define CORACLE_ORIGIN_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/str.h>

struct cor_peer {
	/* AF_INET, AF_INET6, 0: a unix socket; AF_UNIX: the unix socket of a proxy */
	uint8_t family;
	uint8_t ip[16];
	uint16_t port; /* network order */
};

/**
 * Read "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]" or "[2001:db8::1]:80". Names are
 * not looked up. Returns false, and leaves *ret, if it is none of them.
 */
bool cor_peer_parse(struct cor_str text, struct cor_peer *ret);

/** Read a port: 1 to 5 digits, at most 65535. Returns false, and leaves *ret, if it is none. */
bool cor_port_parse(struct cor_str text, uint16_t *ret);

#endif
