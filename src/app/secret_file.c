/* SPDX-License-Identifier: MIT */
#include "app/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_BYTES (1024 * 1024)

/* One byte more than the file has: a mapping has at least one. */
static int map_for(int fd, struct cor_secret_file *ret)
{
	struct stat file;

	if (fstat(fd, &file) < 0)
		return -errno;
	if (S_ISDIR(file.st_mode))
		return -EISDIR;
	if (file.st_size > MOST_BYTES)
		return -EFBIG;
	size_t bytes = (size_t)file.st_size + 1;
	void *memory = mmap(
		NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -errno;
	(void)madvise(memory, bytes, MADV_DONTDUMP);
	(void)madvise(memory, bytes, MADV_DONTFORK);
	*ret = (struct cor_secret_file){ .text.data = memory, .mapped = bytes };
	return 0;
}

static char *bytes_of(const struct cor_secret_file *file)
{
	return (char *)(uintptr_t)file->text.data;
}

static int fill(int fd, struct cor_secret_file *file)
{
	while (file->text.len < file->mapped) {
		ssize_t n = read(
			fd, bytes_of(file) + file->text.len, file->mapped - file->text.len);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		file->text.len += n > 0 ? (size_t)n : 0;
	}
	return -EAGAIN; /* it has grown meanwhile */
}

int cor_secret_file_read(const char *path, struct cor_secret_file *ret)
{
	struct cor_secret_file file = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	int rc = map_for(fd, &file);
	if (rc == 0)
		rc = fill(fd, &file);
	close(fd);
	if (rc == 0)
		*ret = file;
	else
		cor_secret_file_close(&file);
	return rc;
}

void cor_secret_file_close(struct cor_secret_file *file)
{
	if (file->mapped == 0)
		return;
	explicit_bzero(bytes_of(file), file->mapped);
	munmap(bytes_of(file), file->mapped);
	*file = (struct cor_secret_file){ 0 };
}
