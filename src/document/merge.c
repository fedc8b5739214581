/* SPDX-License-Identifier: MIT */
/* JSON Merge Patch: RFC 7396, section 2. */
#include <errno.h>

#include <coracle/json_patch.h>

#include "document/edit.h"
#include "document/members.h"
#include "document/node.h"

static int merge(struct cor_arena *arena, struct cor_node *target, const struct cor_node *patch);

/* A value where the target has no object: nulls in it are left out. */
static int make_new(struct cor_arena *arena, const struct cor_node *patch, struct cor_node **ret)
{
	bool is_object = patch->type == COR_JSON_OBJECT;

	*ret = is_object ? cor_node_object(arena) : cor_node_copy(arena, patch);
	if (!*ret)
		return -ENOMEM;
	return is_object ? merge(arena, *ret, patch) : 0;
}

/* A member that the target has. One that goes has no value until all are gone. */
static int merge_known(
	struct cor_arena *arena, struct cor_node *target, size_t at, const struct cor_node *patch)
{
	struct cor_node *old = target->members[at].value, *value;

	if (patch->type == COR_JSON_NULL) {
		target->members[at].value = NULL;
		return 0;
	}
	if (old->type == COR_JSON_OBJECT && patch->type == COR_JSON_OBJECT)
		return merge(arena, old, patch);
	int rc = make_new(arena, patch, &value);
	if (rc == 0)
		rc = cor_node_may_hold(target, value);
	if (rc == 0)
		cor_node_put(target, at, value);
	return rc;
}

/* Those that the target has; how many of the others there will be. */
static int merge_all_known(struct cor_arena *arena, struct cor_node *target,
	const struct cor_node *patch, size_t *ret_new)
{
	bool some_go = false;
	int rc = 0;

	*ret_new = 0;
	for (size_t i = 0; i < patch->len && rc == 0; i++) {
		const struct cor_node *value = patch->members[i].value;
		ptrdiff_t at = cor_members_find(target, patch->members[i].key);
		if (at >= 0)
			rc = merge_known(arena, target, (size_t)at, value);
		some_go |= at >= 0 && value->type == COR_JSON_NULL;
		*ret_new += at < 0 && value->type != COR_JSON_NULL;
	}
	if (rc == 0 && some_go)
		cor_members_compact(target);
	return rc;
}

static int fill_in(struct cor_arena *arena, struct cor_node *target,
	const struct cor_node_member *member, struct cor_node_member *ret)
{
	int rc = make_new(arena, member->value, &ret->value);

	if (rc == 0)
		rc = cor_node_may_hold(target, ret->value);
	if (rc < 0)
		return rc;
	ret->key = (struct cor_str){ cor_arena_copy(arena, member->key.data, member->key.len),
		member->key.len };
	cor_node_adopt(target, ret->value);
	return ret->key.data ? 0 : -ENOMEM;
}

/* The others, behind those that are there: their index is made once. */
static int add_new(struct cor_arena *arena, struct cor_node *target, const struct cor_node *patch,
	size_t count)
{
	int rc = cor_members_reserve(arena, target, target->len + count);
	size_t len = target->len;

	for (size_t i = 0; i < patch->len && rc == 0; i++) {
		const struct cor_node_member *member = &patch->members[i];
		if (member->value->type != COR_JSON_NULL &&
			cor_members_find(target, member->key) < 0)
			rc = fill_in(arena, target, member, &target->members[len++]);
	}
	if (rc < 0)
		return rc;
	target->len = len;
	(void)cor_members_seal(target, COR_DUPLICATES_LAST);
	return 0;
}

/* In the time of n log n for n members, whoever chooses them. */
static int merge(struct cor_arena *arena, struct cor_node *target, const struct cor_node *patch)
{
	size_t count;
	int rc = merge_all_known(arena, target, patch, &count);

	return rc < 0 || count == 0 ? rc : add_new(arena, target, patch, count);
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
