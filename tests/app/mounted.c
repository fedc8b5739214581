/* SPDX-License-Identifier: MIT */
/* A service with two versions of an API and a part of its own, each with hooks and settings. */
#include <errno.h>

#include <coracle/coracle.h>

static const struct cor_executor threads = { .name = "threads", .size = 1 };
static const struct cor_executor processes = {
	.name = "processes",
	.kind = COR_PROCESSES,
	.size = 1,
};
static const struct cor_topic news = { .name = "news" };
static const struct cor_counter told = COR_COUNTER("mounted_told", .doc = "What was told.");

struct v1_settings {
	const char *v1_word;
};
static const struct cor_field v1_settings_fields[] = {
	COR_FIELD(struct v1_settings, v1_word, .fallback = "\"one\"", .doc = "What v1 says"),
};
COR_LOCAL_SCHEMA(v1_settings_schema, struct v1_settings, v1_settings_fields);

struct shop_settings {
	const char *shop_word;
	bool shop_fails;
};
static const struct cor_field shop_settings_fields[] = {
	COR_FIELD(struct shop_settings, shop_word, .fallback = "\"shop\""),
	COR_FIELD(struct shop_settings, shop_fails, .fallback = "false",
		.doc = "Its own start fails"),
};
COR_LOCAL_SCHEMA(shop_settings_schema, struct shop_settings, shop_settings_fields);

struct told {
	const char *service;
	const char *state;
	const char *thread_state;
	const char *word;
	const char *path;
};
static const struct cor_field told_fields[] = {
	COR_FIELD(struct told, service),
	COR_FIELD(struct told, state, .presence = COR_OPTIONAL),
	COR_FIELD(struct told, thread_state, .presence = COR_OPTIONAL),
	COR_FIELD(struct told, word, .presence = COR_OPTIONAL),
	COR_FIELD(struct told, path),
};
COR_LOCAL_SCHEMA(told_schema, struct told, told_fields);

static int tell(struct cor_ctx *ctx, const struct cor_none *in, struct told *out)
{
	const struct v1_settings *of_v1 = cor_settings(ctx, v1_settings_schema);
	const struct shop_settings *of_shop = cor_settings(ctx, shop_settings_schema);
	struct cor_str path = cor_request_path(ctx);

	(void)in;
	out->service = cor_ctx_service(ctx)->name;
	out->state = cor_state(ctx);
	out->thread_state = cor_thread_state(ctx);
	out->word = of_v1 ? of_v1->v1_word : of_shop ? of_shop->shop_word : NULL;
	out->path = cor_printf(ctx, "%.*s", (int)path.len, path.data);
	cor_counter_add(ctx, &told, 0, 1);
	return 0;
}
COR_OPERATION(tell_operation, tell, COR_NONE, told_schema);
COR_OPERATION(tell_on_thread_operation, tell, COR_NONE, told_schema, .executor = &threads);
COR_OPERATION(tell_in_process_operation, tell, COR_NONE, told_schema, .executor = &processes);

static int publish(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_topic_publish(ctx, &news, NULL, COR_STR("new"));
}
COR_OPERATION(publish_operation, publish, COR_NONE, COR_NONE);

static int echo(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	struct cor_str query = cor_request_query(ctx);

	*out = cor_str(cor_printf(
		ctx, "%.*s of %.*s", (int)in->len, in->data, (int)query.len, query.data));
	return 0;
}
COR_OPERATION(echo_operation, echo, COR_TEXT, COR_TEXT);

static const struct cor_resource echoing = { .path = "/echo", .post = &echo_operation };
static const struct cor_resource here = { .path = "/tell", .get = &tell_operation };
static const struct cor_resource on_thread = { .path = "/thread",
	.get = &tell_on_thread_operation };
static const struct cor_resource in_process = { .path = "/process",
	.get = &tell_in_process_operation };
static const struct cor_resource publishing = { .path = "/publish", .post = &publish_operation };

/* --- hooks: each says whose it is --- */

