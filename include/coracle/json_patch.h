/* SPDX-License-Identifier: MIT */
/**
 * Changes to a tree, as JSON: JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396).
 *
 *     struct cor_patch_error error;
 *     int rc = cor_patch(arena, document, patch, &document, &error);
 *
 *     if (rc < 0)
 *             return cor_problem(ctx, 422, rc, "operation %zu at \"%.*s\": %s", error.operation,
 *                     (int)error.path.len, error.path.data, error.reason);
 *
 * Both make a new tree, which shares nothing with the two that they are given; those stay as they
 * are. Nothing here yields; thread rules are those of json_node.h.
 */
#ifndef CORACLE_JSON_PATCH_H
#define CORACLE_JSON_PATCH_H

#include <stddef.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/json_node.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_PATCH_OPERATIONS_MAX 1000 /* each may move a whole array */
/* What all "copy" operations of a patch may copy: a few lines can double a document each. */
#define COR_PATCH_COPY_BYTES_MAX (16 * 1024 * 1024)

/** Why a patch failed. */
struct cor_patch_error {
	size_t operation;    /* its index, from 0 */
	struct cor_str path; /* its "path", if it has one; part of the patch */
	const char *reason;  /* a constant */
};

/**
 * Apply the operations of a JSON Patch one after another; all of them, or none. Values are compared
 * as cor_node_equal() does. Members that RFC 6902 does not know are ignored; so is what a text has
 * before the last of two members with one name.
 *
 * Returns 0; -COR_EINVALID (it is no JSON Patch: 400), -ENOENT (a place is not there: 409 or 422),
 * -ESTALE (a "test" does not hold: 409), -COR_ETOOLARGE (a limit above, or too deep), -ENOMEM;
 * *ret is untouched then, and *ret_error (may be NULL) says why.
 */
COR_API int cor_patch(struct cor_arena *arena, const struct cor_node *document,
	const struct cor_node *patch, struct cor_node **ret,
	struct cor_patch_error *ret_error) COR_CHECKED;

/**
 * Apply a merge patch: its members replace those of the document, null removes, objects are merged.
 * A document of NULL is nothing yet. Returns 0, -EINVAL (the patch is NULL) or -ENOMEM; *ret is
 * untouched then.
 */
COR_API int cor_merge_patch(struct cor_arena *arena, const struct cor_node *document,
	const struct cor_node *patch, struct cor_node **ret) COR_CHECKED;

COR_END_DECLS
#endif
