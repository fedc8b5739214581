/* SPDX-License-Identifier: MIT */
/**
 * A trusted proxy says whose connection it is, before anything else is sent (--proxy-protocol).
 *
 * The header must come: one that is missing, wrong or late, or that somebody else sends, ends the
 * connection, and one line in ten seconds says why. It stands before the filter's handshake.
 */
#ifndef CORACLE_CONNECTION_INTRODUCTION_H
#define CORACLE_CONNECTION_INTRODUCTION_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/api.h>

#include "connection/connection.h"
#include "connection/peer.h"

struct cor_proxy_told;

struct cor_introduction {
	struct cor_peer proxy;               /* the other end of the socket */
	bool is_tls;                         /* the client speaks it with the proxy */
	bool is_counted;                     /* the client, as one that has a connection */
	const struct cor_listener *listener; /* where it is awaited */
	struct cor_proxy_told *told;         /* what else its header says; NULL: nothing */
	/* of the header, while it is awaited; then NULL */
	char *bytes;
	size_t len;
	size_t capacity;
};

/**
 * Await it. Returns 0, -ENOMEM, or -ECANCELED: the other end is not trusted, and the connection
 * shall be closed.
 */
int cor_introduction_await(
	struct cor_connection *connection, const struct cor_listener *listener) COR_CHECKED;

/**
 * Receive what has come of it. Returns 0 once it is there, -EAGAIN, or another negative errno: the
 * connection shall be closed. What is behind it stays in the socket, or is kept for the protocol.
 */
int cor_introduction_hear(struct cor_connection *connection) COR_CHECKED;

/**
 * The same told by a protocol that is_of_proxies: whose the connection is (NULL: nobody knows), and
 * whether that client speaks TLS. The client counts as one that has connected itself. Returns 0,
 * -ENOMEM, or -EUSERS: it has as many connections as one may have, which is counted.
 */
int cor_connection_introduce(
	struct cor_connection *connection, const struct cor_peer *client, bool is_tls) COR_CHECKED;

/** Whether its peer counts as one that has a connection. */
bool cor_connection_is_counted(const struct cor_connection *connection);

/** Its time is up. Nothing to do where it is not awaited. */
void cor_introduction_is_late(struct cor_connection *connection);

/** NULL is allowed. */
void cor_introduction_destroy(struct cor_introduction *introduction);

/** The other end of the socket: the proxy, if there is one. */
static inline const struct cor_peer *cor_connection_other_end(const struct cor_connection *c)
{
	return c->introduction ? &c->introduction->proxy : &c->peer;
}

#endif
