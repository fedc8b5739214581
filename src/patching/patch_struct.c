/* SPDX-License-Identifier: MIT */
#include <coracle/json_patch_struct.h>

static int to_node(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const void *value, struct cor_node **ret)
{
	struct cor_node_options options = { .depth_max = COR_NODE_DEPTH_MAX, .borrow = true };
	struct cor_str text;
	int rc = cor_encode_json(codec, arena, schema, value, &text);

	return rc < 0 ? rc : cor_node_parse(arena, text, &options, ret, NULL);
}

static int from_node(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const struct cor_node *node, void *ret,
	struct cor_violations *violations)
{
	struct cor_str text;
	int rc = cor_node_print(arena, node, &text);

	return rc < 0 ? rc : cor_decode_json(codec, arena, schema, ret, text, violations);
}

int cor_patch_typed(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const void *value, const struct cor_node *patch, void *ret,
	struct cor_violations *violations, struct cor_patch_error *error)
{
	struct cor_node *node = NULL;
	int rc = to_node(codec, arena, schema, value, &node);

	*error = (struct cor_patch_error){ 0 };
	if (rc == 0)
		rc = cor_patch(arena, node, patch, &node, error);
	return rc < 0 ? rc : from_node(codec, arena, schema, node, ret, violations);
}

int cor_merge_patch_typed(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const void *value, const struct cor_node *patch, void *ret,
	struct cor_violations *violations)
{
	struct cor_node *node = NULL;
	int rc = to_node(codec, arena, schema, value, &node);

	if (rc == 0)
		rc = cor_merge_patch(arena, node, patch, &node);
	return rc < 0 ? rc : from_node(codec, arena, schema, node, ret, violations);
}
