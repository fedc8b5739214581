/* SPDX-License-Identifier: MIT */
/**
 * How the bytes of log lines leave through a descriptor. Private to the observe folder.
 *
 * A write is tried once and never waits for a reader, even where the descriptor blocks: its flags
 * are not ours to change, since whoever shares it would get them too.
 */
#ifndef CORACLE_OBSERVE_WRITER_H
#define CORACLE_OBSERVE_WRITER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/** What keeps a write from waiting. */
enum cor_log_way {
	COR_LOG_AT_ONCE,  /* a file: it never waits for a reader */
	COR_LOG_BY_OWN,   /* a pipe or terminal: through a non-blocking descriptor of our own */
	COR_LOG_BY_SEND,  /* a socket */
	COR_LOG_WHEN_DUE, /* anything else: asked for room before each piece */
};

struct cor_log_writer {
	int fd; /* borrowed */
	enum cor_log_way way;
	int own_fd;       /* COR_LOG_BY_OWN: the same, opened once more */
	bool takes_parts; /* a long write may go in parts: lines go in pieces of a safe size */
	_Atomic bool in_a_line; /* the start of a line went out and its rest never will */
};

/** Choose how to write to `fd`, which is borrowed until finish. */
void cor_log_writer_init(struct cor_log_writer *writer, int fd);

void cor_log_writer_finish(struct cor_log_writer *writer);

/**
 * Write whole lines. Returns how many bytes went out; *ret_error is 0, EAGAIN (the reader is slow:
 * try the rest later) or another errno (the rest will not go). A line given up earlier is ended
 * first. Any thread.
 */
size_t cor_log_write(struct cor_log_writer *writer, const char *data, size_t len, int *ret_error);

/** The rest of a line whose start went out is given up: the next write ends it. */
void cor_log_give_up_line(struct cor_log_writer *writer);

/** Whether a write would find room within the time. */
bool cor_log_has_room(const struct cor_log_writer *writer, int timeout_ms);

#endif
