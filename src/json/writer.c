/* SPDX-License-Identifier: MIT */
#include "json/writer.h"

#include <coracle/error.h>

#include "base/number.h"
#include "json/scan.h"

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

/* A string that is not plain throughout. */
static void write_odd_string(struct cor_buffer *buffer, struct cor_str text)
{
	const char *at = text.data;
	const char *end = at + text.len;

	cor_buffer_byte(buffer, '"');
	for (;;) {
		const char *stop = cor_json_scan_text(at, end);
		cor_buffer_append(buffer, at, (size_t)(stop - at));
		if (stop == end)
			break;
		if ((unsigned char)*stop >= 0x80) {
			cor_buffer_fail(buffer, -COR_EINVALID);
			return;
		}
		write_escape(buffer, *stop);
		at = stop + 1;
	}
	cor_buffer_byte(buffer, '"');
}

static uint64_t load4(const char *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

static uint64_t load8(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* Copy 1 to 16 bytes, in two halves that may overlap; whether all of them are plain. */
static inline bool copy_short(char *out, const char *at, size_t len)
{
	if (len >= 8) {
		uint64_t head = load8(at);
		uint64_t tail = load8(at + len - 8);
		memcpy(out, &head, 8);
		memcpy(out + len - 8, &tail, 8);
		return cor_json_are_plain(head, tail);
	}
	if (len >= 4) {
		uint64_t both = load4(at) | load4(at + len - 4) << 32;
		memcpy(out, at, 4);
		memcpy(out + len - 4, at + len - 4, 4);
		return cor_json_odd_bytes(both) == 0;
	}
	bool plain = true;
	for (size_t i = 0; i < len; i++) {
		out[i] = at[i];
		plain &= cor_json_is_plain(at[i]);
	}
	return plain;
}

#ifdef COR_VECTORS

/* The last vector overlaps the one before it. */
static bool copy_long(char *out, const char *at, size_t len)
{
	unsigned odd = cor_json_odd_bits(at + len - 16);

	for (size_t i = 0; i + 16 < len && odd == 0; i += 16) {
		odd = cor_json_odd_bits(at + i);
		memcpy(out + i, at + i, 16);
	}
	memcpy(out + len - 16, at + len - 16, 16);
	return odd == 0;
}

#else

static bool copy_long(char *out, const char *at, size_t len)
{
	if (cor_json_scan_plain(at, at + len) != at + len)
		return false;
	memcpy(out, at, len);
	return true;
}

#endif

static inline bool copy_plain(char *out, const char *at, size_t len)
{
	return len <= 16 ? copy_short(out, at, len) : copy_long(out, at, len);
}

char *cor_json_put_plain(char *out, const char *end, struct cor_str text)
{
	if ((size_t)(end - out) < 2 || text.len > (size_t)(end - out) - 2 ||
		!copy_plain(out + 1, text.data, text.len))
		return NULL;
	out[0] = '"';
	out[text.len + 1] = '"';
	return out + text.len + 2;
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
	if (__builtin_expect(!copy_plain(room + 1, text.data, text.len), 0)) {
		write_odd_string(buffer, text);
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
