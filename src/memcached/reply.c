/* SPDX-License-Identifier: MIT */
#include "memcached/reply.h"

#include <string.h>

#include "base/number.h"

#define END_BYTES 2 /* "\r\n" behind a value */

void cor_memcached_reader_init(struct cor_memcached_reader *reader, uint32_t limit)
{
	*reader = (struct cor_memcached_reader){ .limit = limit };
}

/* --- words of a line --- */

/* Take the next word out; empty at the end of the line. */
static struct cor_str next_word(struct cor_str *line)
{
	while (line->len > 0 && *line->data == ' ') {
		line->data++;
		line->len--;
	}
	const char *blank = memchr(line->data, ' ', line->len);
	struct cor_str word = { line->data, blank ? (size_t)(blank - line->data) : line->len };

	line->data += word.len;
	line->len -= word.len;
	return word;
}

static bool read_uint32(struct cor_str text, uint32_t *ret)
{
	uint64_t number;

	if (cor_number_parse_uint64(text, &number) < 0 || number > UINT32_MAX)
		return false;
	*ret = (uint32_t)number;
	return true;
}

static bool read_uint64(struct cor_str text, uint64_t *ret)
{
	return cor_number_parse_uint64(text, ret) == 0;
}

/* --- the line --- */

/* "f0", "O17": a letter, and what belongs to it. Letters that nobody asked for mean nothing. */
static bool read_flag(struct cor_memcached_reply *reply, struct cor_str word)
{
	struct cor_str rest = { word.data + 1, word.len - 1 };

	switch (word.data[0]) {
	case 'O':
		reply->has_opaque = true;
		return read_uint32(rest, &reply->opaque);
	case 'k':
		reply->key = rest;
		return true;
	case 'b':
		reply->is_base64 = true;
		return true;
	case 'f':
		return read_uint32(rest, &reply->flags);
	case 'c':
		return read_uint64(rest, &reply->version);
	case 't':
		reply->has_ttl = true;
		return cor_number_parse_int64(rest, &reply->ttl_s) == 0 && reply->ttl_s >= -1;
	default:
		return true;
	}
}

static bool read_meta(struct cor_memcached_reply *reply, struct cor_str line)
{
	reply->is_meta = true;
	if (reply->code == COR_MEMCACHED_VALUE && !read_uint32(next_word(&line), &reply->bytes))
		return false;
	for (;;) {
		struct cor_str word = next_word(&line);
		if (word.len == 0)
			return true;
		if (!read_flag(reply, word))
			return false;
	}
}

/* "VALUE key flags bytes cas" */
static bool read_value(struct cor_memcached_reply *reply, struct cor_str line)
{
	reply->key = next_word(&line);
	return reply->key.len != 0 && read_uint32(next_word(&line), &reply->flags) &&
	       read_uint32(next_word(&line), &reply->bytes) &&
	       read_uint64(next_word(&line), &reply->version);
}

static bool read_text(struct cor_memcached_reply *reply, struct cor_str line)
{
	if (line.len > 0 && line.data[0] == ' ') {
		line.data++;
		line.len--;
	}
	reply->text = line;
	return true;
}

static bool read_nothing(struct cor_memcached_reply *reply, struct cor_str line)
{
	(void)reply;
	return next_word(&line).len == 0;
}

static const struct reading {
	struct cor_str word;
	enum cor_memcached_code code;
	bool (*read)(struct cor_memcached_reply *reply, struct cor_str line);
} readings[] = {
	{ { "HD", 2 }, COR_MEMCACHED_DONE, read_meta },
	{ { "VA", 2 }, COR_MEMCACHED_VALUE, read_meta },
	{ { "EN", 2 }, COR_MEMCACHED_MISS, read_meta },
	{ { "NF", 2 }, COR_MEMCACHED_ABSENT, read_meta },
	{ { "NS", 2 }, COR_MEMCACHED_NOT_STORED, read_meta },
	{ { "EX", 2 }, COR_MEMCACHED_EXISTS, read_meta },
	{ { "MN", 2 }, COR_MEMCACHED_NOOP, read_nothing },
	{ { "VALUE", 5 }, COR_MEMCACHED_VALUE, read_value },
	{ { "END", 3 }, COR_MEMCACHED_END, read_nothing },
	{ { "STORED", 6 }, COR_MEMCACHED_DONE, read_nothing },
	{ { "DELETED", 7 }, COR_MEMCACHED_DONE, read_nothing },
	{ { "TOUCHED", 7 }, COR_MEMCACHED_DONE, read_nothing },
	{ { "OK", 2 }, COR_MEMCACHED_DONE, read_nothing },
	{ { "NOT_STORED", 10 }, COR_MEMCACHED_NOT_STORED, read_nothing },
	{ { "EXISTS", 6 }, COR_MEMCACHED_EXISTS, read_nothing },
	{ { "NOT_FOUND", 9 }, COR_MEMCACHED_ABSENT, read_nothing },
	{ { "VERSION", 7 }, COR_MEMCACHED_SERVER_VERSION, read_text },
	{ { "STAT", 4 }, COR_MEMCACHED_STAT, read_text },
	{ { "ERROR", 5 }, COR_MEMCACHED_UNKNOWN, read_text },
	{ { "CLIENT_ERROR", 12 }, COR_MEMCACHED_CLIENT_ERROR, read_text },
	{ { "SERVER_ERROR", 12 }, COR_MEMCACHED_SERVER_ERROR, read_text },
};

