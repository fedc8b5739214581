/* SPDX-License-Identifier: MIT */
/**
 * Whether a connection that was kept has something to read before its next request is sent: its
 * end, or what nobody asked for, which would be taken for the answer to that request.
 *
 * curl watches no connection that no call uses, and asks one of TLS only whether it has ended. Nor
 * does it say which socket a connection has before a call over it is over: so sockets are noted
 * then, by their ends. Those of HTTP/2 are left out: frames come there at any time.
 */
#ifndef CORACLE_CURL_KEPT_H
#define CORACLE_CURL_KEPT_H

#include <stdbool.h>

#include "client/carrier.h"

#define COR_CURL_IP_BYTES 46 /* INET6_ADDRSTRLEN */

struct cor_curl_wire;

/** The ends of a connection: the server's, or a proxy's, and ours. */
struct cor_curl_ends {
	char ip[COR_CURL_IP_BYTES];
	long port;
	long own_port; /* 0: it is none */
};

struct cor_curl_kept {
	struct {
		struct cor_curl_ends ends;
		int fd;
	} sockets[COR_CARRIER_KEPT_MAX];
	unsigned next;
};

/** The call has gone well: its connection may be kept. Never yields. */
void cor_curl_kept_note(struct cor_curl_wire *wire);

/** Whether the kept connection with those ends cannot be used. In curl. */
bool cor_curl_kept_is_stale(struct cor_curl_wire *wire, const char *ip, long port, long own_port);

#endif
