/* SPDX-License-Identifier: MIT */
/** Certificates of clients: mutual TLS. */
#ifndef CORACLE_TLS_CLIENTS_H
#define CORACLE_TLS_CLIENTS_H

#include <openssl/ssl.h>

#include "runtime/filter.h"
#include "tls/tls.h"

/**
 * Let `context` ask its clients for certificates as the options say; a session is not resumed once
 * the certificate that it was made with has expired. Returns 0, -ENOMEM, or -EINVAL: *ret_failure
 * says what is wrong with the file.
 */
int cor_tls_clients_ask(const struct cor_tls_options *options, SSL_CTX *context,
	struct cor_start_failure *ret_failure);

/** Whom a client has proved to be. To be freed, with what it points to. NULL: no memory. */
struct cor_filter_identity *cor_tls_client_identity(const X509 *certificate);

#endif
