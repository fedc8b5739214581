/* SPDX-License-Identifier: MIT */
/**
 * JSON Pointer (RFC 6901): a place in a tree, as text.
 *
 *     struct cor_node *city = cor_pointer_get(person, "/addresses/0/city");
 *
 * "" is the whole tree; "/a" the member "a", "/0" the item 0 (or the member "0"); '~' in a key is
 * written "~0" and '/' is "~1". Nothing here yields; thread rules are those of json_node.h.
 */
#ifndef CORACLE_JSON_POINTER_H
#define CORACLE_JSON_POINTER_H

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/json_node.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

/** What is there; NULL for nothing, and for what is no pointer. NULL has nothing in it. */
COR_API struct cor_node *cor_pointer_get(const struct cor_node *root, const char *pointer);

/**
 * The same, with the reason. Returns 0, -COR_ESYNTAX (no pointer: it does not begin with '/', or a
 * '~' without 0 or 1), or -ENOENT; *ret is untouched then.
 */
COR_API int cor_pointer_find(
	const struct cor_node *root, struct cor_str pointer, struct cor_node **ret) COR_CHECKED;

/**
 * The pointer from the root of its tree to a node, in the arena. {"", 0} for a root, {NULL, 0}
 * without memory or for NULL.
 */
COR_API struct cor_str cor_pointer_of(struct cor_arena *arena, const struct cor_node *node);

COR_END_DECLS
#endif
