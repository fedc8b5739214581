/* SPDX-License-Identifier: MIT */
#include "crypto/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* One byte more than the file has shows that it does not grow meanwhile. */
static int make_room(int fd, size_t *ret_bytes, char **ret)
{
	struct stat file;

	if (fstat(fd, &file) < 0)
		return -errno;
	if (S_ISDIR(file.st_mode))
		return -EISDIR;
	if (file.st_size > COR_KEY_FILE_BYTES)
		return -EFBIG;
	/* what is no plain file does not say how long it is */
	*ret_bytes = S_ISREG(file.st_mode) ? (size_t)file.st_size + 1 : COR_KEY_FILE_BYTES;
	*ret = malloc(*ret_bytes);
	return *ret ? 0 : -ENOMEM;
}

static int fill(int fd, char *room, size_t bytes, size_t *ret_len)
{
	size_t len = 0;

	while (len < bytes) {
		ssize_t n = read(fd, room + len, bytes - len);
		if (n == 0) {
			*ret_len = len;
			return 0;
		}
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	}
	return -EFBIG;
}

static int read_from(int fd, struct cor_key_file *ret)
{
	char *room = NULL;
	size_t bytes = 0, len = 0;
	int rc = make_room(fd, &bytes, &room);

	if (rc == 0)
		rc = fill(fd, room, bytes, &len);
	if (rc == 0)
		ret->text = (struct cor_str){ room, len };
	else if (room)
		OPENSSL_cleanse(room, bytes);
	if (rc < 0)
		free(room);
	return rc;
}

int cor_key_file_read(struct cor_ctx *ctx, const char *path, struct cor_key_file *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc = fd < 0 ? -errno : read_from(fd, ret);

	if (fd >= 0)
		close(fd);
	if (rc == 0 || rc == -ENOMEM)
		return rc;
	if (rc == -EFBIG)
		return cor_problem(ctx, 500, rc,
			"%s is longer than a megabyte, or grows: name a file with keys", path);
	return cor_problem(ctx, 500, rc, "cannot read %s: %s", path, cor_strerror(rc));
}

void cor_key_file_close(struct cor_key_file *file)
{
	char *memory = (char *)(uintptr_t)file->text.data;

	if (memory)
		OPENSSL_cleanse(memory, file->text.len);
	free(memory);
	*file = (struct cor_key_file){ 0 };
}
