/* SPDX-License-Identifier: MIT */
/** One connection's TLS. */
#ifndef CORACLE_TLS_FILTER_H
#define CORACLE_TLS_FILTER_H

#include <openssl/ssl.h>

#include "runtime/filter.h"

/** A filter for a socket that was accepted, as struct cor_filter_source has it. */
int cor_tls_attach(const struct cor_filter_source *source, const struct cor_transport *transport,
	int fd, struct cor_filter **ret);

/** What one that connects has, and its source too, as long as that. */
struct cor_tls_calling {
	SSL_CTX *context;
	BIO_METHOD *socket;
};

/** The same for a socket that connects to a server. */
int cor_tls_call(const struct cor_tls_calling *calling, const struct cor_transport *transport,
	int fd, struct cor_filter **ret);

/** The filter that `ssl` belongs to, from the beginning of its handshake on. */
struct cor_filter *cor_tls_filter_of(const SSL *ssl);

/** How filters reach their sockets. NULL without memory. */
BIO_METHOD *cor_tls_socket_method(void);

#endif
