/* SPDX-License-Identifier: MIT */
/**
 * Calls over TLS and through proxies, carried by libcurl.
 *
 *     #include <coracle/curl.h>
 *
 *     static const struct cor_upstream prices = {
 *             .name = "prices",
 *             .base_url = "https://prices.example",
 *             .carrier = &cor_curl,
 *     };
 *
 * It is linked with libcoracle-curl (`pkg-config --cflags --libs coracle-curl`), which brings
 * libcurl and what that needs. A program that does not name cor_curl has none of it.
 *
 * Over TLS HTTP/2 is spoken where the server offers it, else HTTP/1.1; a connection carries one
 * call at a time either way. TLS 1.2 is the oldest. A proxy is one of HTTP ("http://", "https://":
 * CONNECT for https, else requests with absolute URLs) or of SOCKS 5 ("socks5h://", and "socks5://"
 * where names are resolved here). The environment counts only where .environment says so.
 */
#ifndef CORACLE_CURL_H
#define CORACLE_CURL_H

#include <coracle/api.h>
#include <coracle/upstream.h>

COR_BEGIN_DECLS

/** For .carrier of an upstream. Opaque, and of the same version as libcoracle. */
COR_API extern const struct cor_carrier cor_curl;

COR_END_DECLS
#endif
