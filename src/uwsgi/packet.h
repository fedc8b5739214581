/* SPDX-License-Identifier: MIT */
/**
 * A request of the uwsgi protocol, as nginx sends it (uwsgi_pass): a packet of variables, and the
 * body behind it.
 *
 *     u8 modifier1 = 0, u16 size, u8 modifier2 = 0, then `size` bytes of variables:
 *     u16 length, name, u16 length, value ...                         (little-endian)
 *
 * Variables are what CGI says of a request (RFC 3875 section 4.1); HTTP_* are its header fields.
 * They are read as data: no variable makes anything happen, whatever its name (uWSGI loads code for
 * some).
 *
 * Nothing here allocates or yields.
 */
#ifndef CORACLE_UWSGI_PACKET_H
#define CORACLE_UWSGI_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <coracle/api.h>
#include <coracle/str.h>

#include "http/error.h"

#define COR_UWSGI_START_BYTES 4

enum cor_uwsgi_variable {
	COR_UWSGI_METHOD,
	COR_UWSGI_URI,
	COR_UWSGI_PATH,
	COR_UWSGI_QUERY,
	COR_UWSGI_CONTENT_TYPE,
	COR_UWSGI_CONTENT_LENGTH,
	COR_UWSGI_HOST,
	COR_UWSGI_SERVER_NAME,
	COR_UWSGI_SERVER_PORT,
	COR_UWSGI_HTTP_CONTENT_LENGTH,
	COR_UWSGI_TRANSFER_ENCODING,
	COR_UWSGI_CLIENT,
	COR_UWSGI_CLIENT_PORT,
	COR_UWSGI_SCHEME,
	COR_UWSGI_HTTPS,
	COR_UWSGI_VARIABLES,
};

/** Everything lies in the packet. */
struct cor_uwsgi_packet {
	struct cor_str variables;                  /* all of them, as they came */
	struct cor_str known[COR_UWSGI_VARIABLES]; /* data NULL: absent */
};

/**
 * Read the packet that begins at `bytes`. Returns its length, 0 (more is needed) or -COR_ESYNTAX,
 * as soon as that is clear:
 *  - 400 another modifier than 0, no variables, a length that leads out of the packet, an empty
 *    name, one that is not a token (RFC 9110 section 5.6.2), CR, LF or NUL in a value, a variable
 *    twice that can only be true once.
 */
ssize_t cor_uwsgi_read(struct cor_uwsgi_packet *packet, const char *bytes, size_t len,
	struct cor_http_error *error) COR_CHECKED;

/**
 * Take the next variable from `rest`. False: there is none, or a length leads out of it, which
 * cannot be so in a packet that was read.
 */
bool cor_uwsgi_next(struct cor_str *rest, struct cor_str *name, struct cor_str *value);

#endif
