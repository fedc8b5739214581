/* SPDX-License-Identifier: MIT */
#include "runtime/extents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "runtime/transport.h"

#define AHEAD_BYTES ((int64_t)2 * 1024 * 1024)

struct cor_extents *cor_extents_create(int file, uint32_t most, size_t text_bytes)
{
	size_t items = most * sizeof(struct cor_extent);
	struct cor_extents *extents = malloc(sizeof *extents + items + text_bytes);

	if (!extents)
		return NULL;
	*extents = (struct cor_extents){ .file = file,
		.room = (char *)extents + sizeof *extents + items };
	return extents;
}

void cor_extents_destroy(struct cor_extents *extents)
{
	if (!extents)
		return;
	if (extents->file >= 0)
		close(extents->file);
	free(extents);
}

static void append(struct cor_extents *extents, const char *text, int64_t offset, int64_t bytes)
{
	if (bytes == 0)
		return;
	extents->items[extents->len++] = (struct cor_extent){ text, offset, bytes };
	extents->left += bytes;
}

void cor_extents_add(struct cor_extents *extents, int64_t offset, int64_t bytes)
{
	append(extents, NULL, offset, bytes);
}

void cor_extents_add_text(struct cor_extents *extents, struct cor_str text)
{
	if (text.len == 0)
		return;
	memcpy(extents->room, text.data, text.len);
	append(extents, extents->room, 0, (int64_t)text.len);
	extents->room += text.len;
}

void cor_extents_add_lasting(struct cor_extents *extents, struct cor_str text)
{
	append(extents, text.data, 0, (int64_t)text.len);
}

void cor_extents_advance(struct cor_extents *extents, size_t bytes)
{
	int64_t rest = (int64_t)bytes;

	extents->left -= rest;
	while (rest != 0) {
		struct cor_extent *item = &extents->items[extents->at];
		int64_t n = rest < item->bytes ? rest : item->bytes;
		item->offset += n;
		item->bytes -= n;
		rest -= n;
		if (item->bytes == 0)
			extents->at++;
	}
}

/* The system may wait for nothing but what it is asked to read; so it is asked ahead of time. */
static void ask_ahead(struct cor_extents *extents, const struct cor_extent *item, int64_t bytes)
{
	int64_t end = item->offset + bytes;

	if (!extents->is_cold || item->bytes <= bytes || end + AHEAD_BYTES / 2 < extents->asked_for)
		return;
	(void)posix_fadvise(extents->file, end, AHEAD_BYTES, POSIX_FADV_WILLNEED);
	extents->asked_for = end + AHEAD_BYTES;
}

static ssize_t read_file(int file, char *buffer, size_t size, int64_t offset)
{
	ssize_t n;

	do
		n = pread(file, buffer, size, offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -EIO;
	return n == 0 ? -ENODATA : n;
}

/* As much of an extent as fits; a short read is not its end. */
static ssize_t read_extent(int file, const struct cor_extent *item, char *buffer, size_t size)
{
	size_t bytes = (uint64_t)item->bytes < size ? (size_t)item->bytes : size;
	size_t len = 0;

	if (item->text) {
		memcpy(buffer, item->text + item->offset, bytes);
		return (ssize_t)bytes;
	}
	while (len < bytes) {
		ssize_t n = read_file(file, buffer + len, bytes - len, item->offset + (int64_t)len);
		if (n < 0)
			return n;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

ssize_t cor_extents_read(struct cor_extents *extents, char *buffer, size_t size)
{
	size_t len = 0;

	for (uint32_t at = extents->at; at < extents->len && len < size; at++) {
		const struct cor_extent *item = &extents->items[at];
		if (!item->text)
			ask_ahead(extents, item, (int64_t)(size - len));
		ssize_t n = read_extent(extents->file, item, buffer + len, size - len);
		if (n < 0)
			return n;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* A file system that cannot tell is one that is in memory anyway, or is read as ever. */
ssize_t cor_extents_read_at_once(int file, char *buffer, size_t size, int64_t offset)
{
	struct iovec part = { buffer, size };
	ssize_t n;

	do
		n = syscall(SYS_preadv2, file, &part, 1L, (long)offset, (long)(offset >> 32),
			(long)RWF_NOWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EOPNOTSUPP)
		n = pread(file, buffer, size, offset);
	return n < 0 ? -errno : n;
}

/* The system reads a file in its order: where the last byte is, the others are. */
bool cor_extents_are_here(struct cor_extents *extents, size_t bytes)
{
	const struct cor_extent *item = &extents->items[extents->at];
	char last;

	if (item->text)
		return true;
	int64_t len = (uint64_t)item->bytes < bytes ? item->bytes : (int64_t)bytes;
	struct iovec part = { &last, 1 };
	int64_t at = item->offset + len - 1;
	ssize_t n = syscall(SYS_preadv2, extents->file, &part, 1L, (long)at, (long)(at >> 32),
		(long)RWF_NOWAIT);
	if (n >= 0 || errno != EAGAIN)
		return true;
	extents->is_cold = true;
	(void)posix_fadvise(extents->file, item->offset, len, POSIX_FADV_WILLNEED);
	return false;
}

static ssize_t send_text(const struct cor_extents *extents, const struct cor_extent *item,
	const struct cor_transport *transport, int fd, size_t bytes)
{
	bool is_last = (int64_t)bytes == extents->left;
	const char *text = item->text + item->offset;

	return is_last ? transport->send(transport, fd, text, bytes)
		       : transport->send_more(transport, fd, text, bytes);
}

ssize_t cor_extents_send(
	struct cor_extents *extents, const struct cor_transport *transport, int fd, size_t most)
{
	const struct cor_extent *item = &extents->items[extents->at];
	size_t bytes = (uint64_t)item->bytes < most ? (size_t)item->bytes : most;

	if (item->text)
		return send_text(extents, item, transport, fd, bytes);
	ask_ahead(extents, item, (int64_t)bytes);
	ssize_t n = transport->send_file(transport, fd, extents->file, item->offset, bytes);
	return n == 0 ? -ENODATA : n;
}
