/* SPDX-License-Identifier: MIT */
/**
 * Reading JSON (RFC 8259) value by value, without a schema and without a tree.
 *
 * You ask for what you expect, in the order of the text:
 *
 *     struct cor_json_pull *pull = cor_pull_begin(arena, text, 0);
 *     struct cor_str key;
 *     int64_t total = 0, price = 0;
 *
 *     cor_pull_array(pull);
 *     while (cor_pull_item(pull) > 0) {
 *             cor_pull_object(pull);
 *             while (cor_pull_member(pull, &key) > 0)
 *                     if (cor_str_equal(key, COR_STR("price")))
 *                             total += cor_pull_int64(pull, &price) == 0 ? price : 0;
 *     }
 *     rc = cor_pull_end(pull); // 0, or the first error of all these calls
 *
 * Errors stay: after one, every further call returns it and reads nothing, so it is enough to look
 * at the last. Outputs are untouched on failure. A value that you do not read is skipped (and
 * checked) by the next call. Duplicate members are handed out as they come.
 *
 * The errors of all functions: -COR_ESYNTAX (not JSON), -COR_EINVALID (something else stands there
 * than was asked for), -ERANGE (a number that the type cannot hold), -COR_ETOOLARGE (too deep),
 * -EINVAL (a call in the wrong place, such as cor_pull_item() in an object), -ENOMEM.
 * cor_pull_complaint() says it in words, with line and column.
 *
 * Nothing here yields; a reader belongs to its arena's thread.
 */
#ifndef CORACLE_JSON_PULL_H
#define CORACLE_JSON_PULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/json.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

struct cor_json_pull;

/**
 * Begin to read a text, which must outlive the reader. depth_max is the most arrays and objects
 * inside one another: 0 is COR_JSON_DEPTH_MAX, and no more than 1024 are taken. The reader belongs
 * to the arena. NULL without memory: the functions below take that and return -ENOMEM.
 */
COR_API struct cor_json_pull *cor_pull_begin(
	struct cor_arena *arena, struct cor_str text, unsigned depth_max);

/**
 * What stands next. COR_JSON_END: nothing does, because the array, the object or the text has
 * ended there or the next call must be cor_pull_item() or cor_pull_member(); COR_JSON_WRONG: no
 * value begins like this, or an error stands already.
 */
COR_API enum cor_json_type cor_pull_peek(struct cor_json_pull *pull);

/** Enter an object; then cor_pull_member() until it returns 0. */
COR_API int cor_pull_object(struct cor_json_pull *pull);
/**
 * 1: *ret_key is the key of the next member, and its value stands next. 0: the object has ended,
 * and is read. Keys are as strings below.
 */
COR_API int cor_pull_member(struct cor_json_pull *pull, struct cor_str *ret_key);

/** Enter an array; then cor_pull_item() until it returns 0. */
COR_API int cor_pull_array(struct cor_json_pull *pull);
/** 1: an item stands next. 0: the array has ended, and is read. */
COR_API int cor_pull_item(struct cor_json_pull *pull);

/** Skip what is left of the innermost array or object, and leave it. */
COR_API int cor_pull_leave(struct cor_json_pull *pull);

COR_API int cor_pull_null(struct cor_json_pull *pull);
COR_API int cor_pull_bool(struct cor_json_pull *pull, bool *ret);
/**
 * A whole number, exactly; 1.0 and 1e3 are some, as in JSON Schema. -COR_EINVALID also for one with
 * a fraction.
 */
COR_API int cor_pull_int64(struct cor_json_pull *pull, int64_t *ret);
COR_API int cor_pull_uint64(struct cor_json_pull *pull, uint64_t *ret);
/** The nearest double, ties to even. -ERANGE if that is infinite. */
COR_API int cor_pull_double(struct cor_json_pull *pull, double *ret);
/** A number as it is written, of any size: part of the text. */
COR_API int cor_pull_number(struct cor_json_pull *pull, struct cor_str *ret);
/**
 * A string, its escapes resolved. It points into the text, or into the arena if there were escapes;
 * no NUL follows it, and it may hold U+0000.
 */
COR_API int cor_pull_text(struct cor_json_pull *pull, struct cor_str *ret);
/** A string as C has them, in the arena. -COR_EINVALID also for one with U+0000 in it. */
COR_API int cor_pull_string(struct cor_json_pull *pull, const char **ret);
/** Any value as it is written: part of the text. */
COR_API int cor_pull_json(struct cor_json_pull *pull, struct cor_json *ret);
/** Any value, checked and passed. */
COR_API int cor_pull_skip(struct cor_json_pull *pull);

/**
 * End: skip the value if it is not read yet, and see that nothing but white space follows. 0 or the
 * first error of all calls. -EINVAL inside an array or object.
 */
COR_API int cor_pull_end(struct cor_json_pull *pull) COR_CHECKED;

/** 0 or the error that stands. */
COR_API int cor_pull_error(const struct cor_json_pull *pull);
/** Where it is: at the error, or before what is read next. */
COR_API struct cor_json_place cor_pull_place(const struct cor_json_pull *pull);
/**
 * The error in words, such as "line 3, column 17: a whole number is expected", in the arena; NULL
 * if there is none.
 */
COR_API const char *cor_pull_complaint(const struct cor_json_pull *pull);

COR_END_DECLS
#endif
