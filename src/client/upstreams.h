/* SPDX-License-Identifier: MIT */
/** The upstreams of a service on one thread: where they are, and what their calls share. */
#ifndef CORACLE_CLIENT_UPSTREAMS_H
#define CORACLE_CLIENT_UPSTREAMS_H

#include <stddef.h>

#include <coracle/arena.h>
#include <coracle/sync.h>

#include "base/sha256.h"
#include "client/balance.h"
#include "client/latency.h"
#include "client/slots.h"
#include "client/breaker.h"
#include "client/carrier.h"
#include "client/process_environment.h"
#include "http/url.h"

struct cor_upstream_here {
	const struct cor_upstream *upstream;
	struct cor_tokens *tokens; /* of all upstreams, in all threads */
	struct cor_url url;        /* of the first target; its path has no '/' at its end */
	struct cor_url *targets;   /* of which there are balancer.len */
	struct cor_balancer balancer;
	struct cor_breaker_state *breaker;  /* NULL: it has none */
	struct cor_breaker breaker_rules;   /* with numbers for all defaults */
	struct cor_destination destination; /* its .proxy is of the first target */
	struct cor_upstream_tls tls;        /* what destination.tls points to, if that is ours */
	struct cor_upstreams *all;
	const struct cor_carrier *carrier;
	void *state; /* of the carrier */
	const char *agent;
	struct cor_semaphore places; /* in_flight of them */
	uint32_t in_flight;
	struct cor_slots slots; /* of the adaptive limit */
	uint32_t slot_wait_ms;
	bool is_unusable;                /* it has no URL, or one that nothing carries */
	struct cor_kept_digest *digests; /* of client/digests.h */
	struct cor_flight *flights;      /* of client/flight.h, on their way */
	struct cor_latency latency;      /* of its answers, if it has .hedge */
	struct cor_sha256 kept;          /* what keys of its answers begin with: kept_key.h */
	bool has_kept;
	uint32_t retry_tenths; /* of retries that calls have earned: retry.h */
};

/** What settings say in place of an upstream. */
struct cor_upstream_settings {
	const char *url;              /* NULL: not said */
	cor_array(const char *) urls; /* several; empty: not said */
	uint32_t in_flight;           /* 0: nothing was said of that, nor of what follows */
	bool adapts;                  /* .in_flight, by an adaptive limit */
	uint32_t in_flight_min;       /* of that */
};

/** Whether it may have several: it has .targets or .balance. */
bool cor_upstream_has_targets(const struct cor_upstream *upstream);

/** What is wrong with several URLs together, as cor_upstream_fault() has it. */
const char *cor_targets_fault(struct cor_arena *arena, const char *const *urls, size_t len);

/** Where one is: as its setting says, or itself. NULL: there is no setting. */
const char *const *cor_upstream_urls_of(const struct cor_upstream *upstream,
	const struct cor_upstream_settings *said, size_t *ret_len);

struct cor_upstreams_options {
	const struct cor_upstream *const *upstreams; /* ends with NULL; NULL: none */
	/** In the same order. NULL: all are as they say. */
	const struct cor_upstream_settings *settings;
	/** What calls say that they are: "shop/1.0.0". */
	const char *agent;
	/** Where breakers are. NULL: each thread has its own. */
	struct cor_breaker_table *breakers;
	/** Where adaptive limits are. NULL: each thread has its own. */
	struct cor_adaptive_table *adaptive_limits;
	/** Carries plain HTTP. NULL: the upstream's own carrier does. */
	const struct cor_carrier *plain;
	/** Carries all calls, whatever they need. NULL: nobody does. */
	const struct cor_carrier *instead;
};

struct cor_upstreams {
	struct cor_upstreams *next; /* of this thread */
	const struct cor_upstreams_options *options;
	struct cor_arena arena;
	struct cor_tokens *tokens;
	struct cor_process_environment environment;
	struct cor_upstream_here *items;
	size_t len;
	struct cor_carrier_use *carriers; /* those that were opened */
};

/**
 * Those of the calling thread, whichever it is: made when they are first asked for, and dropped
 * when it ends; a child of fork() gets its own. The options, which stand for them, are the same for
 * all threads. Returns 0, -COR_ETABLE (cor_upstream_fault() of one says why), or as open() of a
 * carrier.
 */
int cor_upstreams_here(
	const struct cor_upstreams_options *options, struct cor_upstreams **ret) COR_CHECKED;

/**
 * Close all connections of the calling thread: before its scheduler is destroyed, and before the
 * options go. No call is left.
 */
void cor_upstreams_drop(const struct cor_upstreams_options *options);

/** The proxy of its calls to a URL; empty: none. */
struct cor_str cor_upstream_proxy(const struct cor_upstream_here *here, const struct cor_url *url);

/**
 * What carries a call of it to there, and its state: the carrier above, or the upstream's own,
 * where that one lacks the skill. NULL: nothing can.
 */
const struct cor_carrier *cor_upstream_carrier(struct cor_upstream_here *here,
	const struct cor_destination *destination, void **ret_state);

/** Whether a URL is one of its own: a redirect may lead to another server. */
bool cor_upstream_is_own(const struct cor_upstream_here *here, const struct cor_url *url);

/** NULL: it is not among them, or unusable. */
struct cor_upstream_here *cor_upstreams_find(
	struct cor_upstreams *upstreams, const struct cor_upstream *upstream);

/**
 * What is wrong with an upstream, as the end of a message in the arena: "has no .base_url: ...";
 * or, if a URL is given in place of that, with the URL: "has no host". NULL: nothing.
 */
const char *cor_upstream_fault(
	struct cor_arena *arena, const struct cor_upstream *upstream, const char *url);

#endif
