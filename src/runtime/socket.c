/* SPDX-License-Identifier: MIT */
#include <coracle/net.h>

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>

#include "runtime/scheduler.h"
#include "runtime/scope.h"
#include "runtime/socket_file.h"
#include "runtime/wait.h"

/*
 * One epoll registration for both directions, edge-triggered, made when a fiber first has to wait.
 */
struct cor_socket {
	struct cor_watch watch;
	const struct cor_transport *transport;
	struct cor_scheduler *scheduler; /* where it is registered; NULL: nowhere yet */
	struct cor_wait *reader;         /* who waits until it can be read or accepted from */
	struct cor_wait *writer;
	struct cor_address address; /* its own, of a listener */
	struct cor_socket_file file;
};

static void ready(struct cor_watch *watch, uint32_t events)
{
	struct cor_socket *socket = cor_container_of(watch, struct cor_socket, watch);
	struct cor_wait *reader = socket->reader;
	struct cor_wait *writer = socket->writer;

	if (reader && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))) {
		socket->reader = NULL;
		cor_wait_signal(reader);
	}
	if (writer && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))) {
		socket->writer = NULL;
		cor_wait_signal(writer);
	}
}

/* A socket around the descriptor, which is closed when there is no memory. */
static int wrap(const struct cor_transport *transport, int fd, struct cor_socket **ret)
{
	struct cor_socket *socket = malloc(sizeof *socket);

	if (!socket) {
		transport->close(transport, fd);
		return -ENOMEM;
	}
	*socket = (struct cor_socket){ .watch = { .fd = fd, .ready = ready },
		.transport = transport };
	*ret = socket;
	return 0;
}

/* Outside a fiber: block for as long as the thread's scope allows. */
static int wait_in_thread(struct cor_socket *socket, short events, const char *call)
{
	const struct cor_transport *transport = socket->transport;
	int rc = 0;

	while (rc == 0) {
		rc = cor_scope_error();
		if (rc < 0)
			return cor_wait_fail(call, rc);
		rc = transport->wait(transport, socket->watch.fd, events, cor_scope_remaining_ms());
	}
	return rc < 0 ? rc : 0;
}

/* What need not wait ends with the scope all the same, so that a loop over a socket does. */
static int check_scope(const char *call)
{
	int rc = cor_scope_state();

	return rc < 0 ? cor_wait_fail(call, rc) : 0;
}

