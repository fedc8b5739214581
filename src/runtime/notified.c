/* SPDX-License-Identifier: MIT */
#include "runtime/notified.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int cor_notified_open(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int on = 1;
	size_t len = strlen(path);

	if (len >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, len + 1);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0 &&
		bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	int rc = -errno;
	close(fd);
	return rc;
}

/* Several assignments are lines of one datagram. */
static bool says_ready(const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strncmp(text, "READY=1", 7) == 0 && (text[7] == '\0' || text[7] == '\n'))
			return true;
	return false;
}

int cor_notified_hear(int fd, pid_t *ret_pid, bool *ret_is_ready)
{
	char text[1024];
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr first;
	} control;
	struct iovec piece = { text, sizeof text - 1 };
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};
	ssize_t len = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *about = len < 0 ? NULL : CMSG_FIRSTHDR(&message);
	struct ucred sender = { 0 };

	if (len < 0)
		return -EAGAIN;
	if (about && about->cmsg_type == SCM_CREDENTIALS)
		memcpy(&sender, CMSG_DATA(about), sizeof sender);
	text[len] = '\0';
	*ret_pid = sender.pid;
	*ret_is_ready = says_ready(text);
	return 0;
}
