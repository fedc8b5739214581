/* SPDX-License-Identifier: MIT */
#include "master/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int cor_channel_open(int ret[2])
{
	int rc = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret);

	return rc < 0 ? -errno : 0;
}

int cor_channel_say(int fd, const char *text)
{
	ssize_t n;

	do
		n = send(fd, text, strlen(text), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
}

/* A process that died with words unheard leaves a reset behind: it has gone all the same. */
ssize_t cor_channel_hear(int fd, char *ret, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, ret, size - 1, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -EAGAIN : 0;
	ret[n] = '\0';
	return n;
}
