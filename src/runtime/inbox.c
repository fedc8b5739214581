/* SPDX-License-Identifier: MIT */
#include "runtime/inbox.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/pass.h"

/* An abstract name (unix(7)): a NUL, then the text. Returns the length of the address, or 0. */
static socklen_t address_of(const char *name, struct sockaddr_un *ret)
{
	size_t len = strlen(name);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len >= COR_INBOX_NAME_BYTES)
		return 0;
	memcpy(ret->sun_path + 1, name, len);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
}

int cor_inbox_open(const char *name)
{
	struct sockaddr_un address;
	socklen_t len = address_of(name, &address);
	int yes = 1;

	if (len == 0)
		return -EINVAL;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) == 0 &&
		bind(fd, (struct sockaddr *)&address, len) == 0)
		return fd;
	int rc = -errno;
	close(fd);
	return rc;
}

int cor_inbox_send(int inbox, const char *to, const void *data, size_t len, int fd)
{
	struct sockaddr_un address;
	struct iovec part = { (void *)(uintptr_t)data, len };
	const struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = address_of(to, &address),
		.msg_iov = &part,
		.msg_iovlen = 1,
	};
	int rc = cor_pass_descriptor(inbox, message, fd);

	return rc == -EPIPE ? -ECONNREFUSED : rc;
}

/* Room for a descriptor and its sender. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

struct sender {
	int fd; /* -1: none was sent */
	bool is_ours;
};

static struct sender sender_of(struct msghdr *message)
{
	struct sender sender = { .fd = -1 };
	struct ucred who;

	for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
		if (at->cmsg_level != SOL_SOCKET)
			continue;
		if (at->cmsg_type == SCM_RIGHTS && at->cmsg_len == CMSG_LEN(sizeof sender.fd)) {
			memcpy(&sender.fd, CMSG_DATA(at), sizeof sender.fd);
		} else if (at->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&who, CMSG_DATA(at), sizeof who);
			sender.is_ours = who.uid == geteuid();
		}
	}
	return sender;
}

/* Away with the first: what descriptors it brought are copies of its sender's. */
static void drop_first(int inbox)
{
	char nothing;

	(void)recv(inbox, &nothing, 0, 0);
}

/*
 * Returns as cor_inbox_receive(), or 1: it was nothing of ours. A look comes first, which leaves
 * the message where it is if there is no number free for its descriptor.
 */
static int receive_one(int inbox, void *data, size_t len, int *ret_fd)
{
	union control control;
	struct iovec part = { data, len };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes,
	};
	ssize_t n = recvmsg(inbox, &message, MSG_CMSG_CLOEXEC | MSG_PEEK);

	if (n < 0)
		return errno == EINTR ? 1 : -EAGAIN;
	if (n == 0 && message.msg_controllen == 0)
		return -EPIPE;
	struct sender sender = sender_of(&message);
	bool is_whole = (size_t)n == len && !(message.msg_flags & MSG_TRUNC);
	if (sender.is_ours && is_whole && sender.fd < 0 && (message.msg_flags & MSG_CTRUNC))
		return -EMFILE;
	drop_first(inbox);
	if (sender.is_ours && is_whole && sender.fd >= 0 && !(message.msg_flags & MSG_CTRUNC)) {
		*ret_fd = sender.fd;
		return 0;
	}
	if (sender.fd >= 0)
		close(sender.fd);
	return 1;
}

int cor_inbox_receive(int inbox, void *data, size_t len, int *ret_fd)
{
	int rc;

	do
		rc = receive_one(inbox, data, len, ret_fd);
	while (rc > 0);
	return rc;
}

void cor_inbox_stop(int inbox)
{
	(void)shutdown(inbox, SHUT_RD);
}
