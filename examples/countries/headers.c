/* SPDX-License-Identifier: MIT */
#include "headers.h"

static int add_cache_control(struct cor_ctx *ctx, struct cor_next *next)
{
	int rc = cor_next(next);

	/*
	 * After the handler, because problems must not be cached. No resource that uses this is a
	 * stream.
	 */
	return rc < 0 ? rc : cor_reply_header(ctx, "Cache-Control", "public, max-age=3600");
}
const struct cor_middleware cacheable = { .name = "cacheable", .around = add_cache_control };

static int add_server_timing(struct cor_ctx *ctx, struct cor_next *next)
{
	int64_t start_ns = cor_monotonic_ns();
	int rc = cor_next(next);
	double ms = (double)(cor_monotonic_ns() - start_ns) / 1e6;
	const char *value = cor_printf(ctx, "app;dur=%.3f", ms);
	int added = value ? cor_reply_header(ctx, "Server-Timing", value) : -ENOMEM;

	/* A stream has sent its head by now, so it has no timing. That is not an error. */
	return rc < 0 || added == -COR_ECLOSED ? rc : added;
}
const struct cor_middleware timed = { .name = "timed", .around = add_server_timing };
