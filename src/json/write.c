/* SPDX-License-Identifier: MIT */
/*
 * A writer that knows where it is. It lends the buffer of writer.h memory of the arena, with enough
 * room for what comes, so that the buffer never grows by itself.
 */
#include <coracle/json_write.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/block.h"
#include "base/number.h"
#include "json/reader.h"
#include "json/scan.h"
#include "json/writer.h"

#define INDENT_MAX  8
#define FIRST_BYTES 256

struct cor_json_writer {
	struct cor_arena *arena;
	struct cor_block block;
	size_t len;
	struct cor_write_options options;
	int error;
	const char *complaint;
	unsigned depth;
	bool filled; /* something stands in the innermost container, or at the top */
	bool keyed;  /* a key stands, its value comes next */
	uint64_t objects[COR_JSON_DEPTH_CAP / 64]; /* a bit for each open container */
};

static void fail(struct cor_json_writer *writer, int error, const char *complaint)
{
	if (writer->error == 0) {
		writer->error = error;
		writer->complaint = complaint;
	}
}

struct cor_json_writer *cor_write_begin(
	struct cor_arena *arena, const struct cor_write_options *options)
{
	struct cor_json_writer *writer = cor_arena_zalloc(arena, sizeof *writer);

	if (!writer)
		return NULL;
	writer->arena = arena;
	if (options)
		writer->options = *options;
	if (writer->options.depth_max == 0)
		writer->options.depth_max = COR_JSON_OUTPUT_DEPTH_MAX;
	if (writer->options.depth_max > COR_JSON_DEPTH_CAP)
		writer->options.depth_max = COR_JSON_DEPTH_CAP;
	if (writer->options.indent > INDENT_MAX)
		fail(writer, -EINVAL, "an indent of more than 8 spaces");
	if (writer->options.indent > 0 && writer->options.lines)
		fail(writer, -EINVAL, ".lines writes each value in one line: without .indent");
	return writer;
}

/* That so many bytes fit behind what is written. */
static bool make_room(struct cor_json_writer *writer, size_t bytes)
{
	if (writer->error < 0)
		return false;
	size_t limit = writer->options.bytes_max;
	if (limit > 0 && bytes > limit - writer->len) {
		fail(writer, -COR_ETOOLARGE, "the text is longer than .bytes_max");
		return false;
	}
	while (bytes > writer->block.bytes - writer->len) {
		size_t used = writer->len > FIRST_BYTES ? writer->len : FIRST_BYTES;
		if (bytes > SIZE_MAX / 4 || !cor_block_grow(writer->arena, &writer->block,
						    used > bytes ? used : bytes)) {
			fail(writer, -ENOMEM, "no memory is left");
			return false;
		}
	}
	return true;
}

static void add(struct cor_json_writer *writer, const void *data, size_t bytes)
{
	if (bytes > 0 && make_room(writer, bytes)) {
		memcpy(writer->block.data + writer->len, data, bytes);
		writer->len += bytes;
	}
}

static void add_byte(struct cor_json_writer *writer, char byte)
{
	add(writer, &byte, 1);
}

static bool in_object(const struct cor_json_writer *writer)
{
	unsigned top = writer->depth - 1;

	return writer->depth > 0 && (writer->objects[top / 64] >> (top % 64) & 1);
}

static void add_line(struct cor_json_writer *writer)
{
	static const char spaces[] = "                                ";
	size_t left = (size_t)writer->options.indent * writer->depth;

	add_byte(writer, '\n');
	while (left > 0) {
		size_t part = left < sizeof spaces - 1 ? left : sizeof spaces - 1;
		add(writer, spaces, part);
		left -= part;
	}
}

/* What separates the next item or key from what stands before it. */
static void separate(struct cor_json_writer *writer)
{
	if (writer->filled)
		add_byte(writer, ',');
	if (writer->options.indent > 0)
		add_line(writer);
	writer->filled = true;
}

