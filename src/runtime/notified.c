/* SPDX-License-Identifier: MIT */
#include "runtime/notified.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/notify.h"

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
static bool says(const char *text, const char *assignment)
{
	size_t len = strlen(assignment);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strncmp(text, assignment, len) == 0 && (text[len] == '\0' || text[len] == '\n'))
			return true;
	return false;
}

/* The one that is meant; others are closed: a service may have its own with systemd. */
static void take_descriptors(struct cmsghdr *about, int *ret)
{
	size_t len = (about->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < len; i++) {
		int fd;
		memcpy(&fd, CMSG_DATA(about) + i * sizeof fd, sizeof fd);
		if (ret && len == 1)
			*ret = fd;
		else
			close(fd);
	}
}

/* `ret_fd` is what a descriptor is for; NULL: nothing. */
static void read_control(struct msghdr *message, struct cor_notified *ret, int *ret_fd)
{
	struct ucred sender = { 0 };

	for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
		if (at->cmsg_type == SCM_CREDENTIALS)
			memcpy(&sender, CMSG_DATA(at), sizeof sender);
		else if (at->cmsg_type == SCM_RIGHTS)
			take_descriptors(at, ret_fd);
	}
	ret->pid = sender.pid;
}

int cor_notified_hear(int fd, struct cor_notified *ret)
{
	char text[1024];
	union { /* there may be room for two descriptors; the kernel closes those behind */
		char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
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

	if (len < 0)
		return -EAGAIN;
	text[len] = '\0';
	*ret = (struct cor_notified){
		.is_ready = says(text, "READY=1"), .kept = -1, .forgotten = -1
	};
	bool is_ours = says(text, "FDNAME=" COR_NOTIFY_KEPT);
	int *meant = is_ours && says(text, "FDSTORE=1")         ? &ret->kept
		     : is_ours && says(text, "FDSTOREREMOVE=1") ? &ret->forgotten
								: NULL;
	read_control(&message, ret, meant);
	return 0;
}
