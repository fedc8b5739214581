/* SPDX-License-Identifier: MIT */
/**
 * TLS, so that a service can be reached by https itself. One line of its table asks for it:
 *
 *     #include <coracle/tls.h>
 *
 *     static const struct cor_service service = {
 *             .name = "bookshop",
 *             .tls = &cor_tls,
 *             ...
 *     };
 *
 * and it is linked with libcoracle-tls (`pkg-config --libs coracle-tls`), which brings OpenSSL 3. A
 * service without that line has neither. The rest is the operator's:
 *
 *     bookshop --https 0.0.0.0:8443 --certificate chain.pem --key key.pem
 *
 * Handlers are the same behind http and https: cor_request_scheme() of request.h says which it was.
 * docs/production.md, "TLS", has the options, what is negotiated, and how certificates are renewed.
 */
#ifndef CORACLE_TLS_H
#define CORACLE_TLS_H

#include <coracle/api.h>

COR_BEGIN_DECLS

/** For .tls of struct cor_service. Opaque, constant, and of the same version as libcoracle. */
struct cor_tls;
COR_API extern const struct cor_tls cor_tls;

COR_END_DECLS
#endif
