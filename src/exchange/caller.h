/* SPDX-License-Identifier: MIT */
/**
 * Who asks, and what for, as the client sees it: what trusted proxies have told of it counts.
 *
 * Found when somebody asks: a request that nobody asks it of pays nothing.
 */
#ifndef CORACLE_EXCHANGE_CALLER_H
#define CORACLE_EXCHANGE_CALLER_H

#include <stdbool.h>

#include <coracle/str.h>

#include "origin/forwarded.h"

struct cor_exchange;
struct cor_filter;
struct cor_proxy_told;

/** How a request has come here. */
struct cor_arrival {
	struct cor_peer peer;          /* whom a PROXY header names, else the other end */
	const struct cor_trust *trust; /* NULL: nobody is trusted */
	bool is_tls;                   /* up to here, or up to the proxy of the PROXY header */
	struct cor_filter *filter;     /* of the connection; NULL: none */
	/* with which it began, as long as it lasts; NULL: none, or it speaks of addresses alone */
	const struct cor_proxy_told *proxy;
};

/** In ctx memory. */
struct cor_caller {
	const char *client;  /* its address, without a port */
	const char *scheme;  /* "http" or "https" */
	struct cor_str host; /* and its port, unless it is the scheme's */
	struct cor_str prefix;
	/* Of the certificate of the connection's other end, which has been verified; NULL: none. */
	const char *subject;
	const char *fingerprint;
	const struct cor_proxy_told *proxy; /* as above */
};

/** What the header lines say of it. Without memory for lines of one name, they are absent. */
void cor_exchange_find_origin(
	struct cor_exchange *x, const struct cor_arrival *arrival, struct cor_origin *ret);

/** All of it: for the ops of an exchange. Returns 0 or -ENOMEM. */
int cor_exchange_find_caller(struct cor_exchange *x, const struct cor_arrival *arrival,
	struct cor_caller *ret) COR_CHECKED;

/** The caller of an exchange, of whatever ops. Without memory its client is NULL. */
struct cor_caller cor_exchange_caller(struct cor_exchange *x);

#endif
