/* SPDX-License-Identifier: MIT */
/*
 * The input is an array of a document, a patch and a pointer. Nothing but the result changes; a
 * result can be written and read; what a pointer finds has a pointer that finds it.
 */
#include "target.h"

#include <stdlib.h>

#include <coracle/json_patch.h>
#include <coracle/json_pointer.h>

static void need(int holds)
{
	if (!holds)
		abort();
}

static void check_result(struct cor_arena *arena, const struct cor_node *result)
{
	struct cor_node *again;
	struct cor_str text;

	need(cor_node_print(arena, result, &text) == 0);
	need(cor_node_parse(arena, text, &(struct cor_node_options){ .depth_max = 128 }, &again,
		     NULL) == 0);
	need(cor_node_equal(result, again) && !cor_node_parent(result));
}

static void check_pointer(
	struct cor_arena *arena, const struct cor_node *document, const struct cor_node *pointer)
{
	struct cor_node *node, *again;
	struct cor_str text;

	if (cor_node_to_text(pointer, &text) < 0 || cor_pointer_find(document, text, &node) < 0)
		return;
	struct cor_str back = cor_pointer_of(arena, node);
	need(cor_pointer_find(document, back, &again) == 0 && again == node);
	need(cor_str_equal(back, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cor_arena arena;
	struct cor_patch_error error = { 0 };
	struct cor_node *input, *result;

	cor_arena_init(&arena, NULL, 0, (size_t)256 << 20);
	if (cor_node_parse(&arena, (struct cor_str){ (const char *)data, size }, NULL, &input,
		    NULL) == 0) {
		struct cor_node *document = cor_node_copy(&arena, cor_node_item(input, 0));
		struct cor_node *patch = cor_node_item(input, 1);
		struct cor_node *before = cor_node_copy(&arena, document);
		check_pointer(&arena, document, cor_node_item(input, 2));
		if (document && cor_patch(&arena, document, patch, &result, &error) == 0)
			check_result(&arena, result);
		else
			need(!document || error.reason);
		if (cor_merge_patch(&arena, document, patch, &result) == 0)
			check_result(&arena, result);
		need(cor_node_equal(document, before));
	}
	cor_arena_finish(&arena);
	return 0;
}
