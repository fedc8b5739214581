/* SPDX-License-Identifier: MIT */
#include "master/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/number.h"

#define TEXT_BYTES 24  /* a process id, a line break and some blanks */
#define TRIES      100 /* of others that remove the file while it is opened */

/* --- what it says --- */

/* The process that the file names; 0: it is empty. -EEXIST: it holds something else. */
static int read_pid(int fd, pid_t *ret)
{
	char text[TEXT_BYTES + 1];
	uint64_t pid;
	ssize_t len = pread(fd, text, sizeof text, 0);

	*ret = 0;
	if (len < 0)
		return -errno;
	if (len == (ssize_t)sizeof text)
		return -EEXIST;
	while (len > 0 && text[len - 1] == '\n')
		len--;
	if (len == 0)
		return 0;
	if (cor_number_parse_uint64((struct cor_str){ text, (size_t)len }, &pid) < 0 || pid == 0 ||
		pid > INT32_MAX)
		return -EEXIST;
	*ret = (pid_t)pid;
	return 0;
}

/* Line breaks cover a longer old id until the file is cut: nobody reads a mixture. */
static int write_pid(int fd)
{
	char text[TEXT_BYTES + 1];
	int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	memset(text + len, '\n', TEXT_BYTES - (size_t)len);
	ssize_t written = pwrite(fd, text, TEXT_BYTES, 0);
	if (written < 0)
		return -errno;
	if (written != TEXT_BYTES)
		return -ENOSPC;
	return ftruncate(fd, len) < 0 ? -errno : 0;
}

/* --- whose it is --- */

static int lock_file(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

static bool is_at(const char *path, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_ino == there.st_ino &&
	       ours.st_dev == there.st_dev;
}

/* --- making it --- */

/* A file that is made in its place belongs to us, whoever owned the stale one. */
static int clear_stale(const char *path, pid_t *ret_holder)
{
	struct stat file;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	int rc = fstat(fd, &file) < 0 ? -errno : 0;
	if (rc == 0 && !S_ISREG(file.st_mode))
		rc = -EEXIST;
	if (rc == 0)
		rc = read_pid(fd, ret_holder);
	if (rc == 0)
		rc = lock_file(fd);
	if (rc == 0 && is_at(path, fd) && unlink(path) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* Between open and lock another start may have taken the empty file for a stale one. */
static int fill(const char *path, int fd)
{
	int rc = lock_file(fd);

	if (rc < 0)
		return rc == -EBUSY ? -EAGAIN : rc;
	if (!is_at(path, fd))
		return -EAGAIN;
	rc = fchmod(fd, 0644) < 0 ? -errno : write_pid(fd);
	if (rc < 0)
		(void)unlink(path);
	return rc;
}

static int make(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	int rc = fill(path, fd);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

static int explain(int code, const char *path, pid_t holder, struct cor_start_failure *ret_failure)
{
	if (code == -EBUSY && holder != 0)
		return cor_failure_set(ret_failure, code,
			"pid file %s is held by process %ld, which is running: stop that, or change "
			"--pid-file",
			path, (long)holder);
	if (code == -EBUSY || code == -EAGAIN)
		return cor_failure_set(ret_failure, -EBUSY,
			"pid file %s is held by another program that starts: change --pid-file",
			path);
	if (code == -EEXIST || code == -ELOOP || code == -EISDIR || code == -ENXIO)
		return cor_failure_set(ret_failure, code == -ELOOP ? code : -EEXIST,
			"%s is not a pid file and is left alone: change --pid-file", path);
	return cor_failure_set(ret_failure, code,
		"cannot make pid file %s: %s: change --pid-file, or let this user write there",
		path, cor_strerror(code));
}

int cor_pid_file_create(
	const char *path, struct cor_pid_file *ret, struct cor_start_failure *ret_failure)
{
	pid_t holder = 0;
	int fd = -EAGAIN;

	for (int i = 0; i < TRIES && (fd == -EAGAIN || fd == -EEXIST); i++) {
		fd = make(path);
		if (fd != -EEXIST)
			continue;
		int rc = clear_stale(path, &holder);
		if (rc < 0)
			return explain(rc, path, holder, ret_failure);
	}
	if (fd < 0)
		return explain(fd == -EEXIST ? -EAGAIN : fd, path, 0, ret_failure);
	*ret = (struct cor_pid_file){ .path = path, .fd = fd };
	return 0;
}

/* --- handing it over --- */

int cor_pid_file_adopt(const char *path, int fd, struct cor_pid_file *ret)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	if (!is_at(path, fd))
		return -ESTALE;
	int rc = lock_file(fd);
	if (rc == 0)
		*ret = (struct cor_pid_file){ .path = path, .fd = fd };
	return rc;
}

int cor_pid_file_claim(const struct cor_pid_file *file)
{
	return write_pid(file->fd);
}

void cor_pid_file_remove(struct cor_pid_file *file)
{
	pid_t pid;

	if (!file->path)
		return;
	if (read_pid(file->fd, &pid) == 0 && pid == getpid() && is_at(file->path, file->fd) &&
		unlink(file->path) < 0)
		cor_ignore(ftruncate(file->fd, 0)); /* its next owner must not be signalled */
	close(file->fd);
	*file = (struct cor_pid_file){ 0 };
}
