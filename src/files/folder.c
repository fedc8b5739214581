/* SPDX-License-Identifier: MIT */
#include "files/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NS_PER_S 1000000000
#define TRIES    8 /* while folders are moved around */

static int open_step(int at, const char *name, size_t len, int flags)
{
	char segment[NAME_MAX + 1];

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(segment, name, len);
	segment[len] = '\0';
	if (strcmp(segment, "..") == 0)
		return -EXDEV;
	int fd = openat(at, segment, flags | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cor_folder_walk(int folder, const char *name, int flags)
{
	int at = folder;

	for (;;) {
		size_t len = strcspn(name, "/");
		bool is_last = name[len] == '\0';
		int next = open_step(at, name, len, is_last ? flags : O_PATH | O_DIRECTORY);
		if (at != folder)
			close(at);
		if (next < 0 || is_last)
			return next;
		at = next;
		name += len + 1;
	}
}

/* Old systems do not know openat2, and filters of system calls may forbid what they do not know. */
static int open_beneath(int folder, const char *name, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd;
	int tries = TRIES;

	do
		fd = syscall(SYS_openat2, folder, name, &how, sizeof how);
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && --tries != 0)));
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return cor_folder_walk(folder, name, flags);
	return fd < 0 ? -errno : (int)fd;
}

int cor_folder_open(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* A sandbox forbids to read what permissions allow to. */
int cor_folder_try(int folder)
{
	if (faccessat(folder, ".", X_OK, AT_EACCESS) < 0)
		return -EACCES;
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EACCES && faccessat(folder, ".", R_OK, AT_EACCESS) == 0 ? -EACCES
											  : 0;
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

/* Far dates can be set, and are as good as the last that can be counted. */
static int64_t ns_of(const struct timespec *time)
{
	int64_t ns;

	if (__builtin_mul_overflow((int64_t)time->tv_sec, (int64_t)NS_PER_S, &ns) ||
		__builtin_add_overflow(ns, (int64_t)time->tv_nsec, &ns))
		return time->tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

static void describe(const struct stat *file, struct cor_file *ret)
{
	*ret = (struct cor_file){
		.fd = -1,
		.device = file->st_dev,
		.number = file->st_ino,
		.size = file->st_size,
		.modified_ns = ns_of(&file->st_mtim),
		.changed_ns = ns_of(&file->st_ctim),
	};
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
	describe(&file, ret);
	ret->fd = fd;
	return 0;
}

/* A folder whose names may not be listed may still be gone through. */
static bool is_folder(int folder, struct cor_str name)
{
	int fd = open_beneath(folder, name.data, O_PATH | O_DIRECTORY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int cor_folder_find(int folder, struct cor_str name, struct cor_file *ret)
{
	int fd = open_beneath(folder, name.data, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return fd == -EACCES && is_folder(folder, name) ? -EISDIR : blame(fd);
	int rc = cor_file_look_at(fd, ret);
	if (rc < 0)
		close(fd);
	return rc;
}

/* The way there is not looked at: whatever it is, the file at its end was found beneath before. */
bool cor_folder_has(int folder, struct cor_str name, const struct cor_file *file)
{
	struct stat found;
	struct cor_file now;

	if (fstatat(folder, name.data, &found, 0) < 0)
		return false;
	describe(&found, &now);
	return now.device == file->device && now.number == file->number && now.size == file->size &&
	       now.modified_ns == file->modified_ns && now.changed_ns == file->changed_ns;
}
