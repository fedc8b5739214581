/* SPDX-License-Identifier: MIT */
/**
 * The seam for names: who knows their addresses.
 */
#ifndef CORACLE_RESOLVER_LOOKUP_H
#define CORACLE_RESOLVER_LOOKUP_H

#include <stddef.h>

#include <coracle/api.h>

#include "runtime/address.h"

/** More of a name are left out. */
#define COR_ADDRESSES_MAX 16

/** Where a host can be reached, the best first (RFC 6724). */
struct cor_addresses {
	size_t len;
	struct cor_address list[COR_ADDRESSES_MAX];
};

struct cor_lookup {
	/*
	 * The addresses of a name, each once, ports 0. Takes as long as it takes. Returns 0 (there
	 * is at least one), -ENOENT (the name has none), -EAGAIN (who should know does not answer),
	 * -ENOMEM or -EIO.
	 */
	int (*find)(const struct cor_lookup *lookup, const char *host, struct cor_addresses *ret);
	/*
	 * Whether find() blocks its thread: it then gets threads of its own. Else it is called in a
	 * fiber of whoever asks, and may yield.
	 */
	enum { COR_LOOKUP_BLOCKS = 0, COR_LOOKUP_YIELDS } manner;
};

/** getaddrinfo(3): files, DNS and whatever else nsswitch.conf names. */
extern const struct cor_lookup cor_system_lookup;

#endif
