/* SPDX-License-Identifier: MIT */
/**
 * JSON as a tree in memory: for data without a schema, to look around in, to build and to edit.
 *
 *     struct cor_node *order, *first;
 *     int64_t quantity;
 *
 *     rc = cor_node_parse(arena, text, NULL, &order, &at);
 *     first = cor_node_item(cor_node_get(order, "lines"), 0);
 *     rc = cor_node_to_int64(cor_node_get(first, "quantity"), &quantity);
 *     rc = cor_node_set(arena, first, "note", cor_node_string(arena, "fragile"));
 *     rc = cor_node_print(arena, order, &text);
 *
 * A node is an object, an array or a scalar. It has one parent or none: to have it in two places,
 * copy it. Trees are at most COR_NODE_DEPTH_MAX deep, never a circle, and their objects hold each
 * key once, in the order in which they came. Numbers keep the text that they were written as:
 * 1e400, 0.10 and 18446744073709551616 come out as they went in.
 *
 * Nodes belong to the arena that they were made with, which must be the same for a whole tree; they
 * stay where they are while others are put in and taken out. What is taken out keeps its memory
 * until the arena ends. What reads takes NULL for "nothing is there", so that look-ups can be
 * chained. Nothing here yields; a tree belongs to its arena's thread, and may be read by any as
 * long as nobody writes.
 */
#ifndef CORACLE_JSON_NODE_H
#define CORACLE_JSON_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/json.h>
#include <coracle/json_write.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_NODE_DEPTH_MAX COR_JSON_OUTPUT_DEPTH_MAX /* so that what is built can be written */

struct cor_node;

/** What becomes of an object that has a key twice. */
enum cor_duplicates {
	COR_DUPLICATES_LAST = 0, /* the last value counts, in the place of the first */
	COR_DUPLICATES_REFUSED,
};

struct cor_node_options {
	/** Arrays and objects inside one another; 0: COR_JSON_DEPTH_MAX, at most
	 * COR_NODE_DEPTH_MAX. */
	unsigned depth_max;
	enum cor_duplicates duplicates;
	/** The text outlives the tree, which may point into it: it is not copied. */
	bool borrow;
};

/**
 * Parse a text. NULL for the options is the same as {0}. Returns 0, -COR_ESYNTAX, -COR_EINVALID (a
 * key twice, if refused), -COR_ETOOLARGE (too deep, or 2^32 items) or -ENOMEM. *ret_at (may be
 * NULL) is then the offset of the error, for cor_json_place(); *ret is untouched.
 */
COR_API int cor_node_parse(struct cor_arena *arena, struct cor_str text,
	const struct cor_node_options *options, struct cor_node **ret, size_t *ret_at) COR_CHECKED;

/* Looking: NULL is taken everywhere, and has nothing in it. */

/** COR_JSON_END for NULL. */
COR_API enum cor_json_type cor_node_type(const struct cor_node *node);
/** The items of an array or members of an object; else 0. */
COR_API size_t cor_node_len(const struct cor_node *node);
/** The value of a key; NULL if there is none, or no object. Quick in large objects, too. */
COR_API struct cor_node *cor_node_get(const struct cor_node *object, const char *key);
COR_API struct cor_node *cor_node_get_text(const struct cor_node *object, struct cor_str key);
/** An item from 0, or the value of a member from 0; NULL behind the last. */
COR_API struct cor_node *cor_node_item(const struct cor_node *node, size_t index);
/** The key of a member from 0; {NULL, 0} behind the last. */
COR_API struct cor_str cor_node_key(const struct cor_node *object, size_t index);
/** What it is in; NULL for a root. */
COR_API struct cor_node *cor_node_parent(const struct cor_node *node);

/*
 * The value: 0, -ENOENT (NULL), -COR_EINVALID (another type; a fraction where a whole number is
 * asked for) or -ERANGE; *ret is untouched then. 1.0 and 1e3 are whole numbers.
 */
COR_API int cor_node_to_bool(const struct cor_node *node, bool *ret) COR_CHECKED;
COR_API int cor_node_to_int64(const struct cor_node *node, int64_t *ret) COR_CHECKED;
COR_API int cor_node_to_uint64(const struct cor_node *node, uint64_t *ret) COR_CHECKED;
/** The nearest double; -ERANGE if that is infinite. */
COR_API int cor_node_to_double(const struct cor_node *node, double *ret) COR_CHECKED;
/** A number as it is written. */
COR_API int cor_node_to_number(const struct cor_node *node, struct cor_str *ret) COR_CHECKED;
/** A string; a NUL need not follow it, and U+0000 may be in it. */
COR_API int cor_node_to_text(const struct cor_node *node, struct cor_str *ret) COR_CHECKED;

