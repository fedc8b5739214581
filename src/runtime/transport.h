/* SPDX-License-Identifier: MIT */
/**
 * The seam for sockets: what the runtime and the server do with one, they do through a struct
 * cor_transport.
 *
 * Sockets are stream sockets, non-blocking, closed on exec. No operation waits, yields or raises
 * SIGPIPE; each is repeated when a signal interrupts it; each returns 0, a count or a negative
 * errno (-EAGAIN: try again when epoll says so).
 */
#ifndef CORACLE_RUNTIME_TRANSPORT_H
#define CORACLE_RUNTIME_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "runtime/address.h"
#include "runtime/socket_file.h"

struct cor_transport {
	/*
	 * Whether a unix socket is a file of the system: a stale one is then removed, and that of a
	 * closed listener, too.
	 */
	bool has_files;
	/* A new socket of family AF_INET, AF_INET6 or AF_UNIX: its descriptor. */
	int (*open)(const struct cor_transport *transport, int family);
	int (*bind)(
		const struct cor_transport *transport, int fd, const struct cor_address *address);
	int (*listen)(const struct cor_transport *transport, int fd, int backlog);
	/*
	 * Stop new connections from entering the queue of a listener. Queued ones can still be
	 * accepted. A unix socket refuses new ones; TCP ignores them until the listener is shut
	 * down, which refuses them and drops the queue.
	 */
	int (*stop_queueing)(const struct cor_transport *transport, int fd);
	/*
	 * The next connection's descriptor; -EAGAIN if nobody waits, -EINVAL after a shutdown.
	 * `ret_peer` may be NULL.
	 */
	int (*accept)(const struct cor_transport *transport, int fd, struct cor_address *ret_peer);
	/* 0, or -EINPROGRESS: wait for EPOLLOUT, then ask take_error(). */
	int (*connect)(
		const struct cor_transport *transport, int fd, const struct cor_address *address);
	/* The pending error of the socket as a negative errno, taken from it; 0: none. */
	int (*take_error)(const struct cor_transport *transport, int fd);
	/*
	 * *ret_more, set with a count above 0: whether more may be here already. If not, the poller
	 * tells when it comes. What the count is says nothing about that.
	 */
	ssize_t (*receive)(const struct cor_transport *transport, int fd, void *ret, size_t bytes,
		bool *ret_more);
	ssize_t (*send)(
		const struct cor_transport *transport, int fd, const void *data, size_t bytes);
	/* The same, and more is sent at once: the system may wait for that. */
	ssize_t (*send_more)(
		const struct cor_transport *transport, int fd, const void *data, size_t bytes);
	/*
	 * From a regular file, at most as much as it has: 0 at its end. May wait for a disk; and
	 * the system knows no way to spare the program a SIGPIPE, which it must ignore.
	 */
	ssize_t (*send_file)(const struct cor_transport *transport, int fd, int file,
		int64_t offset, size_t bytes);
	ssize_t (*send_vector)(const struct cor_transport *transport, int fd,
		const struct iovec *parts, int count);
	/*
	 * What was sent and the other end's system has not taken yet: in bytes for TCP, where what
	 * is not acknowledged counts; in the memory that it occupies for a unix socket, which goes
	 * piece by piece.
	 */
	ssize_t (*in_transit)(const struct cor_transport *transport, int fd);
	/*
	 * Outside a fiber: block the thread until the socket has one of `events` (POLLIN, POLLOUT),
	 * or for `timeout_ms` at most (COR_FOREVER: no limit). 1, or 0: not yet, because the time
	 * is up or something else came between.
	 */
	int (*wait)(
		const struct cor_transport *transport, int fd, short events, int64_t timeout_ms);
	int (*shutdown)(const struct cor_transport *transport, int fd, int how);
	int (*set_option)(
		const struct cor_transport *transport, int fd, int level, int name, int value);
	int (*local_address)(
		const struct cor_transport *transport, int fd, struct cor_address *ret);
	void (*close)(const struct cor_transport *transport, int fd);
	/*
	 * Close it with a reset (RFC 9293 section 3.10.5); data that the peer has not taken is
	 * lost. A unix socket has no reset: it is closed.
	 */
	void (*abort)(const struct cor_transport *transport, int fd);
};

/** The sockets of the system. */
extern const struct cor_transport cor_system_transport;

struct cor_listen_options {
	int backlog;
	mode_t unix_mode; /* permissions of a unix socket's file; 0: as the umask leaves them */
	const gid_t *unix_group; /* and its group; NULL: as the folder has it */
};

/**
 * Give the file of a unix socket the mode and the group that the options say. Returns 0 (also for
 * other sockets), or the errno of chown or chmod: -EPERM (the user is not of that group).
 */
int cor_transport_admit(
	const struct cor_address *address, const struct cor_listen_options *options) COR_CHECKED;

/**
 * Open a socket that listens on `address` (as in <coracle/net.h>): a stale unix socket file is
 * removed first, a live one is -EADDRINUSE. TCP gets SO_REUSEADDR, and IPv6 takes IPv6 only. The
 * file has its group and mode before anyone can connect. Of programs that start with the same file
 * at the same time one gets it. *ret_file (may be NULL) is the file of a unix socket, else zeroed.
 * Never yields; blocks for a second at most while another program starts in the same folder.
 * Returns the descriptor, -EINVAL (not an address), the errno of socket, bind, listen, chown or
 * chmod, or what stands in the way of a unix socket: -EISDIR (a directory), -ELOOP (a symbolic
 * link), -ENOTSOCK (another file).
 */
int cor_transport_listen(const struct cor_transport *transport, const struct cor_address *address,
	const struct cor_listen_options *options, struct cor_socket_file *ret_file);

#endif
