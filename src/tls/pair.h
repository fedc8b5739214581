/* SPDX-License-Identifier: MIT */
/** Certificates and keys, from PEM to OpenSSL. */
#ifndef CORACLE_TLS_PAIR_H
#define CORACLE_TLS_PAIR_H

#include <openssl/ssl.h>

#include "tls/tls.h"

/** What is wrong, and what to do; whatever OpenSSL has said is forgotten. Returns -EINVAL. */
int cor_tls_refuse(struct cor_start_failure *ret, const char *format, ...) COR_PRINTF(2, 3);

/** Its text, to be read and freed. NULL: no memory. */
BIO *cor_tls_file_open(const struct cor_tls_file *file);

/**
 * Give the pair to `context`. Returns 0, -ENOMEM, or -EINVAL: *ret_failure says what is wrong with
 * which file, and what to do.
 */
int cor_tls_pair_use(
	const struct cor_tls_pair *pair, SSL_CTX *context, struct cor_start_failure *ret_failure);

#endif
