/* SPDX-License-Identifier: MIT */
/* A ctx without a server. A dispatcher stands behind it, so that it has the codec of a request. */
#include <coracle/service.h>

#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "cache/caches.h"
#include "client/upstreams.h"
#include "context/context.h"
#include "executor/nursery.h"
#include "runtime/seams.h"
#include "script/script.h"
#include "service/composition.h"
#include "service/workplace.h"
#include "topic/topics.h"

struct own_ctx {
	struct cor_ctx ctx; /* this is handed out */
	struct cor_environment environment;
	struct cor_dispatcher *dispatcher; /* NULL: without a service */
	struct cor_workplace workplace;
	struct cor_pools *pools;                /* NULL: the service has no executors */
	struct cor_codec *settings_codec;       /* owns the text of the rows' .fallback */
	struct cor_arena arena;                 /* of the settings */
	struct cor_upstreams_options upstreams; /* those of its script, if there is one */
	struct cor_thread_seams seams;          /* if has_seams */
	bool has_seams;
};

/* What a program would have without a file, an environment and flags. */
static int fill_settings(struct own_ctx *own, const struct cor_service *service)
{
	struct cor_str defaults = service->defaults ? cor_str(service->defaults) : COR_STR("{}");
	struct cor_schema lenient = *service->settings;
	const struct cor_schema *schemas[] = { &lenient };
	void *settings = cor_arena_zalloc(&own->arena, lenient.size);
	struct cor_violations why = { 0 };

	if (!settings)
		return -ENOMEM;
	/* .defaults names the library's settings, too, which are not known here */
	lenient.unknown = COR_IGNORE;
	own->environment.settings = settings;
	int rc = cor_codec_create(schemas, 1, &own->settings_codec, &own->arena, NULL);
	return rc < 0 ? rc
		      : cor_decode_json(own->settings_codec, &own->arena, &lenient, settings,
				defaults, &why);
}

static int open_pools(struct own_ctx *own, const struct cor_service *service)
{
	own->workplace = (struct cor_workplace){
		.options = { .service = service,
			.settings = own->environment.settings,
			.times_nothing = true },
		.composition = cor_dispatcher_composition(own->dispatcher),
		.shared = &own->environment,
	};
	int rc = cor_workplace_prepare(&own->workplace, cor_workplace_begin, &own->workplace);
	if (rc == 0)
		rc = cor_workplace_open(&own->workplace, &own->pools);
	own->environment.pools = own->pools;
	return rc;
}

/* As they are declared, and empty: nothing of one test is there in the next. */
static int open_caches(struct own_ctx *own)
{
	struct cor_caches_options options = { 0 };
	const struct cor_cache *failed;

	if (own->dispatcher) {
		const struct cor_service *whole = cor_dispatcher_composition(own->dispatcher)
							  ->whole;
		options.caches = whole->caches;
		options.service = whole->name;
	}
	return options.caches ? cor_caches_create(&options, &own->environment.caches, &failed) : 0;
}

static int make(struct own_ctx *own, const struct cor_ctx_options *options)
{
	const struct cor_service *service = options->service;
	/* a test wants to know, and so does a tool */
	const struct cor_dispatcher_options of_service = { .service = service,
		.answer_checks = COR_ANSWERS_REFUSED,
		.thread = COR_LEDGER_OTHERS }; /* jobs count, too, on threads of their own */
	int rc = 0;

	if (service) {
		rc = cor_dispatcher_create(&of_service, &own->arena, NULL, &own->dispatcher);
		if (rc < 0)
			return rc;
		own->environment = *cor_dispatcher_environment(own->dispatcher);
		own->environment.all = NULL; /* a ctx is of the one service */
	}
	if (options->script && own->environment.upstreams) {
		own->upstreams = *own->environment.upstreams;
		own->upstreams.instead = cor_script_carrier(options->script);
		own->environment.upstreams = &own->upstreams;
	}
	own->environment.hides_log = options->log == COR_LOG_HIDDEN;
	own->environment.state = options->state;
	own->environment.thread_state = options->thread_state;
	own->environment.settings = options->settings;
	if (service && service->settings && !options->settings)
		rc = fill_settings(own, service);
	if (rc == 0)
		rc = open_caches(own);
	const struct cor_topic *const *topics =
		service ? cor_dispatcher_composition(own->dispatcher)->whole->topics : NULL;
	if (rc == 0 && topics)
		rc = cor_topics_create(
			&(struct cor_topics_options){ .topics = topics }, &own->environment.topics);
	return rc == 0 && service ? open_pools(own, service) : rc;
}

int cor_ctx_create(const struct cor_ctx_options *options, struct cor_ctx **ret)
{
	struct own_ctx *own = calloc(1, sizeof *own);

	if (!own)
		return -ENOMEM;
	cor_ctx_init(&own->ctx, &own->environment, NULL, 0, 0);
	own->has_seams = options->clock || options->random;
	if (own->has_seams)
		cor_seams_enter(&own->seams,
			&(struct cor_seams){ .clock = options->clock, .random = options->random });
	int rc = make(own, options);
	if (rc < 0)
		cor_ctx_destroy(&own->ctx);
	else
		*ret = &own->ctx;
	return rc;
}

void cor_ctx_destroy(struct cor_ctx *ctx)
{
	if (!ctx)
		return;
	struct own_ctx *own = cor_container_of(ctx, struct own_ctx, ctx);
	if (own->has_seams)
		cor_seams_leave(&own->seams);
	cor_pools_destroy(own->pools);
	cor_nursery_close(own->workplace.nursery);
	cor_ctx_await(ctx);
	if (own->environment.upstreams)
		cor_upstreams_drop(own->environment.upstreams);
	cor_topics_destroy(own->environment.topics);
	cor_caches_destroy(own->environment.caches);
	cor_ctx_finish(ctx);
	cor_codec_destroy(own->settings_codec);
	cor_dispatcher_destroy(own->dispatcher);
	cor_arena_finish(&own->arena);
	free(own);
}
