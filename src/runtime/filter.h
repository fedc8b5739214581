/* SPDX-License-Identifier: MIT */
/**
 * What stands between a connection and its transport, such as TLS. No filter is the plain case:
 * bytes go straight through.
 *
 * Life: attach -> handshake, until it returns 0 -> receive and send -> end (orderly) -> destroy.
 * destroy may come at any time and sends nothing. No operation waits or yields; everything belongs
 * to the thread of the connection.
 *
 * An operation that cannot go on returns -EAGAIN and says in `wants` what readiness of the socket
 * it needs, be that the other direction: TLS may have to send before it can receive.
 */
#ifndef CORACLE_RUNTIME_FILTER_H
#define CORACLE_RUNTIME_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>

struct cor_filter;
struct cor_protocol;
struct cor_transport;

/** A protocol that may be spoken behind a filter, by its name in ALPN (RFC 7301). */
struct cor_filter_choice {
	const char *name; /* NULL: the end of a table, in which the preferred come first */
	struct cor_protocol *protocol; /* whoever makes the table knows what that is */
};

/** Who the other end has proved to be. As long as its filter. */
struct cor_filter_identity {
	const char *subject;     /* of its certificate, as RFC 4514 writes it */
	const char *fingerprint; /* SHA-256 of the certificate: 64 hexadecimal digits */
};

struct cor_filter_ops {
	/**
	 * Agree with the other end. Returns 0 (done), -EAGAIN or a negative errno: then the
	 * connection is closed. -COR_ECERTIFICATE: the server that was connected to has not proved
	 * to be the one that was meant. -EPROTO: they do not agree. -EPROTONOSUPPORT: the other end
	 * speaks something else. In both cases it has been told so; what it still sends is received
	 * as it is, and the connection ends in order. Sets
	 * `chosen` if the other end has named protocols and may have one; that it has named only
	 * others is an error, of which it has been told.
	 */
	int (*handshake)(struct cor_filter *filter);
	/**
	 * As transport->receive: the count, 0 at the orderly end of the stream, -EAGAIN or a
	 * negative errno. *ret_more, set with a count above 0: whether more may be here already, in
	 * the filter or in the socket.
	 */
	ssize_t (*receive)(struct cor_filter *filter, void *ret, size_t bytes, bool *ret_more);
	/**
	 * As transport->send: how many bytes were taken. After -EAGAIN it is called again with the
	 * same bytes, or more.
	 */
	ssize_t (*send)(struct cor_filter *filter, const void *data, size_t bytes);
	/**
	 * Tell the other end that nothing more will be sent. Returns 0, -EAGAIN or a negative
	 * errno.
	 */
	int (*end)(struct cor_filter *filter);
	/**
	 * After the handshake: who the other end is. Returns 0, -ENOENT (it has not said, or nobody
	 * has asked) or -ENOMEM. NULL: nobody ever says.
	 */
	int (*identify)(struct cor_filter *filter, const struct cor_filter_identity **ret);
	void (*destroy)(struct cor_filter *filter);
};

struct cor_filter {
	const struct cor_filter_ops *ops;
	const struct cor_transport *transport;
	int fd;
	uint32_t wants;    /* EPOLLIN, EPOLLOUT: what the last -EAGAIN waits for */
	bool is_secure;    /* nobody between the two ends reads or changes the bytes */
	const char *why;   /* what it failed of; static; NULL: it does not say */
	const char *place; /* set before the handshake: of the listener; NULL: not known */
	/* Of one that connects, set before the handshake, as long as that: whom it is to meet. */
	const char *peer;
	const struct cor_filter_choice *choices; /* set before the handshake; NULL: none */
	const struct cor_filter_choice *chosen;  /* NULL: the other end has named none */
	/* Of whoever has attached it, for the time of the handshake. */
	void *owner;
	struct cor_filter *older;
	struct cor_filter *newer;
	int64_t since_ns;
};

/** Makes the filters of a listener's connections. It outlives them. */
struct cor_filter_source {
	/**
	 * A filter for a socket: an accepted one, or of a source for those that connect. Returns 0
	 * or a negative errno; the socket stays the caller's.
	 */
	int (*attach)(const struct cor_filter_source *source, const struct cor_transport *transport,
		int fd, struct cor_filter **ret);
};

#endif
