/* SPDX-License-Identifier: MIT */
/* JSON Merge Patch: RFC 7396, section 2. */
#include <errno.h>

#include <coracle/json_patch.h>

#include "document/edit.h"
#include "document/members.h"
#include "document/node.h"

static int merge(struct cor_arena *arena, struct cor_node *target, const struct cor_node *patch);

/* The value of a member that the target does not have as an object: nulls in it are left out. */
static int merge_new(struct cor_arena *arena, struct cor_node *target, struct cor_str key,
	const struct cor_node *patch)
{
	bool is_object = patch->type == COR_JSON_OBJECT;
	struct cor_node *value = is_object ? cor_node_object(arena) : cor_node_copy(arena, patch);

	if (!value)
		return -ENOMEM;
	int rc = is_object ? merge(arena, value, patch) : 0;
	return rc < 0 ? rc : cor_node_set_text(arena, target, key, value);
}

static int merge_member(
	struct cor_arena *arena, struct cor_node *target, const struct cor_node_member *member)
{
	ptrdiff_t at = cor_members_find(target, member->key);
	struct cor_node *old = at < 0 ? NULL : target->members[at].value;

	if (member->value->type == COR_JSON_NULL) {
		if (old)
			(void)cor_node_take(target, (size_t)at);
		return 0;
	}
	if (old && old->type == COR_JSON_OBJECT && member->value->type == COR_JSON_OBJECT)
		return merge(arena, old, member->value);
	return merge_new(arena, target, member->key, member->value);
}

static int merge(struct cor_arena *arena, struct cor_node *target, const struct cor_node *patch)
{
	int rc = 0;

	for (size_t i = 0; i < patch->len && rc == 0; i++)
		rc = merge_member(arena, target, &patch->members[i]);
	return rc;
}

int cor_merge_patch(struct cor_arena *arena, const struct cor_node *document,
	const struct cor_node *patch, struct cor_node **ret)
{
	struct cor_node *root;
	int rc = 0;

	if (!patch)
		return -EINVAL;
	if (patch->type != COR_JSON_OBJECT)
		root = cor_node_copy(arena, patch);
	else if (cor_node_type(document) == COR_JSON_OBJECT)
		root = cor_node_copy(arena, document);
	else
		root = cor_node_object(arena);
	if (!root)
		return -ENOMEM;
	if (patch->type == COR_JSON_OBJECT)
		rc = merge(arena, root, patch);
	if (rc == 0)
		*ret = root;
	return rc;
}
