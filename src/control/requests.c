/* SPDX-License-Identifier: MIT */
#include "control/requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 100

static const struct cor_enum_name states[] = {
	{ "running", COR_REQUEST_RUNNING },
	{ "waiting", COR_REQUEST_WAITING },
	{ "reading", COR_REQUEST_READING },
	{ "writing", COR_REQUEST_WRITING },
	{ "holding", COR_REQUEST_HOLDING },
};

static const struct cor_field fields[] = {
	COR_FIELD(struct cor_control_request, pid, .doc = "Of its worker"),
	COR_FIELD(struct cor_control_request, thread, .doc = "Of the worker, from 0"),
	COR_FIELD(struct cor_control_request, method, .presence = COR_OPTIONAL),
	COR_FIELD(struct cor_control_request, route, .presence = COR_OPTIONAL),
	COR_FIELD(struct cor_control_request, handler, .presence = COR_OPTIONAL,
		.doc = "The name of its function"),
	COR_ENUM(struct cor_control_request, state, states,
		.doc = "`running`; `waiting` for a timer, a socket or another fiber; `reading` the "
		       "body or `writing` the answer, as fast as its client does; `holding` its "
		       "thread, so that all others there wait"),
	COR_FIELD(struct cor_control_request, waits_in, .presence = COR_OPTIONAL,
		.doc = "Of one that is `waiting`: the function in which it waits"),
	COR_FIELD(struct cor_control_request, age_s,
		.doc = "Since the end of its head; of one that is `holding`, since then"),
	COR_FIELD(struct cor_control_request, peer, .presence = COR_OPTIONAL),
	COR_FIELD(struct cor_control_request, id, .presence = COR_OPTIONAL,
		.doc = "Once somebody has asked for it"),
};
COR_LOCAL_SCHEMA(request_schema, struct cor_control_request, fields, .name = "request");

static const struct cor_field list_fields[] = {
	COR_OBJECT_ARRAY(struct cor_control_requests, items, request_schema, .key = "requests",
		.doc = "In flight, the oldest first: of each worker 64 at most"),
	COR_FIELD(struct cor_control_requests, more, .key = "more_requests",
		.doc = "In flight, but not in the list"),
	COR_ARRAY(struct cor_control_requests, silent,
		.doc = "Pids of workers that did not say what is in flight"),
};
COR_SCHEMA(cor_control_requests_schema, list_fields);

/** A worker that was asked. */
struct asked {
	const struct cor_desk *desk;
	uint32_t ring;
	int32_t pid;
	bool is_asked; /* else it does not listen, or not yet */
};

/* One that has not started yet serves nobody. */
static size_t ring_all(const struct cor_control *control, struct asked *asked)
{
	size_t len = 0;

	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++) {
		const struct cor_roster_row *row = &control->roster->rows[slot];
		struct cor_desk *desk = &control->desks->items[slot];
		int32_t pid = row->pid;
		if (pid == 0 || row->state == COR_WORKER_STARTING)
			continue;
		asked[len] = (struct asked){ .desk = desk, .pid = pid };
		asked[len].is_asked = atomic_load(&desk->pid) == pid;
		if (asked[len].is_asked)
			asked[len].ring = cor_doorbell_ring(&desk->bell);
		len++;
	}
	return len;
}

static bool has_answered(const struct asked *asked)
{
	return asked->is_asked && cor_desk_has_answered(asked->desk, asked->ring);
}

static void wait_for_answers(const struct asked *asked, size_t len)
{
	int64_t end_ns = cor_monotonic_ns() + PATIENCE_MS * INT64_C(1000000);
	size_t at = 0;

	do {
		while (at < len && (!asked[at].is_asked || has_answered(&asked[at])))
			at++;
	} while (at < len && cor_monotonic_ns() < end_ns && cor_sleep_ms(1) == 0);
}

