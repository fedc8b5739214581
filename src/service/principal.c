/* SPDX-License-Identifier: MIT */
#include "service/principal.h"

#include <coracle/security.h>

#include "limit/pass.h"
#include "service/plan.h"

int cor_principal_find(struct cor_exchange *x, const struct cor_gate *gate, int64_t *ret_wait_ns)
{
	const struct cor_limit_counter *counter = x->ctx.environment->limits;
	const struct cor_limit *failed = cor_failed_logins_of(cor_ctx_service(&x->ctx));

	*ret_wait_ns = 0;
	if (cor_admission_of(&x->ctx))
		return 0;
	if (counter)
		*ret_wait_ns = cor_limit_wait_ns(x, counter, failed);
	if (*ret_wait_ns > 0)
		return 0;
	int rc = cor_admission_find(x, gate);
	const struct cor_admission *admission = cor_admission_of(&x->ctx);
	if (counter && admission && admission->refused)
		cor_limit_fail(x, counter, failed);
	return rc;
}

/* A middleware asks before the gate does. */
static COR_COLD void find_out(struct cor_exchange *x)
{
	const struct cor_gate *gate = &cor_action_of(x)->gate;
	int64_t wait_ns;

	if (gate->ways && cor_principal_find(x, gate, &wait_ns) < 0)
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
