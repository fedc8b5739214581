/* SPDX-License-Identifier: MIT */
/** Checks and hooks of schemas, called with a ctx. */
#ifndef CORACLE_HOOKS_HOOKS_H
#define CORACLE_HOOKS_HOOKS_H

#include <coracle/schema.h>
#include <coracle/violation.h>

#include "base/compiler.h"
#include "schema/decode.h"

struct cor_ctx;

/** A struct that was read, and what is wrong with it so far. */
struct cor_hooked {
	const struct cor_schema *schema;
	void *value;
	enum cor_use use; /* what it was read as */
	struct cor_violations *violations;
	struct cor_arena *arena; /* of the violations */
};

/**
 * Run the hooks of what was read: see schema/hooks.h. What checks find is added to the violations.
 * Yields where a hook does. Returns 0, or a negative code that ends the request, its problem
 * recorded if it has one.
 */
int cor_ctx_run_hooks(struct cor_ctx *ctx, const struct cor_hooked *hooked) COR_CHECKED;

/** The checks alone, which write nothing. */
int cor_ctx_run_checks(struct cor_ctx *ctx, const struct cor_hooked *hooked) COR_CHECKED;

/** JSON that came in, and what has to be known to work on it. */
struct cor_unloaded {
	const struct cor_schema *schema;
	struct cor_str text;
	enum cor_use use;
	struct cor_violations *violations;
	struct cor_arena *arena;
};

/**
 * Run .before_load of JSON before it is read: see schema/json_hooks.h. Does nothing if there is
 * none. Yields where a hook does. Returns 0, with *ret the text to read; -COR_EINVALID: hooks have
 * refused it, what they found is among the violations; or a negative code that ends the request,
 * its problem recorded if it has one.
 */
int cor_ctx_before_load(
	struct cor_ctx *ctx, const struct cor_unloaded *json, struct cor_str *ret) COR_CHECKED;

#endif
