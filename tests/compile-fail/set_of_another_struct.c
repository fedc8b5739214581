/* SPDX-License-Identifier: MIT */
/* expect: struct book */
#include <coracle/coracle.h>

struct user {
	int64_t id;
};
static const struct cor_field user_fields[] = { COR_FIELD(struct user, id) };
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

struct book {
	int64_t id;
};

int hand_on(struct cor_ctx *ctx);
int hand_on(struct cor_ctx *ctx)
{
#ifdef MISTAKE
	struct book value = { 1 };
#else
	struct user value = { 1 };
#endif
	return cor_ctx_set(ctx, user_schema, &value);
}