/* Before a value: whether one may stand here. */
static bool begin_value(struct cor_json_writer *writer)
{
	if (!writer || writer->error < 0)
		return false;
	if (in_object(writer)) {
		if (!writer->keyed)
			fail(writer, -EINVAL, "a value in an object needs cor_write_key() first");
		writer->keyed = false;
	} else if (writer->depth > 0) {
		separate(writer);
	} else {
		if (writer->filled && !writer->options.lines)
			fail(writer, -EINVAL, "a second value: one text has one, without .lines");
		writer->filled = true;
	}
	return writer->error == 0;
}

/* Behind a value. */
static void end_value(struct cor_json_writer *writer)
{
	if (writer->depth == 0 && writer->options.lines)
		add_byte(writer, '\n');
}

static void open_container(struct cor_json_writer *writer, char bracket)
{
	if (!begin_value(writer))
		return;
	if (writer->depth == writer->options.depth_max) {
		fail(writer, -COR_ETOOLARGE, "arrays and objects are deeper than .depth_max");
		return;
	}
	uint64_t bit = UINT64_C(1) << (writer->depth % 64);
	uint64_t *word = &writer->objects[writer->depth / 64];
	*word = bracket == '{' ? *word | bit : *word & ~bit;
	writer->depth++;
	writer->filled = false;
	add_byte(writer, bracket);
}

void cor_write_object(struct cor_json_writer *writer)
{
	open_container(writer, '{');
}

void cor_write_array(struct cor_json_writer *writer)
{
	open_container(writer, '[');
}

void cor_write_end(struct cor_json_writer *writer)
{
	if (!writer || writer->error < 0)
		return;
	if (writer->depth == 0 || writer->keyed) {
		fail(writer, -EINVAL,
			writer->keyed ? "cor_write_end() where a key waits for its value"
				      : "cor_write_end() where no object or array is open");
		return;
	}
	char bracket = in_object(writer) ? '}' : ']';
	writer->depth--;
	if (writer->filled && writer->options.indent > 0)
		add_line(writer);
	writer->filled = true;
	add_byte(writer, bracket);
	end_value(writer);
}

/* How long a string is with its escapes and quotes; 0 if it is not UTF-8. */
static size_t written_length(struct cor_str text)
{
	const char *at = text.data, *end = at + text.len;
	size_t len = 2;

	for (;;) {
		const char *stop = cor_json_scan_text(at, end);
		len += (size_t)(stop - at);
		if (stop == end)
			return len;
		if ((unsigned char)*stop >= 0x80)
			return 0;
		bool is_short = *stop == '"' || *stop == '\\' ||
				(*stop >= '\b' && *stop <= '\r' && *stop != '\v');
		len += is_short ? 2 : 6;
		at = stop + 1;
	}
}

static void add_string(struct cor_json_writer *writer, struct cor_str text)
{
	size_t len = text.len > 0 ? written_length(text) : 2;

	if (len == 0)
		fail(writer, -COR_EINVALID, "a text that is not UTF-8");
	if (!make_room(writer, len))
		return;
	struct cor_buffer buffer = { .data = writer->block.data + writer->len, .capacity = len };
	cor_json_write_string(&buffer, text);
	writer->len += buffer.len;
}

void cor_write_key_text(struct cor_json_writer *writer, struct cor_str key)
{
	if (!writer || writer->error < 0)
		return;
	if (!in_object(writer) || writer->keyed) {
		fail(writer, -EINVAL,
			writer->keyed ? "cor_write_key() where a key waits for its value already"
				      : "cor_write_key() outside an object");
		return;
	}
	separate(writer);
	add_string(writer, key);
	add(writer, ": ", writer->options.indent > 0 ? 2 : 1);
	writer->keyed = true;
}

void cor_write_key(struct cor_json_writer *writer, const char *key)
{
	cor_write_key_text(writer, cor_str(key));
}

