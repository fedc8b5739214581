/* SPDX-License-Identifier: MIT */
/**
 * A growing byte buffer on the heap.
 *
 * Errors are sticky: after a failed append the buffer ignores further ones and cor_buffer_error()
 * tells why, so that a writer checks once at the end. States: zeroed (empty, no limit) -> in use ->
 * finished.
 */
#ifndef CORACLE_BASE_BUFFER_H
#define CORACLE_BASE_BUFFER_H

#include <stddef.h>
#include <string.h>

#include <coracle/api.h>
#include <coracle/str.h>

#include "base/compiler.h"

struct cor_buffer {
	char *data;
	size_t len;
	size_t capacity;
	size_t limit; /* len may not exceed it; 0: no limit */
	int error;    /* 0, -ENOMEM, -COR_ETOOLARGE or the code passed to cor_buffer_fail() */
};

/** Free the memory. The buffer is empty and can be used again; its limit stays. */
void cor_buffer_finish(struct cor_buffer *buffer);

/** Empty it, keep the memory unless it is more than `keep_bytes`, forget the error. */
static inline void cor_buffer_clear(struct cor_buffer *buffer, size_t keep_bytes)
{
	if (buffer->capacity > keep_bytes) {
		cor_buffer_finish(buffer);
		return;
	}
	buffer->len = 0;
	buffer->error = 0;
}

/**
 * Take what is in it out, while code runs that may use the same buffer for something else;
 * cor_buffer_put_back() drops what that has left there.
 */
static inline struct cor_buffer cor_buffer_set_aside(struct cor_buffer *buffer)
{
	struct cor_buffer aside = *buffer;

	*buffer = (struct cor_buffer){ 0 };
	return aside;
}

static inline void cor_buffer_put_back(struct cor_buffer *buffer, const struct cor_buffer *aside)
{
	cor_buffer_finish(buffer);
	*buffer = *aside;
}

/**
 * Room for `bytes` more at data + len. NULL on error (recorded). The caller then adds to len what
 * it wrote.
 */
char *cor_buffer_reserve_slow(struct cor_buffer *buffer, size_t bytes);

/** Whether that room is there already. */
static inline bool cor_buffer_has_room(const struct cor_buffer *buffer, size_t bytes)
{
	return bytes <= buffer->capacity - buffer->len && buffer->error == 0;
}

/**
 * Whether that room can be had: for a shortcut that writes less than that, and needs not be taken.
 * Nothing is recorded.
 */
static inline bool cor_buffer_can_have(struct cor_buffer *buffer, size_t bytes)
{
	if (buffer->error != 0 || (buffer->limit != 0 && bytes > buffer->limit - buffer->len))
		return false;
	return cor_buffer_reserve_slow(buffer, bytes) != NULL;
}

static inline char *cor_buffer_reserve(struct cor_buffer *buffer, size_t bytes)
{
	if (COR_LIKELY(cor_buffer_has_room(buffer, bytes)))
		return buffer->data + buffer->len;
	return cor_buffer_reserve_slow(buffer, bytes);
}

static inline void cor_buffer_append(struct cor_buffer *buffer, const void *data, size_t bytes)
{
	char *room = cor_buffer_reserve(buffer, bytes);

	if (!room || bytes == 0)
		return;
	memcpy(room, data, bytes);
	buffer->len += bytes;
}

static inline void cor_buffer_append_str(struct cor_buffer *buffer, struct cor_str text)
{
	cor_buffer_append(buffer, text.data, text.len);
}

/** Append a string literal. */
#define cor_buffer_literal(buffer, literal)                                                        \
	cor_buffer_append((buffer), "" literal, sizeof(literal) - 1)

static inline void cor_buffer_byte(struct cor_buffer *buffer, char byte)
{
	char *room = cor_buffer_reserve(buffer, 1);

	if (!room)
		return;
	*room = byte;
	buffer->len++;
}

/** Append formatted text. */
void cor_buffer_printf(struct cor_buffer *buffer, const char *format, ...) COR_PRINTF(2, 3);

/** Record an error of the writer's own (the first one counts). */
void cor_buffer_fail(struct cor_buffer *buffer, int error);

/** 0 or the first error. */
static inline int cor_buffer_error(const struct cor_buffer *buffer)
{
	return buffer->error;
}

#endif
