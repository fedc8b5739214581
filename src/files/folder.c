/* SPDX-License-Identifier: MIT */
#include "files/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NS_PER_S 1000000000
#define TRIES    8 /* while folders are moved around */

static int open_beneath(int folder, const char *name, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd;
	int tries = TRIES;

	do
		fd = syscall(SYS_openat2, folder, name, &how, sizeof how);
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && --tries != 0)));
	return fd < 0 ? -errno : (int)fd;
}

int cor_folder_open(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int trial = open_beneath(fd, ".", O_PATH | O_DIRECTORY);
	if (trial >= 0) {
		close(trial);
		return fd;
	}
	close(fd);
	return trial == -EPERM ? -ENOSYS : trial; /* what filters system calls may say so */
}

/* What a name that cannot be opened is for its client. */
static int blame(int rc)
{
	switch (rc) {
	case -EACCES:
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
	case -EIO:
	case -EISDIR:
		return rc;
	default: /* -ENOENT, -ENOTDIR, -EXDEV, -ELOOP, -ENAMETOOLONG, -ENXIO ... */
		return -ENOENT;
	}
}

int cor_file_look_at(int fd, struct cor_file *ret)
{
	struct stat file;

	if (fstat(fd, &file) < 0)
		return -EIO;
	if (S_ISDIR(file.st_mode))
		return -EISDIR;
	if (!S_ISREG(file.st_mode))
		return -ENOENT;
	*ret = (struct cor_file){
		.fd = fd,
		.number = file.st_ino,
		.size = file.st_size,
		.modified_ns = file.st_mtim.tv_sec * (int64_t)NS_PER_S + file.st_mtim.tv_nsec,
	};
	return 0;
}

int cor_folder_find(int folder, struct cor_str name, struct cor_file *ret)
{
	int fd = open_beneath(folder, name.data, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return blame(fd);
	int rc = cor_file_look_at(fd, ret);
	if (rc < 0)
		close(fd);
	return rc;
}
