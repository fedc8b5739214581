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

COR_END_DECLS
#endif
