/* SPDX-License-Identifier: MIT */
/**
 * Who asks, as proxies tell it in a request's header: X-Forwarded-* and Forwarded (RFC 7239).
 *
 * Each proxy adds to the right. So lists are read from the right: what a trusted proxy has added is
 * believed, and only if that names another trusted proxy, what stands to the left of it. What a
 * client has written itself is to the left of all that. This is nginx's real_ip_recursive.
 */
#ifndef CORACLE_ORIGIN_FORWARDED_H
#define CORACLE_ORIGIN_FORWARDED_H

#include <coracle/str.h>

#include "origin/peer.h"
#include "origin/proxies.h"

#define COR_PREFIX_MAX 256

/** The header lines that count (--trusted-headers): bits. */
enum cor_told_by {
	COR_TOLD_BY_FORWARDED = 1 << 0,
	COR_TOLD_BY_X_FOR = 1 << 1,
	COR_TOLD_BY_X_PROTO = 1 << 2,
	COR_TOLD_BY_X_HOST = 1 << 3,
	COR_TOLD_BY_X_PORT = 1 << 4,
	COR_TOLD_BY_X_PREFIX = 1 << 5,
};
#define COR_TOLD_BY_COUNT 6

/** The names, in the order of the bits: "Forwarded", "X-Forwarded-For" ... */
extern const char *const cor_told_by_names[COR_TOLD_BY_COUNT];

/** Who is trusted, and with which header lines. */
struct cor_trust {
	struct cor_proxies proxies;
	uint8_t told_by; /* enum cor_told_by */
};

/** The bit of a name, in any case; 0: it is none of them. */
uint8_t cor_told_by_find(const char *name);

/**
 * The values, all lines of a name joined by ", ", in the order of the bits; empty: absent, or not
 * to be believed. The byte behind each can be read.
 */
struct cor_told {
	struct cor_str values[COR_TOLD_BY_COUNT];
};

/** What came of it. Texts lie in the values; empty: nobody has told. */
struct cor_origin {
	struct cor_peer client;
	struct cor_str scheme; /* "http" or "https": static */
	struct cor_str host;   /* with its port, if it has one */
	struct cor_str port;
	struct cor_str prefix; /* "/shop": no slash at its end */
	uint8_t malformed;     /* bits: values of which something was not understood */
};

/** Find it out. `peer` is the other end of the connection; if it is not trusted, nothing counts. */
void cor_origin_find(const struct cor_proxies *proxies, const struct cor_peer *peer,
	const struct cor_told *told, struct cor_origin *ret);

#endif
