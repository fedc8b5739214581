/* SPDX-License-Identifier: MIT */
#include "cli/dev_socket.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/number.h"
#include "runtime/address.h"

#define BACKLOG 1024

/* The inode of a socket that listens on the port, from a table of proc(5); 0: none does. */
static unsigned long inode_in(const char *table, unsigned port)
{
	FILE *stream = fopen(table, "re");
	char line[512];
	unsigned long found = 0;

	while (stream && !found && fgets(line, sizeof line, stream)) {
		unsigned local, state;
		unsigned long inode;
		if (sscanf(line,
			    "%*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*s %*s %lu",
			    &local, &state, &inode) == 3 &&
			local == port && state == 0x0A)
			found = inode;
	}
	if (stream)
		fclose(stream);
	return found;
}

/* Whether one of the process's descriptors is that socket. */
static bool has_socket(const char *pid, const char *socket)
{
	char folder[64], path[128], target[64];
	const struct dirent *entry;
	bool found = false;

	snprintf(folder, sizeof folder, "/proc/%.16s/fd", pid);
	DIR *dir = opendir(folder);
	while (dir && !found && (entry = readdir(dir))) {
		snprintf(path, sizeof path, "%s/%.32s", folder, entry->d_name);
		ssize_t len = readlink(path, target, sizeof target - 1);
		target[len > 0 ? len : 0] = '\0';
		found = strcmp(target, socket) == 0;
	}
	if (dir)
		closedir(dir);
	return found;
}

static void name_of(const char *pid, char ret[64])
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%.16s/comm", pid);
	FILE *stream = fopen(path, "re");
	if (!stream || !fgets(ret, 64, stream))
		ret[0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	if (stream)
		fclose(stream);
}

/* "shop (process 4711) has it"; processes of others cannot be looked into. */
static const char *owner(const struct cor_cli *cli, unsigned port)
{
	unsigned long inode = inode_in("/proc/net/tcp", port);
	const char *found = "another process has it";
	const struct dirent *entry;
	char socket[48], name[64];

	if (inode == 0)
		inode = inode_in("/proc/net/tcp6", port);
	snprintf(socket, sizeof socket, "socket:[%lu]", inode);
	DIR *dir = inode ? opendir("/proc") : NULL;
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
			!has_socket(entry->d_name, socket))
			continue;
		name_of(entry->d_name, name);
		found = cor_cli_text(cli, "%s (process %s) has it", name, entry->d_name);
		break;
	}
	if (dir)
		closedir(dir);
	return found;
}

static int explain(const struct cor_cli *cli, const char *address, int code)
{
	const char *colon = strrchr(address, ':');
	uint64_t port = 0;

	if (code == -EINVAL || code == -ENAMETOOLONG)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"%s is no address: 127.0.0.1:8080, [::1]:8080, unix:PATH", address);
	if (code != -EADDRINUSE)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s: %s", address, cor_strerror(code));
	if (strncmp(address, "unix:", 5) == 0 || !colon ||
		cor_number_parse_uint64(cor_str(colon + 1), &port) < 0)
		return cor_cli_fail(
			cli, COR_CLI_TOOL, "%s is in use: another process has it", address);
	return cor_cli_fail(cli, COR_CLI_TOOL,
		"%s is in use: %s; end that one, or choose another with --http", address,
		owner(cli, (unsigned)port));
}

int cor_dev_listen(
	const struct cor_cli *cli, const char *const *address, struct cor_listening_set *ret)
{
	const struct cor_listening_options options = {
		.addresses = address,
		.len = 1,
		.each = { .backlog = BACKLOG },
	};
	int rc = cor_listening_open(ret, &options, NULL);

	return rc == 0 ? COR_CLI_OK : explain(cli, *address, rc);
}
