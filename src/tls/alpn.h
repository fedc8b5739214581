/* SPDX-License-Identifier: MIT */
/** Which protocol is spoken inside TLS (ALPN, RFC 7301). */
#ifndef CORACLE_TLS_ALPN_H
#define CORACLE_TLS_ALPN_H

#include <openssl/ssl.h>

/**
 * Let clients of `context` choose among the choices of their filter, of which the server prefers
 * the first. One that names only others gets the alert no_application_protocol (section 3.2).
 */
void cor_tls_let_choose_protocol(SSL_CTX *context);

#endif