/* A number that became shorter may have blanks behind it. */
static bool read_number(struct cor_memcached_reply *reply, struct cor_str word, struct cor_str line)
{
	reply->code = COR_MEMCACHED_NUMBER;
	return read_uint64(word, &reply->number) && next_word(&line).len == 0;
}

static bool read_line(struct cor_memcached_reply *reply, struct cor_str line)
{
	struct cor_str word = line.len > 0 && *line.data != ' ' ? next_word(&line)
								: (struct cor_str){ "", 0 };

	*reply = (struct cor_memcached_reply){ .code = COR_MEMCACHED_DONE };
	for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
		if (!cor_str_equal(readings[i].word, word))
			continue;
		reply->code = readings[i].code;
		return readings[i].read(reply, line);
	}
	return read_number(reply, word, line);
}

/* --- events --- */

static enum cor_memcached_event fail(struct cor_memcached_reader *reader, size_t *ret_used)
{
	reader->is_wrong = true;
	*ret_used = 0;
	return COR_MEMCACHED_WRONG;
}

static enum cor_memcached_event next_line(
	struct cor_memcached_reader *reader, const char *bytes, size_t len, size_t *ret_used)
{
	size_t most = len < COR_MEMCACHED_LINE_BYTES ? len : COR_MEMCACHED_LINE_BYTES;
	const char *end = memchr(bytes, '\n', most);
	size_t line = end ? (size_t)(end - bytes) : 0;

	*ret_used = 0;
	if (!end)
		return len < COR_MEMCACHED_LINE_BYTES ? COR_MEMCACHED_MORE : fail(reader, ret_used);
	if (line == 0 || bytes[line - 1] != '\r' ||
		!read_line(&reader->reply, (struct cor_str){ bytes, line - 1 }))
		return fail(reader, ret_used);
	*ret_used = line + 1;
	if (reader->reply.code != COR_MEMCACHED_VALUE)
		return COR_MEMCACHED_LINE;
	if (reader->reply.bytes > reader->limit)
		return fail(reader, ret_used);
	reader->left = reader->reply.bytes + END_BYTES;
	return COR_MEMCACHED_BEGIN;
}

/* The value itself, then the two bytes behind it, which come together. */
static enum cor_memcached_event next_data(struct cor_memcached_reader *reader, const char *bytes,
	size_t len, size_t *ret_used, struct cor_str *ret_data)
{
	size_t value = reader->left > END_BYTES ? reader->left - END_BYTES : 0;

	*ret_used = 0;
	if (value > 0) {
		*ret_data = (struct cor_str){ bytes, len < value ? len : value };
		*ret_used = ret_data->len;
		reader->left -= (uint32_t)ret_data->len;
		return len > 0 ? COR_MEMCACHED_DATA : COR_MEMCACHED_MORE;
	}
	if (len < END_BYTES)
		return COR_MEMCACHED_MORE;
	if (bytes[0] != '\r' || bytes[1] != '\n')
		return fail(reader, ret_used);
	*ret_used = END_BYTES;
	reader->left = 0;
	return COR_MEMCACHED_WHOLE;
}

enum cor_memcached_event cor_memcached_read(struct cor_memcached_reader *reader, const char *bytes,
	size_t len, size_t *ret_used, struct cor_str *ret_data)
{
	if (reader->is_wrong)
		return fail(reader, ret_used);
	return reader->left != 0 ? next_data(reader, bytes, len, ret_used, ret_data)
				 : next_line(reader, bytes, len, ret_used);
}
