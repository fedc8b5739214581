/* SPDX-License-Identifier: MIT */
#include "service/environments.h"

#include <errno.h>

#include <coracle/error.h>

#include "exchange/exchange.h"
#include "outbound/plain.h"
#include "schema/json_hooks.h"
#include "service/answer_check.h"
#include "service/codec.h"
#include "service/metrics.h"
#include "service/timings.h"

/* The settings of the service, or of the nearest around it that has some. */
const void *cor_making_settings(const struct cor_making *making, const struct cor_unit *unit)
{
	const struct cor_dispatcher_options *options = making->options;

	unit = cor_unit_declarer(unit, offsetof(struct cor_service, settings));
	if (options->member_settings)
		return options->member_settings[unit->member];
	return unit->outer ? NULL : options->settings;
}

static int make_tally(const struct cor_dispatcher_options *options,
	const struct cor_metric *const *metrics, struct cor_tally **ret)
{
	return cor_tally_create(&(struct cor_tally_options){ .metrics = metrics,
					.ledger = options->ledger,
					.slot = options->slot,
					.thread = options->thread },
		ret);
}

static int count_own(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	int rc = make_tally(
		making->options, dispatcher->composition.whole->metrics, &dispatcher->tally);

	dispatcher->environments->tally = dispatcher->tally;
	return rc;
}

static int count_refusals(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	int rc = cor_refusal_metrics_init(
		&dispatcher->refusals, &dispatcher->composition, &dispatcher->arena);

	if (rc == 0)
		rc = make_tally(
			making->options, dispatcher->refusals.list, &dispatcher->refusal_tally);
	if (rc == 0)
		cor_refusal_metrics_connect(
			&dispatcher->refusals, dispatcher->refusal_tally, &dispatcher->limits);
	return rc;
}

static int count_limits(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_limit_table *table = making->options->limits;

	if (!cor_composition_has_limits(&dispatcher->composition))
		return 0;
	if (!table)
		table = dispatcher->own_limits = cor_limit_table_create();
	dispatcher->limits = (struct cor_limit_counter){
		.table = table, .slot = making->options->slot, .turns = dispatcher->limit_turns
	};
	dispatcher->environments->limits = &dispatcher->limits;
	return table ? count_refusals(making) : -ENOMEM;
}

/* Keys of its own seal nothing that another process can read: of a tool, or of a test. */
static int make_cookie_keys(struct cor_making *making, const struct cor_sealing *sealing)
{
	struct cor_cookie_secret secret;
	const char *why;

	cor_cookie_secret_init(&secret, sizeof secret);
	return cor_cookie_keys_make(sealing, NULL, &secret, making->check.arena,
		&making->dispatcher->own_cookie_keys, &why);
}

static int fill_jar(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_service *whole = dispatcher->composition.whole;
	const struct cor_seal_keys *keys = making->options->cookie_keys;
	int rc = whole->sealing && !keys ? make_cookie_keys(making, whole->sealing) : 0;

	dispatcher->cookies = (struct cor_cookie_jar){
		.sealing = whole->sealing,
		.keys = keys ? keys : dispatcher->own_cookie_keys,
		.sessions = whole->sessions,
	};
	dispatcher->environments->cookies = &dispatcher->cookies;
	return rc;
}

/* Faults of tables are among the contradictions. */
int cor_making_codec(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	struct cor_environment *environment = dispatcher->environments;
	int rc = cor_service_codec_create(&dispatcher->composition, making->options->extra,
		making->check.arena, making->check.why, &dispatcher->codec);

	environment->codec = dispatcher->codec;
	if (rc == 0)
		environment->has_before_load = cor_codec_is_hooked(environment->codec);
	return rc == -COR_ETABLE ? 0 : rc;
}

static uint32_t errors_unit(const struct cor_composition *composition, const struct cor_unit *unit)
{
	while (unit->outer && !unit->written->errors)
		unit = unit->outer;
	return (uint32_t)(unit - composition->units);
}