/*
 * Making nodes without a parent. NULL without memory, and for what has no JSON: a double that is
 * not finite, text that is not UTF-8, a number that is not written as JSON has it. The functions
 * that put nodes somewhere take that NULL and return -EINVAL.
 */
COR_API struct cor_node *cor_node_object(struct cor_arena *arena);
COR_API struct cor_node *cor_node_array(struct cor_arena *arena);
COR_API struct cor_node *cor_node_null(struct cor_arena *arena);
COR_API struct cor_node *cor_node_bool(struct cor_arena *arena, bool value);
COR_API struct cor_node *cor_node_int64(struct cor_arena *arena, int64_t value);
COR_API struct cor_node *cor_node_uint64(struct cor_arena *arena, uint64_t value);
COR_API struct cor_node *cor_node_double(struct cor_arena *arena, double value);
/** Texts are copied. */
COR_API struct cor_node *cor_node_number(struct cor_arena *arena, struct cor_str text);
COR_API struct cor_node *cor_node_text(struct cor_arena *arena, struct cor_str value);
COR_API struct cor_node *cor_node_string(struct cor_arena *arena, const char *value);
/**
 * A copy of a whole tree, without parent, from any arena: nothing is shared. NULL also for NULL.
 */
COR_API struct cor_node *cor_node_copy(struct cor_arena *arena, const struct cor_node *node);

/*
 * Editing. The value must have no parent, and gets one. 0, -EINVAL (no object or array; the value
 * is NULL, has a parent, or holds what it is put into), -ENOENT (no such place), -COR_EINVALID (a
 * key that is not UTF-8), -COR_ETOOLARGE (deeper than COR_NODE_DEPTH_MAX) or -ENOMEM; nothing has
 * changed then. What was replaced or removed has no parent and can be put elsewhere.
 */

/** Give a key this value, in the place of its old one or behind the last. The key is copied. */
COR_API int cor_node_set(struct cor_arena *arena, struct cor_node *object, const char *key,
	struct cor_node *value) COR_CHECKED;
COR_API int cor_node_set_text(struct cor_arena *arena, struct cor_node *object, struct cor_str key,
	struct cor_node *value) COR_CHECKED;
/** Before the item of this index; at the length: behind the last. */
COR_API int cor_node_insert(struct cor_arena *arena, struct cor_node *array, size_t index,
	struct cor_node *value) COR_CHECKED;
COR_API int cor_node_append(
	struct cor_arena *arena, struct cor_node *array, struct cor_node *value) COR_CHECKED;
/** Put another in its place. */
COR_API int cor_node_replace(struct cor_node *node, struct cor_node *value) COR_CHECKED;
/** Take it out of its parent. Nothing happens to a root, or NULL. */
COR_API void cor_node_remove(struct cor_node *node);

/**
 * Whether two trees are the same: members in any order, numbers by exact value (1 is 1.0 is 10e-1,
 * -0 is 0), strings by their bytes. Exponents of more than 17 digits are all the same. NULL is only
 * NULL.
 */
COR_API bool cor_node_equal(const struct cor_node *a, const struct cor_node *b);

/** Write a tree as the next value. NULL is an error of the writer: -COR_EINVALID. */
COR_API void cor_write_node(struct cor_json_writer *writer, const struct cor_node *node);
/** Write it compactly into the arena. 0, -EINVAL (NULL) or -ENOMEM. */
COR_API int cor_node_print(
	struct cor_arena *arena, const struct cor_node *node, struct cor_str *ret) COR_CHECKED;
/**
 * Write its canonical form (RFC 8785), the same bytes for the same data, to sign or to hash: keys
 * in the order of their UTF-16, numbers as the doubles of ECMAScript, no spaces. 0, -EINVAL (NULL),
 * -ERANGE (a number that no double holds: 1e400) or -ENOMEM. As the RFC has it, digits that a
 * double does not have are lost: 2^53 + 1 is written as 2^53.
 */
COR_API int cor_node_canonical(
	struct cor_arena *arena, const struct cor_node *node, struct cor_str *ret) COR_CHECKED;

COR_END_DECLS
#endif
