/* SPDX-License-Identifier: MIT */
#include "world/network.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_abort(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static int open_socket(const struct cor_transport *transport, int family)
{
	struct cor_world *world = WORLD_OF(transport, transport);
	int index = 0;

	while (index < SOCKETS && world->sockets[index] && world->sockets[index]->used)
		index++;
	if (index == SOCKETS)
		return -EMFILE;
	if (!world->sockets[index])
		world->sockets[index] = or_abort(malloc(sizeof *world->sockets[index]));
	struct cor_world_socket *socket = world->sockets[index];
	*socket = (struct cor_world_socket){
		.used = true, .peer = NOBODY, .window = world->window
	};
	socket->data = or_abort(malloc(world->window));
	/* NOLINTNEXTLINE(analyzer-malloc-leak): the world has it */
	socket->local.any.sa_family = (sa_family_t)family;
	return FIRST_NUMBER + index;
}

bool cor_network_is_same(const struct cor_address *a, const struct cor_address *b)
{
	char texts[2][COR_ADDRESS_TEXT_BYTES];

	cor_address_print(a, texts[0]);
	cor_address_print(b, texts[1]);
	return strcmp(texts[0], texts[1]) == 0;
}

static struct cor_world_socket *listener_at(
	const struct cor_world *world, const struct cor_address *address)
{
	for (int i = 0; i < SOCKETS; i++) {
		struct cor_world_socket *socket = world->sockets[i];
		if (socket && socket->used && socket->listens && !socket->closed_to_new &&
			cor_network_is_same(&socket->local, address))
			return socket;
	}
	return NULL;
}

static int bind_to(const struct cor_transport *transport, int fd, const struct cor_address *address)
{
	struct cor_world *world = WORLD_OF(transport, transport);
	struct cor_world_socket *socket = cor_world_socket_of(world, fd);

	if (listener_at(world, address))
		return -EADDRINUSE;
	socket->local = *address;
	if (address->any.sa_family == AF_INET && address->v4.sin_port == 0)
		socket->local.v4.sin_port = htons((uint16_t)(40000 + fd - FIRST_NUMBER));
	return 0;
}

static int start_listening(const struct cor_transport *transport, int fd, int backlog)
{
	(void)backlog;
	cor_world_socket_of(WORLD_OF(transport, transport), fd)->listens = true;
	return 0;
}

static int stop_queueing(const struct cor_transport *transport, int fd)
{
	cor_world_socket_of(WORLD_OF(transport, transport), fd)->closed_to_new = true;
	return 0;
}

static int accept_next(const struct cor_transport *transport, int fd, struct cor_address *ret_peer)
{
	struct cor_world *world = WORLD_OF(transport, transport);
	struct cor_world_socket *listener = cor_world_socket_of(world, fd);

	if (!listener->listens)
		return -EINVAL;
	if (listener->queued == 0)
		return -EAGAIN;
	int index = listener->queue[0];
	memmove(listener->queue, listener->queue + 1,
		(size_t)--listener->queued * sizeof listener->queue[0]);
	if (ret_peer)
		*ret_peer = world->sockets[index]->remote;
	return FIRST_NUMBER + index;
}

/* The address a client sends from: its own port, or an unnamed unix socket. */
static struct cor_address address_of_client(int family, int index)
{
	struct cor_address address = { 0 };

	if (family == AF_INET) {
		address.bytes = sizeof address.v4;
		address.v4 = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			.sin_port = htons((uint16_t)(50000 + index)) };
	} else {
		address.bytes = sizeof address.any.sa_family;
		address.any.sa_family = (sa_family_t)family;
	}
	return address;
}

static bool is_silent(const struct cor_world *world, const struct cor_address *address)
{
	for (int i = 0; i < SILENT; i++)
		if (world->silent[i].bytes != 0 && cor_network_is_same(&world->silent[i], address))
			return true;
	return false;
}

static int start_connecting(
	const struct cor_transport *transport, int fd, const struct cor_address *address)
{
	struct cor_world *world = WORLD_OF(transport, transport);
	struct cor_world_socket *client = cor_world_socket_of(world, fd);

	client->connecting = is_silent(world, address);
	client->remote = *address;
	if (client->connecting)
		return -EINPROGRESS;
	struct cor_world_socket *listener = listener_at(world, address);
	int index = fd - FIRST_NUMBER;

	if (!listener)
		return -ECONNREFUSED;
	if (listener->queued == SOCKETS / 8)
		return -EAGAIN;
	int accepted = open_socket(transport, address->any.sa_family);
	if (accepted < 0)
		return accepted;
	struct cor_world_socket *server = cor_world_socket_of(world, accepted);
	client->local = address_of_client(address->any.sa_family, index);
	client->remote = *address;
	client->peer = accepted - FIRST_NUMBER;
	server->local = *address;
	server->remote = client->local;
	server->peer = index;
	listener->queue[listener->queued++] = client->peer;
	cor_world_raise_edge(listener, EPOLLIN);
	cor_world_raise_edge(client, EPOLLOUT);
	return 0;
}