/* All units share what the first has, but for what is their own. */
static void share_environment(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_composition *composition = &dispatcher->composition;

	for (size_t i = 0; i < composition->len; i++) {
		const struct cor_unit *unit = &composition->units[i];
		struct cor_environment *environment = &dispatcher->environments[i];
		if (i != 0)
			*environment = dispatcher->environments[0];
		environment->service = unit->written;
		environment->mounted = unit->service;
		environment->settings = cor_making_settings(making, unit);
		environment->unit = (uint32_t)i;
		environment->prefix = unit->prefix;
		environment->sessions = unit->written->sessions;
		if (unit->outer)
			environment->outer =
				&dispatcher->environments[unit->outer - composition->units];
		environment->errors_unit = errors_unit(composition, unit);
		environment->all = composition->len > 1 ? dispatcher->environments : NULL;
	}
}

/* Nobody shall wait behind it for a job that its handler has given up on, whatever it answers. */
static COR_COLD void retire(struct cor_ctx *ctx)
{
	struct cor_exchange *x = ctx->request;

	if (!x)
		return;
	x->leaves_job = true;
	if (x->ops->retire)
		x->ops->retire(x);
}

struct cor_environment cor_making_first_environment(const struct cor_dispatcher_options *options)
{
	return (struct cor_environment){
		.pools = options->pools,
		.caches = options->caches,
		.state = options->state,
		.logger = options->logger,
		.answer_checks = options->answer_checks,
		.uploads = options->uploads,
		.check_message = options->answer_checks ? cor_message_check : NULL,
		.leaves_job = retire,
	};
}

/* Where nobody says otherwise: of a tool, or of a test. */
static void list_upstreams(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_upstream *const *upstreams = dispatcher->composition.whole->upstreams;

	dispatcher->own_upstreams = (struct cor_upstreams_options){
		.upstreams = upstreams,
		.agent = "coracle/" COR_VERSION,
		.plain = &cor_plain_carrier,
	};
	if (making->options->upstreams)
		dispatcher->environments->upstreams = making->options->upstreams;
	else if (upstreams)
		dispatcher->environments->upstreams = &dispatcher->own_upstreams;
}

static int count_calls(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_upstreams_options *upstreams = dispatcher->environments->upstreams;
	const struct cor_tally_options place = { .ledger = making->options->ledger,
		.slot = making->options->slot,
		.thread = making->options->thread };
	int rc = 0;

	if (upstreams && upstreams->upstreams)
		rc = cor_upstream_counter_create(
			upstreams->upstreams, upstreams->settings, &place, &dispatcher->calls);
	if (dispatcher->calls)
		dispatcher->environments->calls = &dispatcher->calls->figures;
	return rc;
}

static int count_caches(struct cor_making *making)
{
	struct cor_dispatcher *dispatcher = making->dispatcher;
	const struct cor_cache *const *caches = dispatcher->composition.whole->caches;
	const struct cor_tally_options place = { .ledger = making->options->ledger,
		.slot = making->options->slot,
		.thread = making->options->thread };
	int rc = caches && caches[0] ? cor_cache_counter_create(caches, &place, &dispatcher->kept)
				     : 0;

	dispatcher->environments->cache_tally = cor_cache_counter_tally(dispatcher->kept);
	return rc;
}

static int time_functions(struct cor_making *making)
{
	const struct cor_dispatcher_options *options = making->options;
	const struct cor_timings_options timed = { .ledger = options->timed,
		.slot = options->slot,
		.thread = options->thread,
		.tells_clients = options->tells.server_timing,
		.is_off = options->times_nothing };
	int rc = cor_timings_create(&timed, &making->dispatcher->timings);

	making->dispatcher->environments->timings = making->dispatcher->timings;
	return rc;
}

int cor_making_equip(struct cor_making *making)
{
	int rc = count_own(making);

	if (rc == 0)
		rc = time_functions(making);

	list_upstreams(making);
	if (rc == 0)
		rc = count_calls(making);
	if (rc == 0)
		rc = count_caches(making);
	if (rc == 0)
		rc = count_limits(making);
	if (rc == 0)
		rc = fill_jar(making);
	if (rc == 0)
		share_environment(making);
	return rc;
}
