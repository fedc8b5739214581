/* SPDX-License-Identifier: MIT */
/* Services beside the small one: with threads of their own, with checks; that wait; wrong ones. */
#include "trial.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- a thread of the service's own, with a scheduler, that logs with the start hook's ctx --- */

struct background {
	struct cor_ctx *ctx;
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;
	pthread_t thread;
};

static int tick(void *arg)
{
	struct background *background = arg;
	int rc = 0;

	while (rc == 0) {
		cor_log_info(background->ctx, "tick");
		rc = cor_sleep_ms(1);
	}
	return rc;
}

static void *turn(void *arg)
{
	struct background *background = arg;

	cor_ignore(cor_scheduler_run(background->scheduler));
	return NULL;
}

static int start_background(struct cor_ctx *ctx, void **ret_state)
{
	struct background *background = cor_alloc(ctx, sizeof *background);

	if (!background)
		return -ENOMEM;
	background->ctx = ctx;
	*ret_state = background;
	int rc = cor_scheduler_create(NULL, &background->scheduler);
	if (rc == 0)
		rc = cor_fiber_start(
			background->scheduler, tick, background, NULL, &background->fiber);
	return rc == 0 ? -pthread_create(&background->thread, NULL, turn, background) : rc;
}

static void stop_background(struct cor_ctx *ctx, void *state)
{
	struct background *background = state;
	int result = 0;

	cor_fiber_cancel(background->fiber);
	cor_scheduler_stop(background->scheduler);
	pthread_join(background->thread, NULL);
	cor_fiber_join(background->fiber, &result);
	cor_scheduler_destroy(background->scheduler);
	cor_log_info(ctx, "background: %s", cor_errname(result));
}

/* The state is the start hook's ctx, which a handler uses for logging. */
static int start_with_ctx(struct cor_ctx *ctx, void **ret_state)
{
	*ret_state = ctx;
	return 0;
}

static int note(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	cor_log_info(cor_state(ctx), "noted");
	return 0;
}
COR_OPERATION(note_operation, note, COR_NONE, COR_NONE);
static const struct cor_resource noting = { .path = "/note", .get = &note_operation };

static const struct cor_service noted = {
	.name = "trial",
	.resources = COR_RESOURCES(&noting, &crashing_resource),
	.start = start_with_ctx,
};

static const struct cor_service busy = {
	.name = "trial",
	.resources = COR_RESOURCES(&waiting_resource),
	.start = start_background,
	.stop = stop_background,
};

/* --- readiness checks that do what a file of their name in the folder CHECKS says --- */

static int obey_file(struct cor_ctx *ctx, const char *name)
{
	char path[256], order[32] = "";

	snprintf(path, sizeof path, "%s/%s", getenv("CHECKS"), name);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	bool has_order = fgets(order, sizeof order, file) != NULL;
	fclose(file);
	if (has_order && strcmp(order, "fail") == 0)
		return cor_problem(ctx, 503, -ECONNREFUSED, "no\nanswer to a \xff ping");
	if (has_order && strcmp(order, "slow") == 0)
		return cor_sleep_ms(120);
	if (has_order && strcmp(order, "hang") == 0)
		return cor_sleep_ms(COR_FOREVER);
	while (has_order && strcmp(order, "hold") == 0 && access(path, F_OK) == 0)
		;
	return has_order && strcmp(order, "count") == 0 ? ENOMEM : 0;
}

static int check_database(struct cor_ctx *ctx, void *state)
{
	if (strcmp(state, "made at start") != 0 || !cor_thread_state(ctx))
		return -EINVAL;
	return obey_file(ctx, "database");
}

static int check_search(struct cor_ctx *ctx, void *state)
{
	(void)state;
	return obey_file(ctx, "search");
}

static const struct cor_readiness database = {
	.name = "database", .check = check_database, .timeout_ms = 200, .period_ms = 20
};
static const struct cor_readiness search = {
	.name = "search", .check = check_search, .period_ms = 20, .need = COR_READINESS_OPTIONAL
};

static const struct cor_service checked = {
	.name = "trial",
	.resources = COR_RESOURCES(&hello_resource, &process_resource),
	.settings = COR_SETTINGS(trial_settings_schema),
	.start = trial_start,
	.start_thread = trial_start_thread,
	.readiness = COR_READINESS(&database, &search),
};

/* The minus is missing. */
static int start_positive(struct cor_ctx *ctx, void **ret_state)
{
	(void)ctx, (void)ret_state;
	return ENOMEM;
}

static const struct cor_service positive = {
	.name = "trial",
	.resources = COR_RESOURCES(&waiting_resource),
	.start = start_positive,
};

static int start_invalid(struct cor_ctx *ctx, void **ret_state)
{
	(void)ret_state;
	return cor_invalid(ctx, "body", "/shelf", "the shelf is too small");
}

static const struct cor_service invalid = {
	.name = "trial",
	.resources = COR_RESOURCES(&waiting_resource),
	.start = start_invalid,
};

