/* SPDX-License-Identifier: MIT */
#include "context/context.h"

/* Stands among the values of a ctx, so that a request that nobody watches does nothing for it. */
static const char watch_key;

struct cor_ctx_watch **cor_ctx_watch_begin(struct cor_ctx *ctx, struct cor_ctx_watch *watch)
{
	struct cor_ctx_value *added = cor_arena_alloc(&ctx->arena, sizeof *added);
	struct cor_ctx_watch **watching = cor_arena_alloc(&ctx->arena, sizeof *watching);

	if (!added || !watching)
		return NULL;
	*watching = watch;
	*added = (struct cor_ctx_value){
		.next = ctx->values, .schema = (const void *)&watch_key, .value = watching
	};
	ctx->values = added;
	return watching;
}

/* Not taken off the list, which may have become another's by now. */
void cor_ctx_watch_end(struct cor_ctx_watch **watching)
{
	*watching = NULL;
}

struct cor_ctx_watch *cor_ctx_watched(const struct cor_ctx *ctx)
{
	struct cor_ctx_watch *const *watching = cor_ctx_find_value(ctx, (const void *)&watch_key);

	return watching ? *watching : NULL;
}

void cor_ctx_note_look(const struct cor_ctx *ctx, enum cor_look at, const char *call)
{
	struct cor_ctx_watch *watch = cor_ctx_watched(ctx);

	if (watch && !watch->looked_by && !(at == COR_LOOK_WHO && watch->has_principal) &&
		!(at == COR_LOOK_TARGET && watch->has_target))
		watch->looked_by = call;
}
