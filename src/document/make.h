/* SPDX-License-Identifier: MIT */
/** Nodes that are not parsed. */
#ifndef CORACLE_DOCUMENT_MAKE_H
#define CORACLE_DOCUMENT_MAKE_H

#include <coracle/json_node.h>

/** A node of this type with nothing in it; NULL without memory. */
struct cor_node *cor_node_new(struct cor_arena *arena, enum cor_json_type type);

#endif
