/* SPDX-License-Identifier: MIT */
/**
 * The parts of a running service, put together. Private to the app folder.
 *
 * Life: open (tables checked, ready to answer) -> start hook -> serve -> stop hook -> close.
 */
#ifndef CORACLE_APP_PROGRAM_H
#define CORACLE_APP_PROGRAM_H

#include <stdatomic.h>
#include <stdbool.h>

#include "app/security.h"
#include "app/setup.h"
#include "client/upstreams.h"
#include "context/context.h"
#include "observe/logger.h"
#include "runtime/listening.h"
#include "segment/segment.h"
#include "service/cache_metrics.h"
#include "service/executor_metrics.h"
#include "service/upstream_metrics.h"
#include "service/topic_metrics.h"
#include "service/workplace.h"

struct cor_board;
struct cor_caches;
struct cor_checkup;
struct cor_roster;
struct cor_dispatcher;
struct cor_docs;
struct cor_handler;
struct cor_ledger;
struct cor_timings;
struct cor_limit_table;
struct cor_stack_report;
struct cor_tally;
struct cor_witness;

struct cor_program {
	const struct cor_setup *setup;
	struct cor_docs **docs;                            /* of each unit; NULL: switched off */
	const struct cor_resource *const **docs_resources; /* theirs */
	size_t threads;
	struct cor_logger **loggers; /* one for each thread, and one for the rest */
	struct cor_dispatcher **dispatchers;
	const struct cor_handler **handlers;
	struct cor_listening_set listening; /* zeroed: not yet, or not any more */
	struct cor_security security;       /* of listeners of --https */
	struct cor_ctx *ctxs; /* of the start and the stop hook of each member of the composition */
	/*
	 * Of those, by unit. Their log is not a server thread's: threads of the start hook may
	 * write to it.
	 */
	struct cor_environment *environments;
	size_t members_started;                         /* whose start hooks have run */
	struct cor_segment segment;                     /* of a worker */
	struct cor_roster *roster;                      /* in it; NULL: there is no master */
	struct cor_board *board;                        /* the same */
	struct cor_ledger *ledger;                      /* the same */
	struct cor_ledger *timed;                       /* the same */
	struct cor_timings *timings;                    /* of the hooks and jobs; NULL: nothing */
	struct cor_limit_table *limits;                 /* NULL: the service has none */
	struct cor_limit_table *own_limits;             /* of a process without a master */
	struct cor_breaker_table *breakers;             /* NULL: no upstream has one */
	struct cor_breaker_table *own_breakers;         /* of a process without a master */
	struct cor_adaptive_table *adaptive_limits;     /* NULL: no upstream has one */
	struct cor_adaptive_table *own_adaptive_limits; /* of a process without a master */
	struct cor_upstreams_options upstreams;         /* whom the service calls; zeroed: nobody */
	char agent[80];                                 /* as whom */
	struct cor_upstream_counter
		*calls;                    /* of threads that do not serve; NULL: it calls nobody */
	struct cor_seal_keys *cookie_keys; /* NULL: the service seals nothing */
	struct cor_stack_report *reports;  /* in it, by block */
	struct cor_stack_report **stacks;  /* of each thread; NULL among them: nobody reads it */
	struct cor_workplace workplace;    /* of the threads of its executors */
	struct cor_executor_metrics executor_metrics;
	struct cor_tally *executor_tally; /* NULL: there are no executors */
	struct cor_pools *pools;          /* from the start hook to the stop hook; NULL: none */
	bool changes_nothing;      /* it is opened for what can be seen so: nothing is served */
	struct cor_caches *caches; /* NULL: the service has none */
	struct cor_store_news cache_news; /* to the log */
	struct cor_cache_counter *kept;   /* of threads that do not serve; NULL: the same */
	struct cor_topics *topics;        /* from the start hook to the stop hook; NULL: none */
	struct cor_topic_metrics topic_metrics;
	struct cor_tally *topic_tally;  /* NULL: there are no topics */
	struct cor_tally *tally;        /* of threads that do not serve */
	struct cor_checkup *checkups;   /* one for each readiness check; NULL: nobody asks */
	size_t checkups_unknown;        /* that have not ended yet; of the first thread */
	struct cor_witness *witness;    /* NULL: nobody asks which requests are in flight */
	struct cor_ctx *thread_ctxs;    /* of the hooks of each thread, for each member */
	_Atomic bool has_thread_failed; /* a start hook of one */
	bool has_jobs_left;             /* of executors: their threads use all of this still */
	bool started;                   /* the start hook has succeeded, or there is none */
};

/** Make a logger as the settings say; a shared one is for lines of any thread. */
int cor_setup_make_logger(
	const struct cor_setup *setup, bool is_shared, struct cor_logger **ret) COR_CHECKED;

/** Check the service's tables alone, without settings. Reports everything that is wrong. */
enum cor_exit cor_program_check_tables(const struct cor_setup *setup) COR_CHECKED;

/**
 * Whether files can be made in --upload-folder, if the service takes any: better no start than a
 * 500 for the first large one. With the rights that it serves with.
 */
enum cor_exit cor_program_try_uploads(const struct cor_setup *setup) COR_CHECKED;

/**
 * Whether the folders of the service's files can be read with the rights that it serves with:
 * better no start than a 404 for each of them.
 */
enum cor_exit cor_program_try_files(const struct cor_program *program) COR_CHECKED;

/**
 * Make everything that answers, of tables that were checked. The caller zeroes *program. Reports
 * what is wrong.
 */
enum cor_exit cor_program_open(
	struct cor_program *program, const struct cor_setup *setup) COR_CHECKED;

/** Free everything. */
void cor_program_close(struct cor_program *program);

/** The logger for lines of no request and no thread of the server. */
struct cor_logger *cor_program_logger(const struct cor_program *program);

#endif
