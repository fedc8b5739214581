/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <coracle/error.h>

#define FIRST_BYTES 256

void cor_buffer_finish(struct cor_buffer *buffer)
{
	size_t limit = buffer->limit;

	free(buffer->data);
	*buffer = (struct cor_buffer){ .limit = limit };
}

void cor_buffer_fail(struct cor_buffer *buffer, int error)
{
	if (buffer->error == 0)
		buffer->error = error;
}

char *cor_buffer_reserve_slow(struct cor_buffer *buffer, size_t bytes)
{
	if (buffer->error != 0)
		return NULL;
	if (bytes <= buffer->capacity - buffer->len)
		return buffer->data + buffer->len;

	size_t needed;
	if (__builtin_add_overflow(buffer->len, bytes, &needed) ||
		(buffer->limit != 0 && needed > buffer->limit)) {
		cor_buffer_fail(buffer, -COR_ETOOLARGE);
		return NULL;
	}
	size_t capacity = buffer->capacity + buffer->capacity / 2;
	if (capacity < FIRST_BYTES)
		capacity = FIRST_BYTES;
	if (capacity < needed)
		capacity = needed;
	if (buffer->limit != 0 && capacity > buffer->limit)
		capacity = buffer->limit; /* so that the fast path cannot go beyond it */
	char *data = realloc(buffer->data, capacity);
	if (!data) {
		cor_buffer_fail(buffer, -ENOMEM);
		return NULL;
	}
	buffer->data = data;
	buffer->capacity = capacity;
	return data + buffer->len;
}

void cor_buffer_printf(struct cor_buffer *buffer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0) {
		cor_buffer_fail(buffer, -EINVAL);
		return;
	}
	char *room = cor_buffer_reserve(buffer, (size_t)len + 1);
	if (!room)
		return;
	va_start(args, format);
	vsnprintf(room, (size_t)len + 1, format, args);
	va_end(args);
	buffer->len += (size_t)len;
}
