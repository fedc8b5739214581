/* SPDX-License-Identifier: MIT */
/** Certificates and keys, from PEM to OpenSSL. */
#ifndef CORACLE_TLS_PAIR_H
#define CORACLE_TLS_PAIR_H

#include <openssl/ssl.h>

#include "tls/tls.h"

/**
 * Give the pair to `context`. Returns 0, -ENOMEM, or -EINVAL: *ret_failure says what is wrong with
 * which file, and what to do.
 */
int cor_tls_pair_use(
	const struct cor_tls_pair *pair, SSL_CTX *context, struct cor_failure *ret_failure);

#endif
