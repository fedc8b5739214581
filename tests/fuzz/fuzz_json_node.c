/* SPDX-License-Identifier: MIT */
/*
 * Whatever the text, the tree has the checker's verdict; what is printed reads back as the same
 * tree, by both ways and as its copy; the canonical form of the canonical form is itself.
 */
#include "target.h"

#include <stdlib.h>

#include <coracle/json_node.h>

static void need(int holds)
{
	if (!holds)
		abort();
}

static void check_canonical(struct cor_arena *arena, const struct cor_node *node)
{
	struct cor_str once, twice;
	struct cor_node *again;

	if (cor_node_canonical(arena, node, &once) != 0)
		return;
	need(cor_node_parse(arena, once, &(struct cor_node_options){ .depth_max = 128 }, &again,
		     NULL) == 0);
	need(cor_node_canonical(arena, again, &twice) == 0);
	need(cor_str_equal(once, twice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cor_arena arena = { 0 };
	struct cor_str text = { (const char *)data, size }, out;
	struct cor_node *node, *again;
	size_t at = SIZE_MAX, wrong = SIZE_MAX;
	int rc = cor_node_parse(&arena, text, NULL, &node, &at);

	need(rc == cor_json_check(text, 0, &wrong) && at == wrong);
	if (rc == 0) {
		struct cor_node *copy = cor_node_copy(&arena, node);
		need(cor_node_equal(node, copy) && cor_node_equal(copy, node));
		need(cor_node_print(&arena, copy, &out) == 0);
		need(cor_node_parse(&arena, out, NULL, &again, NULL) == 0);
		need(cor_node_equal(node, again));
		check_canonical(&arena, node);
		while (cor_node_len(node) > 0)
			cor_node_remove(cor_node_item(node, cor_node_len(node) / 2));
	}
	cor_arena_finish(&arena);
	return 0;
}
