/* SPDX-License-Identifier: MIT */
#include "odd_source.h"

#include <stdlib.h>
#include <string.h>

#include <coracle/clock.h>

struct source source;

int load(struct cor_ctx *ctx, const void *arg, void *ret)
{
	struct price *price = ret;

	(void)ctx;
	(void)arg;
	if (++source.calls > 100)
		abort();
	int rc = cor_sleep_ms(source.takes_ms);
	*price = (struct price){ 100 + source.calls, "CHF" };
	return rc < 0 ? rc : source.rc;
}

int get_price(struct cor_ctx *ctx, const struct pair *in, struct price *out)
{
	return load(ctx, in, out);
}

void begin(int64_t takes_ms)
{
	memset(&source, 0, sizeof source);
	source.takes_ms = takes_ms;
}