struct demands {
	const char *data_dir;
};
static const struct cor_field demands_fields[] = {
	COR_FIELD(struct demands, data_dir, .doc = "Where everything is"),
};
COR_LOCAL_SCHEMA(demands_schema, struct demands, demands_fields);

/* Handlers that wait for what never comes. */
struct parking {
	const char *in;
};
static const struct cor_field parking_fields[] = { COR_FIELD(
	struct parking, in, .from = COR_FROM_PATH) };
COR_DECLARE_SCHEMA(parking_schema, struct parking);
COR_SCHEMA(parking_schema, parking_fields);

static const struct cor_executor aside = { .name = "aside", .size = 1 };

static int park_in_channel(void)
{
	struct cor_channel *channel;
	void *item;
	int rc = cor_channel_create(1, &channel);

	if (rc < 0)
		return rc;
	rc = cor_channel_receive(channel, &item);
	cor_channel_destroy(channel);
	return rc;
}

static int park_in_socket(void)
{
	struct cor_socket *listener, *client;
	int rc = cor_socket_listen("127.0.0.1:0", 1, &listener);

	if (rc < 0)
		return rc;
	rc = cor_socket_accept(listener, &client);
	cor_socket_close(listener);
	return rc;
}

static int stay(struct cor_ctx *ctx, struct delay *delay)
{
	(void)ctx;
	return cor_sleep_ms(delay->ms);
}

static int park(struct cor_ctx *ctx, const struct parking *parking, struct cor_str *out)
{
	struct cor_semaphore none = { 0 };
	struct delay long_time = { 600000 }, a_while = { 5000 }; /* nobody wakes a job */

	*out = COR_STR("parked");
	if (strcmp(parking->in, "mutex") == 0)
		return wait_for_mutex();
	if (strcmp(parking->in, "channel") == 0)
		return park_in_channel();
	if (strcmp(parking->in, "socket") == 0)
		return park_in_socket();
	if (strcmp(parking->in, "semaphore") == 0)
		return cor_semaphore_take(&none);
	if (strcmp(parking->in, "offload") == 0)
		return cor_offload(ctx, &aside, stay, &a_while);
	return cor_sleep_ms(long_time.ms);
}
COR_OPERATION(park_operation, park, parking_schema, COR_TEXT, .timeout_ms = 600000);
static const struct cor_resource parking = { .path = "/park/{in}", .get = &park_operation };

static const struct cor_service parked = {
	.name = "trial",
	.resources = COR_RESOURCES(&parking),
	.executors = COR_EXECUTORS(&aside),
};

struct secrets {
	const char *password;
};
static const struct cor_field secrets_fields[] = {
	COR_FIELD(struct secrets, password, .access = COR_WRITE_ONLY, .min_length = 1),
};
COR_LOCAL_SCHEMA(secrets_schema, struct secrets, secrets_fields);

static const struct cor_service guarded = {
	.name = "guarded",
	.settings = COR_SETTINGS(secrets_schema),
	.resources = COR_RESOURCES(&hello_resource),
};

static const struct cor_field misruled_fields[] = { COR_FIELD(struct delay, ms, .min_length = 1) };
COR_LOCAL_SCHEMA(misruled_schema, struct delay, misruled_fields);

static const struct cor_service contradictory = {
	.name = "trial",
	.schemas = COR_SCHEMAS(misruled_schema),
	.settings = COR_SETTINGS(demands_schema),
	.resources = COR_RESOURCES(&astray_resource, &hello_resource, &hello_resource),
};

static const struct cor_service documented = {
	.name = "trial",
	.resources = COR_RESOURCES(&own_docs_resource),
};

/* Both kinds of tables are faulty: that of the settings and an operation's. */
struct clash {
	uint32_t threads;
};
static const struct cor_field clash_fields[] = { COR_FIELD(struct clash, threads) };
COR_LOCAL_SCHEMA(clash_schema, struct clash, clash_fields);

static int answer_nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(clash_operation, answer_nothing, COR_NONE, COR_NONE, .problems = { 200 });
static const struct cor_resource clash = { .path = "/clash", .get = &clash_operation };

static const struct cor_service clashing = {
	.name = "trial",
	.resources = COR_RESOURCES(&clash),
	.settings = COR_SETTINGS(clash_schema),
};

const struct cor_service *other_trial(const char *name)
{
	static const struct {
		const char *name;
		const struct cor_service *service;
	} others[] = {
		{ "busy", &busy },
		{ "checked", &checked },
		{ "clashing", &clashing },
		{ "contradictory", &contradictory },
		{ "documented", &documented },
		{ "guarded", &guarded },
		{ "invalid", &invalid },
		{ "noted", &noted },
		{ "parked", &parked },
		{ "positive", &positive },
	};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strcmp(name, others[i].name) == 0)
			return others[i].service;
	return NULL;
}
