/* SPDX-License-Identifier: MIT */
/**
 * uri-host [ ":" port ]: the Host field and the authority of a target (RFC 9110 section 7.2, RFC
 * 3986 section 3.2).
 */
#ifndef CORACLE_HTTP_HOST_H
#define CORACLE_HTTP_HOST_H

#include <stdbool.h>

#include <coracle/str.h>

enum cor_host_port {
	COR_HOST_PORT_OPTIONAL,
	COR_HOST_PORT_REQUIRED,
};

/**
 * Whether it is a host that is not empty and a port up to 65535. Userinfo is not allowed; an
 * address in brackets must be IPv6 without a zone (an IPvFuture is refused, as RFC 3986 section
 * 3.2.2 asks of whoever does not know it). The byte after the text must be
 * readable, and not one that could continue a host or port.
 */
bool cor_host_valid(struct cor_str text, enum cor_host_port port);

#endif
