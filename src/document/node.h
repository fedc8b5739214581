/* SPDX-License-Identifier: MIT */
/**
 * What a node is. See docs/adr/0044: texts for numbers, items that do not move, and an index only
 * for large objects.
 */
#ifndef CORACLE_DOCUMENT_NODE_H
#define CORACLE_DOCUMENT_NODE_H

#include <coracle/json_node.h>

struct cor_node_member {
	struct cor_str key;
	struct cor_node *value;
};

struct cor_node {
	struct cor_node *parent;
	union {
		const char *text; /* of a string, its escapes resolved, or of a number */
		struct cor_node **items;
		struct cor_node_member *members; /* and behind them their index: members.h */
		bool truth;
	};
	size_t len;        /* bytes, items or members */
	uint32_t capacity; /* items or members that there is room for */
	uint8_t type;      /* enum cor_json_type */
	uint8_t height;    /* 0 for scalars, at least 1 + the largest below it for others */
};

#define COR_NODE_LEN_MAX ((size_t)UINT32_MAX / 2)

static inline bool cor_node_is_container(const struct cor_node *node)
{
	return node->type == COR_JSON_OBJECT || node->type == COR_JSON_ARRAY;
}

/** The value at this place of an array or object. */
static inline struct cor_node **cor_node_slot(const struct cor_node *node, size_t index)
{
	return node->type == COR_JSON_ARRAY ? &node->items[index] : &node->members[index].value;
}

#endif
