/* SPDX-License-Identifier: MIT */
#include "runtime/socket_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES  100
#define LOCK_NAP_NS 10000000

struct cor_socket_file cor_socket_file_at(const struct cor_address *address)
{
	struct stat file;

	if (address->any.sa_family != AF_UNIX || lstat(address->local.sun_path, &file) < 0)
		return (struct cor_socket_file){ 0 };
	return (struct cor_socket_file){ file.st_dev, file.st_ino };
}

bool cor_socket_is_same(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino;
}

void cor_socket_file_remove(const struct cor_socket_file *file, const struct cor_address *address)
{
	struct cor_socket_file now = cor_socket_file_at(address);

	if (now.inode != 0 && now.inode == file->inode && now.device == file->device)
		unlink(address->local.sun_path);
}

static int open_folder(const char *path)
{
	char folder[sizeof((struct sockaddr_un *)0)->sun_path] = ".";
	const char *slash = strrchr(path, '/');

	if (slash == path)
		folder[0] = '/';
	else if (slash)
		memcpy(folder, path, (size_t)(slash - path)); /* it is shorter, and the rest is 0 */
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int cor_socket_folder_lock(const struct cor_address *address)
{
	if (address->any.sa_family != AF_UNIX)
		return -1;
	int fd = open_folder(address->local.sun_path);
	if (fd < 0)
		return -1;
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = LOCK_NAP_NS }, NULL);
	}
	close(fd);
	return -1;
}

void cor_socket_folder_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}
