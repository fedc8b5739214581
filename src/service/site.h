/* SPDX-License-Identifier: MIT */
/**
 * The paths of a host. A service has one site for all hosts that are not named, and one for each
 * that a mount names.
 */
#ifndef CORACLE_SERVICE_SITE_H
#define CORACLE_SERVICE_SITE_H

#include "service/router.h"

struct cor_outskirts; /* service/outskirts.h */

struct cor_site {
	struct cor_router router;
	const char *host;                      /* a pattern, see mount.h; NULL: any other */
	const struct cor_outskirts *outskirts; /* of what is no service's own */
};

/** Without its port, and without the dot that ends a name of the DNS that is whole. */
struct cor_str cor_host_name(struct cor_str host);

/** Why a pattern is none; NULL: it is one. */
const char *cor_host_fault(const char *pattern);

/** Whether the host, of a request (with a port, or not, in any case), is of the pattern. */
bool cor_host_matches(const char *pattern, struct cor_str host);

/**
 * The site of a host: an exact pattern comes before all below a name, and of those the longest.
 * NULL: there is none. Never yields.
 */
const struct cor_site *cor_site_find(const struct cor_site *sites, size_t len, struct cor_str host);

#endif
