/* SPDX-License-Identifier: MIT */
#include "service/principal.h"

#include <coracle/security.h>

#include "base/compiler.h"
#include "limit/pass.h"
#include "security/credential.h"
#include "service/plan.h"

/* Whose limit counts, whoever asks. */
static const struct cor_service *service_of(const struct cor_exchange *x)
{
	const struct cor_place *place = cor_action_of(x)->place;

	return place->environment ? place->environment->mounted : x->ctx.environment->mounted;
}

/* The schemes find the state of the service that declares them. */
static int find_in_service(struct cor_exchange *x, const struct cor_gate *gate)
{
	const struct cor_environment *before = x->ctx.environment;

	if (gate->guard->environment)
		x->ctx.environment = gate->guard->environment;
	int rc = cor_admission_find(x, gate);
	x->ctx.environment = before;
	return rc;
}

/* Ways of one scheme that differ in their scopes have asked it once. */
static COR_COLD void count_refused(
	const struct cor_limit_counter *counter, const struct cor_security *ways, uint32_t refused)
{
	for (uint32_t i = 0; ways[i].scheme; i++)
		if ((refused & 1U << (i & 31)) && (i == 0 || ways[i].scheme != ways[i - 1].scheme))
			cor_limit_tally_add(&counter->failed, cor_scheme_name(ways[i].scheme));
}

int cor_principal_find(struct cor_exchange *x, const struct cor_gate *gate, int64_t *ret_wait_ns)
{
	const struct cor_limit_counter *counter = x->ctx.environment->limits;
	const struct cor_limit *failed = cor_failed_logins_of(service_of(x));

	*ret_wait_ns = 0;
	if (cor_admission_of(&x->ctx))
		return 0;
	if (counter)
		*ret_wait_ns = cor_limit_wait_ns(x, counter, failed);
	if (*ret_wait_ns > 0)
		return 0;
	int rc = find_in_service(x, gate);
	const struct cor_admission *admission = cor_admission_of(&x->ctx);
	if (counter && admission && admission->refused) {
		cor_limit_fail(x, counter, failed);
		count_refused(counter, gate->ways, admission->refused);
	}
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
	const void *principal = cor_ctx_find_value(ctx, schema);

	cor_ctx_look_who(ctx, "cor_principal");
	if (principal || !x || !x->route || cor_admission_of(ctx))
		return principal;
	find_out(x);
	return cor_ctx_find_value(ctx, schema);
}
