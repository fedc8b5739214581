/* SPDX-License-Identifier: MIT */
/**
 * Where a session may be resumed: with the pair that it was made with, though that may have been
 * renewed, at the listener where it was made, and while clients are asked for the same. A ticket
 * that was got without a certificate is worth nothing where one is needed (CVE-2025-23419).
 */
#ifndef CORACLE_TLS_SESSIONS_H
#define CORACLE_TLS_SESSIONS_H

#include "tls/identity.h"

/** Which sessions belong to the pair. */
void cor_tls_sessions_bind(const struct cor_tls_options *options, const struct cor_tls_pair *pair,
	struct cor_tls_shown *shown);

/** Accept none but those, made at `place` (NULL: not known), in this handshake. Returns whether. */
bool cor_tls_sessions_limit(const struct cor_tls_shown *shown, const char *place, SSL *ssl);

#endif
