/* SPDX-License-Identifier: MIT */
#include <coracle/upload.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "upload/file.h"

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
