/* SPDX-License-Identifier: MIT */
/* expect: (no member named|has no member named) .*untill */
#include <coracle/coracle.h>

struct stay {
	int64_t from, until;
};
COR_DECLARE_SCHEMA(stay_schema, struct stay);

int check_stay(struct cor_ctx *ctx, const struct stay *stay);
int check_stay(struct cor_ctx *ctx, const struct stay *stay)
{
	if (stay->until > stay->from)
		return 0;
#ifdef MISTAKE
	return cor_invalid_at(ctx, stay_schema, untill, "must be after from");
#else
	return cor_invalid_at(ctx, stay_schema, until, "must be after from");
#endif
}
