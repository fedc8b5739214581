/* SPDX-License-Identifier: MIT */
#include "probe_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "runtime/transport.h"

#define SEND_BYTES 1000
#define HANDSHAKES 3
/* This many bytes of a connection come one by one; the rest of a long body comes in pieces. */
#define PATIENCE (64 * 1024)

struct probe_filter {
	struct cor_filter filter;
	unsigned dice;       /* its own, so that a run can be repeated */
	unsigned handshakes; /* still to be made */
	size_t received;
	unsigned waited; /* to say goodbye */
};

static struct probe_filter *of(struct cor_filter *filter)
{
	return (struct probe_filter *)filter; /* its first member */
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

static int attach(const struct cor_filter_ops *ops, const struct cor_transport *transport, int fd,
	struct cor_filter **ret)
{
	struct probe_filter *probe = calloc(1, sizeof *probe);

	if (!probe)
		return -ENOMEM;
	probe->filter = (struct cor_filter){ .ops = ops, .transport = transport, .fd = fd };
	probe->dice = (unsigned)fd;
	probe->handshakes = HANDSHAKES;
	*ret = &probe->filter;
	return 0;
}

/* --- a byte at a time --- */

static int shake_at_once(struct cor_filter *filter)
{
	(void)filter;
	return 0;
}

static ssize_t receive_byte(struct cor_filter *filter, void *ret, size_t bytes, bool *ret_more)
{
	struct probe_filter *probe = of(filter);
	size_t most = probe->received < PATIENCE ? 1 : SEND_BYTES;
	bool more;
	ssize_t n = filter->transport->receive(
		filter->transport, filter->fd, ret, bytes < most ? bytes : most, &more);

	probe->received += n > 0 ? (size_t)n : 0;
	*ret_more = n > 0; /* only the socket's -EAGAIN says that nothing is left */
	return n;
}

static ssize_t send_few(struct cor_filter *filter, const void *data, size_t bytes)
{
	return filter->transport->send(
		filter->transport, filter->fd, data, bytes < SEND_BYTES ? bytes : SEND_BYTES);
}

static const struct cor_filter_ops bytewise = {
	.handshake = shake_at_once,
	.receive = receive_byte,
	.send = send_few,
	.end = end,
	.destroy = destroy,
};

static int attach_bytewise(const struct cor_filter_source *source,
	const struct cor_transport *transport, int fd, struct cor_filter **ret)
{
	(void)source;
	return attach(&bytewise, transport, fd, ret);
}

/* --- the other direction first --- */

static bool must_write_first(struct cor_filter *filter)
{
	bool must = rand_r(&of(filter)->dice) % 3 == 0;

	filter->wants = must ? EPOLLOUT : 0;
	return must;
}

static int shake_often(struct cor_filter *filter)
{
	struct probe_filter *probe = of(filter);

	filter->wants = 0;
	if (probe->handshakes == 0)
		return 0;
	probe->handshakes--;
	filter->wants = EPOLLOUT;
	return -EAGAIN;
}

static ssize_t receive_crossed(struct cor_filter *filter, void *ret, size_t bytes, bool *ret_more)
{
	if (must_write_first(filter))
		return -EAGAIN;
	return filter->transport->receive(
		filter->transport, filter->fd, ret, bytes < 300 ? bytes : 300, ret_more);
}

static ssize_t send_crossed(struct cor_filter *filter, const void *data, size_t bytes)
{
	return must_write_first(filter) ? -EAGAIN : send_few(filter, data, bytes);
}

static const struct cor_filter_ops crossed = {
	.handshake = shake_often,
	.receive = receive_crossed,
	.send = send_crossed,
	.end = end,
	.destroy = destroy,
};

static int attach_crossed(const struct cor_filter_source *source,
	const struct cor_transport *transport, int fd, struct cor_filter **ret)
{
	(void)source;
	return attach(&crossed, transport, fd, ret);
}

/* --- with a last word --- */

static ssize_t receive_plainly(struct cor_filter *filter, void *ret, size_t bytes, bool *ret_more)
{
	return filter->transport->receive(filter->transport, filter->fd, ret, bytes, ret_more);
}

static ssize_t send_plainly(struct cor_filter *filter, const void *data, size_t bytes)
{
	return filter->transport->send(filter->transport, filter->fd, data, bytes);
}

static int say_goodbye(struct cor_filter *filter)
{
	struct probe_filter *probe = of(filter);

	filter->wants = probe->waited < 3 ? EPOLLOUT : 0;
	if (filter->wants) {
		probe->waited++;
		return -EAGAIN;
	}
	return send_plainly(filter, "bye", 3) < 0 ? -EPIPE : 0;
}

static const struct cor_filter_ops farewell = {
	.handshake = shake_at_once,
	.receive = receive_plainly,
	.send = send_plainly,
	.end = say_goodbye,
	.destroy = destroy,
};

static int attach_farewell(const struct cor_filter_source *source,
	const struct cor_transport *transport, int fd, struct cor_filter **ret)
{
	(void)source;
	return attach(&farewell, transport, fd, ret);
}

const struct cor_filter_source *probe_filters(const char *name)
{
	static const struct cor_filter_source last_word = { attach_farewell };
	static const struct cor_filter_source a_byte = { attach_bytewise };
	static const struct cor_filter_source out_first = { attach_crossed };

	if (strcmp(name, "bytewise") == 0)
		return &a_byte;
	if (strcmp(name, "farewell") == 0)
		return &last_word;
	return strcmp(name, "crossed") == 0 ? &out_first : NULL;
}
