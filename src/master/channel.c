/* SPDX-License-Identifier: MIT */
#include "master/channel.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/pass.h"

int cor_channel_open(int ret[2])
{
	int rc = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret);

	return rc < 0 ? -errno : 0;
}

const char *cor_channel_after(const char *word, const char *said)
{
	size_t len = strlen(word);

	return strncmp(said, word, len) == 0 ? said + len : NULL;
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

int cor_channel_give(int fd, const char *text, int given)
{
	struct iovec part = { .iov_base = (char *)(uintptr_t)text, .iov_len = strlen(text) };
	int rc = cor_pass_descriptor(
		fd, (struct msghdr){ .msg_iov = &part, .msg_iovlen = 1 }, given);

	return rc == -ECONNRESET || rc == -ENOTCONN ? -EPIPE : rc;
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

static int given_with(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int given;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
		header->cmsg_len != CMSG_LEN(sizeof given))
		return -1;
	memcpy(&given, CMSG_DATA(header), sizeof given);
	return given;
}

ssize_t cor_channel_take(int fd, char *ret, size_t size, int *ret_given)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof *ret_given)];
	struct iovec part = { .iov_base = ret, .iov_len = size - 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control,
	};
	ssize_t n;

	*ret_given = -1;
	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -EAGAIN : 0;
	*ret_given = given_with(&message);
	ret[n] = '\0';
	return n;
}
