/* SPDX-License-Identifier: MIT */
#include "runtime/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "base/number.h"

#define PATIENCE_S 3

/* The environment changes only before there are threads. */
static const char *variable(const char *name)
{
	return getenv(name); /* NOLINT(concurrency-mt-unsafe) */
}

int cor_notify_open(struct cor_notify *notify)
{
	const char *name = variable("NOTIFY_SOCKET");
	struct sockaddr_un *local = &notify->address.local;
	size_t len = name ? strlen(name) : 0;

	*notify = (struct cor_notify){ 0 };
	if (len == 0 || strncmp(name, "vsock:", 6) == 0)
		return 0;
	if ((name[0] != '/' && name[0] != '@') || len == 1)
		return -EINVAL;
	if (len >= sizeof local->sun_path)
		return -ENAMETOOLONG;
	local->sun_family = AF_UNIX;
	memcpy(local->sun_path, name, len);
	if (name[0] == '@')
		local->sun_path[0] = '\0'; /* unix(7): an abstract name ends with the address */
	notify->address.bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return 0;
}

bool cor_notify_is_heard(const struct cor_notify *notify)
{
	return notify->address.bytes != 0;
}

/* With a descriptor, unless `passed` is -1. */
static int send_text(int fd, const struct cor_notify *notify, const char *text, int passed)
{
	union {
		char bytes[CMSG_SPACE(sizeof passed)];
		struct cmsghdr first;
	} control = { .first = { .cmsg_len = CMSG_LEN(sizeof passed),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS } };
	struct cor_address address = notify->address;
	struct iovec piece = { (char *)(uintptr_t)text, strlen(text) };
	const struct msghdr message = {
		.msg_name = &address.any,
		.msg_namelen = address.bytes,
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = passed < 0 ? NULL : &control,
		.msg_controllen = passed < 0 ? 0 : sizeof control,
	};

	memcpy(CMSG_DATA(&control.first), &passed, sizeof passed);
	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 1;
}

/*
 * A socket for each datagram: they are rare, and no process that is started inherits one. A socket
 * of a time limit of 0 does not wait.
 */
static int tell_within(
	const struct cor_notify *notify, const char *text, int passed, struct timeval limit)
{
	bool waits = limit.tv_sec != 0;

	if (notify->address.bytes == 0)
		return 0;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | (waits ? 0 : SOCK_NONBLOCK), 0);
	if (fd < 0)
		return -errno;
	int rc = setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0 ? -errno : 1;
	if (rc == 1)
		rc = send_text(fd, notify, text, passed);
	close(fd);
	return rc;
}

static int tell(const struct cor_notify *notify, const char *text)
{
	return tell_within(notify, text, -1, (struct timeval){ 0 });
}

/* systemd acts on it: a queue that is full for a moment must not swallow it. */
static int insist(const struct cor_notify *notify, const char *text)
{
	return tell_within(notify, text, -1, (struct timeval){ .tv_sec = PATIENCE_S });
}

int cor_notify_ready(const struct cor_notify *notify)
{
	return insist(notify, "READY=1");
}

int cor_notify_reloading(const struct cor_notify *notify)
{
	char text[64];

	snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		cor_monotonic_ns() / 1000);
	return insist(notify, text);
}

int cor_notify_stopping(const struct cor_notify *notify)
{
	return insist(notify, "STOPPING=1");
}

/* What stands behind a line break would be an assignment of its own. */
int cor_notify_status(const struct cor_notify *notify, const char *text)
{
	static const char key[] = "STATUS=";
	char message[sizeof key + COR_NOTIFY_STATUS_BYTES];
	size_t len = strlen(text);

	if (len > COR_NOTIFY_STATUS_BYTES)
		return -EMSGSIZE;
	memcpy(message, key, sizeof key - 1);
	memcpy(message + sizeof key - 1, text, len + 1);
	for (char *at = message; (at = strpbrk(at, "\r\n")) != NULL;)
		*at = ' ';
	return tell(notify, message);
}

int cor_notify_watchdog(const struct cor_notify *notify)
{
	return tell(notify, "WATCHDOG=1");
}

int cor_notify_main_pid(const struct cor_notify *notify, pid_t pid)
{
	char text[32];

	snprintf(text, sizeof text, "MAINPID=%ld", (long)pid);
	return insist(notify, text);
}

int cor_notify_keep(const struct cor_notify *notify, int fd)
{
	return tell_within(notify, "FDSTORE=1\nFDNAME=" COR_NOTIFY_KEPT, fd,
		(struct timeval){ .tv_sec = PATIENCE_S });
}

int cor_notify_forget(const struct cor_notify *notify, int fd)
{
	return tell_within(notify, "FDSTOREREMOVE=1\nFDNAME=" COR_NOTIFY_KEPT, fd,
		(struct timeval){ .tv_sec = PATIENCE_S });
}

void cor_notify_inherit_watchdog(void)
{
	const char *watched = variable("WATCHDOG_PID");
	char parent[24];

	snprintf(parent, sizeof parent, "%ld", (long)getppid());
	if (watched && strcmp(watched, parent) == 0)
		unsetenv("WATCHDOG_PID"); /* NOLINT(concurrency-mt-unsafe) */
}

uint32_t cor_notify_watchdog_ms(void)
{
	const char *usec = variable("WATCHDOG_USEC");
	const char *pid = variable("WATCHDOG_PID");
	uint64_t period_us, watched;

	if (!usec || cor_number_parse_uint64(cor_str(usec), &period_us) < 0 || period_us == 0)
		return 0;
	if (pid && (cor_number_parse_uint64(cor_str(pid), &watched) < 0 ||
			   watched != (uint64_t)getpid()))
		return 0;
	if (period_us / 1000 > UINT32_MAX)
		return UINT32_MAX;
	return period_us < 1000 ? 1 : (uint32_t)(period_us / 1000);
}

uint32_t cor_notify_heartbeat_ms(const struct cor_notify *notify)
{
	uint32_t allowed_ms = cor_notify_is_heard(notify) ? cor_notify_watchdog_ms() : 0;

	return allowed_ms == 1 ? 1 : allowed_ms / 2;
}
