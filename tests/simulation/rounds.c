/* SPDX-License-Identifier: MIT */
#include "rounds.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "runtime/transport.h"

#define RELUCTANCE 2

struct round {
	struct cor_filter filter;
	char next;  /* of the handshake: what the client says */
	int waited; /* receives that have asked for room since the last that did not */
};

static struct round *of(struct cor_filter *filter)
{
	return (struct round *)filter; /* its first member */
}

/* Returns 0, -EAGAIN or that it was something else. */
static int hear(struct cor_filter *filter)
{
	char byte;
	bool more;
	ssize_t n = filter->transport->receive(filter->transport, filter->fd, &byte, 1, &more);

	filter->wants = n == -EAGAIN ? EPOLLIN : 0;
	if (n < 0)
		return (int)n;
	return n == 1 && byte == of(filter)->next ? 0 : -ECONNRESET;
}

static int handshake(struct cor_filter *filter)
{
	struct round *round = of(filter);

	for (; round->next <= '3'; round->next += 2) {
		int rc = hear(filter);
		if (rc < 0)
			return rc;
		if (round->next == '1' &&
			filter->transport->send(filter->transport, filter->fd, "2", 1) != 1)
			return -ECONNRESET;
	}
	return 0;
}

static ssize_t receive(struct cor_filter *filter, void *ret, size_t bytes, bool *ret_more)
{
	struct round *round = of(filter);

	if (round->waited < RELUCTANCE) {
		round->waited++;
		filter->wants = EPOLLOUT;
		return -EAGAIN;
	}
	round->waited = 0;
	filter->wants = EPOLLIN;
	return filter->transport->receive(filter->transport, filter->fd, ret, bytes, ret_more);
}

static ssize_t send_bytes(struct cor_filter *filter, const void *data, size_t bytes)
{
	ssize_t n = filter->transport->send(filter->transport, filter->fd, data, bytes);

	filter->wants = n == -EAGAIN ? EPOLLOUT : 0;
	return n;
}

static int end(struct cor_filter *filter)
{
	(void)filter;
	return 0;
}

static void destroy(struct cor_filter *filter)
{
	free(of(filter));
}

static const struct cor_filter_ops ops = {
	.handshake = handshake,
	.receive = receive,
	.send = send_bytes,
	.end = end,
	.destroy = destroy,
};

static int attach(const struct cor_filter_source *source, const struct cor_transport *transport,
	int fd, struct cor_filter **ret)
{
	struct round *round = calloc(1, sizeof *round);

	(void)source;
	if (!round)
		return -ENOMEM;
	round->filter = (struct cor_filter){ .ops = &ops, .transport = transport, .fd = fd };
	round->next = '1';
	*ret = &round->filter;
	return 0;
}

const struct cor_filter_source rounds = { attach };
