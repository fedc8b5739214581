/* SPDX-License-Identifier: MIT */
/* JSON Patch: RFC 6902. Operations work on a copy of the document, which counts if all succeed. */
#include <coracle/json_patch.h>

#include <errno.h>

#include <coracle/error.h>

#include "document/node.h"
#include "document/pointer.h"

struct patching {
	struct cor_arena *arena;
	struct cor_node *root;
	const struct cor_node *operation;
	size_t copied; /* bytes, by "copy" */
	struct cor_str path;
	struct cor_str from;
	const char *reason;
};

static int fail(struct patching *patching, int error, const char *reason)
{
	patching->reason = reason;
	return error;
}

static int fail_by_code(struct patching *patching, int error)
{
	return fail(patching, error,
		error == -COR_ETOOLARGE ? "the document becomes too deep" : "no memory is left");
}

static int take_pointer(struct patching *patching, const char *name, struct cor_str *ret)
{
	struct cor_str text;

	if (cor_node_to_text(cor_node_get(patching->operation, name), &text) < 0)
		return fail(patching, -COR_EINVALID,
			name[0] == 'f' ? "\"from\" must be a string" : "\"path\" must be a string");
	*ret = text;
	if (!cor_pointer_is_valid(text))
		return fail(patching, -COR_EINVALID,
			name[0] == 'f' ? "\"from\" is no JSON Pointer"
				       : "\"path\" is no JSON Pointer");
	return 0;
}

static int take_from(struct patching *patching)
{
	return take_pointer(patching, "from", &patching->from);
}

static int take_value(struct patching *patching, const struct cor_node **ret)
{
	*ret = cor_node_get(patching->operation, "value");
	return *ret ? 0 : fail(patching, -COR_EINVALID, "\"value\" is missing");
}

static int find(struct patching *patching, struct cor_str pointer, struct cor_node **ret)
{
	if (cor_pointer_find(patching->root, pointer, ret) < 0)
		return fail(patching, -ENOENT,
			pointer.data == patching->from.data ? "nothing is at \"from\""
							    : "nothing is at \"path\"");
	return 0;
}

/* The item or member that the path names; its parent is there. */
static int put_into(struct patching *patching, struct cor_node *parent, struct cor_str token,
	struct cor_node *value)
{
	size_t index = cor_node_len(parent);
	int rc;

	if (parent->type == COR_JSON_OBJECT) {
		struct cor_str key = cor_pointer_key(patching->arena, token);
		rc = key.data ? cor_node_set_text(patching->arena, parent, key, value) : -ENOMEM;
	} else if (parent->type == COR_JSON_ARRAY) {
		if (!cor_str_equal(token, COR_STR("-")) && !cor_pointer_index(token, &index))
			return fail(patching, -ENOENT, "\"path\" has no index of an array");
		rc = cor_node_insert(patching->arena, parent, index, value);
		if (rc == -ENOENT)
			return fail(patching, rc, "\"path\" is behind the end of the array");
	} else {
		return fail(patching, -ENOENT, "\"path\" leads into what is no object or array");
	}
	return rc < 0 ? fail_by_code(patching, rc) : 0;
}

/* RFC 6902, section 4.1. */
static int put(struct patching *patching, struct cor_node *value)
{
	struct cor_str above, token;
	struct cor_node *parent;

	if (!value)
		return fail_by_code(patching, -ENOMEM);
	if (patching->path.len == 0) {
		patching->root = value;
		return 0;
	}
	cor_pointer_split(patching->path, &above, &token);
	if (cor_pointer_find(patching->root, above, &parent) < 0)
		return fail(patching, -ENOENT, "the parent of \"path\" is not there");
	return put_into(patching, parent, token, value);
}

static int do_add(struct patching *patching)
{
	const struct cor_node *value;
	int rc = take_value(patching, &value);

	return rc < 0 ? rc : put(patching, cor_node_copy(patching->arena, value));
}

static int do_remove(struct patching *patching)
{
	struct cor_node *node;
	int rc = find(patching, patching->path, &node);

	if (rc < 0)
		return rc;
	if (node == patching->root)
		return fail(patching, -COR_EINVALID, "the whole document cannot be removed");
	cor_node_remove(node);
	return 0;
}

static int do_replace(struct patching *patching)
{
	const struct cor_node *value;
	struct cor_node *node;
	int rc = take_value(patching, &value);

	if (rc == 0)
		rc = find(patching, patching->path, &node);
	if (rc < 0)
		return rc;
	struct cor_node *copy = cor_node_copy(patching->arena, value);
	if (!copy)
		return fail_by_code(patching, -ENOMEM);
	if (node == patching->root) {
		patching->root = copy;
		return 0;
	}
	rc = cor_node_replace(node, copy);
	return rc < 0 ? fail_by_code(patching, rc) : 0;
}

