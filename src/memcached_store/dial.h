/* SPDX-License-Identifier: MIT */
/** A new connection to a server of memcached, name and all. */
#ifndef CORACLE_MEMCACHED_STORE_DIAL_H
#define CORACLE_MEMCACHED_STORE_DIAL_H

#include <coracle/api.h>

#include "memcached/servers.h"

struct cor_resolver;

/**
 * Connect. Yields. Returns the descriptor, -ETIMEDOUT or -ECANCELED of the scope, -ENOMEM (also
 * where no descriptor is left), -ECONNREFUSED (also where there is no such unix socket), or
 * -EHOSTUNREACH.
 */
int cor_memcached_dial(
	struct cor_resolver *resolver, const struct cor_memcached_server *server) COR_CHECKED;

#endif
