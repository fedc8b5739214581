/* SPDX-License-Identifier: MIT */
/* A service with everything that a proxy in front must know of, for test_front.py. */
#include <stdatomic.h>
#include <string.h>

#include <coracle/compression.h>
#include <coracle/coracle.h>
#include <coracle/mount.h>
#include <coracle/tls.h>

struct settings {
	const char *assets;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, assets, .doc = "Folder of the assets"),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

/* --- what may be kept, and what may not --- */

static _Atomic int calls;

/* A kept answer is the one of before. */
static int count(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *out)
{
	(void)none;
	*out = cor_str(cor_printf(ctx, "%d", atomic_fetch_add(&calls, 1)));
	return out->data ? 0 : -ENOMEM;
}

#define COUNTED(symbol_, path_, control_, ...)                                                     \
	COR_OPERATION(symbol_##_operation, count, COR_NONE, COR_TEXT,                              \
		.caching = &(const struct cor_caching){ .control = control_, .etag = true },       \
		.summary = "Count", ##__VA_ARGS__);                                                \
	static const struct cor_resource symbol_ = { .path = path_, .get = &symbol_##_operation }

struct user {
	const char *name;
};
static const struct cor_field user_fields[] = { COR_FIELD(struct user, name) };
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	if (!cor_equal_secret(cor_str(token), COR_STR("sesame")))
		return cor_deny(ctx, "a wrong token");
	user->name = "reader";
	return 0;
}
COR_BEARER(token_scheme, check_token, user_schema);

COUNTED(open_to_all, "/kept/public", "public, max-age=60");
COUNTED(by_age, "/kept/by-age", "max-age=60");
COUNTED(shared, "/kept/shared", "max-age=0, s-maxage=60");
COUNTED(private_one, "/unkept/private", "private, max-age=60");
COUNTED(unstored, "/unkept/no-store", "no-store");
COUNTED(asked, "/unkept/no-cache", "no-cache");
COUNTED(mixed, "/unkept/mixed", "public, max-age=60, PRIVATE=\"x\"");
COUNTED(guarded, "/unkept/guarded", "public, max-age=60",
	.security = COR_SECURITY({ &token_scheme }));

static _Atomic bool is_held;

static int hold(struct cor_ctx *ctx, const struct cor_none *none, struct cor_none *out)
{
	(void)ctx, (void)none, (void)out;
	atomic_store(&is_held, true);
	return 0;
}
COR_OPERATION(hold_operation, hold, COR_NONE, COR_NONE);
static int let_go(struct cor_ctx *ctx, const struct cor_none *none, struct cor_none *out)
{
	(void)ctx, (void)none, (void)out;
	atomic_store(&is_held, false);
	return 0;
}
COR_OPERATION(let_go_operation, let_go, COR_NONE, COR_NONE);
static const struct cor_resource holding = {
	.path = "/hold", .put = &hold_operation, .delete = &let_go_operation
};

static int count_slowly(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *out)
{
	int rc = 0;

	cor_log_info(ctx, "it counts");
	while (rc == 0 && atomic_load(&is_held))
		rc = cor_sleep_ms(10);
	return rc < 0 ? rc : count(ctx, none, out);
}
COR_OPERATION(slowly_operation, count_slowly, COR_NONE, COR_TEXT,
	.caching = &(const struct cor_caching){
		.control = "max-age=1, stale-while-revalidate=60" });
static const struct cor_resource slowly = { .path = "/kept/slowly", .get = &slowly_operation };

static const struct cor_compression compression = { .codings = COR_CODINGS(&cor_gzip) };

static int count_at_length(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *out)
{
	(void)none;
	*out = cor_str(cor_printf(ctx, "%d%2000s", atomic_fetch_add(&calls, 1), "."));
	return out->data ? 0 : -ENOMEM;
}
COR_OPERATION(coded_operation, count_at_length, COR_NONE, COR_TEXT, .compression = &compression,
	.caching = &(const struct cor_caching){ .control = "max-age=60" });
static const struct cor_resource coded = { .path = "/kept/coded", .get = &coded_operation };

struct wish {
	const char *language;
	int64_t page;
};
static const struct cor_field wish_fields[] = {
	COR_FIELD(struct wish, language, .key = "X-Language", .from = COR_FROM_HEADER,
		.presence = COR_OPTIONAL),
	COR_FIELD(struct wish, page, .presence = COR_OPTIONAL, .fallback = "1"),
};
COR_LOCAL_SCHEMA(wish_schema, struct wish, wish_fields);

static int count_for(struct cor_ctx *ctx, const struct wish *wish, struct cor_str *out)
{
	(void)wish;
	return count(ctx, NULL, out);
}
COR_OPERATION(by_header_operation, count_for, wish_schema, COR_TEXT,
	.caching = &(const struct cor_caching){ .control = "max-age=60" });
static const struct cor_resource by_header = { .path = "/kept/by-header",
	.get = &by_header_operation };

/* What a client brings in a cookie is its own. */
struct taste {
	const char *theme;
};
static const struct cor_field taste_fields[] = {
	COR_FIELD(struct taste, theme, .from = COR_FROM_COOKIE, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(taste_schema, struct taste, taste_fields);

static int count_by_taste(struct cor_ctx *ctx, const struct taste *taste, struct cor_str *out)
{
	(void)taste;
	return count(ctx, NULL, out);
}
COR_OPERATION(by_cookie_operation, count_by_taste, taste_schema, COR_TEXT,
	.caching = &(const struct cor_caching){ .control = "public, max-age=60" });
static const struct cor_resource by_cookie = { .path = "/unkept/by-cookie",
	.get = &by_cookie_operation };

/* A middleware that nobody asks for a kept answer. */
static int ask_for_key(struct cor_ctx *ctx, struct cor_next *next)
{
	if (!cor_str_equal(cor_request_header(ctx, "X-Key"), COR_STR("open")))
		return cor_problem(ctx, 403, 0, "no key");
	return cor_next(next);
}
static const struct cor_middleware locking = { .name = "locking", .around = ask_for_key };
COR_OPERATION(locked_operation, count, COR_NONE, COR_TEXT,
	.caching = &(const struct cor_caching){ .control = "max-age=60" });
static const struct cor_resource locked = {
	.path = "/unkept/locked", .get = &locked_operation, .middleware = COR_MIDDLEWARE(&locking)
};

/* --- bodies, streams, waits --- */

struct thing {
	const char *name;
};
static const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, name, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(thing_schema, struct thing, thing_fields);

static int get_thing(struct cor_ctx *ctx, const struct thing *thing, struct cor_str *out)
{
	(void)ctx;
	*out = cor_str(thing->name);
	return 0;
}
COR_OPERATION(get_thing_operation, get_thing, thing_schema, COR_TEXT);
static const struct cor_resource one_thing = { .path = "/things/{name}",
	.get = &get_thing_operation };

static int get_all(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *out)
{
	(void)ctx, (void)none;
	*out = COR_STR("all of them");
	return 0;
}
COR_OPERATION(get_all_operation, get_all, COR_NONE, COR_TEXT);
static const struct cor_resource all_things = { .path = "/things/all", .get = &get_all_operation };

/* What nginx would obey. */
static int accelerate(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *out)
{
	int rc = cor_reply_header(ctx, "X-Accel-Redirect", "/things/all");

	(void)none;
	if (rc == 0)
		rc = cor_reply_header(ctx, "X-Accel-Limit-Rate", "1");
	*out = COR_STR("accelerated");
	return rc;
}
COR_OPERATION(accelerate_operation, accelerate, COR_NONE, COR_TEXT);
static const struct cor_resource accelerated = { .path = "/things/accelerated",
	.get = &accelerate_operation };
static const struct cor_resource slashed = { .path = "/things/slashed/",
	.get = &get_all_operation };

static int answer_headers(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *out)
{
	char value[6001];
	int rc = 0;

	(void)none;
	memset(value, 'v', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	for (int i = 0; rc == 0 && i < 4; i++)
		rc = cor_reply_header(ctx, cor_printf(ctx, "X-Large-%d", i), value);
	*out = COR_STR("large");
	return rc;
}
COR_OPERATION(answer_headers_operation, answer_headers, COR_NONE, COR_TEXT);
static const struct cor_resource large_headed = { .path = "/things/large-headed",
	.get = &answer_headers_operation };

/* Paths with what means something to nginx. */
static const struct cor_resource odd_path = { .path = "/odd;'$&()*+/x", .get = &get_all_operation };
static const struct cor_resource odd_pattern = { .path = "/odd;'$&()*+/{name}/café.",
	.get = &get_thing_operation };

/* What nginx drops on the way. */
static int tell_header(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *out)
{
	struct cor_str value = cor_request_header(ctx, "X_Key");

	(void)none;
	*out = value.data ? value : COR_STR("none");
	return 0;
}
COR_OPERATION(tell_header_operation, tell_header, COR_NONE, COR_TEXT);
static const struct cor_resource underscored = { .path = "/things/underscored",
	.get = &tell_header_operation };

static int tell_trailer(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	struct cor_str value = cor_request_trailer(ctx, "X-Last");

	(void)in;
	*out = value.data ? value : COR_STR("-");
	return 0;
}
COR_OPERATION(tell_trailer_operation, tell_trailer, COR_TEXT, COR_TEXT);
static const struct cor_resource trailing = { .path = "/things/trailing",
	.post = &tell_trailer_operation };

static int echo(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(echo_operation, echo, COR_TEXT, COR_TEXT, .body_limit_bytes = 1000);
static const struct cor_resource echoing = { .path = "/echo", .post = &echo_operation };

static int take(struct cor_ctx *ctx, const struct cor_none *none, struct cor_body *body,
	struct cor_reply *reply)
{
	char bytes[65536];
	int64_t all = 0;
	ssize_t n;

	(void)none;
	while ((n = cor_body_read(body, bytes, sizeof bytes)) > 0) {
		if (all == 0)
			cor_log_info(ctx, "it begins");
		all += n;
	}
	const char *text = cor_printf(ctx, "%lld", (long long)all);
	int rc = n < 0 ? (int)n : cor_reply_start(reply, 200, "text/plain");
	return rc < 0 ? rc : cor_reply_write(reply, text, strlen(text));
}
COR_STREAM_OPERATION(take_operation, take, COR_NONE, .content_type = "text/plain",
	.body_limit_bytes = 64 * 1024 * 1024);
static const struct cor_resource taking = { .path = "/take", .put = &take_operation };

static int tell(struct cor_ctx *ctx, const struct cor_none *none, struct cor_events *events)
{
	int rc = 0;

	(void)ctx, (void)none;
	for (int i = 0; rc == 0 && i < 1000; i++) {
		rc = cor_events_send(events, &(struct cor_event){ .data = COR_STR("tick") });
		if (rc == 0)
			rc = cor_events_sleep_ms(events, 200);
	}
	return rc;
}
COR_EVENTS_OPERATION(tell_operation, tell, COR_NONE);
static const struct cor_resource telling = { .path = "/events", .get = &tell_operation };

static int talk(struct cor_ctx *ctx, const struct cor_none *none, struct cor_websocket *ws)
{
	struct cor_websocket_message message;
	int rc;

	(void)ctx, (void)none;
	while ((rc = cor_websocket_receive(ws, &message)) == 0)
		if ((rc = cor_websocket_send_text(ws, message.data)) < 0)
			break;
	return rc;
}
COR_WEBSOCKET_OPERATION(talk_operation, talk, COR_NONE);
static const struct cor_resource talking = { .path = "/talk", .get = &talk_operation };

static int wait_long(struct cor_ctx *ctx, const struct cor_none *none, struct cor_none *out)
{
	(void)ctx, (void)none, (void)out;
	return cor_sleep_ms(60000);
}
COR_OPERATION(wait_operation, wait_long, COR_NONE, COR_NONE, .timeout_ms = 100);
static const struct cor_resource waiting = { .path = "/wait", .get = &wait_operation };

struct seen {
	const char *client, *scheme, *host;
};
static const struct cor_field seen_fields[] = {
	COR_FIELD(struct seen, client),
	COR_FIELD(struct seen, scheme),
	COR_FIELD(struct seen, host),
};
COR_LOCAL_SCHEMA(seen_schema, struct seen, seen_fields);

static int see(struct cor_ctx *ctx, const struct cor_none *none, struct seen *seen)
{
	(void)none;
	seen->client = cor_request_client(ctx);
	seen->scheme = cor_request_scheme(ctx);
	struct cor_str host = cor_request_host(ctx);

	seen->host = cor_printf(ctx, "%.*s", (int)host.len, host.data);
	return 0;
}
COR_OPERATION(see_operation, see, COR_NONE, seen_schema);
static const struct cor_resource seeing = { .path = "/seen", .get = &see_operation };

/* --- files --- */

static const struct cor_files assets = {
	.path = "/assets",
	.setting = COR_FOLDER_SETTING(settings_schema, assets),
	.cache_control = "public, max-age=3600",
	.precompressed = true,
	.types = COR_FILE_TYPES({ "odd", "application/x-odd; x=\"1;2\"" }, { "css", "text/x-own" }),
};
static const struct cor_files bare = {
	.path = "/assets/bare",
	.setting = COR_FOLDER_SETTING(settings_schema, assets),
	.subfolder = "bare",
	.index = "",
};
static const struct cor_files guarded_files = {
	.path = "/guarded",
	.setting = COR_FOLDER_SETTING(settings_schema, assets),
	.security = COR_SECURITY({ &token_scheme }),
};
static const struct cor_files page = {
	.path = "/",
	.setting = COR_FOLDER_SETTING(settings_schema, assets),
	.subfolder = "page",
	.fallback = "index.html",
	.cache_control = "no-cache",
};
static const struct cor_resource among_files = { .path = "/assets/made",
	.get = &get_all_operation };

/* --- one that is mounted, with files and settings of its own --- */

struct inner_settings {
	const char *inner_assets;
};
static const struct cor_field inner_settings_fields[] = {
	COR_FIELD(
		struct inner_settings, inner_assets, .doc = "Its folder", .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(inner_settings_schema, struct inner_settings, inner_settings_fields);

static const struct cor_files inner_files = {
	.path = "/files",
	.setting = COR_FOLDER_SETTING(inner_settings_schema, inner_assets),
	.folder = ".",
};
static const struct cor_service inner = {
	.name = "inner",
	.resources = COR_RESOURCES(&one_thing, &open_to_all, &private_one, &talking, &echoing),
	.files = COR_FILES(&inner_files),
	.settings = COR_SETTINGS(inner_settings_schema),
};

/* Nobody reads beneath it what the page has in a folder of that name. */
static const struct cor_service locked_service = {
	.name = "locked",
	.resources = COR_RESOURCES(&one_thing, &slashed),
	.security = COR_SECURITY({ &token_scheme }),
};

static const struct cor_service fronted = {
	.name = "fronted",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&open_to_all, &by_age, &shared, &private_one, &unstored, &asked,
		&mixed, &guarded, &by_header, &by_cookie, &locked, &one_thing, &all_things,
		&accelerated, &slashed, &slowly, &holding, &coded, &large_headed, &odd_path,
		&odd_pattern, &underscored, &trailing, &echoing, &taking, &telling, &talking,
		&waiting, &seeing, &among_files),
	.files = COR_FILES(&assets, &bare, &guarded_files, &page),
	.settings = COR_SETTINGS(settings_schema),
	.mounts =
		(const struct cor_mount[]){
			{ .prefix = "/inner", .service = &inner },
			{ .prefix = "/locked", .service = &locked_service },
			{ .host = "inner.example", .service = &inner },
			{ .host = ".wild.example", .prefix = "/wild", .service = &inner },
			{ 0 },
		},
	.tls = &cor_tls,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &fronted);
}