/* Whether `pointer` leads into what is at `above`. */
static bool is_inside(struct cor_str pointer, struct cor_str above)
{
	return pointer.len > above.len && pointer.data[above.len] == '/' &&
	       cor_str_equal((struct cor_str){ pointer.data, above.len }, above);
}

static int do_move(struct patching *patching)
{
	struct cor_node *node;
	int rc = take_from(patching);

	if (rc == 0)
		rc = find(patching, patching->from, &node);
	if (rc < 0)
		return rc;
	if (is_inside(patching->path, patching->from))
		return fail(patching, -COR_EINVALID, "nothing can be moved into itself");
	if (node == patching->root) /* and "path" is "" too */
		return 0;
	cor_node_remove(node);
	return put(patching, node);
}

/* What a copy of it takes, up to `limit`. */
static size_t weigh(const struct cor_node *node, size_t limit)
{
	size_t bytes = sizeof *node;

	if (node->type == COR_JSON_STRING || node->type == COR_JSON_NUMBER)
		return bytes + node->len;
	for (size_t i = 0; i < cor_node_len(node) && bytes <= limit; i++) {
		bytes += sizeof(struct cor_node_member) + cor_node_key(node, i).len;
		if (bytes <= limit)
			bytes += weigh(*cor_node_slot(node, i), limit - bytes);
	}
	return bytes;
}

static int do_copy(struct patching *patching)
{
	size_t left = COR_PATCH_COPY_BYTES_MAX - patching->copied;
	struct cor_node *node;
	int rc = take_from(patching);

	if (rc == 0)
		rc = find(patching, patching->from, &node);
	if (rc < 0)
		return rc;
	size_t bytes = weigh(node, left);
	if (bytes > left)
		return fail(patching, -COR_ETOOLARGE, "the patch copies more than 16 MiB");
	patching->copied += bytes;
	return put(patching, cor_node_copy(patching->arena, node));
}

static int do_test(struct patching *patching)
{
	const struct cor_node *value;
	struct cor_node *node;
	int rc = take_value(patching, &value);

	if (rc == 0)
		rc = find(patching, patching->path, &node);
	if (rc < 0)
		return rc;
	return cor_node_equal(node, value)
		       ? 0
		       : fail(patching, -ESTALE, "the value differs from that of the test");
}

static int apply(struct patching *patching)
{
	static const struct {
		struct cor_str name;
		int (*apply)(struct patching *patching);
	} operations[] = {
		{ { "add", 3 }, do_add },
		{ { "remove", 6 }, do_remove },
		{ { "replace", 7 }, do_replace },
		{ { "move", 4 }, do_move },
		{ { "copy", 4 }, do_copy },
		{ { "test", 4 }, do_test },
	};
	struct cor_str name;

	if (cor_node_type(patching->operation) != COR_JSON_OBJECT)
		return fail(patching, -COR_EINVALID, "an operation must be an object");
	if (cor_node_to_text(cor_node_get(patching->operation, "op"), &name) < 0)
		return fail(patching, -COR_EINVALID, "\"op\" must be a string");
	int rc = take_pointer(patching, "path", &patching->path);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
		if (cor_str_equal(name, operations[i].name))
			return operations[i].apply(patching);
	}
	return fail(
		patching, -COR_EINVALID, "\"op\" must be add, remove, replace, move, copy or test");
}

static int apply_all(struct patching *patching, const struct cor_node *patch, size_t *ret_index)
{
	static const struct cor_str none = { NULL, 0 };

	if (cor_node_type(patch) != COR_JSON_ARRAY)
		return fail(patching, -COR_EINVALID, "a JSON Patch must be an array");
	if (patch->len > COR_PATCH_OPERATIONS_MAX)
		return fail(patching, -COR_ETOOLARGE, "a patch has at most 1,000 operations");
	if (!patching->root)
		return fail(patching, -ENOMEM, "no memory is left");
	int rc = 0;
	for (size_t i = 0; i < patch->len && rc == 0; i++) {
		*ret_index = i;
		patching->operation = patch->items[i];
		patching->path = patching->from = none;
		rc = apply(patching);
	}
	return rc;
}

int cor_patch(struct cor_arena *arena, const struct cor_node *document,
	const struct cor_node *patch, struct cor_node **ret, struct cor_patch_error *ret_error)
{
	struct patching patching = { .arena = arena, .root = cor_node_copy(arena, document) };
	size_t index = 0;
	int rc = apply_all(&patching, patch, &index);

	if (rc == 0)
		*ret = patching.root;
	else if (ret_error)
		*ret_error = (struct cor_patch_error){ index, patching.path, patching.reason };
	return rc;
}
