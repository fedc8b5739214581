/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "context/context.h"

/* The newest hides the others: a child's list goes on in its parent's, which nobody changes. */
int cor_ctx_set_value(
	struct cor_ctx *ctx, const struct cor_schema *schema, size_t bytes, const void *value)
{
	struct cor_ctx_value *added = cor_arena_alloc(&ctx->arena, sizeof *added);
	void *copy = cor_arena_copy(&ctx->arena, value, bytes);

	if (!added || !copy)
		return -ENOMEM;
	*added = (struct cor_ctx_value){ .next = ctx->values, .schema = schema, .value = copy };
	ctx->values = added;
	return 0;
}

const void *cor_ctx_find_value(const struct cor_ctx *ctx, const struct cor_schema *schema)
{
	const struct cor_ctx_value *at = ctx->values;

	while (at && at->schema != schema)
		at = at->next;
	return at ? at->value : NULL;
}

const void *cor_ctx_value(const struct cor_ctx *ctx, const struct cor_schema *schema)
{
	cor_ctx_look(ctx, "cor_ctx_get");
	return cor_ctx_find_value(ctx, schema);
}
