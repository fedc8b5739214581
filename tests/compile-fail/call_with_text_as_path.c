/* SPDX-License-Identifier: MIT */
/* expect: struct cor_path_without_COR_PATH */
#include <coracle/client.h>

int use(struct cor_ctx *ctx, const struct cor_upstream *shop, const char *path);
int use(struct cor_ctx *ctx, const struct cor_upstream *shop, const char *path)
{
#ifdef MISTAKE
	return cor_http_get(ctx, shop, COR_NONE, NULL, path);
#else
	return cor_http_get(ctx, shop, COR_NONE, NULL, COR_PATH("/{}", path));
#endif
}