/* "GET /books/{id}" of the board; what has no row there is known by its handler alone. */
static int name_route(struct cor_ctx *ctx, uint64_t figures, struct cor_control_request *request)
{
	const struct cor_board *board = cor_control_of(ctx)->board;

	if (figures == 0 || figures >= cor_board_rows_len(board))
		return 0;
	const char *name = board->names[figures];
	const char *blank = strchr(name, ' ');
	if (!blank)
		return 0;
	request->method = cor_printf(ctx, "%.*s", (int)(blank - name), name);
	request->route = blank + 1;
	return request->method ? 0 : -ENOMEM;
}

static int keep(struct cor_ctx *ctx, const char *text, const char **ret)
{
	if (text[0] == '\0')
		return 0;
	*ret = cor_strdup(ctx, text);
	return *ret ? 0 : -ENOMEM;
}

static int add_row(struct cor_ctx *ctx, int32_t pid, const struct cor_request_row *row,
	struct cor_control_requests *requests)
{
	struct cor_control_request request = {
		.pid = pid,
		.thread = row->thread,
		.state = row->state,
		.age_s = (double)(cor_monotonic_ns() - row->began_ns) / 1e9,
	};
	int rc = name_route(ctx, row->figures, &request);

	if (rc == 0)
		rc = keep(ctx, row->handler, &request.handler);
	if (rc == 0)
		rc = keep(ctx, row->waits_in, &request.waits_in);
	if (rc == 0)
		rc = keep(ctx, row->peer, &request.peer);
	if (rc == 0)
		rc = keep(ctx, row->id, &request.id);
	if (rc == 0)
		requests->items.items[requests->items.len++] = request;
	return rc;
}

static int add_worker(struct cor_ctx *ctx, const struct asked *asked, struct cor_request_list *list,
	struct cor_control_requests *requests)
{
	int rc = 0;

	if (!has_answered(asked)) {
		requests->silent.items[requests->silent.len++] = asked->pid;
		return 0;
	}
	cor_desk_read(asked->desk, list);
	for (uint32_t i = 0; rc == 0 && i < list->len; i++)
		rc = add_row(ctx, asked->pid, &list->rows[i], requests);
	requests->more += list->more;
	return rc;
}

static int compare_ages(const void *a, const void *b)
{
	double first = ((const struct cor_control_request *)a)->age_s;
	double second = ((const struct cor_control_request *)b)->age_s;

	return (first < second) - (first > second);
}

int cor_control_sum_workers(struct cor_ctx *ctx, struct cor_worker_sums *ret)
{
	struct asked *asked = cor_alloc(ctx, COR_SLOTS_MAX * sizeof *asked);
	struct cor_request_list *list = cor_alloc(ctx, sizeof *list);

	*ret = (struct cor_worker_sums){ 0 };
	if (!asked || !list)
		return -ENOMEM;
	size_t len = ring_all(cor_control_of(ctx), asked);
	wait_for_answers(asked, len);
	for (size_t i = 0; i < len; i++) {
		if (!has_answered(&asked[i]))
			continue;
		cor_desk_read(asked[i].desk, list);
		cor_worker_sums_add(ret, &list->sums);
	}
	return 0;
}

int cor_control_list_requests(struct cor_ctx *ctx, struct cor_control_requests *ret)
{
	struct asked *asked = cor_alloc(ctx, COR_SLOTS_MAX * sizeof *asked);
	struct cor_request_list *list = cor_alloc(ctx, sizeof *list);
	int rc = 0;

	*ret = (struct cor_control_requests){ .more = 0 };
	if (!asked || !list)
		return -ENOMEM;
	size_t len = ring_all(cor_control_of(ctx), asked);
	ret->silent.items = cor_alloc(ctx, (len + 1) * sizeof *ret->silent.items);
	ret->items.items = cor_alloc(
		ctx, (len * COR_REQUESTS_LISTED_MAX + 1) * sizeof *ret->items.items);
	if (!ret->silent.items || !ret->items.items)
		return -ENOMEM;
	wait_for_answers(asked, len);
	for (size_t i = 0; rc == 0 && i < len; i++)
		rc = add_worker(ctx, &asked[i], list, ret);
	if (rc == 0 && ret->items.len > 1)
		qsort(ret->items.items, ret->items.len, sizeof *ret->items.items, compare_ages);
	return rc;
}
