/* SPDX-License-Identifier: MIT */
/**
 * A service made ready to answer: router, codec, and the handler that the server calls. One for
 * each thread.
 *
 * Making it checks the whole service. All contradictions are reported together, each with its
 * culprits.
 */
#ifndef CORACLE_SERVICE_DISPATCHER_H
#define CORACLE_SERVICE_DISPATCHER_H

#include <coracle/service.h>

#include "context/context.h"
#include "exchange/exchange.h"
#include "figures/board.h"
#include "figures/ledger.h"
#include "service/development.h"
#include "service/told_times.h"

struct cor_caches;
struct cor_composition;
struct cor_dispatcher;
struct cor_file_server;
struct cor_place;
struct cor_seal_keys;
struct cor_upstreams_options;

struct cor_dispatcher_options {
	const struct cor_service *service;
	/**
	 * NULL, or resources besides their own for each unit of the composition (composition.h): a
	 * list with NULL at its end, or NULL.
	 */
	const struct cor_resource *const *const *extra;
	/**
	 * NULL, or paths that each service's own resources must leave free, NULL at the end, and
	 * what to say of one that does not: "the documentation, which --docs off turns off".
	 */
	const char *const *reserved;
	const char *reserved_for;
	const void *settings; /* of service->settings' schema */
	/** Of each member of the composition; NULL: .settings is all there is. */
	const void *const *member_settings;
	/** Open the folders of its .files, which otherwise must not be asked for. */
	bool opens_files;
	void *state;                   /* may be filled in later: see the environment */
	const struct cor_pools *pools; /* NULL: none, or filled in later */
	struct cor_logger *logger;
	enum cor_answer_checks answer_checks;
	const struct cor_upload_limits *uploads; /* NULL: as by default */
	/** Where requests are counted by operation, and this thread's part; NULL: nowhere. */
	struct cor_board *board;
	struct cor_block *block;
	/** What is used of limits, by whom; NULL: in memory of its own. */
	struct cor_limit_table *limits;
	/** What cookies are sealed with; NULL: keys that nobody else has. */
	const struct cor_seal_keys *cookie_keys;
	/** Whom the service calls, and how; NULL: its .upstreams, as they are written. */
	const struct cor_upstreams_options *upstreams;
	/** What the service keeps; NULL: nothing, or filled in later. */
	struct cor_caches *caches;
	/** Where the service counts itself, as which writer; NULL: in memory of its own. */
	struct cor_ledger *ledger;
	struct cor_ledger *timed; /* the same for what it times */
	bool times_nothing;
	struct cor_told_times tells; /* to clients */
	struct cor_development development;
	uint32_t slot, thread;
};

/**
 * Make it. Everything in the options is borrowed and outlives it (the options struct itself does
 * not have to). Never yields. Returns 0, -ENOMEM, or -COR_ETABLE: then *why (may be NULL; its
 * memory is the arena's) says for each contradiction where it is (the path of the resource, with
 * the verb) and what to do. The caller owns *ret.
 */
int cor_dispatcher_create(const struct cor_dispatcher_options *options, struct cor_arena *arena,
	struct cor_violations *why, struct cor_dispatcher **ret) COR_CHECKED;

/** Free it; no request may be in flight. NULL is allowed. */
void cor_dispatcher_destroy(struct cor_dispatcher *dispatcher);

/** What the server calls. Lives as long as the dispatcher. */
const struct cor_handler *cor_dispatcher_handler(const struct cor_dispatcher *dispatcher);

/** All places where something is, in no order: the first of a list. NULL: there are none. */
const struct cor_place *cor_dispatcher_places(const struct cor_dispatcher *dispatcher);

/** The service with all that are mounted in it. */
const struct cor_composition *cor_dispatcher_composition(const struct cor_dispatcher *dispatcher);

/**
 * Of the service's files, the next behind `before` (NULL: the first) whose folder was opened and
 * may not be read by this process. NULL: there is none.
 */
const struct cor_file_server *cor_dispatcher_denied_files(
	const struct cor_dispatcher *dispatcher, const struct cor_file_server *before);

/**
 * What every ctx of this thread shares: for the ctx of the start hook, which comes before the state
 * is there. The state may be set here until the first request.
 */
struct cor_environment *cor_dispatcher_environment(struct cor_dispatcher *dispatcher);

/** The same for a member of the composition, where it is mounted first. */
struct cor_environment *cor_dispatcher_member(struct cor_dispatcher *dispatcher, size_t member);

/**
 * What hooks of a member have made, wherever it is mounted; services in it that have no such hook
 * share it.
 */
void cor_dispatcher_set_state(struct cor_dispatcher *dispatcher, size_t member, void *state);
void cor_dispatcher_set_thread_state(struct cor_dispatcher *dispatcher, size_t member, void *state);

/** What all members share. */
void cor_dispatcher_set_pools(struct cor_dispatcher *dispatcher, const struct cor_pools *pools);
void cor_dispatcher_set_topics(struct cor_dispatcher *dispatcher, struct cor_topics *topics);

#endif
