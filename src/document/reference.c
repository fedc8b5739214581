/* SPDX-License-Identifier: MIT */
#include "document/reference.h"

#include <coracle/json_pointer.h>

#define HOPS_MAX 32

const struct cor_node *cor_reference_follow(
	const struct cor_node *document, const struct cor_node *node)
{
	struct cor_str text;

	for (int hops = 0; hops < HOPS_MAX; hops++) {
		struct cor_node *found;
		if (cor_node_to_text(cor_node_get(node, "$ref"), &text) < 0)
			return node;
		if (text.len == 0 || text.data[0] != '#')
			return NULL;
		text.data++;
		text.len--;
		if (cor_pointer_find(document, text, &found) < 0)
			return NULL;
		node = found;
	}
	return NULL;
}
