/* SPDX-License-Identifier: MIT */
#include "runtime/socket_file.h"

#include <sys/stat.h>
#include <unistd.h>

struct cor_socket_file cor_socket_file_at(const struct cor_address *address)
{
	struct stat file;

	if (address->any.sa_family != AF_UNIX || lstat(address->local.sun_path, &file) < 0)
		return (struct cor_socket_file){ 0 };
	return (struct cor_socket_file){ file.st_dev, file.st_ino };
}

void cor_socket_file_remove(const struct cor_socket_file *file, const struct cor_address *address)
{
	struct cor_socket_file now = cor_socket_file_at(address);

	if (now.inode != 0 && now.inode == file->inode && now.device == file->device)
		unlink(address->local.sun_path);
}
