/* SPDX-License-Identifier: MIT */
/**
 * Hooks of schemas on JSON: .before_load, on the way in from the outermost value to the innermost,
 * and .after_dump, on the way out. Private to the library.
 *
 * The text becomes a tree, in which the plans say what has a hook, and a text again. One thread,
 * the codec's.
 */
#ifndef CORACLE_SCHEMA_JSON_HOOKS_H
#define CORACLE_SCHEMA_JSON_HOOKS_H

#include <coracle/json_hook.h>
#include <coracle/schema.h>

#include "base/buffer.h"
#include "schema/plan.h"

/** How .before_load is called: the schema folder knows nothing of problems. */
struct cor_json_hook_caller {
	/* For the value at the JSON Pointer `where`. 0, or a negative code that ends it all. */
	int (*call)(struct cor_json_hook_caller *caller, const struct cor_json_hook *hook,
		struct cor_node **json, const char *where);
	struct cor_arena *arena; /* of the tree, and of what comes out */
};

/** Find out which plans have hooks, or hold values that have some. */
void cor_codec_spread_json_hooks(struct cor_codec *codec);

/** Whether what is read by the schema, or by any of the codec's, may have one. */
bool cor_schema_is_hooked(const struct cor_codec *codec, const struct cor_schema *schema);
bool cor_codec_is_hooked(const struct cor_codec *codec);

/**
 * Run .before_load on a request's JSON. What cannot be parsed, or has a member twice, stays as it
 * is: the decoder says so. Yields where a hook does. Returns 0, what a call returned, -ENOMEM, or
 * -COR_ETOOLARGE (a hook has made it too deep); *ret is untouched then.
 */
int cor_json_hooks_load(struct cor_codec *codec, const struct cor_schema *schema,
	struct cor_str text, struct cor_json_hook_caller *caller, struct cor_str *ret) COR_CHECKED;

/**
 * Run .after_dump on the answer that begins at `from` of the buffer. Never yields. Returns 0, what
 * a hook returned, -ENOMEM, -COR_ETOOLARGE, or -COR_ESYNTAX (raw JSON has broken the text); *ret
 * then names the hook, or is NULL.
 */
int cor_json_hooks_dump(const struct cor_plan *plan, struct cor_ctx *ctx, struct cor_buffer *buffer,
	size_t from, const struct cor_json_hook **ret) COR_CHECKED;

#endif