static void write_plain(struct cor_json_writer *writer, const char *data, size_t len)
{
	if (!begin_value(writer))
		return;
	add(writer, data, len);
	end_value(writer);
}

void cor_write_null(struct cor_json_writer *writer)
{
	write_plain(writer, "null", 4);
}

void cor_write_bool(struct cor_json_writer *writer, bool value)
{
	write_plain(writer, value ? "true" : "false", value ? 4 : 5);
}

void cor_write_int64(struct cor_json_writer *writer, int64_t value)
{
	char out[COR_NUMBER_BYTES];

	write_plain(writer, out, cor_number_print_int64(value, out));
}

void cor_write_uint64(struct cor_json_writer *writer, uint64_t value)
{
	char out[COR_NUMBER_BYTES];

	write_plain(writer, out, cor_number_print_uint64(value, out));
}

void cor_write_double(struct cor_json_writer *writer, double value)
{
	char out[COR_NUMBER_BYTES];
	size_t len = cor_number_print_double(value, out);

	if (len == 0 && writer)
		fail(writer, -COR_EINVALID, "a double that is infinite or no number");
	write_plain(writer, out, len);
}

void cor_write_text(struct cor_json_writer *writer, struct cor_str value)
{
	if (!begin_value(writer))
		return;
	add_string(writer, value);
	end_value(writer);
}

void cor_write_string(struct cor_json_writer *writer, const char *value)
{
	if (value)
		cor_write_text(writer, cor_str(value));
	else
		cor_write_null(writer);
}

static void add_json(struct cor_json_writer *writer, struct cor_str text)
{
	struct cor_json_reader reader;
	struct cor_str raw;
	unsigned left = writer->options.depth_max - writer->depth;

	/* A reader's depth of 0 is the default, but nothing is left of the depth. */
	cor_json_reader_init(&reader, text, NULL, left > 0 ? left : 1);
	enum cor_json_type type = cor_json_peek(&reader);
	if (left == 0 && (type == COR_JSON_OBJECT || type == COR_JSON_ARRAY)) {
		fail(writer, -COR_ETOOLARGE, "raw JSON is deeper than .depth_max");
		return;
	}
	int rc = cor_json_skip(&reader, &raw);
	if (rc == 0)
		rc = cor_json_finish(&reader);
	if (rc == -COR_ETOOLARGE)
		fail(writer, rc, "raw JSON is deeper than .depth_max");
	else if (rc < 0)
		fail(writer, -COR_EINVALID, "raw JSON that is not one well-formed value");
	else if (writer->options.lines && memchr(raw.data, '\n', raw.len))
		fail(writer, -COR_EINVALID, "raw JSON with a line feed in it, in JSON Lines");
	else
		add(writer, raw.data, raw.len);
}

void cor_write_json(struct cor_json_writer *writer, struct cor_json value)
{
	if (!begin_value(writer))
		return;
	add_json(writer, value.text);
	end_value(writer);
}

int cor_write_take(struct cor_json_writer *writer, struct cor_str *ret)
{
	int rc = cor_write_error(writer);

	if (rc < 0)
		return rc;
	*ret = (struct cor_str){ writer->len > 0 ? writer->block.data : "", writer->len };
	writer->len = 0;
	return 0;
}

int cor_write_finish(struct cor_json_writer *writer, struct cor_str *ret)
{
	if (writer && writer->depth > 0)
		fail(writer, -EINVAL, "cor_write_finish() where an object or array is open");
	if (writer && !writer->filled && !writer->options.lines)
		fail(writer, -EINVAL, "cor_write_finish() where no value was written");
	return cor_write_take(writer, ret);
}

int cor_write_error(const struct cor_json_writer *writer)
{
	return writer ? writer->error : -ENOMEM;
}

const char *cor_write_complaint(const struct cor_json_writer *writer)
{
	return writer ? writer->complaint : "no memory is left";
}
