/* SPDX-License-Identifier: MIT */
/**
 * What an endpoint shows to its clients, as its files said at one time. Handshakes that have begun
 * end with the one that they began with. Any thread.
 */
#ifndef CORACLE_TLS_IDENTITY_H
#define CORACLE_TLS_IDENTITY_H

#include <stdatomic.h>

#include <openssl/sha.h>

#include "tls/endpoint.h"

/** A pair, as it is shown. */
struct cor_tls_shown {
	SSL_CTX *context;
	struct cor_tls_staple *staple;          /* NULL: none */
	uint8_t sessions[SHA256_DIGEST_LENGTH]; /* which belong to it: see sessions.h */
};

struct cor_tls_identity {
	_Atomic unsigned holders;
	struct cor_tls_shown *items; /* one for each pair; the first is the default */
	size_t len;
};

/** Make one; the caller holds it. Returns 0, -ENOMEM, or -EINVAL: *ret_failure says why. */
int cor_tls_identity_make(struct cor_tls_endpoint *endpoint, const struct cor_tls_options *options,
	struct cor_tls_identity **ret, struct cor_start_failure *ret_failure);

/** Hold the one that the endpoint has now. */
struct cor_tls_identity *cor_tls_identity_hold(const struct cor_tls_endpoint *endpoint);

/** Give the endpoint a new one, which the caller has held, for new connections. */
void cor_tls_identity_replace(struct cor_tls_endpoint *endpoint, struct cor_tls_identity *identity);

/** The last one who holds it frees it. NULL is allowed. */
void cor_tls_identity_drop(struct cor_tls_identity *identity);

#endif
