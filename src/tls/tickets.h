/* SPDX-License-Identifier: MIT */
/**
 * Session tickets (RFC 5077, RFC 8446 section 4.6.1): what a client keeps to be recognised without
 * a full handshake, sealed with keys that all workers share.
 */
#ifndef CORACLE_TLS_TICKETS_H
#define CORACLE_TLS_TICKETS_H

#include <openssl/ssl.h>

#include "tls/tls.h"

/** Seal the tickets of `context` with `keys`, which outlive it. Returns 0 or -ENOMEM. */
int cor_tls_tickets_use(const struct cor_tls_ticket_keys *keys, SSL_CTX *context);

#endif
