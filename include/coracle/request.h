/* SPDX-License-Identifier: MIT */
/**
 * The request behind a ctx, and headers for its reply.
 *
 * Most handlers do not need this: their table binds what they use. A struct cor_str from here has
 * no NUL behind it: print it with "%.*s", (int)text.len, text.data. Text returned here lives as
 * long as ctx. Without a request (a start hook, a test that calls a handler) it is empty. Nothing
 * here yields; call from the fiber of the request.
 */
#ifndef CORACLE_REQUEST_H
#define CORACLE_REQUEST_H

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

/** The method as sent: "GET". */
COR_API struct cor_str cor_request_method(struct cor_ctx *ctx);

/** The path as sent, still percent-encoded, without the query: "/books/7". */
COR_API struct cor_str cor_request_path(struct cor_ctx *ctx);

/** What follows the '?', as sent; empty without one. */
COR_API struct cor_str cor_request_query(struct cor_ctx *ctx);

/**
 * The authority that the client asked for, such as "shop.example:8443": from an absolute target,
 * else from the Host header, which may be empty. What a trusted proxy says of it comes first (see
 * cor_request_client()).
 */
COR_API struct cor_str cor_request_host(struct cor_ctx *ctx);

/**
 * How the client asked: "https" over TLS, or where a trusted proxy says so (see
 * cor_request_client()), else "http".
 */
COR_API const char *cor_request_scheme(struct cor_ctx *ctx);

/**
 * A header's value by name, in any case. Several lines of one name are one list (RFC 9110 section
 * 5.3): they are joined by ", ", those of Cookie by "; ". Empty if it is absent or memory has run
 * out.
 */
COR_API struct cor_str cor_request_header(struct cor_ctx *ctx, const char *name);

/**
 * A trailer field's value by name, in any case: what a client has sent behind the chunks of its
 * body (RFC 9110 section 6.5). It is there once the body was read to its end, which a handler that
 * gets its input bound can rely on. Several lines are joined by ", ". Empty if it is absent or
 * memory has run out. Fields that may not come so late (Authorization, Content-Type, Host ...) are
 * dropped.
 */
COR_API struct cor_str cor_request_trailer(struct cor_ctx *ctx, const char *name);

/**
 * The address of the client, without a port: "192.0.2.1", "2001:db8::1"; "unix" over a unix
 * socket. NULL if memory has run out.
 *
 * Behind a proxy it is whom the proxy names, if that is one of --trusted-proxies: in a PROXY header
 * (--proxy-protocol), or in those header lines that --trusted-headers lists, read from the right up
 * to the first address that is not trusted. What anybody else sends counts for nothing.
 */
COR_API const char *cor_request_client(struct cor_ctx *ctx);

/**
 * The subject of the certificate that the connection's other end has shown, such as
 * "CN=alice,O=Example" (RFC 4514; the name that says most comes first). --client-ca vouches for it:
 * another never gets here. NULL if there is none: nobody asks for one (--client-certificates off),
 * this client has none (optional), it came without TLS, or memory has run out.
 *
 * That is the client, unless a proxy opened the connection: then it is the proxy, also where
 * cor_request_client() names the client behind it.
 */
COR_API const char *cor_request_certificate_subject(struct cor_ctx *ctx);

/**
 * The SHA-256 fingerprint of that certificate: 64 hexadecimal digits in lower case, as
 * `openssl x509 -fingerprint -sha256` has it, without the colons. NULL as above.
 */
COR_API const char *cor_request_certificate_fingerprint(struct cor_ctx *ctx);

/** What a trusted proxy may say of a client besides its address, in a PROXY header of version 2. */
enum cor_proxy_fact {
	COR_PROXY_AUTHORITY = 0,    /* the name that the client has asked TLS for (SNI) */
	COR_PROXY_ALPN,             /* the protocol that they have agreed on */
	COR_PROXY_UNIQUE_ID,        /* the proxy's number of the connection: bytes, up to 128 */
	COR_PROXY_TLS_VERSION,      /* "TLSv1.3" */
	COR_PROXY_TLS_CIPHER,       /* "ECDHE-RSA-AES128-GCM-SHA256" */
	COR_PROXY_CERTIFICATE_NAME, /* common name of a client's verified certificate */
};

/**
 * What the PROXY header (--proxy-protocol) with which the connection began says of that, as bytes
 * that last as long as the request; empty if it does not say. With `send-proxy-v2-ssl-cn` HAProxy
 * says it all. Never yields.
 */
COR_API struct cor_str cor_request_proxy_fact(struct cor_ctx *ctx, enum cor_proxy_fact fact);

/**
 * What a trusted proxy has cut off the path that the client asked for: "/shop"; empty without one.
 * A Location or Content-Location that begins with one slash gets it by itself.
 */
COR_API struct cor_str cor_request_prefix(struct cor_ctx *ctx);

/**
 * The address of the connection's other end, which may be a proxy: "127.0.0.1:51022",
 * "[::1]:51022", "unix". NULL if memory has run out.
 */
COR_API const char *cor_request_peer(struct cor_ctx *ctx);

/**
 * Add a header to the reply, whether it is a success or a problem. Name and value are copied.
 *
 * A header that is not a list (Location, ETag, Last-Modified, Retry-After ...) appears once: a
 * second call replaces the value, and a row of the output (.to = COR_TO_HEADER) does not. So does
 * the Set-Cookie of a cookie whose name, Path and Domain were said before; see cookie.h.
 *
 * Returns 0, -ENOMEM, -EINVAL (a name or value that RFC 9110 section 5 does not allow: CR, LF, NUL
 * ...; or a header that is not the handler's to write: Content-Type comes from the operation,
 * Content-Length, Transfer-Encoding, Connection, Keep-Alive, Date, Upgrade and Trailer from the
 * server), or -COR_ECLOSED (the response head has been sent: the answer is a stream that has
 * begun).
 */
COR_API int cor_reply_header(struct cor_ctx *ctx, const char *name, const char *value) COR_CHECKED;

COR_END_DECLS
#endif
