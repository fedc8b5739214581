/* SPDX-License-Identifier: MIT */
/** Checks and hooks of schemas, called with a ctx. */
#ifndef CORACLE_SERVICE_HOOKS_H
#define CORACLE_SERVICE_HOOKS_H

#include <coracle/schema.h>
#include <coracle/violation.h>

#include "base/compiler.h"

struct cor_ctx;

/** A struct that was read, and what is wrong with it so far. */
struct cor_hooked {
	const struct cor_schema *schema;
	void *value;
	struct cor_violations *violations;
	struct cor_arena *arena; /* of the violations */
};

/**
 * Run the hooks of what was read: see schema/hooks.h. What checks find is added to the violations.
 * Yields where a hook does. Returns 0, or a negative code that ends the request, its problem
 * recorded if it has one.
 */
int cor_ctx_run_hooks(struct cor_ctx *ctx, const struct cor_hooked *hooked) COR_CHECKED;

#endif
