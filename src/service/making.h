/* SPDX-License-Identifier: MIT */
/**
 * A dispatcher in the making: what it is made of, and what is known meanwhile. dispatcher.h has
 * what is done with it.
 */
#ifndef CORACLE_SERVICE_MAKING_H
#define CORACLE_SERVICE_MAKING_H

#include "cookies/jar.h"
#include "limit/pass.h"
#include "client/upstreams.h"
#include "service/cache_metrics.h"
#include "service/check.h"
#include "service/composition.h"
#include "service/dispatcher.h"
#include "service/plan.h"
#include "service/refusal_metrics.h"
#include "service/site.h"
#include "service/upstream_metrics.h"

struct cor_buffer;
struct cor_codec;
struct cor_encoder_pool;
struct cor_limit_table;
struct cor_outskirts;
struct cor_tally;

struct cor_dispatcher {
	struct cor_handler handler; /* the server hands it back */
	struct cor_arena arena;
	struct cor_site site;   /* of all hosts that have none */
	struct cor_site *sites; /* of hosts */
	size_t sites_len;
	const struct cor_place *places; /* where something is */
	struct cor_composition composition;
	struct cor_environment *environments; /* by unit; the first is the handler's */
	struct cor_outskirts *outskirts;      /* by unit */
	struct cor_place **file_places;       /* NULL at the end */
	struct cor_buffer *scratch;
	struct cor_encoder_pool *encoders;
	struct cor_codec *codec;
	struct cor_tally *tally; /* its own: its environments may have another */
	struct cor_limit_counter limits;
	struct cor_mutex limit_turns[COR_LIMIT_TURNS];
	struct cor_refusal_metrics refusals;
	struct cor_tally *refusal_tally;
	struct cor_limit_table *own_limits; /* NULL: they are the options' */
	struct cor_cookie_jar cookies;
	struct cor_seal_keys *own_cookie_keys; /* NULL: they are the options' */
	struct cor_upstreams_options own_upstreams;
	struct cor_upstream_counter *calls; /* NULL: it calls nobody */
	struct cor_cache_counter *kept;     /* NULL: it keeps nothing */
	struct cor_timings *timings;        /* NULL: it times nothing */
	struct cor_told_times tells;
	struct cor_development development;
};

struct cor_making {
	const struct cor_dispatcher_options *options;
	struct cor_dispatcher *dispatcher;
	const struct cor_unit *unit; /* that is being made; its service has no views */
	struct cor_check check;
	size_t files_len; /* of the places of files */
};

/**
 * Make the dispatcher, which is zeroed but for its handler's functions. Returns as
 * cor_dispatcher_create(); what there is of it is destroyed by cor_dispatcher_destroy().
 */
int cor_dispatcher_make(struct cor_making *making) COR_CHECKED;

#endif
