/* SPDX-License-Identifier: MIT */
/* /status: who works, for people and their scripts. */
#include "control/status.h"

#include <errno.h>
#include <inttypes.h>

#include "control/control.h"

static const struct cor_enum_name states[] = {
	{ "starting", COR_WORKER_STARTING },
	{ "ready", COR_WORKER_READY },
	{ "leaving", COR_WORKER_LEAVING },
};

static const struct cor_field worker_fields[] = {
	COR_FIELD(struct cor_control_worker, pid),
	COR_FIELD(struct cor_control_worker, slot,
		.doc = "Its place in shared memory; its successor's, too"),
	COR_ENUM(struct cor_control_worker, state, states),
	COR_FIELD(struct cor_control_worker, age_s, .doc = "Since it was started"),
	COR_FIELD(struct cor_control_worker, generation, .doc = "Of its program and configuration"),
	COR_FIELD(struct cor_control_worker, requests, .doc = "That it has answered"),
	COR_FIELD(struct cor_control_worker, waiting, .doc = "Requests that wait for something"),
	COR_FIELD(struct cor_control_worker, connections, .doc = "That are open"),
	COR_FIELD(struct cor_control_worker, memory_bytes,
		.doc = "Resident; 0: it has just gone, or the system does not say"),
};
COR_LOCAL_SCHEMA(worker_schema, struct cor_control_worker, worker_fields);

static const struct cor_field restarts_fields[] = {
	COR_FIELD(struct cor_control_restarts, signal, .doc = "It died of one"),
	COR_FIELD(struct cor_control_restarts, exit, .doc = "It ended by itself"),
	COR_FIELD(struct cor_control_restarts, timeout, .doc = "It did not start in time"),
};
COR_LOCAL_SCHEMA(restarts_schema, struct cor_control_restarts, restarts_fields);

static const struct cor_field status_fields[] = {
	COR_FIELD(struct cor_control_status, service),
	COR_FIELD(struct cor_control_status, version, .presence = COR_OPTIONAL),
	COR_FIELD(struct cor_control_status, started),
	COR_FIELD(struct cor_control_status, master, .doc = "Its pid"),
	COR_FIELD(struct cor_control_status, wanted, .doc = "Workers"),
	COR_FIELD(struct cor_control_status, ready, .doc = "Workers that are"),
	COR_FIELD(struct cor_control_status, generation,
		.doc = "Of new workers: one more with each reload or upgrade that is tried"),
	COR_FIELD(struct cor_control_status, reloads, .doc = "That have succeeded"),
	COR_FIELD(struct cor_control_status, refusal, .presence = COR_OPTIONAL,
		.doc = "Why the last reload failed, if it has"),
	COR_FIELD(struct cor_control_status, upgrades, .doc = "That have succeeded"),
	COR_OBJECT(struct cor_control_status, restarts, restarts_schema,
		.doc = "Of workers, by their cause"),
	COR_FIELD(struct cor_control_status, ending),
	COR_OBJECT_ARRAY(struct cor_control_status, workers, worker_schema),
	COR_EMBED(struct cor_control_status, requests, cor_control_requests_schema),
};
COR_SCHEMA(cor_control_status_schema, status_fields, .name = "status");

static void add_figures(const struct cor_control *control, struct cor_control_worker *worker)
{
	const struct cor_board *board = control->board;
	uint32_t len = cor_board_blocks_len(board), rows = cor_board_rows_len(board);

	for (uint32_t i = 0; i < len; i++) {
		const struct cor_block *block = &board->blocks[i];
		if (block->slot != worker->slot)
			continue;
		worker->requests += cor_block_answers(board, block) -
				    cor_counter_read(&block->answers_before);
		for (uint32_t row = 0; row < rows; row++)
			worker->waiting += cor_gauge_read(&block->rows[row].waiting);
	}
}

static struct cor_control_worker describe(const struct cor_control *control, uint32_t slot)
{
	const struct cor_roster_row *row = &control->roster->rows[slot];
	struct cor_control_worker worker = {
		.pid = row->pid,
		.slot = slot,
		.state = row->state,
		.age_s = (double)(cor_monotonic_ns() - row->started_ns) / 1e9,
		.generation = row->generation,
		.connections = control->siblings->items[slot].connections,
		.memory_bytes = cor_control_resident_bytes(row->pid),
	};

	if (worker.memory_bytes == UINT64_MAX)
		worker.memory_bytes = 0;
	if (worker.state != COR_WORKER_STARTING)
		add_figures(control, &worker);
	return worker;
}

static int get_status(
	struct cor_ctx *ctx, const struct cor_none *in, struct cor_control_status *out)
{
	const struct cor_control *control = cor_control_of(ctx);
	const struct cor_roster *roster = control->roster;
	struct cor_control_worker *workers = cor_alloc(ctx, COR_SLOTS_MAX * sizeof *workers);

	(void)in;
	if (!workers)
		return -ENOMEM;
	*out = (struct cor_control_status){
		.service = control->of->name,
		.version = control->of->version,
		.started = { roster->started_ns / 1000000000, roster->started_ns % 1000000000 },
		.master = roster->master,
		.wanted = roster->posts,
		.ready = cor_control_count_ready(control),
		.generation = roster->generation,
		.reloads = cor_counter_read(&roster->reloads),
		.upgrades = cor_counter_read(&roster->upgrades),
		.restarts = { cor_counter_read(&roster->restarts[COR_RESTART_SIGNAL]),
			cor_counter_read(&roster->restarts[COR_RESTART_EXIT]),
			cor_counter_read(&roster->restarts[COR_RESTART_TIMEOUT]) },
		.ending = roster->is_ending != 0,
	};
	out->refusal = cor_roster_refusal_of(roster, cor_counter_read(&roster->begun_reloads));
	out->workers.items = workers;
	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++)
		if (roster->rows[slot].pid != 0)
			workers[out->workers.len++] = describe(control, slot);
	return cor_control_list_requests(ctx, &out->requests);
}
COR_OPERATION(get_status_operation, get_status, COR_NONE, cor_control_status_schema,
	.summary = "Who works");
const struct cor_resource cor_control_status = { .path = "/status", .get = &get_status_operation };
