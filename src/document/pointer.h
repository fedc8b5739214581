/* SPDX-License-Identifier: MIT */
/** The parts of a JSON Pointer (RFC 6901). */
#ifndef CORACLE_DOCUMENT_POINTER_H
#define CORACLE_DOCUMENT_POINTER_H

#include <coracle/json_pointer.h>

/** Whether it has the grammar of section 3. */
bool cor_pointer_is_valid(struct cor_str pointer);

/** Take the first token, escapes and all, off a valid pointer; false if none is left. */
bool cor_pointer_take(struct cor_str *pointer, struct cor_str *ret_token);

/** Split a valid pointer that is not "" before its last token. */
void cor_pointer_split(
	struct cor_str pointer, struct cor_str *ret_parent, struct cor_str *ret_token);

/** The key that a token stands for: itself, or in the arena. {NULL, 0} without memory. */
struct cor_str cor_pointer_key(struct cor_arena *arena, struct cor_str token);

/** The index that a token stands for: digits without a zero in front. False: it is none. */
bool cor_pointer_index(struct cor_str token, size_t *ret);

/** The place of what a token names in a node, or -1. */
ptrdiff_t cor_pointer_step(const struct cor_node *node, struct cor_str token);

#endif
