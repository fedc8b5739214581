/* SPDX-License-Identifier: MIT */
#include "latch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "runtime/transport.h"

static int handshake(struct cor_filter *filter)
{
	char byte;
	bool more;
	ssize_t n = filter->transport->receive(filter->transport, filter->fd, &byte, 1, &more);

	if (n == 0)
		return -ECONNRESET;
	return n < 0 ? (int)n : 0;
}

static ssize_t receive(struct cor_filter *filter, void *ret, size_t bytes, bool *ret_more)
{
	return filter->transport->receive(filter->transport, filter->fd, ret, bytes, ret_more);
}

static ssize_t send_bytes(struct cor_filter *filter, const void *data, size_t bytes)
{
	return filter->transport->send(filter->transport, filter->fd, data, bytes);
}

static int end(struct cor_filter *filter)
{
	ssize_t n = send_bytes(filter, ".", 1);

	filter->wants = n == -EAGAIN ? EPOLLOUT : 0;
	return n < 0 ? (int)n : 0;
}

static void destroy(struct cor_filter *filter)
{
	free(filter);
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
	struct cor_filter *filter = calloc(1, sizeof *filter);

	(void)source;
	if (!filter)
		return -ENOMEM;
	*filter = (struct cor_filter){ .ops = &ops, .transport = transport, .fd = fd };
	*ret = filter;
	return 0;
}

const struct cor_filter_source latches = { attach };
