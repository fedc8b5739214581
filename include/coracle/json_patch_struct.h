/* SPDX-License-Identifier: MIT */
/**
 * JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396) on a struct, through its table: it is
 * encoded, patched as JSON, and decoded with every rule of the table into another struct.
 *
 *     struct cor_violations violations = { 0 };
 *     struct cor_patch_error error;
 *     struct book after;
 *     int rc = cor_patch_struct(cor_ctx_codec(ctx), arena, book_schema, book, patch, &after,
 *             &violations, &error);
 *
 * The struct that is given stays as it is: all operations count, or none. What nobody may write
 * (.access) is for you to compare afterwards: every row takes part.
 */
#ifndef CORACLE_JSON_PATCH_STRUCT_H
#define CORACLE_JSON_PATCH_STRUCT_H

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/json_node.h>
#include <coracle/json_patch.h>
#include <coracle/schema.h>
#include <coracle/violation.h>

COR_BEGIN_DECLS

/**
 * Apply a JSON Patch. Strings and arrays of *ret belong to the arena. Never yields; call from the
 * thread of codec and arena.
 *
 * Returns 0. If the patch fails, a code of cor_patch(), and *error says why. If what comes out
 * breaks the table, -COR_EINVALID with error->reason NULL: all violations are added to *violations,
 * each with its pointer into the patched struct. -COR_ETOOLARGE, too, with error->reason NULL: what
 * comes out is deeper than COR_JSON_DEPTH_MAX. Else the codes of cor_encode(), for the struct that
 * was given. After a failure *ret holds nothing of use.
 */
#define cor_patch_struct(codec, arena, schema_, value, patch, ret, violations, error)              \
	cor_patch_typed((codec), (arena), &(schema_).schema, COR_TYPED_(value, schema_), (patch),  \
		COR_TYPED_RET_(ret, schema_), (violations), (error))

/** Apply a merge patch: as above, but its own faults are only -EINVAL (it is NULL) and -ENOMEM. */
#define cor_merge_patch_struct(codec, arena, schema_, value, patch, ret, violations)               \
	cor_merge_patch_typed((codec), (arena), &(schema_).schema, COR_TYPED_(value, schema_),     \
		(patch), COR_TYPED_RET_(ret, schema_), (violations))

/* Private to the macros above. */
COR_API int cor_patch_typed(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const void *value, const struct cor_node *patch, void *ret,
	struct cor_violations *violations, struct cor_patch_error *error) COR_CHECKED;
COR_API int cor_merge_patch_typed(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const void *value, const struct cor_node *patch, void *ret,
	struct cor_violations *violations) COR_CHECKED;

COR_END_DECLS
#endif
