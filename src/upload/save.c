/* SPDX-License-Identifier: MIT */
/* A file gets its name in one step: it is made whole beside it, and renamed. */
#include <coracle/upload.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/fiber.h>
#include <coracle/random.h>

#include "base/compiler.h"
#include "context/context.h"
#include "upload/file.h"

#define STEP_BYTES (1024 * 1024)
#define READ_BYTES 8192 /* on the handler's stack */

/* A name in the same folder that nobody else has, hidden while the file is not whole. */
static char *name_beside(struct cor_ctx *ctx, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	uint64_t random;

	cor_random_fill(&random, sizeof random);
	/* NOLINTNEXTLINE(bugprone-narrowing-conversions): paths are short */
	return cor_printf(ctx, "%.*s.upload-%016" PRIx64, (int)(name - path), path, random);
}

/* Give the file itself a name; it must not have one, or two would share what they hold. */
static int link_file(const struct cor_upload *upload, const char *beside)
{
	struct stat status;
	char link[64];

	if (upload->bytes || fstat(upload->fd, &status) < 0 || status.st_nlink != 0)
		return -EXDEV;
	snprintf(link, sizeof link, "/proc/self/fd/%d", upload->fd);
	return linkat(AT_FDCWD, link, AT_FDCWD, beside, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* Another file system, or one that cannot do it in the kernel: by way of a buffer. */
static ssize_t copy_by_hand(const struct cor_upload *upload, int fd, uint64_t offset)
{
	char buffer[READ_BYTES];
	ssize_t n = cor_upload_read(upload, offset, buffer, sizeof buffer);
	int rc = n > 0 ? cor_file_write(fd, buffer, (size_t)n) : 0;

	return rc < 0 ? rc : n;
}

static ssize_t copy_some(const struct cor_upload *upload, int fd, uint64_t offset)
{
	off_t at = (off_t)offset;
	ssize_t n = copy_file_range(upload->fd, &at, fd, NULL, STEP_BYTES, 0);

	return n >= 0 ? n : copy_by_hand(upload, fd, offset);
}

static int copy_file(const struct cor_upload *upload, int fd)
{
	uint64_t offset = 0, next = STEP_BYTES;
	ssize_t n = 0;
	int rc = 0;

	while (rc == 0 && offset < upload->size) {
		n = copy_some(upload, fd, offset);
		if (n <= 0)
			return n < 0 ? (int)n : -EIO; /* somebody has cut it */
		offset += (uint64_t)n;
		if (offset < next)
			continue;
		next = offset + STEP_BYTES;
		rc = cor_yield();
	}
	return rc;
}

static int write_file(const struct cor_upload *upload, const char *beside)
{
	int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);

	if (fd < 0)
		return -errno;
	int rc = upload->bytes ? cor_file_write(fd, upload->bytes, (size_t)upload->size)
			       : copy_file(upload, fd);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc < 0)
		unlink(beside);
	return rc;
}

/* The log says where; a client is not told about folders. */
static COR_COLD int fail(struct cor_ctx *ctx, const char *path, int rc)
{
	if (rc == -ENOMEM || rc == -ECANCELED || rc == -ETIMEDOUT)
		return rc;
	bool is_full = rc == -ENOSPC || rc == -EDQUOT || rc == -EFBIG;
	return cor_ctx_fail(ctx, is_full ? 507 : cor_status_of(rc), rc,
		cor_printf(ctx, "an upload cannot be saved at %s", path));
}

int cor_upload_save(struct cor_ctx *ctx, const struct cor_upload *upload, const char *path)
{
	const char *beside = name_beside(ctx, path);

	if (!beside)
		return -ENOMEM;
	int rc = link_file(upload, beside);
	if (rc < 0)
		rc = write_file(upload, beside);
	if (rc == 0 && rename(beside, path) < 0) {
		rc = -errno;
		unlink(beside);
	}
	return rc < 0 ? fail(ctx, path, rc) : 0;
}
