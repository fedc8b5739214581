/* SPDX-License-Identifier: MIT */
#include "config/read.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/buffer.h"

#define PIECE_BYTES 4096

static int read_all(int fd, struct cor_buffer *buffer)
{
	for (;;) {
		char *room = cor_buffer_reserve(buffer, PIECE_BYTES);
		ssize_t got = room ? read(fd, room, PIECE_BYTES) : 0;
		if (!room)
			return cor_buffer_error(buffer);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return 0;
		buffer->len += (size_t)got;
	}
}

int cor_config_slurp(
	struct cor_arena *arena, const char *path, size_t max_bytes, struct cor_str *ret)
{
	struct cor_buffer buffer = { .limit = max_bytes + PIECE_BYTES };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int rc = read_all(fd, &buffer);
	close(fd);
	if (rc == 0 && buffer.len > max_bytes)
		rc = -COR_ETOOLARGE;
	char *copy = rc == 0 ? cor_arena_copy(arena, buffer.data, buffer.len) : NULL;
	if (rc == 0 && !copy)
		rc = -ENOMEM;
	if (rc == 0)
		*ret = (struct cor_str){ copy, buffer.len };
	cor_buffer_finish(&buffer);
	return rc;
}

const char *cor_config_slurp_fault(int code)
{
	switch (-code) {
	case ENOENT:
		return "no such file";
	case EACCES:
		return "permission denied: check its owner and mode";
	case EISDIR:
		return "is a directory: give the path of a file";
	case COR_ETOOLARGE:
		return "is too large for settings";
	default:
		return cor_strerror(code);
	}
}
