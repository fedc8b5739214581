/* SPDX-License-Identifier: MIT */
#include "answer_shop.h"

#include <string.h>

#include <coracle/answer_cache.h>
#include <coracle/caching.h>
#include <coracle/language.h>
#include <coracle/mount.h>
#include <coracle/request.h>
#include <coracle/security.h>

#include "runtime/seams.h"

/* --- time --- */

int64_t shop_ms;

static int64_t monotonic_ns(const struct cor_clock *clock)
{
	(void)clock;
	return (1000 + shop_ms) * 1000000;
}
static int64_t realtime_ns(const struct cor_clock *clock)
{
	(void)clock;
	return (1000000000 + shop_ms) * 1000000;
}
static const struct cor_clock hand = { .monotonic_ns = monotonic_ns, .realtime_ns = realtime_ns };

/* --- the service --- */

const struct cor_cache answers = { .name = "answers", .ttl_ms = 30000 };
static const struct cor_cache results = { .name = "results", .ttl_ms = 30000 };

static const struct cor_field asked_fields[] = {
	COR_FIELD(struct asked, id, .from = COR_FROM_PATH),
	COR_FIELD(struct asked, q, .presence = COR_OPTIONAL),
	COR_FIELD(struct asked, tenant, .from = COR_FROM_HEADER, .key = "X-Tenant",
		.presence = COR_OPTIONAL),
	COR_FIELD(struct asked, crumb, .from = COR_FROM_COOKIE, .presence = COR_OPTIONAL),
};
COR_SCHEMA(asked_schema, asked_fields);

const struct cor_field thing_fields[3] = {
	COR_FIELD(struct thing, made),
	COR_FIELD(struct thing, id),
	COR_FIELD(
		struct thing, note, .to = COR_TO_HEADER, .key = "X-Note", .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(thing_schema, struct thing, thing_fields);

int made;
int (*instead)(struct cor_ctx *ctx, struct thing *out);

int get_thing(struct cor_ctx *ctx, const struct asked *in, struct thing *out)
{
	*out = (struct thing){ ++made, in->id, "n" };
	return instead ? instead(ctx, out) : 0;
}
COR_OPERATION(get_operation, get_thing, asked_schema, thing_schema, .cache = &answers,
	.problems = { 404, 403, 503 }, .also = { 203 }, .selected_by = COR_BY_QUERY | COR_BY_HEADER,
	.cache_rules = &(const struct cor_answer_rules){
		.stale_ms = 20000, .missing_ms = 5000, .says_status = true });

static int get_fixed(struct cor_ctx *ctx, const struct cor_none *in, struct thing *out)
{
	(void)ctx, (void)in;
	*out = (struct thing){ .made = ++made };
	return 0;
}
COR_OPERATION(get_fixed_operation, get_fixed, COR_NONE, thing_schema, .cache = &answers,
	.caching = &(const struct cor_caching){ .control = "no-cache", .version = "made" });

int get_word(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	*out = cor_str(cor_printf(ctx, "%s %d", cor_ctx_language(ctx), ++made));
	return 0;
}
COR_OPERATION(get_word_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers);

static int get_page(struct cor_ctx *ctx, const struct asked *in, struct cor_str *out)
{
	struct cor_str path = cor_request_path(ctx), query = cor_request_query(ctx);

	(void)in;
	*out = cor_str(cor_printf(
		ctx, "%.*s?%.*s %d", (int)path.len, path.data, (int)query.len, query.data, ++made));
	return 0;
}
COR_OPERATION(get_page_operation, get_page, asked_schema, COR_TEXT, .cache = &answers,
	.cache_rules = &(const struct cor_answer_rules){ .by_target = true });

/* --- who asks --- */

static const struct cor_field user_fields[] = { COR_FIELD(struct user, name) };
COR_SCHEMA(user_schema, user_fields);

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	if (strcmp(token, "no") == 0)
		return cor_deny(ctx, "no");
	user->name = token[0] == 'a' ? "ann" : "bob";
	return strstr(token, "writes") ? cor_grant(ctx, "writes") : 0;
}
COR_BEARER(token_scheme, check_token, user_schema, .scopes = COR_SCOPES({ "writes" }));

static int get_mine(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	const struct user *user = cor_principal(ctx, user_schema);

	(void)in;
	*out = cor_str(cor_printf(
		ctx, "%s%s %d", user->name, cor_has_scope(ctx, "writes") ? " writes" : "", ++made));
	return 0;
}
static int get_ours(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	*out = cor_str(cor_printf(ctx, "ours %d", ++made));
	return 0;
}
COR_OPERATION(mine_operation, get_mine, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }),
	.cache_rules = &(const struct cor_answer_rules){ .answers_for = COR_FOR_EACH_PRINCIPAL });
