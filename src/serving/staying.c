/* SPDX-License-Identifier: MIT */
#include "serving/staying.h"

void cor_request_stay(struct cor_exchange *x)
{
	struct cor_request *request = cor_request_of(x);

	request->oddities |= COR_REQUEST_STAYS;
	if (x->route->timeout_ms == 0)
		cor_fiber_set_deadline(request->fiber, COR_FOREVER);
	if (request->connection->loop->draining)
		cor_request_drain(request);
}

bool cor_request_was_drained(const struct cor_exchange *x)
{
	const struct cor_request *request = (const struct cor_request *)x; /* its first member */

	return (request->oddities & COR_REQUEST_DRAINS) &&
	       !cor_connection_is(request->connection, COR_CONNECTION_LOST);
}

/* Its waits return, whatever it waits for, and it ends its reply. */
void cor_request_drain(struct cor_request *request)
{
	if (!(request->oddities & COR_REQUEST_STAYS))
		return;
	request->oddities |= COR_REQUEST_DRAINS;
	cor_fiber_cancel(request->fiber);
	cor_request_wake(request);
}

void cor_request_count_staying(
	struct cor_request *request, const struct cor_serving *serving, uint16_t status)
{
	request->exchange.status = status;
	cor_clock_settle(serving->loop->scheduler);
	cor_request_count(request, serving);
}
