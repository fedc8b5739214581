/* SPDX-License-Identifier: MIT */
#include <coracle/security.h>

#include "service/plan.h"

/* A middleware asks before the gate does. */
static COR_COLD void find_out(struct cor_exchange *x)
{
	const struct cor_gate *gate = &cor_action_of(x)->gate;

	if (gate->ways && cor_admission_find(x, gate) < 0)
		cor_ctx_no_memory(&x->ctx, false);
}

const void *cor_principal_of(struct cor_ctx *ctx, const struct cor_schema *schema)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	const void *principal = cor_ctx_value(ctx, schema);

	if (principal || !x || !x->route || cor_admission_of(ctx))
		return principal;
	find_out(x);
	return cor_ctx_value(ctx, schema);
}
