/* SPDX-License-Identifier: MIT */
#include "connection/progress.h"

#include <string.h>

#include "connection/connection.h"

/* Put it in its place among `len` that are in their order; the youngest may fall out. */
static uint32_t insert(
	struct cor_progress *list, uint32_t len, uint32_t max, const struct cor_progress *progress)
{
	uint32_t at = len;

	while (at != 0 && list[at - 1].began_ns > progress->began_ns)
		at--;
	if (at == max)
		return len;
	if (len < max)
		len++;
	memmove(&list[at + 1], &list[at], (len - at - 1) * sizeof *list);
	list[at] = *progress;
	return len;
}

struct list {
	struct cor_progress *items;
	uint32_t len, max, all;
};

static void add(void *arg, const struct cor_progress *progress)
{
	struct list *list = arg;

	list->len = insert(list->items, list->len, list->max, progress);
	list->all++;
}

static bool works(const struct cor_connection *c)
{
	return c->phase == COR_PHASE_BUSY && c->session;
}

uint32_t cor_loop_list_progress(
	const struct cor_loop *loop, struct cor_progress *ret, uint32_t max, uint32_t *ret_more)
{
	struct list list = { .items = ret, .max = max };

	for (const struct cor_connection *c = loop->connections; c; c = c->next)
		if (works(c))
			c->protocol->describe(c->protocol, c, add, &list);
	*ret_more = list.all - list.len;
	return list.len;
}

static void add_memory(void *arg, const struct cor_progress *progress)
{
	struct cor_census *census = arg;

	census->memory_bytes += progress->memory_bytes;
}

static void count(struct cor_census *census, const struct cor_connection *c)
{
	census->idle += c->phase == COR_PHASE_IDLE;
	census->receiving += c->phase == COR_PHASE_PARTIAL;
	census->busy += c->phase == COR_PHASE_BUSY;
	census->ending += c->phase == COR_PHASE_LINGER;
	if (works(c))
		c->protocol->describe(c->protocol, c, add_memory, census);
}

void cor_loop_take_census(const struct cor_loop *loop, struct cor_census *ret)
{
	*ret = (struct cor_census){ .fibers = loop->scheduler->in_use };
	for (const struct cor_connection *c = loop->connections; c; c = c->next)
		count(ret, c);
}
