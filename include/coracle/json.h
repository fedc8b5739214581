/* SPDX-License-Identifier: MIT */
/**
 * Raw JSON (RFC 8259): one value kept as text.
 *
 * As a member (`struct cor_json extra;`) it captures the bytes of any value, after checking that
 * they are well-formed JSON. On output the bytes are written as they are, after the same check.
 * Duplicate members of an object in it are kept as sent; a reader takes the last. White space
 * around the value is dropped.
 */
#ifndef CORACLE_JSON_H
#define CORACLE_JSON_H

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_JSON_DEPTH_MAX 64 /* arrays and objects inside one another, in what is read */
/*
 * The same in what is written. It is higher, so that what was read can be answered inside something
 * else. Writing takes stack for each level: at most half a KiB, which leaves three quarters of a
 * fiber's (COR_STACK_BYTES) to who called.
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