static int register_here(struct cor_socket *socket)
{
	struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	if (socket->scheduler == scheduler)
		return 0;
	int rc = cor_reactor_add(
		scheduler, &socket->watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	if (rc == 0)
		socket->scheduler = scheduler;
	return rc;
}

/* The last try said -EAGAIN: wait for `events` (POLLIN or POLLOUT) before the next. */
static int wait_until_ready(struct cor_socket *socket, short events, const char *call)
{
	struct cor_wait **at = events == POLLIN ? &socket->reader : &socket->writer;
	struct cor_wait wait;

	if (!cor_fiber_current())
		return wait_in_thread(socket, events, call);
	if (*at)
		return -EBUSY;
	int rc = register_here(socket);
	if (rc < 0)
		return rc;
	cor_wait_begin(&wait, call);
	*at = &wait;
	rc = cor_wait(&wait, COR_FOREVER);
	if (*at == &wait)
		*at = NULL;
	return rc;
}

int cor_socket_listen(const char *address, int backlog, struct cor_socket **ret)
{
	const struct cor_transport *transport = cor_transport_here();
	struct cor_address parsed;
	struct cor_socket *socket;
	int rc = cor_address_parse(address, &parsed);

	if (rc < 0)
		return rc;
	struct cor_socket_file file;
	int fd = cor_transport_listen(
		transport, &parsed, &(struct cor_listen_options){ .backlog = backlog }, &file);
	if (fd < 0)
		return fd;
	rc = wrap(transport, fd, &socket);
	if (rc < 0) {
		cor_socket_file_remove(&file, &parsed);
		return rc;
	}
	socket->address = parsed;
	(void)transport->local_address(transport, fd, &socket->address);
	socket->file = file;
	*ret = socket;
	return 0;
}

static void send_at_once(const struct cor_socket *socket, int family)
{
	if (family != AF_UNIX)
		(void)socket->transport->set_option(
			socket->transport, socket->watch.fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

int cor_socket_accept(struct cor_socket *listener, struct cor_socket **ret)
{
	const struct cor_transport *transport = listener->transport;
	int rc = check_scope("cor_socket_accept");

	if (rc < 0)
		return rc;
	int fd;
	while ((fd = transport->accept(transport, listener->watch.fd, NULL)) < 0) {
		if (fd == -ECONNABORTED)
			continue; /* gone before we looked */
		rc = fd == -EAGAIN ? wait_until_ready(listener, POLLIN, "cor_socket_accept") : fd;
		if (rc < 0)
			return rc;
	}
	rc = wrap(transport, fd, ret);
	if (rc == 0)
		send_at_once(*ret, listener->address.any.sa_family);
	return rc;
}

static int finish_connecting(struct cor_socket *socket, const struct cor_address *address)
{
	const struct cor_transport *transport = socket->transport;
	int rc = transport->connect(transport, socket->watch.fd, address);

	/* A unix listener with a full queue says so, but not when that ends. */
	while (rc == -EAGAIN) {
		rc = cor_sleep_ms(1);
		if (rc == 0)
			rc = transport->connect(transport, socket->watch.fd, address);
	}
	if (rc == -EINPROGRESS) {
		rc = wait_until_ready(socket, POLLOUT, "cor_socket_connect");
		if (rc == 0)
			rc = transport->take_error(transport, socket->watch.fd);
	}
	return rc;
}

int cor_socket_connect(const char *address, struct cor_socket **ret)
{
	const struct cor_transport *transport = cor_transport_here();
	struct cor_address parsed;
	struct cor_socket *socket;
	int rc = cor_address_parse(address, &parsed);

	if (rc == 0)
		rc = check_scope("cor_socket_connect");
	if (rc < 0)
		return rc;
	int fd = transport->open(transport, parsed.any.sa_family);
	if (fd < 0)
		return fd;
	rc = wrap(transport, fd, &socket);
	if (rc < 0)
		return rc;
	rc = finish_connecting(socket, &parsed);
	if (rc < 0) {
		cor_socket_close(socket);
		return rc;
	}
	send_at_once(socket, parsed.any.sa_family);
	*ret = socket;
	return 0;
}

ssize_t cor_socket_read(struct cor_socket *socket, void *buffer, size_t size)
{
	const struct cor_transport *transport = socket->transport;
	int rc = check_scope("cor_socket_read");
	bool more; /* a read looks for itself each time */

	while (rc == 0) {
		ssize_t got = transport->receive(transport, socket->watch.fd, buffer, size, &more);
		if (got != -EAGAIN)
			return got;
		rc = wait_until_ready(socket, POLLIN, "cor_socket_read");
	}
	return rc;
}

int cor_socket_write(struct cor_socket *socket, const void *data, size_t size)
{
	const struct cor_transport *transport = socket->transport;
	const char *at = data;
	int rc = check_scope("cor_socket_write");

	while (rc == 0 && size != 0) {
		ssize_t sent = transport->send(transport, socket->watch.fd, at, size);
		if (sent == -EAGAIN) {
			rc = wait_until_ready(socket, POLLOUT, "cor_socket_write");
		} else if (sent < 0) {
			rc = (int)sent;
		} else {
			at += sent;
			size -= (size_t)sent;
		}
	}
	return rc;
}

int cor_socket_shutdown(struct cor_socket *socket)
{
	return socket->transport->shutdown(socket->transport, socket->watch.fd, SHUT_WR);
}

uint16_t cor_socket_port(const struct cor_socket *socket)
{
	struct cor_address address;

	if (socket->transport->local_address(socket->transport, socket->watch.fd, &address) < 0)
		return 0;
	return cor_address_port(&address);
}

void cor_socket_close(struct cor_socket *socket)
{
	if (!socket)
		return;
	/* Elsewhere, or after its loop has ended, closing is enough. */
	if (socket->scheduler && socket->scheduler == cor_this_thread.scheduler)
		cor_reactor_remove(socket->scheduler, &socket->watch);
	cor_socket_file_remove(&socket->file, &socket->address);
	socket->transport->close(socket->transport, socket->watch.fd);
	free(socket);
}
