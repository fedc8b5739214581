/* SPDX-License-Identifier: MIT */
/**
 * JSON Lines, and the items of an array of any length, in constant memory: pieces of text go in,
 * split anywhere, and whole values come out.
 *
 *     struct cor_json_lines *lines = cor_lines_begin(arena, NULL);
 *     struct cor_str value;
 *     int rc;
 *
 *     while ((n = cor_body_read(body, buffer, sizeof buffer)) > 0) {
 *             cor_lines_feed(lines, buffer, (size_t)n);
 *             while ((rc = cor_lines_next(lines, &value)) != 0)
 *                     use(value, rc); // a value, or what is wrong with this line
 *     }
 *     cor_lines_feed_end(lines);
 *     while ((rc = cor_lines_next(lines, &value)) != 0)
 *             use(value, rc);
 *
 * A value is well-formed JSON: decode it with a table, or read it with json_pull.h or
 * json_node.h. In JSON Lines a line feed ends each value but perhaps the last; blank lines are
 * passed over. To write them, see .lines of json_write.h and cor_write_take().
 *
 * The memory is one piece, of twice .value_bytes_max at most. Nothing here yields; a splitter
 * belongs to its arena's thread.
 */
#ifndef CORACLE_JSON_LINES_H
#define CORACLE_JSON_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/json.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_LINES_VALUE_BYTES ((size_t)64 * 1024)

struct cor_json_lines;

struct cor_lines_options {
	/** The text is one array, and its items are the values. False: JSON Lines. */
	bool array;
	/** The most bytes of a line, or of an item with the white space behind it; 0:
	 * COR_LINES_VALUE_BYTES. */
	size_t value_bytes_max;
	/** Arrays and objects inside one another in a value; 0: COR_JSON_DEPTH_MAX. */
	unsigned depth_max;
};

/**
 * Begin. NULL for the options is the same as {0}. It belongs to the arena. NULL without memory:
 * the functions below do not take that.
 */
COR_API struct cor_json_lines *cor_lines_begin(
	struct cor_arena *arena, const struct cor_lines_options *options);

/**
 * The next piece of text. It must stay as it is until cor_lines_next() has returned 0; what is left
 * of the piece before is lost otherwise.
 */
COR_API void cor_lines_feed(struct cor_json_lines *lines, const void *data, size_t size);

/** No piece follows. cor_lines_next() may have one more value, or an error. */
COR_API void cor_lines_feed_end(struct cor_json_lines *lines);

/**
 * 1: *ret is the next value, without white space around it, valid until the next call. 0: there is
 * none: feed the next piece, or this was the end.
 *
 * Else an error: -COR_ESYNTAX or -COR_ETOOLARGE (too long or too deep) of this line: call it again
 * for the next. In an array nothing more can be told after an error, and -ENOMEM is the last in any
 * case: 0 follows. *ret is untouched.
 */
COR_API int cor_lines_next(struct cor_json_lines *lines, struct cor_str *ret) COR_CHECKED;

/** How many values and errors were handed out: 1 for the first. */
COR_API uint64_t cor_lines_count(const struct cor_json_lines *lines);
/** The line, from 1, in which the last value begins, or the last error is found. */
COR_API uint64_t cor_lines_number(const struct cor_json_lines *lines);
/**
 * The last error in words, such as "line 3: no JSON (at byte 17 of the value)"; valid until the
 * next call. NULL if the last call told none.
 */
COR_API const char *cor_lines_complaint(const struct cor_json_lines *lines);

COR_END_DECLS
#endif
