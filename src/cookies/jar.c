/* SPDX-License-Identifier: MIT */
#include "cookies/jar.h"

#include <coracle/error.h>
#include <coracle/random.h>

#include "context/context.h"

bool cor_cookie_jar_has(const struct cor_cookie_jar *jar, const struct cor_session *session)
{
	const struct cor_session *const *at = jar ? jar->sessions : NULL;

	while (at && *at && *at != session)
		at++;
	return at && *at;
}

int cor_cookie_secret_init(void *region, size_t bytes)
{
	(void)bytes;
	cor_random_fill(region, sizeof(struct cor_cookie_secret));
	return 0;
}

static const char *explain(struct cor_ctx *ctx, int rc, struct cor_arena *arena)
{
	const struct cor_problem *problem = cor_ctx_settle(ctx, rc);
	const char *why = problem->detail && problem->detail[0] ? problem->detail
								: cor_strerror(rc);

	return cor_arena_printf(arena, "%s", why);
}

int cor_cookie_keys_make(const struct cor_sealing *sealing, const char *path,
	const struct cor_cookie_secret *secret, struct cor_arena *arena, struct cor_seal_keys **ret,
	const char **ret_why)
{
	const struct cor_environment nowhere = { 0 };
	struct cor_str text = { (const char *)secret->bytes, sizeof secret->bytes };
	struct cor_ctx ctx;

	cor_ctx_init(&ctx, &nowhere, NULL, 0, 0);
	int rc = path ? sealing->keys_read(&ctx, path, ret)
		      : sealing->keys_create(&ctx, &text, 1, ret);
	if (rc < 0)
		*ret_why = explain(&ctx, rc, arena);
	cor_ctx_finish(&ctx);
	return rc;
}
