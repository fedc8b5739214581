/* SPDX-License-Identifier: MIT */
/**
 * Raw JSON (RFC 8259): one value kept as text.
 *
 * As a member (`struct cor_json extra;`) it captures the bytes of any value, after checking that
 * they are well-formed JSON. On output the bytes are written as they are, after the same check.
 * Duplicate members of an object in it are kept as sent; most parsers use the last one. White space
 * around the value is dropped.
 */
#ifndef CORACLE_JSON_H
#define CORACLE_JSON_H

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_JSON_DEPTH_MAX 64 /* arrays and objects inside one another, when reading */
/*
 * The same when writing. It is higher, so that an answer can hold what was read inside something
 * else. Writing takes at most half a KiB of stack a level, which leaves the caller three quarters
 * of a fiber's stack (COR_STACK_BYTES).
 */
#define COR_JSON_OUTPUT_DEPTH_MAX 128

/** What a value is, as its first byte tells. */
enum cor_json_type {
	COR_JSON_OBJECT,
	COR_JSON_ARRAY,
	COR_JSON_STRING,
	COR_JSON_NUMBER,
	COR_JSON_BOOL,
	COR_JSON_NULL,
	COR_JSON_END,   /* nothing is left */
	COR_JSON_WRONG, /* no JSON value begins like this */
};

/** Where something stands in a text, for people: see cor_json_place(). */
struct cor_json_place {
	size_t offset; /* bytes before it */
	size_t line;   /* from 1 */
	size_t column; /* from 1, in bytes */
};

struct cor_json {
	struct cor_str text; /* one JSON value, UTF-8 */
};

/**
 * Whether `text` is one well-formed JSON value with nothing but white space around it, no deeper
 * than `depth_max` (0: COR_JSON_DEPTH_MAX). Never yields; any thread; constant stack. Returns 0,
 * -COR_ESYNTAX, or -COR_ETOOLARGE (too deep); *ret_at (may be NULL) is then the offset of the first
 * byte that is wrong.
 */
COR_API int cor_json_check(struct cor_str text, unsigned depth_max, size_t *ret_at) COR_CHECKED;

/**
 * The line and the column of an offset, such as cor_json_check() tells. A line ends with its line
 * feed. It counts through the text: for messages. Never yields; any thread.
 */
COR_API struct cor_json_place cor_json_place(struct cor_str text, size_t offset);

COR_END_DECLS
#endif
