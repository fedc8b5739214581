/* SPDX-License-Identifier: MIT */
/** The sockets of a world, and the transport over them. */
#ifndef CORACLE_WORLD_NETWORK_H
#define CORACLE_WORLD_NETWORK_H

#include "world/parts.h"

/** To be called with a world's own transport. */
extern const struct cor_transport cor_network_transport;

/** What epoll would report for a socket now. */
uint32_t cor_network_readiness(
	const struct cor_world *world, const struct cor_world_socket *socket);

/** Like the transport's, without refusals. */
ssize_t cor_network_receive(
	struct cor_world *world, int fd, void *ret, size_t bytes, bool *ret_more);
ssize_t cor_network_send(struct cor_world *world, int fd, const void *data, size_t bytes);

/** Connect a socket whose peer did not answer, or refuse it. */
void cor_network_answer(struct cor_world *world, int index);

/** Whether they are the same to connect to. */
bool cor_network_is_same(const struct cor_address *a, const struct cor_address *b);

#endif
