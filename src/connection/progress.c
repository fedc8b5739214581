/* SPDX-License-Identifier: MIT */
#include "connection/progress.h"

#include "connection/connection.h"

void cor_loop_each_in_progress(const struct cor_loop *loop,
	void (*visit)(const struct cor_progress *progress, void *arg), void *arg)
{
	struct cor_progress progress;

	for (const struct cor_connection *c = loop->connections; c; c = c->next) {
		if (c->phase != COR_PHASE_BUSY || !c->session)
			continue;
		progress = (struct cor_progress){ .connection = c };
		c->protocol->describe(c->protocol, c, &progress);
		visit(&progress, arg);
	}
}
