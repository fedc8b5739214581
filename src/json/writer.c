/* SPDX-License-Identifier: MIT */
#include "json/writer.h"

#include <coracle/error.h>

#include "base/number.h"
#include "json/plain.h"

static void write_escape(struct cor_buffer *buffer, char byte)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[] = { ['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't',
		['"'] = '"',
		['\\'] = '\\' };

	if (letters[(unsigned char)byte] != 0) {
		char escape[2] = { '\\', letters[(unsigned char)byte] };
		cor_buffer_append(buffer, escape, sizeof escape);
		return;
	}
	char escape[6] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15] };
	cor_buffer_append(buffer, escape, sizeof escape);
}

void cor_json_write_odd(struct cor_buffer *buffer, struct cor_str text)
{
	const char *at = text.data;
	const char *end = at + text.len;

	for (;;) {
		const char *stop = cor_json_scan_text(at, end);
		cor_buffer_append(buffer, at, (size_t)(stop - at));
		if (stop == end)
			return;
		if ((unsigned char)*stop >= 0x80) {
			cor_buffer_fail(buffer, -COR_EINVALID);
			return;
		}
		write_escape(buffer, *stop);
		at = stop + 1;
	}
}

void cor_json_write_string(struct cor_buffer *buffer, struct cor_str text)
{
	if (__builtin_expect(text.len > SIZE_MAX - 2, 0)) {
		cor_buffer_fail(buffer, -COR_ETOOLARGE);
		return;
	}
	char *room = cor_buffer_reserve(buffer, text.len + 2);

	if (!room)
		return;
	if (COR_UNLIKELY(!cor_json_copy_plain(room + 1, text.data, text.len))) {
		cor_buffer_byte(buffer, '"');
		cor_json_write_odd(buffer, text);
		cor_buffer_byte(buffer, '"');
		return;
	}
	room[0] = '"';
	room[text.len + 1] = '"';
	buffer->len += text.len + 2;
}

/*
 * Where to print a number: straight into the buffer if that has room for any, else into `spare`, so
 * that a buffer with a limit is not refused for bytes that the number does not need.
 */
static inline char *number_room(struct cor_buffer *buffer, char *spare)
{
	bool fits = buffer->capacity - buffer->len >= COR_NUMBER_BYTES && buffer->error == 0;

	return fits ? buffer->data + buffer->len : spare;
}

static inline void add_number(
	struct cor_buffer *buffer, const char *out, const char *spare, size_t len)
{
	if (out == spare)
		cor_buffer_append(buffer, spare, len);
	else
		buffer->len += len;
}

void cor_json_write_int64(struct cor_buffer *buffer, int64_t value)
{
	char spare[COR_NUMBER_BYTES];
	char *out = number_room(buffer, spare);

	add_number(buffer, out, spare, cor_number_print_int64(value, out));
}

void cor_json_write_uint64(struct cor_buffer *buffer, uint64_t value)
{
	char spare[COR_NUMBER_BYTES];
	char *out = number_room(buffer, spare);

	add_number(buffer, out, spare, cor_number_print_uint64(value, out));
}

void cor_json_write_double(struct cor_buffer *buffer, double value)
{
	char spare[COR_NUMBER_BYTES];
	char *out = number_room(buffer, spare);
	size_t len = cor_number_print_double(value, out);

	if (len == 0)
		cor_buffer_fail(buffer, -COR_EINVALID);
	add_number(buffer, out, spare, len);
}

void cor_json_write_bool(struct cor_buffer *buffer, bool value)
{
	if (value)
		cor_buffer_literal(buffer, "true");
	else
		cor_buffer_literal(buffer, "false");
}

void cor_json_write_null(struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer, "null");
}
