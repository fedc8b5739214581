/* SPDX-License-Identifier: MIT */
#include <coracle/service.h>

#include "context/context.h"

const void *cor_settings_of(struct cor_ctx *ctx, const struct cor_schema *schema)
{
	const struct cor_environment *environment = ctx->environment;

	if (!environment || !environment->mounted || environment->mounted->settings != schema)
		return NULL;
	return environment->settings;
}

const struct cor_service *cor_ctx_service(struct cor_ctx *ctx)
{
	return ctx->environment ? ctx->environment->service : NULL;
}

struct cor_codec *cor_ctx_codec(struct cor_ctx *ctx)
{
	return ctx->environment ? ctx->environment->codec : NULL;
}
