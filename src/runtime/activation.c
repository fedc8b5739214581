/* SPDX-License-Identifier: MIT */
#include "runtime/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "runtime/socket_file.h"
#include "runtime/transport.h"

#define FIRST_FD 3
#define PREFIX   "systemd:"

/* The environment changes only before there are threads. */
static const char *variable(const char *name)
{
	return getenv(name); /* NOLINT(concurrency-mt-unsafe) */
}

static int integer_option(int fd, int name)
{
	int value = 0;
	socklen_t bytes = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &bytes) < 0 ? -errno : value;
}

/* An invalid descriptor is -EBADF, and a file -ENOTSOCK. */
static int check_socket(int fd)
{
	int type = integer_option(fd, SO_TYPE);
	int family = integer_option(fd, SO_DOMAIN);

	if (type < 0)
		return type;
	if (type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	if (family != AF_INET && family != AF_INET6 && family != AF_UNIX)
		return -EAFNOSUPPORT;
	return integer_option(fd, SO_ACCEPTCONN) == 1 ? 0 : -ENOTCONN;
}

static int set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	return 0;
}

static int take_socket(int fd, struct cor_activated *ret)
{
	struct cor_address address;
	int rc = check_socket(fd);

	if (rc == 0)
		rc = set_flags(fd);
	if (rc == 0)
		rc = cor_system_transport.local_address(&cor_system_transport, fd, &address);
	if (rc < 0)
		return rc;
	ret->fd = fd;
	ret->name = "unknown";
	cor_address_print(&address, ret->address);
	return 0;
}

/* How many were passed to this process: 0 if none were, or to another one. */
static int read_count(size_t *ret)
{
	const char *pid_text = variable("LISTEN_PID");
	const char *count_text = variable("LISTEN_FDS");
	uint64_t pid, count;

	*ret = 0;
	if (!pid_text || !count_text)
		return 0;
	if (cor_number_parse_uint64(cor_str(pid_text), &pid) < 0)
		return -EINVAL;
	if (pid != (uint64_t)getpid())
		return 0;
	if (cor_number_parse_uint64(cor_str(count_text), &count) < 0 || count > INT_MAX - FIRST_FD)
		return -EINVAL;
	*ret = (size_t)count;
	return 0;
}

/* As many names as sockets, or none at all. */
static int give_names(struct cor_activation *activation)
{
	const char *text = variable("LISTEN_FDNAMES");

	if (!text)
		return 0;
	activation->names = strdup(text);
	if (!activation->names)
		return -ENOMEM;
	char *at = activation->names;
	for (size_t i = 0; i < activation->len; i++) {
		const char *name = strsep(&at, ":");
		if (!name)
			return -EINVAL;
		if (*name != '\0')
			activation->items[i].name = name;
	}
	return at ? -EINVAL : 0;
}

static int take(struct cor_activation *activation, size_t count, int *ret_fd)
{
	int last = FIRST_FD + (int)count - 1;

	/* Not closed by accident, and no memory for what is not there. */
	if (fcntl(last, F_GETFD) < 0) {
		*ret_fd = last;
		return -EBADF;
	}
	activation->items = calloc(count, sizeof *activation->items);
	if (!activation->items)
		return -ENOMEM;
	for (; activation->len < count; activation->len++) {
		int fd = FIRST_FD + (int)activation->len;
		int rc = take_socket(fd, &activation->items[activation->len]);
		if (rc < 0) {
			*ret_fd = fd;
			return rc;
		}
	}
	return give_names(activation);
}

int cor_activation_take(struct cor_activation *ret, int *ret_fd)
{
	static const char *const variables[] = { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES" };
	struct cor_activation activation = { 0 };
	size_t count;
	int rc = read_count(&count);

	*ret_fd = -1;
	if (rc == 0 && count != 0)
		rc = take(&activation, count, ret_fd);
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		unsetenv(variables[i]); /* NOLINT(concurrency-mt-unsafe) */
	if (rc < 0)
		cor_activation_free(&activation);
	*ret = activation;
	return rc;
}

int cor_activation_add(struct cor_activation *activation, int fd, const char *name)
{
	struct cor_activated *items = realloc(
		activation->items, (activation->len + 1) * sizeof *items);

	if (!items)
		return -ENOMEM;
	activation->items = items;
	int rc = take_socket(fd, &items[activation->len]);
	if (rc < 0)
		return rc;
	items[activation->len++].name = name;
	return 0;
}

const char *cor_activation_remedy(int code)
{
	switch (-code) {
	case EINVAL:
		return "LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES do not fit together: unset them, or let "
		       "the service manager set them";
	case EBADF:
		return "is not open: pass as many sockets as LISTEN_FDS says, from descriptor 3 on";
	case ENOTSOCK:
		return "is not a socket: the socket unit may have ListenStream= only";
	case ESOCKTNOSUPPORT:
		return "is not a stream socket: write ListenStream= in the socket unit";
	case ENOTCONN:
		return "does not listen: write Accept=no in the socket unit";
	case EAFNOSUPPORT:
		return "is neither TCP nor a unix socket: name a port or a path in ListenStream=";
	default:
		return "cannot be used";
	}
}

bool cor_activation_is_address(const char *address)
{
	return strncmp(address, PREFIX, strlen(PREFIX)) == 0;
}

/* A name holds no colon (systemd.socket(5)). */
static int parse(const char *address, struct cor_str *ret_name, uint64_t *ret_number)
{
	const char *name = address + strlen(PREFIX);
	size_t len = strcspn(name, ":");

	*ret_name = (struct cor_str){ name, len };
	*ret_number = 1;
	if (len == 0)
		return -EINVAL;
	if (name[len] == '\0')
		return 0;
	int rc = cor_number_parse_uint64(cor_str(name + len + 1), ret_number);
	return rc < 0 || *ret_number < 2 ? -EINVAL : 0;
}

int cor_activation_resolve(const struct cor_activation *activation, const char *address,
	const struct cor_activated **ret)
{
	struct cor_str name;
	uint64_t number;
	int rc = parse(address, &name, &number);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < activation->len; i++) {
		const struct cor_activated *item = &activation->items[i];
		bool is_named = strlen(item->name) == name.len &&
				memcmp(item->name, name.data, name.len) == 0;
		if (!is_named || --number != 0)
			continue;
		*ret = item;
		return 0;
	}
	return -ENXIO;
}

const struct cor_activated *cor_activation_kept(
	const struct cor_activation *activation, const struct cor_address *address)
{
	char text[COR_ADDRESS_TEXT_BYTES];

	cor_address_print(address, text);
	for (size_t i = 0; activation->keeper && i < activation->len; i++) {
		const struct cor_activated *item = &activation->items[i];
		if (strcmp(item->name, COR_NOTIFY_KEPT) == 0 && strcmp(item->address, text) == 0)
			return item;
	}
	return NULL;
}

bool cor_activation_forget(struct cor_activation *activation, int fd)
{
	if (!activation->keeper || cor_notify_forget(activation->keeper, fd) != 1)
		return false;
	for (size_t i = activation->len; i-- > 0;) {
		struct cor_activated *item = &activation->items[i];
		if (strcmp(item->name, COR_NOTIFY_KEPT) != 0 || !cor_socket_is_same(item->fd, fd))
			continue;
		close(item->fd);
		*item = activation->items[--activation->len];
	}
	return true;
}

void cor_activation_free(struct cor_activation *activation)
{
	free(activation->items);
	free(activation->names);
	*activation = (struct cor_activation){ 0 };
}
