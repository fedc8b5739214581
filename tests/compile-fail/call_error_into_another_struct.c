/* SPDX-License-Identifier: MIT */
/* expect clang: .struct refusal. to parameter of incompatible type .*struct price */
/* expect gcc: expected .struct price. but argument is of type .struct refusal. */
#include <coracle/client.h>

struct price {
	int64_t cents;
};
COR_DECLARE_SCHEMA(price_schema, struct price);
struct refusal {
	const char *detail;
};
COR_DECLARE_SCHEMA(refusal_schema, struct refusal);

int use(struct cor_ctx *ctx, const struct cor_upstream *shop, struct refusal *refusal);
int use(struct cor_ctx *ctx, const struct cor_upstream *shop, struct refusal *refusal)
{
	int status;

#ifdef MISTAKE
	return cor_http_get(ctx, shop, COR_NONE, NULL, COR_PATH("/"), .ret_status = &status,
		.ret_error = COR_RET(price_schema, refusal));
#else
	return cor_http_get(ctx, shop, COR_NONE, NULL, COR_PATH("/"), .ret_status = &status,
		.ret_error = COR_RET(refusal_schema, refusal));
#endif
}
