/* SPDX-License-Identifier: MIT */
/* /reload, /stop and /log-level: what an operator orders. The master obeys, by its channel. */
#include "control/control.h"

#include <coracle/fiber.h>
#include <coracle/log.h>

#include "master/channel.h"

#define LOOK_MS  20     /* only while somebody waits */
#define ORDER_MS 900000 /* the check takes a minute at most, each worker its start and its drain */

/* Anybody who reaches a TCP address could stop the service; a unix socket is its owner's. */
static int refuse_strangers(struct cor_ctx *ctx)
{
	if (cor_control_of(ctx)->takes_orders)
		return 0;
	return cor_problem(ctx, 403, 0,
		"orders are taken on a unix socket only: use --control unix:PATH, or signals");
}

static int order(struct cor_ctx *ctx, const char *word)
{
	if (cor_channel_say(cor_control_of(ctx)->channel, word) == 0)
		return 0;
	return cor_problem(ctx, 503, 0, "the master does not listen: try again");
}

/* --- /reload --- */

struct reloaded {
	uint32_t generation;
	uint32_t workers;
};
static const struct cor_field reloaded_fields[] = {
	COR_FIELD(struct reloaded, generation, .doc = "Of the workers that serve now"),
	COR_FIELD(struct reloaded, workers),
};
COR_LOCAL_SCHEMA(reloaded_schema, struct reloaded, reloaded_fields);

/* Reloads come one after another, so all that were begun before `number` are over when it is. */
static bool is_over(const struct cor_roster *roster, uint64_t number)
{
	return cor_counter_read(&roster->reloads) + cor_counter_read(&roster->failed_reloads) >=
	       number;
}

static int post_reload(struct cor_ctx *ctx, const struct cor_none *in, struct reloaded *out)
{
	struct cor_roster *roster = cor_control_of(ctx)->roster;
	uint64_t number = cor_counter_read(&roster->begun_reloads) + 1;
	int rc = refuse_strangers(ctx);

	(void)in;
	if (rc == 0)
		rc = order(ctx, COR_WORD_RELOAD);
	while (rc == 0 && !is_over(roster, number) && !roster->is_ending)
		rc = cor_sleep_ms(LOOK_MS);
	if (rc < 0)
		return rc;
	if (!is_over(roster, number))
		return cor_problem(ctx, 503, 0, "the service ends");
	const char *why = cor_roster_refusal_of(roster, number);
	if (why)
		return cor_problem(ctx, 409, 0, "%s", why);
	*out = (struct reloaded){ roster->generation, roster->posts };
	return 0;
}
COR_OPERATION(post_reload_operation, post_reload, COR_NONE, reloaded_schema,
	.summary = "Reload program and configuration, as SIGHUP does; answered when that is over",
	.timeout_ms = ORDER_MS, .problems = { 403, 409, 503 });
const struct cor_resource cor_control_reload = { .path = "/reload",
	.post = &post_reload_operation };

/* --- /stop --- */

struct stopped {
	bool cut;
};
static const struct cor_field stopped_fields[] = {
	COR_FIELD(struct stopped, cut, .doc = "Whether requests in progress were cut"),
};
COR_LOCAL_SCHEMA(stopped_schema, struct stopped, stopped_fields);

/* A second order would cut requests: that takes a signal. */
static int end_service(struct cor_ctx *ctx, struct cor_roster *roster)
{
	int rc = roster->is_ending ? 0 : order(ctx, COR_WORD_FINISH);

	while (rc == 0 && roster->end == COR_END_NOT)
		rc = cor_sleep_ms(LOOK_MS);
	return rc;
}

static int post_stop(struct cor_ctx *ctx, const struct cor_none *in, struct stopped *out)
{
	struct cor_roster *roster = cor_control_of(ctx)->roster;
	int rc = refuse_strangers(ctx);

	(void)in;
	if (rc < 0)
		return rc;
	atomic_fetch_add(&roster->end_waiters, 1);
	rc = end_service(ctx, roster);
	atomic_fetch_sub(&roster->end_waiters, 1);
	out->cut = roster->end == COR_END_CUT;
	return rc;
}
COR_OPERATION(post_stop_operation, post_stop, COR_NONE, stopped_schema,
	.summary = "End the service, as one SIGTERM does; answered when the workers have gone",
	.timeout_ms = ORDER_MS, .problems = { 403, 503 });
const struct cor_resource cor_control_stop = { .path = "/stop", .post = &post_stop_operation };

/* --- /log-level --- */

static const struct cor_enum_name levels[] = {
	{ "error", COR_LOG_ERROR },
	{ "warning", COR_LOG_WARNING },
	{ "info", COR_LOG_INFO },
	{ "debug", COR_LOG_DEBUG },
};

struct log_level {
	enum cor_log_level level;
};
static const struct cor_field log_level_fields[] = {
	COR_ENUM(struct log_level, level, levels, .doc = "The least serious messages to log"),
};
COR_LOCAL_SCHEMA(log_level_schema, struct log_level, log_level_fields);

static int get_log_level(struct cor_ctx *ctx, const struct cor_none *in, struct log_level *out)
{
	const struct cor_control *control = cor_control_of(ctx);
	uint32_t set = control->roster->log_level;

	(void)in;
	out->level = (enum cor_log_level)(set != 0 ? set - 1 : control->log_level);
	return 0;
}
COR_OPERATION(get_log_level_operation, get_log_level, COR_NONE, log_level_schema,
	.summary = "The level of all processes of the service");

static int put_log_level(struct cor_ctx *ctx, const struct log_level *in, struct log_level *out)
{
	int rc = refuse_strangers(ctx);

	if (rc < 0)
		return rc;
	cor_control_of(ctx)->roster->log_level = 1 + (uint32_t)in->level;
	*out = *in;
	return 0;
}
COR_OPERATION(put_log_level_operation, put_log_level, log_level_schema, log_level_schema,
	.summary = "Set it for all of them, until the next reload", .problems = { 403 });
const struct cor_resource cor_control_log_level = {
	.path = "/log-level", .get = &get_log_level_operation, .put = &put_log_level_operation
};
