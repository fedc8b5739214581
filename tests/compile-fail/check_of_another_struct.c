/* SPDX-License-Identifier: MIT */
/* expect: a check must be int check_stay.struct cor_ctx ., const struct stay */
/* told: ^21: a check check_stay: its second argument is .*; it must be const struct stay \*$ */
#include <coracle/schema.h>

struct stay {
	int64_t from, until;
};
struct other {
	int64_t id;
};

#ifdef MISTAKE
static int check_stay(struct cor_ctx *ctx, const struct other *stay)
#else
static int check_stay(struct cor_ctx *ctx, const struct stay *stay)
#endif
{
	return ctx && stay ? 0 : -1;
}
COR_CHECK(stay_check, check_stay, struct stay);

const struct cor_schema_check *use(void);
const struct cor_schema_check *use(void)
{
	return &stay_check;
}
