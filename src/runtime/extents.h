/* SPDX-License-Identifier: MIT */
/**
 * A body that is not in memory: stretches of one open file, with texts before, between and behind
 * them. It is read, or sent, from its beginning to its end.
 *
 * A file that shrinks meanwhile is -ENODATA: what was announced cannot be sent any more. One that
 * another takes the place of (rename) is sent on as it was. Reading it may wait for a disk: of one
 * that was found there, what comes next is asked for ahead of time.
 */
#ifndef CORACLE_RUNTIME_EXTENTS_H
#define CORACLE_RUNTIME_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>
#include <coracle/str.h>

struct cor_transport;

struct cor_extent {
	const char *text; /* NULL: of the file */
	int64_t offset;   /* in the file, or the text */
	int64_t bytes;    /* that are left */
};

struct cor_extents {
	int file;          /* -1: texts alone */
	uint32_t len;      /* of items */
	uint32_t at;       /* the first with anything left */
	int64_t left;      /* in all */
	int64_t asked_for; /* of the file, up to there */
	bool is_cold;      /* not all of it was in the memory of the system */
	char *room;        /* for texts of its own */
	struct cor_extent items[];
};

/**
 * An empty one, with room for `most` extents and for texts of `text_bytes` together. The file is
 * its own from then on, to be closed with it: a regular one, or -1. NULL without memory: the file
 * is the caller's still.
 */
struct cor_extents *cor_extents_create(int file, uint32_t most, size_t text_bytes);

/** Free it, and close its file. NULL is allowed. */
void cor_extents_destroy(struct cor_extents *extents);

/** Append a stretch of the file. */
void cor_extents_add(struct cor_extents *extents, int64_t offset, int64_t bytes);

/** Append a copy of a text. */
void cor_extents_add_text(struct cor_extents *extents, struct cor_str text);

/** Append a text that outlives it. */
void cor_extents_add_lasting(struct cor_extents *extents, struct cor_str text);

/** The next `bytes` were taken. */
void cor_extents_advance(struct cor_extents *extents, size_t bytes);

/**
 * Whether the next `bytes` are, as far as can be told, in the memory of the system. If not, they
 * are asked for: ask again later. Never waits.
 */
bool cor_extents_are_here(struct cor_extents *extents, size_t bytes);

/**
 * Copy what comes next, as much as fits, without advancing. Blocks for a disk. Returns the count, 0
 * at the end, -ENODATA or -EIO.
 */
ssize_t cor_extents_read(struct cor_extents *extents, char *buffer, size_t size) COR_CHECKED;

/**
 * Read from a file what is in the memory of the system, without waiting for a disk. Returns the
 * count, which is less if not all of it was there, or a negative errno.
 */
ssize_t cor_extents_read_at_once(int file, char *buffer, size_t size, int64_t offset) COR_CHECKED;

/**
 * Send what comes next on a socket, `most` bytes or less, without advancing: of the file by
 * sendfile(2). Blocks for a disk, not for the socket. Returns the count, which is not 0, -EAGAIN,
 * -ENODATA, -EIO or the socket's error. Something is left.
 */
ssize_t cor_extents_send(struct cor_extents *extents, const struct cor_transport *transport, int fd,
	size_t most) COR_CHECKED;

#endif
