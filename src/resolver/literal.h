/* SPDX-License-Identifier: MIT */
/**
 * Hosts that need no lookup: addresses, "localhost", and what cannot be a name.
 */
#ifndef CORACLE_RESOLVER_LITERAL_H
#define CORACLE_RESOLVER_LITERAL_H

#include <coracle/str.h>

#include "resolver/lookup.h"

#define COR_HOST_NAME_BYTES 254 /* RFC 1035 section 2.3.4, as text, with its NUL */

/**
 * An address (IPv6 without brackets and without a zone), "localhost" and all names below it (RFC
 * 6761 section 6.3: ::1, then 127.0.0.1): fills *ret, ports 0, and returns 1. A name: returns 0,
 * and the name in small letters in `ret_name`. Else -EINVAL.
 *
 * Names consist of letters, digits, '-' and '_'; a final dot is kept. One whose last label is a
 * number ("127.1", "0x7f.0.0.1", "2130706433") is none: libraries read some of them as addresses,
 * and checks of addresses do not.
 */
int cor_host_literal(struct cor_str host, struct cor_addresses *ret,
	char ret_name[COR_HOST_NAME_BYTES]) COR_CHECKED;

#endif
