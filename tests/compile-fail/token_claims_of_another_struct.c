/* SPDX-License-Identifier: MIT */
/* expect clang: .struct caller. to parameter of incompatible type .*struct device */
/* expect gcc: expected .struct device. but argument is of type .struct caller. */
#include <coracle/jwt.h>

struct caller {
	const char *sub;
};
COR_DECLARE_SCHEMA(caller_schema, struct caller);
struct device {
	int64_t serial;
};
COR_DECLARE_SCHEMA(device_schema, struct device);

int use(struct cor_ctx *ctx, const struct cor_jwt_rules *rules, const char *token,
	struct caller *caller, struct cor_jwt *jwt);
int use(struct cor_ctx *ctx, const struct cor_jwt_rules *rules, const char *token,
	struct caller *caller, struct cor_jwt *jwt)
{
#ifdef MISTAKE
	return cor_jwt_verify(ctx, rules, token, device_schema, caller, jwt);
#else
	return cor_jwt_verify(ctx, rules, token, caller_schema, caller, jwt);
#endif
}
