/* SPDX-License-Identifier: MIT */
/* A cached function of a shared library, with tables that only it names. */
#include "known.h"

static const struct cor_field pair_fields[] = {
	COR_FIELD(struct pair, a),
	COR_FIELD(struct pair, b),
};
COR_LOCAL_SCHEMA(library_pair_schema, struct pair, pair_fields);

static const struct cor_field sum_fields[] = { COR_FIELD(struct sum, sum) };
COR_LOCAL_SCHEMA(library_sum_schema, struct sum, sum_fields);

static int add(struct cor_ctx *ctx, const struct pair *in, struct sum *out)
{
	(void)ctx;
	out->sum = in->a + in->b;
	return 0;
}
COR_CACHED(add_kept, add, &sums, library_pair_schema, library_sum_schema);

__attribute__((visibility("default"))) extern add_fn library_add;

int library_add(struct cor_ctx *ctx, const struct pair *in, struct sum *out)
{
	return add_kept(ctx, in, out);
}