void cor_network_answer(struct cor_world *world, int index)
{
	struct cor_world_socket *client = world->sockets[index];

	client->reset = client->refused = start_connecting(&world->transport, FIRST_NUMBER + index,
						  &client->remote) < 0;
	cor_world_raise_edge(client, EPOLLOUT | EPOLLERR);
}

static int take_error(const struct cor_transport *transport, int fd)
{
	const struct cor_world_socket *socket = cor_world_socket_of(
		WORLD_OF(transport, transport), fd);

	if (socket->refused)
		return -ECONNREFUSED;
	return socket->reset ? -ECONNRESET : 0;
}

static size_t piece_of(const struct cor_world *world, size_t bytes)
{
	return world->piece != 0 && bytes > world->piece ? world->piece : bytes;
}

/* -EAGAIN for no reason, with a new edge: only waiting for the poller helps. */
static bool is_refused(struct cor_world *world, int fd, uint32_t event)
{
	if (world->refuse_every == 0 || ++world->calls < world->refuse_every)
		return false;
	world->calls = 0;
	cor_world_raise_peer(world, fd - FIRST_NUMBER, event);
	return true;
}

ssize_t cor_network_receive(
	struct cor_world *world, int fd, void *ret, size_t bytes, bool *ret_more)
{
	struct cor_world_socket *socket = cor_world_socket_of(world, fd);

	if (socket->reset)
		return -ECONNRESET;
	if (socket->len == 0)
		return socket->ended ? 0 : -EAGAIN;
	bytes = piece_of(world, bytes < socket->len ? bytes : socket->len);
	memcpy(ret, socket->data, bytes);
	socket->len -= bytes;
	memmove(socket->data, socket->data + bytes, socket->len);
	*ret_more = socket->len != 0 || socket->ended;
	cor_world_raise_peer(world, socket->peer, EPOLLOUT);
	return (ssize_t)bytes;
}

static ssize_t receive_or_refuse(
	const struct cor_transport *transport, int fd, void *ret, size_t bytes, bool *ret_more)
{
	struct cor_world *world = WORLD_OF(transport, transport);

	if (is_refused(world, fd, EPOLLIN))
		return -EAGAIN;
	return cor_network_receive(world, fd, ret, bytes, ret_more);
}

ssize_t cor_network_send(struct cor_world *world, int fd, const void *data, size_t bytes)
{
	struct cor_world_socket *socket = cor_world_socket_of(world, fd);

	if (socket->reset)
		return -ECONNRESET;
	if (socket->peer == NOBODY || socket->has_ended)
		return -EPIPE;
	struct cor_world_socket *peer = world->sockets[socket->peer];
	size_t room = peer->window - peer->len;
	if (room == 0)
		return -EAGAIN;
	bytes = piece_of(world, bytes < room ? bytes : room);
	memcpy(peer->data + peer->len, data, bytes);
	peer->len += bytes;
	cor_world_raise_edge(peer, EPOLLIN);
	return (ssize_t)bytes;
}

static ssize_t send_or_refuse(
	const struct cor_transport *transport, int fd, const void *data, size_t bytes)
{
	struct cor_world *world = WORLD_OF(transport, transport);

	if (is_refused(world, fd, EPOLLOUT))
		return -EAGAIN;
	return cor_network_send(world, fd, data, bytes);
}

/* A piece of a real file. */
static ssize_t send_file(
	const struct cor_transport *transport, int fd, int file, int64_t offset, size_t bytes)
{
	char piece[4096];
	ssize_t n = pread(file, piece, bytes < sizeof piece ? bytes : sizeof piece, offset);

	if (n <= 0)
		return n < 0 ? -errno : 0;
	return send_or_refuse(transport, fd, piece, (size_t)n);
}

static ssize_t send_vector(
	const struct cor_transport *transport, int fd, const struct iovec *parts, int count)
{
	ssize_t sent = 0;

	for (int i = 0; i < count; i++) {
		ssize_t piece = send_or_refuse(transport, fd, parts[i].iov_base, parts[i].iov_len);
		if (piece < 0)
			return sent != 0 ? sent : piece;
		sent += piece;
		if ((size_t)piece < parts[i].iov_len)
			break;
	}
	return sent;
}

