/* SPDX-License-Identifier: MIT */
#include "app/attend.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "app/confinement.h"
#include "app/limits.h"
#include "app/serve.h"
#include "app/shared.h"
#include "control/control.h"
#include "runtime/clock.h"
#include "service/dispatcher.h"

/* One thread, its own address, and a service of its own; the rest is set as in a worker. */
struct attend {
	struct cor_setup setup;
	struct cor_control control;
	struct cor_segment segment;
	struct cor_roster *roster;
	struct cor_logger *loggers[2]; /* of the thread, and of the rest */
	struct cor_dispatcher *dispatcher;
	const struct cor_handler *handler;
	struct cor_signals signals;
};

/* The first process measures it; later ones must say the same, whatever they would measure. */
static uint64_t agree_on_rate(struct cor_board *board)
{
	uint64_t agreed = 0, measured;

	if (board->ticks_per_s != 0)
		return board->ticks_per_s;
	measured = cor_ticks_per_s();
	return atomic_compare_exchange_strong(&board->ticks_per_s, &agreed, measured) ? measured
										      : agreed;
}

int cor_attend_look(struct cor_segment *segment, struct cor_control *control)
{
	struct cor_sibling_table *siblings = NULL;
	struct cor_roster *roster = NULL;
	struct cor_verdict_table *verdicts = NULL;
	struct cor_desks *desks = NULL;
	struct cor_counts *counts = NULL;
	struct cor_board *board = NULL;
	struct cor_ledger *ledger = NULL, *timed = NULL;
	struct cor_stack_report *stacks = NULL;
	struct cor_breaker_table *breakers = NULL;
	struct cor_adaptive_table *adaptive_limits = NULL;
	int rc = cor_shared_board(segment, &board);

	if (rc == 0)
		rc = cor_shared_ledger(segment, &ledger);
	if (rc == 0)
		rc = cor_shared_stacks(segment, &stacks);
	if (rc == 0)
		rc = cor_shared_timed(segment, &timed);
	if (rc == 0)
		rc = cor_shared_breakers(segment, &breakers);
	if (rc == 0)
		rc = cor_shared_adaptive_limits(segment, &adaptive_limits);
	if (rc == 0)
		rc = cor_shared_roster(segment, &roster);
	if (rc == 0)
		rc = cor_shared_verdicts(segment, &verdicts);
	if (rc == 0)
		rc = cor_shared_desks(segment, &desks);
	if (rc == 0)
		rc = cor_shared_siblings(segment, &siblings);
	if (rc == 0)
		rc = cor_shared_counts(segment, 0, &counts);
	if (rc < 0)
		return rc;
	assert(board && roster);
	control->board = board;
	control->ledger = ledger;
	control->timed = timed;
	control->stacks = stacks;
	control->breakers = breakers;
	control->adaptive_limits = adaptive_limits;
	control->roster = roster;
	control->verdicts = verdicts;
	control->desks = desks;
	control->siblings = siblings;
	control->counts = counts;
	control->threads_max = COR_SHARED_THREADS_MAX;
	control->ticks_per_s = agree_on_rate(board);
	return 0;
}

static int look_at_shared(struct attend *attend)
{
	int rc = cor_segment_attach(attend->setup.child.segment, &attend->segment);

	if (rc == 0)
		rc = cor_attend_look(&attend->segment, &attend->control);
	if (rc < 0)
		return rc;
	attend->roster = attend->control.roster;
	cor_log_level_follow(&attend->roster->log_level);
	return 0;
}

static int make_ready(struct attend *attend)
{
	struct cor_arena scratch;
	int rc = look_at_shared(attend);

	if (rc < 0)
		return rc;
	attend->control.channel = attend->setup.child.channel;
	attend->control.takes_orders = strncmp(attend->setup.master.control, "unix:", 5) == 0;
	cor_control_init(&attend->control);
	attend->setup.service = &attend->control.service;
	for (size_t i = 0; i < 2 && rc == 0; i++)
		rc = cor_setup_make_logger(&attend->setup, i == 1, &attend->loggers[i]);
	if (rc < 0)
		return rc;
	const struct cor_dispatcher_options options = {
		.service = &attend->control.service,
		.state = &attend->control,
		.logger = attend->loggers[0],
	};
	cor_arena_init(&scratch, NULL, 0, 0);
	rc = cor_dispatcher_create(&options, &scratch, NULL, &attend->dispatcher);
	cor_arena_finish(&scratch);
	if (rc == 0)
		attend->handler = cor_dispatcher_handler(attend->dispatcher);
	return rc;
}

