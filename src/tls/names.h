/* SPDX-License-Identifier: MIT */
/**
 * Which certificate a client gets: it names the host before anything is agreed (SNI, RFC 6066
 * section 3).
 */
#ifndef CORACLE_TLS_NAMES_H
#define CORACLE_TLS_NAMES_H

#include "tls/identity.h"

/**
 * Of the certificates of an identity: the one that has the exact name, else the one with a wildcard
 * for it, else the first. `name` need not end with a NUL.
 */
const struct cor_tls_shown *cor_tls_choose(
	const struct cor_tls_identity *identity, const unsigned char *name, size_t len);

/**
 * Let clients of `context` choose among the certificates of `identity`, which is held until their
 * handshake is over. What is resumed is looked up after that: a session belongs to the name that it
 * was made for, and to the listener.
 */
void cor_tls_let_choose(struct cor_tls_identity *identity, SSL_CTX *context);

#endif
