/* SPDX-License-Identifier: MIT */
/**
 * What an OCSP responder says of a certificate, shown with it to clients that ask ("stapled": RFC
 * 6066 section 8, RFC 6960), so that they need not ask the responder.
 */
#ifndef CORACLE_TLS_STAPLE_H
#define CORACLE_TLS_STAPLE_H

#include <openssl/ssl.h>

#include "tls/tls.h"

struct cor_tls_staple;

/**
 * Show the pair's to clients of `context`, which has its certificate already; *ret, which is to be
 * freed after the last handshake of that, is NULL if it has none. Once it has ended nobody is shown
 * it. Returns 0, -ENOMEM, or -EINVAL: *ret_failure says what is wrong with the file.
 */
int cor_tls_staple_use(const struct cor_tls_pair *pair, SSL_CTX *context,
	struct cor_tls_staple **ret, struct cor_start_failure *ret_failure);

/** When it ends, or NULL: never. */
const ASN1_GENERALIZEDTIME *cor_tls_staple_end(const struct cor_tls_staple *staple);

/** NULL is allowed. */
void cor_tls_staple_free(struct cor_tls_staple *staple);

#endif
