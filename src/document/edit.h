/* SPDX-License-Identifier: MIT */
/** Putting nodes into one another, once what public functions check is known. */
#ifndef CORACLE_DOCUMENT_EDIT_H
#define CORACLE_DOCUMENT_EDIT_H

#include <coracle/json_node.h>

/** Whether a parent (NULL: none) may take a value: the errors of editing. */
int cor_node_may_hold(const struct cor_node *parent, struct cor_node *value);

/** The parent has the value from now on: what above it is higher for that. */
void cor_node_adopt(struct cor_node *parent, struct cor_node *value);

/** Put another value at this place of its parent, checked before. */
void cor_node_put(struct cor_node *parent, size_t index, struct cor_node *value);

/** Take out what is at this place. */
struct cor_node *cor_node_take(struct cor_node *parent, size_t index);

#endif
