/* SPDX-License-Identifier: MIT */
/** A new connection to a server of memcached, name and all. */
#ifndef CORACLE_MEMCACHED_STORE_DIAL_H
#define CORACLE_MEMCACHED_STORE_DIAL_H

#include <coracle/api.h>

#include "memcached/servers.h"

struct cor_filter;
struct cor_filter_source;
struct cor_resolver;

#define COR_MEMCACHED_WHY_BYTES 200

/** What a connection is made with. */
struct cor_memcached_dialing {
	struct cor_resolver *resolver;
	const struct cor_memcached_server *server;
	const struct cor_filter_source *tls; /* NULL: none */
	const char *peer;                    /* whom the server has to prove to be; NULL: nobody */
};

/**
 * Connect, and agree on TLS: *ret_filter, which is the caller's, or NULL. Yields. Returns the
 * descriptor, -ETIMEDOUT or -ECANCELED of the scope, -ENOMEM (also where no descriptor is left),
 * -ECONNREFUSED (also where there is no such unix socket), -ECONNRESET, -EHOSTUNREACH, -EPROTO or
 * -COR_ECERTIFICATE; why (else "") has words for the last two.
 */
int cor_memcached_dial(const struct cor_memcached_dialing *dialing, struct cor_filter **ret_filter,
	char why[COR_MEMCACHED_WHY_BYTES]) COR_CHECKED;

#endif
