/* SPDX-License-Identifier: MIT */
/**
 * Fiber-aware stream sockets: TCP over IPv4 and IPv6, and unix sockets.
 *
 * Addresses are text: "127.0.0.1:8080", "[::1]:8080", "unix:/run/x.sock". Host names are not
 * resolved. A socket belongs to the thread that created it, and from its first wait in a fiber to
 * that scheduler. One fiber may read (or accept) while another writes; a second reader or writer
 * gets -EBUSY. Every wait obeys the scope (see fiber.h). Outside a fiber the calls block the
 * thread. TCP sockets send immediately (TCP_NODELAY).
 */
#ifndef CORACLE_NET_H
#define CORACLE_NET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_socket;

/**
 * Listen. Port 0 picks a free port, which cor_socket_port() returns. A stale unix socket file is
 * removed, a live one is -EADDRINUSE, anything else in its place is -EISDIR (a directory), -ELOOP
 * (a symbolic link) or -ENOTSOCK (another file). Never yields; blocks for a second at most while
 * another program starts to listen in the folder of a unix socket.
 * Returns 0, -EINVAL (not an address), -ENAMETOOLONG (of a unix socket), -ENOMEM, or the errno of
 * socket, bind or listen.
 */
COR_API int cor_socket_listen(
	const char *address, int backlog, struct cor_socket **ret) COR_CHECKED;

/**
 * Accept a connection. Yields. Returns 0, -ECANCELED, -ETIMEDOUT, -ENOMEM or the errno of accept
 * (-EMFILE ...).
 */
COR_API int cor_socket_accept(struct cor_socket *listener, struct cor_socket **ret) COR_CHECKED;

/**
 * Connect. Yields. Returns 0, -EINVAL, -ENAMETOOLONG, -ECANCELED, -ETIMEDOUT, -ENOMEM,
 * -ECONNREFUSED or another errno of connect.
 */
COR_API int cor_socket_connect(const char *address, struct cor_socket **ret) COR_CHECKED;

/**
 * Read what has arrived, at most `size` bytes. Yields. Returns the number of bytes, 0 at the end of
 * the stream, -ECANCELED, -ETIMEDOUT, -ECONNRESET ...
 */
COR_API ssize_t cor_socket_read(struct cor_socket *socket, void *buffer, size_t size) COR_CHECKED;

/** Write all of it. Yields. Returns 0, -ECANCELED, -ETIMEDOUT, -EPIPE, -ECONNRESET ... */
COR_API int cor_socket_write(struct cor_socket *socket, const void *data, size_t size) COR_CHECKED;

/**
 * Stop sending; the peer reads the end of the stream. Never yields. Returns 0 or the errno of
 * shutdown.
 */
COR_API int cor_socket_shutdown(struct cor_socket *socket) COR_CHECKED;

/** The local TCP port; 0 for a unix socket. Never yields. */
COR_API uint16_t cor_socket_port(const struct cor_socket *socket);

/**
 * Close and free it; a listener's unix socket file is removed. Nobody may be waiting on it. NULL is
 * allowed. Never yields.
 */
COR_API void cor_socket_close(struct cor_socket *socket);

COR_END_DECLS
#endif
