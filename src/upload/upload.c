/* SPDX-License-Identifier: MIT */
#include <coracle/upload.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context/context.h"
#include "upload/file.h"

/* Nobody waits for the other end of a FIFO. */
static int open_regular(const char *path, struct stat *ret_stat)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, ret_stat) < 0)
		rc = -errno;
	else if (S_ISDIR(ret_stat->st_mode))
		rc = -EISDIR;
	else if (!S_ISREG(ret_stat->st_mode))
		rc = -EINVAL;
	if (rc < 0)
		close(fd);
	return rc < 0 ? rc : fd;
}

int cor_upload_open(struct cor_ctx *ctx, const char *path, struct cor_upload *ret)
{
	const char *slash = strrchr(path, '/');
	const char *name = cor_arena_strdup(&ctx->arena, slash ? slash + 1 : path);
	struct stat stat;

	if (!name)
		return -ENOMEM;
	int fd = open_regular(path, &stat);
	if (fd >= 0)
		fd = cor_file_keep(ctx, fd);
	if (fd < 0)
		return fd;
	*ret = (struct cor_upload){ .name = name, .size = (uint64_t)stat.st_size, .fd = fd };
	return 0;
}

ssize_t cor_upload_read(const struct cor_upload *upload, uint64_t offset, void *buffer, size_t size)
{
	if (offset >= upload->size)
		return 0;
	if (size > upload->size - offset)
		size = (size_t)(upload->size - offset);
	if (upload->bytes) {
		memcpy(buffer, upload->bytes + offset, size);
		return (ssize_t)size;
	}
	ssize_t n;
	do
		n = pread(upload->fd, buffer, size, (off_t)offset);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int cor_upload_fd(struct cor_ctx *ctx, const struct cor_upload *upload)
{
	if (!upload->bytes)
		return upload->fd;
	int fd = memfd_create("upload", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	int rc = cor_file_write(fd, upload->bytes, (size_t)upload->size);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	if (lseek(fd, 0, SEEK_SET) < 0) { /* a new reader begins at its front */
		close(fd);
		return -EIO;
	}
	return cor_file_keep(ctx, fd);
}
