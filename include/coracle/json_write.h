/* SPDX-License-Identifier: MIT */
/**
 * Writing JSON (RFC 8259) value by value. Commas, colons and quotes come by themselves:
 *
 *     struct cor_json_writer *writer = cor_write_begin(arena, NULL);
 *
 *     cor_write_object(writer);
 *     cor_write_key(writer, "name");
 *     cor_write_string(writer, "Ada");
 *     cor_write_key(writer, "born");
 *     cor_write_int64(writer, 1815);
 *     cor_write_end(writer);
 *     rc = cor_write_finish(writer, &text); // {"name":"Ada","born":1815}
 *
 * Errors stay until the end: after one, further calls do nothing, and cor_write_finish() returns
 * it. They are -EINVAL (a call in the wrong place, such as a value in an object without its key),
 * -COR_EINVALID (what has no JSON: NaN, an infinity, text that is not UTF-8, raw JSON that is
 * none), -COR_ETOOLARGE (too deep, or more bytes than allowed), -ENOMEM. cor_write_complaint() says
 * it in words. That the keys of an object differ is up to you.
 *
 * The text belongs to the arena, as one piece that grows. Nothing here yields; a writer belongs to
 * its arena's thread.
 */
#ifndef CORACLE_JSON_WRITE_H
#define CORACLE_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/json.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

struct cor_json_writer;

struct cor_write_options {
	/** Spaces for each level, at most 8; a line for each member and item. 0: all in one line,
	 * without spaces. */
	unsigned indent;
	/** JSON Lines: any number of values, each with a line feed behind it. Not with indent. */
	bool lines;
	/** Arrays and objects inside one another; 0: COR_JSON_OUTPUT_DEPTH_MAX, at most 1024. */
	unsigned depth_max;
	/** The most bytes that it may hold; 0: as many as the arena has. */
	size_t bytes_max;
};

/**
 * Begin to write. NULL for the options is the same as {0}. The writer belongs to the arena. NULL
 * without memory: the functions below take that, and cor_write_finish() returns -ENOMEM.
 */
COR_API struct cor_json_writer *cor_write_begin(
	struct cor_arena *arena, const struct cor_write_options *options);

COR_API void cor_write_object(struct cor_json_writer *writer);
COR_API void cor_write_array(struct cor_json_writer *writer);
/** End the innermost object or array. */
COR_API void cor_write_end(struct cor_json_writer *writer);

/** The key of the next value, in an object. */
COR_API void cor_write_key(struct cor_json_writer *writer, const char *key);
COR_API void cor_write_key_text(struct cor_json_writer *writer, struct cor_str key);

COR_API void cor_write_null(struct cor_json_writer *writer);
COR_API void cor_write_bool(struct cor_json_writer *writer, bool value);
COR_API void cor_write_int64(struct cor_json_writer *writer, int64_t value);
COR_API void cor_write_uint64(struct cor_json_writer *writer, uint64_t value);
/** In the shortest form that reads back as the same double; 1.0 is "1.0". */
COR_API void cor_write_double(struct cor_json_writer *writer, double value);
/** NULL is null. */
COR_API void cor_write_string(struct cor_json_writer *writer, const char *value);
COR_API void cor_write_text(struct cor_json_writer *writer, struct cor_str value);
/** Raw JSON: one value, written as it is once it has been checked. */
COR_API void cor_write_json(struct cor_json_writer *writer, struct cor_json value);

/**
 * What is written so far; the writer is empty then and goes on. *ret is valid until the next call.
 * So a long text, such as a stream of JSON Lines, needs little memory. Returns 0 or the error that
 * stands.
 */
COR_API int cor_write_take(struct cor_json_writer *writer, struct cor_str *ret) COR_CHECKED;

/**
 * The end: *ret is the text (what cor_write_take() has left of it), which belongs to the arena. All
 * must be closed, and there must be one value, with .lines any number. Returns 0 or the first error
 * of all calls; *ret is untouched then. It is the last call on the writer but for the two below.
 */
COR_API int cor_write_finish(struct cor_json_writer *writer, struct cor_str *ret) COR_CHECKED;

/** 0 or the error that stands. */
COR_API int cor_write_error(const struct cor_json_writer *writer);
/** The error in words; NULL if there is none. A constant. */
COR_API const char *cor_write_complaint(const struct cor_json_writer *writer);

COR_END_DECLS
#endif
