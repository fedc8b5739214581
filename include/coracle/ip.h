/* SPDX-License-Identifier: MIT */
/**
 * IP addresses, and networks of them, as text (RFC 4291 section 2.2, RFC 4632 section 3.1). Nothing
 * here yields, allocates or asks a name server; any thread.
 *
 * A member of these types needs none of it: its row reads and writes the text.
 */
#ifndef CORACLE_IP_H
#define CORACLE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

/** An address. Zeroed it is none. */
struct cor_ip {
	uint8_t version;   /* 4, 6, or 0: none */
	uint8_t bytes[16]; /* network order; of version 4 the first four, and zeros */
};

/** A network: the addresses that begin with the first `prefix` bits of `first`. */
struct cor_network {
	struct cor_ip first; /* the bits behind the prefix are 0 */
	uint8_t prefix;      /* 0 to 32 or 128 */
};

#define COR_IP_BYTES      46 /* room for any address and its NUL */
#define COR_NETWORK_BYTES 50 /* room for any network and its NUL */

/**
 * Read an address that is the whole text: 192.0.2.1, without leading zeros (010 is 8 to some), or
 * 2001:db8::1, also with an address of version 4 at its end. A zone (%eth0) is not taken. Returns
 * 0, or -COR_ESYNTAX with *ret untouched.
 */
COR_API int cor_ip_parse(struct cor_str text, struct cor_ip *ret) COR_CHECKED;

/**
 * Write it as RFC 5952 asks, and a NUL: 2001:db8::1, ::ffff:192.0.2.1. Returns the bytes before the
 * NUL; 0 with *out untouched if the version is neither 4 nor 6.
 */
COR_API size_t cor_ip_print(const struct cor_ip *ip, char out[COR_IP_BYTES]);

/**
 * Read a network that is the whole text: 192.0.2.0/24. An address alone is the network of that one.
 * Returns 0, -COR_ESYNTAX, or -EDOM (a bit behind the prefix is set); *ret is untouched on failure.
 */
COR_API int cor_network_parse(struct cor_str text, struct cor_network *ret) COR_CHECKED;

/**
 * Write it with its prefix, and a NUL. Returns the bytes before the NUL; 0 with *out untouched if
 * the version is neither 4 nor 6, or the prefix too long.
 */
COR_API size_t cor_network_print(const struct cor_network *network, char out[COR_NETWORK_BYTES]);

/** Whether the address is one of the network's; one of another version is not. */
COR_API bool cor_network_has(const struct cor_network *network, const struct cor_ip *ip);

COR_END_DECLS
#endif