static enum cor_exit serve(struct attend *attend)
{
	struct cor_ctx of_thread = { 0 };
	struct cor_program program = {
		.thread_ctxs = &of_thread,
		.setup = &attend->setup,
		.threads = 1,
		.loggers = attend->loggers,
		.dispatchers = &attend->dispatcher,
		.handlers = &attend->handler,
	};
	const struct cor_setup *setup = &attend->setup;
	const struct cor_signals_options options = {
		.logger = cor_program_logger(&program),
		.drain_timeout_ms = setup->server.connection.drain_timeout_ms,
		.channel = setup->child.channel,
		.roster = attend->roster,
		.notify = &setup->notify,
	};
	int rc = cor_signals_open(&attend->signals, &options);

	if (rc < 0)
		return cor_setup_refused(setup, "a thread for signals", rc);
	cor_limits_prepare(setup, cor_program_logger(&program));
	cor_signals_enter(&attend->signals, COR_LIFE_SERVING);
	enum cor_exit status = cor_program_serve(&program, &attend->signals);
	cor_signals_enter(&attend->signals, COR_LIFE_STOP_HOOK);
	cor_signals_close(&attend->signals);
	return status;
}

/*
 * Probes and scrapers are not the service's clients, so its limits do not apply to them: a probe
 * gets its answer however low they are and whoever keeps a connection.
 */
static struct cor_server_settings limits_of_control(const struct cor_setup *setup)
{
	static const char *address[] = { "unix:control" }; /* the master has bound it */

	return (struct cor_server_settings){
		.http = { address, 1 },
		.threads = 1,
		.backlog = setup->server.backlog,
		.connections_max = 256,
		.unsent_limit_bytes = UINT64_C(32) << 20,
		.queue_target_ms = 5000,
		.connection = {
			.requests_per_connection = 10000,
			.connection_age_s = 3600,
			.idle_timeout_ms = 30000,
			.write_timeout_ms = 10000,
			.drain_timeout_ms = setup->server.connection.drain_timeout_ms,
		},
		.requests = {
			.header_timeout_ms = 10000,
			.body_timeout_ms = 10000,
			.request_timeout_ms = 30000,
			.request_line_bytes = 8192,
			.header_line_bytes = 8192,
			.header_block_bytes = 32768,
			.header_count = 100,
			.body_limit_bytes = 65536,
			.request_memory_bytes = 64 << 20,
		},
	};
}

static struct cor_setup setup_of_control(const struct cor_setup *setup)
{
	struct cor_setup own = *setup;

	own.server = limits_of_control(setup);
	own.addresses.items = own.server.http.items;
	own.addresses.len = own.server.http.len;
	own.spoken = NULL;
	own.app.access_log = false; /* probes come every second */
	if (own.app.log_level == COR_LOG_INFO || own.app.log_level == COR_LOG_WARNING)
		own.app.log_level = COR_LOG_ERROR; /* the master says the rest; 503 is an answer */
	return own;
}

enum cor_exit cor_attend(const struct cor_setup *setup)
{
	struct attend attend = {
		.setup = setup_of_control(setup),
		.control.of = setup->composition.whole,
		.control.composition = &setup->composition,
		.control.upstream_settings = setup->upstream_settings,
		.control.caches = setup->caches,
		.control.log_level = setup->app.log_level,
	};
	enum cor_exit status;

	cor_signals_block(&attend.signals);
	int rc = make_ready(&attend);
	if (rc < 0) {
		status = cor_setup_refused(setup, "making the control process ready", rc);
	} else {
		status = cor_confinement_drop(&attend.setup, attend.loggers[1]);
		if (status == COR_EXIT_OK)
			status = cor_confinement_enter(&attend.setup, attend.loggers[1]);
		if (status == COR_EXIT_OK)
			status = serve(&attend);
	}
	cor_dispatcher_destroy(attend.dispatcher);
	cor_logger_destroy(attend.loggers[0]);
	cor_logger_destroy(attend.loggers[1]);
	cor_log_level_follow(NULL);
	cor_segment_detach(&attend.segment);
	return status;
}