/* A peer has taken out what it received. */
static ssize_t in_transit(const struct cor_transport *transport, int fd)
{
	const struct cor_world *world = WORLD_OF(transport, transport);
	const struct cor_world_socket *socket = cor_world_socket_of(world, fd);

	return socket->peer == NOBODY ? 0 : (ssize_t)world->sockets[socket->peer]->len;
}

static bool has_room(const struct cor_world_socket *socket)
{
	return socket->len < socket->window;
}

uint32_t cor_network_readiness(const struct cor_world *world, const struct cor_world_socket *socket)
{
	uint32_t events = 0;

	if (socket->connecting)
		return 0;
	if (socket->listens)
		return socket->queued != 0 ? EPOLLIN : 0;
	if (socket->len != 0 || socket->ended)
		events |= EPOLLIN;
	if (socket->ended)
		events |= EPOLLRDHUP;
	if (socket->ended && socket->has_ended)
		events |= EPOLLHUP;
	if (socket->reset)
		events |= EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
	else if (socket->peer != NOBODY && has_room(world->sockets[socket->peer]))
		events |= EPOLLOUT;
	return events;
}

/* Nobody else can make it ready: time passes, for ever if there is no limit. */
static int wait_for(const struct cor_transport *transport, int fd, short events, int64_t timeout_ms)
{
	struct cor_world *world = WORLD_OF(transport, transport);

	_Static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT, "the same events");
	if (cor_network_readiness(world, cor_world_socket_of(world, fd)) &
		((uint32_t)events | EPOLLERR | EPOLLHUP))
		return 1;
	if (timeout_ms == COR_FOREVER)
		return -EDEADLK;
	cor_world_pass_ms(world, timeout_ms);
	return 0;
}

static void end_sending(struct cor_world *world, struct cor_world_socket *socket)
{
	socket->has_ended = true;
	if (socket->peer == NOBODY)
		return;
	world->sockets[socket->peer]->ended = true;
	cor_world_raise_peer(world, socket->peer, EPOLLIN | EPOLLRDHUP);
}

static int shut_down(const struct cor_transport *transport, int fd, int how)
{
	struct cor_world *world = WORLD_OF(transport, transport);
	struct cor_world_socket *socket = cor_world_socket_of(world, fd);

	if (socket->listens)
		socket->listens = false;
	else if (how != SHUT_RD)
		end_sending(world, socket);
	return 0;
}

static int set_option(const struct cor_transport *transport, int fd, int level, int name, int value)
{
	(void)cor_world_socket_of(WORLD_OF(transport, transport), fd);
	(void)level;
	(void)name;
	(void)value;
	return 0;
}

static int local_address(const struct cor_transport *transport, int fd, struct cor_address *ret)
{
	*ret = cor_world_socket_of(WORLD_OF(transport, transport), fd)->local;
	return 0;
}

static void free_socket(struct cor_world *world, int index)
{
	struct cor_world_socket *socket = world->sockets[index];

	if (socket->peer != NOBODY)
		world->sockets[socket->peer]->peer = NOBODY;
	free(socket->data);
	*socket = (struct cor_world_socket){ .used = false };
}

static void abort_socket(const struct cor_transport *transport, int fd)
{
	struct cor_world *world = WORLD_OF(transport, transport);
	struct cor_world_socket *socket = cor_world_socket_of(world, fd);

	if (socket->peer != NOBODY) {
		world->sockets[socket->peer]->reset = true;
		cor_world_raise_peer(world, socket->peer, EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP);
	}
	free_socket(world, fd - FIRST_NUMBER);
}

/*
 * If anything was not received, this is a reset, as in TCP. Those who wait in a listener's queue
 * are reset with it.
 */
static void close_socket(const struct cor_transport *transport, int fd)
{
	struct cor_world *world = WORLD_OF(transport, transport);
	struct cor_world_socket *socket = cor_world_socket_of(world, fd);

	if (socket->len != 0) {
		abort_socket(transport, fd);
		return;
	}
	for (int i = 0; i < socket->queued; i++)
		abort_socket(transport, FIRST_NUMBER + socket->queue[i]);
	if (!socket->listens && !socket->has_ended)
		end_sending(world, socket);
	free_socket(world, fd - FIRST_NUMBER);
}

const struct cor_transport cor_network_transport = {
	.open = open_socket,
	.bind = bind_to,
	.listen = start_listening,
	.stop_queueing = stop_queueing,
	.accept = accept_next,
	.connect = start_connecting,
	.take_error = take_error,
	.receive = receive_or_refuse,
	.send = send_or_refuse,
	.send_more = send_or_refuse,
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