COR_OPERATION(ours_operation, get_ours, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }),
	.cache_rules = &(const struct cor_answer_rules){ .answers_for = COR_FOR_ALL_LET_IN });
COR_OPERATION(wrong_operation, get_mine, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }),
	.cache_rules = &(const struct cor_answer_rules){ .answers_for = COR_FOR_ALL_LET_IN });

/* Each says how long others may keep it, and not that they are few. */
static int get_said(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	*out = cor_str(cor_printf(ctx, "said %d", ++made));
	return cor_reply_header(ctx, "Cache-Control", "max-age=5");
}
COR_OPERATION(said_operation, get_said, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }),
	.cache_rules = &(const struct cor_answer_rules){ .answers_for = COR_FOR_ALL_LET_IN });

/* --- middleware --- */

static int stamps;

static int stamp(struct cor_ctx *ctx, struct cor_next *next)
{
	int rc = cor_ctx_set(ctx, user_schema, &(struct user){ .name = "of middleware" });

	if (rc == 0)
		rc = cor_reply_header(ctx, "X-Frame-Options", "SAMEORIGIN");

	if (rc == 0)
		rc = cor_reply_header(ctx, "X-Stamp", cor_printf(ctx, "%d", ++stamps));
	return rc < 0 ? rc : cor_next(next);
}
static const struct cor_middleware stamping = { .name = "stamping", .around = stamp };

/* --- where --- */

static const struct cor_resource page = { .path = "/pages/{id}", .get = &get_page_operation };
static const struct cor_resource thing = { .path = "/things/{id}", .get = &get_operation };
static const struct cor_resource stamped = {
	.path = "/stamped/{id}", .get = &get_operation, .middleware = COR_MIDDLEWARE(&stamping)
};
static const struct cor_resource fixed = { .path = "/fixed", .get = &get_fixed_operation };
static const struct cor_resource word = { .path = "/word", .get = &get_word_operation };
static const struct cor_resource mine = { .path = "/mine", .get = &mine_operation };
static const struct cor_resource ours = { .path = "/ours", .get = &ours_operation };
static const struct cor_resource wrong = { .path = "/wrong", .get = &wrong_operation };

static const struct cor_resource said = { .path = "/said", .get = &said_operation };

static const struct cor_language german = { .tag = "de" };
static const struct cor_service part = { .name = "part",
	.version = "1",
	.resources = COR_RESOURCES(&fixed),
	.caches = COR_CACHES(&answers) };
const struct cor_service shop = {
	.name = "shop",
	.version = "1",
	.resources = COR_RESOURCES(
		&page, &thing, &stamped, &fixed, &word, &mine, &ours, &wrong, &said),
	.caches = COR_CACHES(&answers, &results),
	.languages = COR_LANGUAGES(&german),
	.mounts = (const struct cor_mount[]){ { .prefix = "/one", .service = &part },
		{ .prefix = "/two", .service = &part },
		{ .host = "other.example", .prefix = "/one", .service = &part }, { 0 } },
};

/* --- asking --- */

struct cor_dispatcher *dispatcher;
struct cor_caches *caches;
struct fake_reply got;
struct cor_arena arena;

void open_shop(void)
{
	const struct cor_cache *failed;
	struct cor_violations why = { 0 };

	shop_ms = made = stamps = 0;
	instead = NULL;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_caches_create(&(struct cor_caches_options){ .caches = shop.caches },
				 &caches, &failed),
		0);
	int rc = cor_dispatcher_create(
		&(struct cor_dispatcher_options){ .service = &shop, .caches = caches }, &arena,
		&why, &dispatcher);
	for (const struct cor_violation *v = why.first; v; v = v->next)
		print_message("# %s: %s\n", v->where, v->detail);
	assert_int_equal(rc, 0);
}

void close_shop(void)
{
	fake_finish(&got);
	cor_dispatcher_destroy(dispatcher);
	cor_caches_destroy(caches);
	cor_arena_finish(&arena);
}

const char *ask_as(const char *method, const char *target, const char *headers)
{
	const struct fake_request request = {
		.method = method, .target = target, .headers = headers, .client = "192.0.2.1"
	};
	struct cor_thread_seams seams;

	cor_seams_enter(&seams, &(struct cor_seams){ .clock = &hand });
	fake_serve(dispatcher, &request, &got);
	cor_seams_leave(&seams);
	assert_int_equal(got.replies, 1);
	return fake_body(&got);
}

const char *ask(const char *target, const char *headers)
{
	return ask_as("GET", target, headers);
}

bool says(const char *line)
{
	return strstr(got.headers, line) != NULL;
}

bool is_hit(const char *target, const char *headers)
{
	int before = made;

	ask(target, headers);
	assert_in_range(got.status, 200, 299);
	return made == before;
}
