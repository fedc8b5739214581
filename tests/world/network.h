/* SPDX-License-Identifier: MIT */
/** The sockets of a world, and the transport over them. */
#ifndef TESTS_WORLD_NETWORK_H
#define TESTS_WORLD_NETWORK_H

#include "inside.h"

/** To be called with a world's own transport. */
extern const struct cor_transport network_transport;

/** What epoll would report for a socket now. */
uint32_t network_readiness(const struct world *world, const struct socket *socket);

/** Like the transport's, without refusals. */
ssize_t network_receive(struct world *world, int fd, void *ret, size_t bytes, bool *ret_more);
ssize_t network_send(struct world *world, int fd, const void *data, size_t bytes);

/** Connect a socket whose peer did not answer, or refuse it. */
void network_answer(struct world *world, int index);

/** Whether they are the same to connect to. */
bool network_is_same(const struct cor_address *a, const struct cor_address *b);

#endif
