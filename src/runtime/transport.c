/* SPDX-License-Identifier: MIT */
#include "runtime/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "runtime/kernel.h"

static int open_socket(const struct cor_transport *transport, int family)
{
	(void)transport;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

static int bind_to(const struct cor_transport *transport, int fd, const struct cor_address *address)
{
	(void)transport;
	return bind(fd, &address->any, address->bytes) < 0 ? -errno : 0;
}

static int start_listening(const struct cor_transport *transport, int fd, int backlog)
{
	(void)transport;
	return listen(fd, backlog) < 0 ? -errno : 0;
}

static int family_of(int fd)
{
	int family = AF_UNSPEC;
	socklen_t bytes = sizeof family;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &bytes) < 0 ? -errno : family;
}

/*
 * A filter that drops what opens a connection, SYN without ACK, and passes what completes an opened
 * one.
 */
static int drop_opening_segments(int fd)
{
	enum { FLAGS_AT = 13, SYN = 0x02, ACK = 0x10 }; /* RFC 9293 section 3.1 */
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog program = { sizeof code / sizeof code[0], code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno
											  : 0;
}

static int stop_queueing(const struct cor_transport *transport, int fd)
{
	(void)transport;
	if (family_of(fd) != AF_UNIX)
		return drop_opening_segments(fd);
	return shutdown(fd, SHUT_RD) < 0 ? -errno : 0; /* the queue outlives it */
}

static int accept_next(const struct cor_transport *transport, int fd, struct cor_address *ret_peer)
{
	struct cor_address peer = { .bytes = sizeof peer - offsetof(struct cor_address, any) };
	int accepted;

	(void)transport;
	do
		accepted = ret_peer ? accept4(fd, &peer.any, &peer.bytes,
					      SOCK_NONBLOCK | SOCK_CLOEXEC)
				    : accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (accepted < 0 && errno == EINTR);
	if (accepted < 0)
		return -errno;
	if (ret_peer)
		*ret_peer = peer;
	return accepted;
}

/* An interrupted connect goes on by itself: to call again would be EALREADY. */
static int start_connecting(
	const struct cor_transport *transport, int fd, const struct cor_address *address)
{
	(void)transport;
	if (connect(fd, &address->any, address->bytes) == 0)
		return 0;
	return errno == EINTR ? -EINPROGRESS : -errno;
}

static int take_error(const struct cor_transport *transport, int fd)
{
	int error = 0;
	socklen_t bytes = sizeof error;

	(void)transport;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0 ? -errno : -error;
}

/*
 * A stream socket that gives less than was asked for is drained, and edge-triggered epoll tells of
 * what comes then. The one exception is TCP's urgent byte, at which a receive stops: EPOLLPRI tells
 * of it.
 */
static ssize_t receive(
	const struct cor_transport *transport, int fd, void *ret, size_t bytes, bool *ret_more)
{
	ssize_t got;

	(void)transport;
	do
		got = cor_kernel_read(fd, ret, bytes);
	while (COR_UNLIKELY(got == -EINTR));
	*ret_more = got == (ssize_t)bytes;
	return got;
}

static ssize_t send_bytes(
	const struct cor_transport *transport, int fd, const void *data, size_t bytes)
{
	ssize_t sent;

	(void)transport;
	do
		sent = cor_kernel_send(fd, data, bytes, MSG_NOSIGNAL);
	while (COR_UNLIKELY(sent == -EINTR));
	return sent;
}

static ssize_t send_more(
	const struct cor_transport *transport, int fd, const void *data, size_t bytes)
{
	ssize_t sent;

	(void)transport;
	do
		sent = cor_kernel_send(fd, data, bytes, MSG_NOSIGNAL | MSG_MORE);
	while (COR_UNLIKELY(sent == -EINTR));
	return sent;
}

static ssize_t send_file(
	const struct cor_transport *transport, int fd, int file, int64_t offset, size_t bytes)
{
	off_t at = offset;
	ssize_t sent;

	(void)transport;
	do
		sent = sendfile(fd, file, &at, bytes);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

static ssize_t send_vector(
	const struct cor_transport *transport, int fd, const struct iovec *parts, int count)
{
	struct iovec *unchanged = (struct iovec *)(uintptr_t)parts; /* sendmsg() reads them only */
	struct msghdr message = { .msg_iov = unchanged, .msg_iovlen = (size_t)count };
	ssize_t sent;

	(void)transport;
	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

static ssize_t in_transit(const struct cor_transport *transport, int fd)
{
	int bytes;

	(void)transport;
	return ioctl(fd, SIOCOUTQ, &bytes) < 0 ? -errno : bytes;
}

static int wait_for(const struct cor_transport *transport, int fd, short events, int64_t timeout_ms)
{
	struct pollfd poller = { .fd = fd, .events = events };

	(void)transport;
	int count = poll(&poller, 1, timeout_ms > INT32_MAX ? -1 : (int)timeout_ms);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}

static int shut_down(const struct cor_transport *transport, int fd, int how)
{
	(void)transport;
	return shutdown(fd, how) < 0 ? -errno : 0;
}

static int set_option(const struct cor_transport *transport, int fd, int level, int name, int value)
{
	(void)transport;
	return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int local_address(const struct cor_transport *transport, int fd, struct cor_address *ret)
{
	struct cor_address address = { .bytes = sizeof address -
						offsetof(struct cor_address, any) };

	(void)transport;
	if (getsockname(fd, &address.any, &address.bytes) < 0)
		return -errno;
	*ret = address;
	return 0;
}

static void close_socket(const struct cor_transport *transport, int fd)
{
	(void)transport;
	close(fd);
}

static void abort_socket(const struct cor_transport *transport, int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close_socket(transport, fd);
}

const struct cor_transport cor_system_transport = {
	.has_files = true,
	.open = open_socket,
	.bind = bind_to,
	.listen = start_listening,
	.stop_queueing = stop_queueing,
	.accept = accept_next,
	.connect = start_connecting,
	.take_error = take_error,
	.receive = receive,
	.send = send_bytes,
	.send_more = send_more,
	.send_file = send_file,
	.send_vector = send_vector,
	.in_transit = in_transit,
	.wait = wait_for,
	.shutdown = shut_down,
	.set_option = set_option,
	.local_address = local_address,
	.close = close_socket,
	.abort = abort_socket,
};

/* Whether nobody listens on the socket: then its server died and left it. */
static bool is_stale(const struct cor_transport *transport, const struct cor_address *address)
{
	int fd = transport->open(transport, AF_UNIX);

	if (fd < 0)
		return false;
	int rc = transport->connect(transport, fd, address);
	transport->close(transport, fd);
	return rc == -ECONNREFUSED;
}

/* Only what a server left behind is ours to remove. */
static int clear_path(const struct cor_transport *transport, const struct cor_address *address)
{
	const char *path = address->local.sun_path;
	struct stat file;

	if (lstat(path, &file) < 0)
		return 0; /* bind() says what else is wrong */
	if (S_ISDIR(file.st_mode))
		return -EISDIR;
	if (S_ISLNK(file.st_mode))
		return -ELOOP;
	if (!S_ISSOCK(file.st_mode))
		return -ENOTSOCK;
	if (is_stale(transport, address))
		(void)unlink(path);
	return 0;
}

static int prepare(const struct cor_transport *transport, int fd, const struct cor_address *address)
{
	int family = address->any.sa_family;

	if (family == AF_UNIX)
		return transport->has_files ? clear_path(transport, address) : 0;
	int rc = transport->set_option(transport, fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (rc == 0 && family == AF_INET6)
		rc = transport->set_option(transport, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	return rc;
}

int cor_transport_admit(const struct cor_address *address, const struct cor_listen_options *options)
{
	const char *path = address->local.sun_path;

	if (address->any.sa_family != AF_UNIX || path[0] == '\0')
		return 0;
	if (options->unix_group &&
		fchownat(AT_FDCWD, path, (uid_t)-1, *options->unix_group, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (options->unix_mode != 0 &&
		fchmodat(AT_FDCWD, path, options->unix_mode, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

static int bind_and_admit(const struct cor_transport *transport, int fd,
	const struct cor_address *address, const struct cor_listen_options *options,
	struct cor_socket_file *ret_file)
{
	int rc = transport->bind(transport, fd, address);

	if (rc < 0 || address->any.sa_family != AF_UNIX || !transport->has_files)
		return rc;
	*ret_file = cor_socket_file_at(address);
	return cor_transport_admit(address, options); /* nobody can connect before it listens */
}

static int open_listener(const struct cor_transport *transport, const struct cor_address *address,
	const struct cor_listen_options *options, struct cor_socket_file *ret_file)
{
	int fd = transport->open(transport, address->any.sa_family);

	if (fd < 0)
		return fd;
	int rc = prepare(transport, fd, address);
	if (rc == 0)
		rc = bind_and_admit(transport, fd, address, options, ret_file);
	if (rc == 0)
		rc = transport->listen(transport, fd, options->backlog);
	if (rc == 0)
		return fd;
	cor_socket_file_remove(ret_file, address);
	transport->close(transport, fd);
	return rc;
}

int cor_transport_listen(const struct cor_transport *transport, const struct cor_address *address,
	const struct cor_listen_options *options, struct cor_socket_file *ret_file)
{
	const struct cor_socket_file none = { 0 };
	struct cor_socket_file file = none;

	if (address->bytes == 0)
		return -EINVAL;
	int lock = transport->has_files ? cor_socket_folder_lock(address) : -1;
	int fd = open_listener(transport, address, options, &file);
	cor_socket_folder_unlock(lock);
	if (ret_file)
		*ret_file = fd < 0 ? none : file;
	return fd;
}
