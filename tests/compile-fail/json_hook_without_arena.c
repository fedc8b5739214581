/* SPDX-License-Identifier: MIT */
/* expect: a hook on JSON must be int split_name.struct cor_ctx ., struct cor_arena ., struct */
#include <coracle/json_hook.h>

#ifdef MISTAKE
static int split_name(struct cor_ctx *ctx, struct cor_node **json)
{
	return ctx && *json ? 0 : -1;
}
#else
static int split_name(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	return ctx && arena && *json ? 0 : -1;
}
#endif
COR_JSON_HOOK(old_names, split_name);

const struct cor_json_hook *use(void);
const struct cor_json_hook *use(void)
{
	return &old_names;
}
