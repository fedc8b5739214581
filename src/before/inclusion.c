/* SPDX-License-Identifier: MIT */
#include "before/inclusion.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <coracle/error.h>

#include "base/buffer.h"

static struct cor_str trimmed(struct cor_str text)
{
	while (text.len && strchr(" \t", text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len && strchr(" \t", text.data[text.len - 1]))
		text.len--;
	return text;
}

/* Up to one byte more than there is room for. Returns 0, or an errno of the file. */
static int read_all(const char *path, size_t room, struct cor_buffer *ret)
{
	FILE *file = fopen(path, "re");
	struct stat status;
	size_t n = 1;

	if (!file)
		return -errno;
	int rc = fstat(fileno(file), &status) != 0 ? -errno
		 : S_ISDIR(status.st_mode)         ? -EISDIR
		 : !S_ISREG(status.st_mode)        ? -EINVAL /* a FIFO would be waited for */
						   : 0;
	while (rc == 0 && n > 0 && ret->len <= room) {
		char *at = cor_buffer_reserve(ret, 1 << 14);
		n = at ? fread(at, 1, 1 << 14, file) : 0;
		ret->len += n;
	}
	if (rc == 0 && ferror(file))
		rc = -errno;
	fclose(file);
	return rc ? rc : cor_buffer_error(ret);
}

int cor_before_include(struct cor_before *before, struct cor_before_request *request, unsigned line,
	struct cor_str path, size_t at)
{
	const char *slash = strrchr(before->path, '/');
	size_t room = COR_BEFORE_FILES_BYTES - before->files_bytes;
	struct cor_buffer bytes = { 0 };

	path = trimmed(path);
	int folder = slash && path.len && path.data[0] != '/' ? (int)(slash - before->path) + 1 : 0;
	const char *whole = cor_arena_printf(
		&before->arena, "%.*s%.*s", folder, before->path, (int)path.len, path.data);
	if (!whole)
		return -ENOMEM;
	if (before->files_len == COR_BEFORE_MAX)
		return cor_before_fail(
			before, line, "there are more than %d files", COR_BEFORE_MAX);
	int rc = read_all(whole, room, &bytes);
	char *copy = rc == 0 ? cor_arena_copy(
				       &before->arena, bytes.data ? bytes.data : "", bytes.len)
			     : NULL;
	size_t len = bytes.len;
	cor_buffer_finish(&bytes);
	if (rc == -ENOMEM || (rc == 0 && !copy))
		return -ENOMEM;
	if (rc < 0)
		return cor_before_fail(before, line, "%s: %s: a path is relative to this file",
			whole, cor_strerror(rc));
	if (len > room)
		return cor_before_fail(before, line, "%s: the files have more than %d bytes", whole,
			COR_BEFORE_FILES_BYTES);
	before->files_bytes += len;
	before->files[before->files_len++] = (struct cor_before_file){ at, { copy, len } };
	request->files_len++;
	return 0;
}
