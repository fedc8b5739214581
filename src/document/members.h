/* SPDX-License-Identifier: MIT */
/**
 * The members of an object: in the order in which they came, and from COR_MEMBERS_FEW on with an
 * index sorted by key behind them, so that looking one up takes the logarithm of their number
 * whatever the keys are.
 */
#ifndef CORACLE_DOCUMENT_MEMBERS_H
#define CORACLE_DOCUMENT_MEMBERS_H

#include "document/node.h"

#define COR_MEMBERS_FEW 12 /* so many are looked through one by one */

/** Where the key is; -1 if it is not there. */
ptrdiff_t cor_members_find(const struct cor_node *object, struct cor_str key);

/** Room for so many members and their index. 0 or -ENOMEM, -COR_ETOOLARGE. */
int cor_members_reserve(struct cor_arena *arena, struct cor_node *object, size_t len);

/** Add one that is not there yet, for which there is room. */
void cor_members_add(struct cor_node *object, struct cor_str key, struct cor_node *value);

void cor_members_remove(struct cor_node *object, size_t at);

/** Take out all whose value is NULL: many in the time of a few. */
void cor_members_compact(struct cor_node *object);

/**
 * Members were filled in: make their index, and see to those that are there twice. The place of a
 * second one if they are refused, else -1.
 */
ptrdiff_t cor_members_seal(struct cor_node *object, enum cor_duplicates duplicates);

#endif
