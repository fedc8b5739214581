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

int use(struct cor_ctx *ctx, const struct cor_jwt_keys *keys, const struct caller *caller,
	struct cor_str *token);
int use(struct cor_ctx *ctx, const struct cor_jwt_keys *keys, const struct caller *caller,
	struct cor_str *token)
{
#ifdef MISTAKE
	return cor_jwt_sign(ctx, keys, device_schema, caller, token,
		&(struct cor_jwt_options){ .lifetime_s = 60 });
#else
	return cor_jwt_sign(ctx, keys, caller_schema, caller, token,
		&(struct cor_jwt_options){ .lifetime_s = 60 });
#endif
}
