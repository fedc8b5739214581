/* SPDX-License-Identifier: MIT */
#include "upload/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <coracle/random.h>

#include "base/compiler.h"
#include "context/context.h"

/* Permissions are those of the file that it may become: nobody else finds it before. */
#define MODE 0666

static int open_named(const char *folder)
{
	char path[4096];
	uint64_t random;

	cor_random_fill(&random, sizeof random);
	int len = snprintf(path, sizeof path, "%s/.upload-%016" PRIx64, folder, random);
	if ((size_t)len >= sizeof path)
		return -ENAMETOOLONG;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

int cor_file_without_name(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, MODE);

	if (fd >= 0)
		return fd;
	/* EISDIR: a kernel or a file system that does not know the flag */
	return errno == EOPNOTSUPP || errno == EISDIR ? open_named(folder) : -errno;
}

struct kept {
	struct cor_hold hold;
	int fd;
};

static void close_kept(struct cor_hold *hold)
{
	close(cor_container_of(hold, struct kept, hold)->fd);
}

/* A hold is what a ctx waits for before it ends. Of several the last one made is the first. */
int cor_file_keep(struct cor_ctx *ctx, int fd)
{
	struct kept *kept = cor_arena_alloc(&ctx->arena, sizeof *kept);

	if (!kept) {
		close(fd);
		return -ENOMEM;
	}
	*kept = (struct kept){ { .await = close_kept }, fd };
	cor_ctx_hold(ctx, &kept->hold);
	return fd;
}

int cor_file_write(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}
