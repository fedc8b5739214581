/* SPDX-License-Identifier: MIT */
#include "http1/partial.h"

#include <stdlib.h>

#include "base/compiler.h"
#include "http1/refusal.h"

static struct cor_http1_partial *new_partial(const struct cor_connection *c)
{
	struct cor_http1_partial *partial = malloc(sizeof *partial);

	if (partial)
		partial->began_ns = cor_clock_now(c->loop->scheduler);
	return partial;
}

COR_OUT_OF_LINE void cor_http1_wait_for_head(
	struct cor_http1 *http1, struct cor_connection *c, const char *data, size_t len)
{
	if (!c->session)
		c->session = new_partial(c);
	if (!c->session || cor_connection_keep(c, data, len) < 0) {
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
		return;
	}
	((struct cor_http1_partial *)c->session)->parser = http1->parser;
	cor_connection_expect_rest(c);
}

COR_OUT_OF_LINE void cor_http1_forget_partial(struct cor_connection *c)
{
	free(c->session);
	c->session = NULL;
	c->phase = COR_PHASE_IDLE;
}

/* Of a head that was not accepted. */
static enum cor_refusal reason_of(int status)
{
	return status == 413 || status == 414 || status == 431 ? COR_REFUSED_LARGE
							       : COR_REFUSED_MALFORMED;
}

COR_COLD void cor_http1_refuse_head(
	const struct cor_http1 *http1, struct cor_connection *c, const char *bytes)
{
	const struct cor_head_parser *parser = &http1->parser;
	const struct cor_http1_partial *partial = c->phase == COR_PHASE_PARTIAL ? c->session : NULL;
	struct cor_refused_head refusal = {
		.bytes = bytes,
		.parser = parser,
		.began_ns = partial ? partial->began_ns
				    : cor_clock_now(http1->serving.loop->scheduler),
		.status = parser->error.status,
		.why = reason_of(parser->error.status),
		.reason = parser->error.reason,
	};

	if (partial)
		cor_http1_forget_partial(c);
	cor_http1_refuse(c, &refusal);
}

COR_COLD void cor_http1_partial_timed_out(struct cor_connection *c)
{
	const struct cor_http1_partial partial = *(const struct cor_http1_partial *)c->session;
	const struct cor_refused_head refusal = {
		.bytes = c->input ? c->input->bytes + c->input->at : NULL,
		.parser = &partial.parser,
		.began_ns = partial.began_ns,
		.status = 408,
		.why = COR_REFUSED_LATE,
		.reason = "the head of the request did not arrive in time",
	};

	cor_http1_forget_partial(c);
	cor_http1_refuse(c, &refusal);
}
