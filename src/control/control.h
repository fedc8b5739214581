/* SPDX-License-Identifier: MIT */
/**
 * The operator's side of a service, as a service of its own: /metrics, /live, /ready, /startup and
 * /status. It reads what workers and the master have written into shared memory, so no worker has a
 * part in an answer, however busy or broken it is. /reload, /stop and /log-level are orders.
 */
#ifndef CORACLE_CONTROL_CONTROL_H
#define CORACLE_CONTROL_CONTROL_H

#include <coracle/service.h>

#include "connection/counts.h"
#include "connection/siblings.h"
#include "figures/board.h"
#include "figures/ledger.h"
#include "master/roster.h"
#include "report/requests.h"
#include "report/verdicts.h"
#include "runtime/stack.h"
#include "service/composition.h"

struct cor_adaptive_table;
struct cor_breaker_table;
struct cor_upstream_settings;

/** What it reads, all of it in shared memory but the service. */
struct cor_control {
	const struct cor_service *of;              /* the service that it reports on */
	const struct cor_composition *composition; /* of it, with what is mounted in it */
	/* Where its upstreams are, in their order; NULL: they are where they say. */
	const struct cor_upstream_settings *upstream_settings;
	const struct cor_cache *caches; /* of it, as the settings have them; NULL: it has none */
	const struct cor_board *board;
	const struct cor_ledger *ledger;
	const struct cor_ledger *timed;
	const struct cor_stack_report *stacks; /* by block of the board */
	const struct cor_breaker_table *breakers;
	const struct cor_adaptive_table *adaptive_limits;
	struct cor_roster *roster;
	const struct cor_verdict_table *verdicts;
	struct cor_desks *desks; /* it rings there */
	const struct cor_sibling_table *siblings;
	const struct cor_counts *counts; /* of all slots, threads_max for each */
	uint32_t threads_max;
	uint64_t ticks_per_s;       /* of the processor: never another one, or sums would go back */
	int channel;                /* to the master, which obeys */
	bool takes_orders;          /* only those who may use its socket reach it */
	uint32_t log_level;         /* as configured: enum cor_log_level */
	struct cor_service service; /* the one that answers; its state is this struct */
};

/** Set the service, when all else is set. */
void cor_control_init(struct cor_control *control);

/** The one that a ctx of its service belongs to. */
const struct cor_control *cor_control_of(struct cor_ctx *ctx);

/** What the threads of a slot have counted, added to *sum. */
void cor_control_add_counts(
	const struct cor_control *control, uint32_t slot, struct cor_counts *sum);

/**
 * The memory of a process that is in RAM. 0: it has died, whether or not its master knows.
 * UINT64_MAX: the system does not say.
 */
uint64_t cor_control_resident_bytes(int32_t pid);

/** How many workers are ready, live, and do not end. */
uint32_t cor_control_count_ready(const struct cor_control *control);

/* The resources, each in a file of its own. */
extern const struct cor_resource cor_control_metrics;
extern const struct cor_resource cor_control_live;
extern const struct cor_resource cor_control_ready;
extern const struct cor_resource cor_control_startup;
extern const struct cor_resource cor_control_status;
extern const struct cor_resource cor_control_timed;
extern const struct cor_resource cor_control_reload;
extern const struct cor_resource cor_control_stop;
extern const struct cor_resource cor_control_log_level;

#endif