static int say(struct cor_ctx *ctx, const char *hook, void **ret)
{
	const char *name = cor_ctx_service(ctx)->name;

	cor_log_info(ctx, "%s of %s", hook, name);
	if (ret)
		*ret = cor_printf(ctx, "%s of %s", hook, name);
	return 0;
}

static int prepare(struct cor_ctx *ctx)
{
	return say(ctx, "prepare", NULL);
}
static int start(struct cor_ctx *ctx, void **ret_state)
{
	return say(ctx, "start", ret_state);
}
static int start_thread(struct cor_ctx *ctx, void *state, void **ret_thread_state)
{
	(void)state;
	return say(ctx, "start_thread", ret_thread_state);
}
static void stop_thread(struct cor_ctx *ctx, void *thread_state)
{
	(void)say(ctx, cor_printf(ctx, "stop_thread, %s,", (const char *)thread_state), NULL);
}
static int background(struct cor_ctx *ctx, void *state)
{
	return say(ctx, cor_printf(ctx, "background, %s,", (const char *)state), NULL);
}
static void stop(struct cor_ctx *ctx, void *state)
{
	(void)say(ctx, cor_printf(ctx, "stop, %s,", (const char *)state), NULL);
}
static int start_shop(struct cor_ctx *ctx, void **ret_state)
{
	const struct shop_settings *settings = cor_settings(ctx, shop_settings_schema);

	(void)say(ctx, "start", ret_state);
	return settings->shop_fails ? cor_problem(ctx, 500, -EIO, "no shelf") : 0;
}
static int is_ready(struct cor_ctx *ctx, void *state)
{
	return state == cor_state(ctx) && cor_ctx_service(ctx)->start_thread ? 0 : -EIO;
}
static const struct cor_readiness readiness = { .name = "v1", .check = is_ready };

#define HOOKS                                                                                      \
	.prepare = prepare, .start_thread = start_thread, .stop_thread = stop_thread,              \
	.background = background, .stop = stop

static const struct cor_service v1 = {
	.name = "v1",
	.version = "1.0",
	.resources = COR_RESOURCES(&here, &on_thread, &in_process, &publishing),
	.executors = COR_EXECUTORS(&threads, &processes),
	.topics = COR_TOPICS(&news),
	.metrics = COR_METRICS(&told.metric),
	.settings = COR_SETTINGS(v1_settings_schema),
	.defaults = "{\"v1_word\": \"first\", \"threads\": 7}",
	.readiness = COR_READINESS(&readiness),
	.start = start,
	HOOKS,
};
static const struct cor_service v2 = {
	.name = "v2",
	.version = "2.0",
	.resources = COR_RESOURCES(&here, &on_thread),
	.executors = COR_EXECUTORS(&threads),
	.metrics = COR_METRICS(&told.metric),
	.start = start,
	HOOKS,
};
/* Without a start of its own, or settings, but with hooks: it has those of the service around. */
static const struct cor_service sharing = {
	.name = "sharing",
	.version = "5.0",
	.resources = COR_RESOURCES(&here, &on_thread),
	.executors = COR_EXECUTORS(&threads),
	.metrics = COR_METRICS(&told.metric),
	.background = background,
	.stop_thread = stop_thread,
	.stop = stop,
};
static const struct cor_service admin = {
	.name = "admin",
	.version = "4.0",
	.resources = COR_RESOURCES(&here, &echoing),
};
static const struct cor_service shop = {
	.name = "mounted",
	.version = "3.0",
	.resources = COR_RESOURCES(&here),
	.metrics = COR_METRICS(&told.metric),
	.settings = COR_SETTINGS(shop_settings_schema),
	.defaults = "{\"threads\": 2}",
	.slashes = COR_SLASHES_REDIRECT,
	.mounts =
		(const struct cor_mount[]){
			{ .prefix = "/v1", .service = &v1 },
			{ .prefix = "/v2", .service = &v2 },
			{ .prefix = "/sharing", .service = &sharing, .hidden = true },
			{ .host = ".admin.example.com", .service = &admin },
			{ .host = "both.example.com", .prefix = "/v1", .service = &v1 },
			{ 0 },
		},
	.start = start_shop,
	HOOKS,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &shop);
}
