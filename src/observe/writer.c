/* SPDX-License-Identifier: MIT */
#include "observe/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/logger.h"

/* A descriptor of our own for a pipe or terminal: its flags are not shared with anybody. */
static int open_again(int fd)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

/* Pipes and sockets can take a part of a write; a file open for appending cannot. */
void cor_log_writer_init(struct cor_log_writer *writer, int fd)
{
	struct stat status;
	mode_t kind = fstat(fd, &status) < 0 ? 0 : status.st_mode & S_IFMT;

	writer->fd = fd;
	writer->takes_parts = kind != S_IFREG;
	writer->own_fd = kind == S_IFIFO || kind == S_IFCHR ? open_again(fd) : -1;
	atomic_init(&writer->in_a_line, false);
	if (kind == S_IFREG)
		writer->way = COR_LOG_AT_ONCE;
	else if (kind == S_IFSOCK)
		writer->way = COR_LOG_BY_SEND;
	else
		writer->way = writer->own_fd >= 0 ? COR_LOG_BY_OWN : COR_LOG_WHEN_DUE;
}

void cor_log_writer_finish(struct cor_log_writer *writer)
{
	if (writer->own_fd >= 0)
		close(writer->own_fd);
}

bool cor_log_has_room(const struct cor_log_writer *writer, int timeout_ms)
{
	struct pollfd poller = { .fd = writer->fd, .events = POLLOUT };

	return poll(&poller, 1, timeout_ms) > 0;
}

/* How much to write in one call: whole lines, so that nobody else's come in between. */
static size_t piece_of(const struct cor_log_writer *writer, const char *data, size_t len)
{
	if (!writer->takes_parts || len <= COR_LOG_LINE_BYTES)
		return len;
	const char *last = memrchr(data, '\n', COR_LOG_LINE_BYTES);
	return last ? (size_t)(last + 1 - data) : COR_LOG_LINE_BYTES;
}

/* Returns the count, or -1 with errno: EAGAIN where it would have to wait for a reader. */
static ssize_t write_piece(const struct cor_log_writer *writer, const char *data, size_t len)
{
	switch (writer->way) {
	case COR_LOG_BY_OWN:
		return write(writer->own_fd, data, len);
	case COR_LOG_BY_SEND:
		return send(writer->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	case COR_LOG_WHEN_DUE:
		if (cor_log_has_room(writer, 0))
			return write(writer->fd, data, len);
		errno = EAGAIN;
		return -1;
	default:
		return write(writer->fd, data, len);
	}
}

static size_t write_pieces(
	const struct cor_log_writer *writer, const char *data, size_t len, int *ret_error)
{
	size_t done = 0;

	*ret_error = 0;
	while (done < len) {
		ssize_t wrote = write_piece(
			writer, data + done, piece_of(writer, data + done, len - done));
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0) {
			*ret_error = errno;
			break;
		}
		done += (size_t)wrote;
	}
	return done;
}

size_t cor_log_write(struct cor_log_writer *writer, const char *data, size_t len, int *ret_error)
{
	if (atomic_load_explicit(&writer->in_a_line, memory_order_relaxed) &&
		atomic_exchange(&writer->in_a_line, false) &&
		write_pieces(writer, "\n", 1, ret_error) == 0) {
		cor_log_give_up_line(writer);
		return 0;
	}
	return write_pieces(writer, data, len, ret_error);
}

void cor_log_give_up_line(struct cor_log_writer *writer)
{
	atomic_store(&writer->in_a_line, true);
}
