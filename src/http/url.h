/* SPDX-License-Identifier: MIT */
/**
 * Absolute URLs of http and https (RFC 3986, RFC 9110 section 4.2), and where a reference in one
 * leads. Nothing here yields.
 *
 * Servers behind a unix socket are named as nginx names them: "http://unix:/run/x.sock", with a
 * path behind a further ':'.
 */
#ifndef CORACLE_HTTP_URL_H
#define CORACLE_HTTP_URL_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/str.h>

#define COR_URL_BYTES 8000 /* a longer one is refused: RFC 9110 section 4.1 asks servers for that */

/** All texts are in the arena, NUL-terminated. */
struct cor_url {
	bool is_tls;
	struct cor_str host;   /* lower case; IPv6 without brackets; "localhost" of a unix socket */
	uint16_t port;         /* 80 or 443 where none was given; 0 of a unix socket */
	const char *unix_path; /* NULL: it is none */
	struct cor_str authority; /* for Host: the port only where it is not the scheme's */
	struct cor_str path;      /* begins with '/'; without "." and ".." */
	struct cor_str query;     /* without the '?' */
	bool has_query;
};

/**
 * Read one. Bytes that no URL may have are percent-encoded in path and query, as browsers do; a
 * fragment is dropped. Returns 0, -ENOMEM, or -COR_ESYNTAX: *ret_why is a sentence that ends a
 * message: "has no host".
 */
int cor_url_parse(struct cor_arena *arena, struct cor_str text, struct cor_url *ret,
	const char **ret_why) COR_CHECKED;

/**
 * Where `reference` leads from `base`: RFC 3986 section 5.2. "http://localhost" from behind a unix
 * socket is that server itself, which was asked by that name. Returns as cor_url_parse().
 */
int cor_url_resolve(struct cor_arena *arena, const struct cor_url *base, struct cor_str reference,
	struct cor_url *ret, const char **ret_why) COR_CHECKED;

/** Whether scheme, host and port are the same (RFC 6454 section 5). */
bool cor_url_same_origin(const struct cor_url *a, const struct cor_url *b);

/** The URL without its query, for the log. In the arena; "" without memory. */
const char *cor_url_text(struct cor_arena *arena, const struct cor_url *url);

#endif
