/* SPDX-License-Identifier: MIT */
#include "cookies_service.h"

#include <errno.h>
#include <stdio.h>

#include <coracle/cookie.h>
#include <coracle/cors.h>
#include <coracle/error.h>
#include <coracle/mount.h>
#include <coracle/request.h>
#include <coracle/sealing.h>
#include <coracle/security.h>
#include <coracle/session.h>
#include <coracle/stream.h>

struct moment moment;

bool is_cached;
struct cor_caches *caches;
static const struct cor_cache kept_sessions = {
	.name = "sessions", .ttl_ms = COR_FOREVER, .value_bytes = 3500
};

/* --- rows --- */

static const struct cor_cookie signed_cookie = { .seal = COR_SIGNED };
static const struct cor_cookie secret_cookie = { .seal = COR_ENCRYPTED, .max_age_s = 60 };
static const struct cor_cookie long_cookie = { .max_age_s = 3600,
	.path = "/rows",
	.domain = "shop.example",
	.same_site = COR_SAME_SITE_STRICT,
	.for_scripts = true };
static const struct cor_cookie embedded_cookie = { .same_site = COR_SAME_SITE_NONE,
	.partitioned = true };

struct sent {
	int64_t number;
	const char *text;
	const char *sealed;
	const char *secret;
};
static const struct cor_field sent_fields[] = {
	COR_FIELD(struct sent, number, .from = COR_FROM_COOKIE, .fallback = "1",
		.range = COR_BETWEEN(1, 9)),
	COR_FIELD(struct sent, text, .from = COR_FROM_COOKIE, .presence = COR_OPTIONAL),
	COR_FIELD(struct sent, sealed, .from = COR_FROM_COOKIE, .cookie = &signed_cookie,
		.presence = COR_OPTIONAL),
	COR_FIELD(struct sent, secret, .from = COR_FROM_COOKIE, .cookie = &secret_cookie,
		.presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(sent_schema, struct sent, sent_fields);

static int echo(struct cor_ctx *ctx, const struct sent *in, struct cor_str *out)
{
	const char *text = cor_printf(ctx, "%lld|%s|%s|%s", (long long)in->number,
		in->text ? in->text : "-", in->sealed ? in->sealed : "-",
		in->secret ? in->secret : "-");

	*out = cor_str(text);
	return 0;
}
COR_OPERATION(echo_operation, echo, sent_schema, COR_TEXT);

static const struct cor_field set_fields[] = {
	COR_OPT_FIELD(
		struct set, number, .to = COR_TO_COOKIE, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_FIELD(struct set, text, .to = COR_TO_COOKIE, .presence = COR_OPTIONAL),
	COR_FIELD(struct set, sealed, .to = COR_TO_COOKIE, .cookie = &signed_cookie,
		.presence = COR_OPTIONAL),
	COR_FIELD(struct set, secret, .to = COR_TO_COOKIE, .cookie = &secret_cookie,
		.presence = COR_OPTIONAL),
	COR_FIELD(struct set, lasting, .to = COR_TO_COOKIE, .cookie = &long_cookie,
		.presence = COR_OPTIONAL),
	COR_FIELD(struct set, embedded, .to = COR_TO_COOKIE, .cookie = &embedded_cookie,
		.presence = COR_OPTIONAL),
	COR_FIELD(struct set, host, .to = COR_TO_COOKIE, .key = "__Host-id",
		.presence = COR_OPTIONAL),
	COR_FIELD(struct set, gone, .to = COR_TO_COOKIE, .presence = COR_NULLABLE),
	COR_FIELD(struct set, done, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(set_schema, struct set, set_fields);

struct set to_set;

static int set(struct cor_ctx *ctx, const struct cor_none *in, struct set *out)
{
	(void)ctx, (void)in;
	*out = to_set;
	return 0;
}
COR_OPERATION(set_operation, set, COR_NONE, set_schema);

/* --- handlers --- */

const struct cor_cookie own_cookie = { .name = "own" };
static const struct cor_cookie wrong_cookie = { .name = "a b" };

static int by_hand(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	struct cor_str value;

	(void)in, (void)out;
	assert_int_equal(cor_cookie_get(ctx, &wrong_cookie, &value), -EINVAL);
	assert_int_equal(cor_cookie_set(ctx, &wrong_cookie, COR_STR("x")), -EINVAL);
	if (cor_cookie_get(ctx, &own_cookie, &value) == -ENOENT)
		return cor_cookie_set(ctx, &own_cookie, COR_STR("a b"));
	assert_int_equal(cor_cookie_set(ctx, &own_cookie, COR_STR("first")), 0);
	assert_int_equal(cor_reply_header(ctx, "Set-Cookie", "own=x; Path=/other"), 0);
	return cor_str_equal(value, COR_STR("a b")) ? cor_cookie_clear(ctx, &own_cookie)
						    : cor_problem(ctx, 400, 0, "another");
}
COR_OPERATION(hand_operation, by_hand, COR_NONE, COR_NONE, .problems = { 400 });

/* --- sessions --- */

static const struct cor_field visit_fields[] = {
	COR_FIELD(struct visit, user),
	COR_FIELD(struct visit, basket, .presence = COR_OPTIONAL, .min_length = 1),
};
COR_SCHEMA(visit_schema, visit_fields);
struct cor_session visits = { .keeps = COR_KEEPS(visit_schema), .idle_s = 800, .life_s = 2000 };
static const struct cor_session strays = { .keeps = COR_KEEPS(visit_schema) };

const char *big;

static struct cor_session posted = {
	.keeps = COR_KEEPS(visit_schema), .cookie = { .name = "posted" }, .of_any_page = true
};

static int act(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	struct cor_str path = cor_request_path(ctx);
	const struct visit *visit;
	int rc = 0;

	(void)in;
	if (cor_str_equal(path, COR_STR("/posted")))
		return cor_session_start(ctx, &posted, visit_schema, &(struct visit){ .user = 1 });
	if (cor_str_equal(path, COR_STR("/start")) ||
		cor_str_equal(path, COR_STR("/trusting/start")))
		rc = cor_session_start(ctx, &visits, visit_schema,
			&(struct visit){ .user = 7, .basket = big ? big : "a;b" });
	else if (cor_str_equal(path, COR_STR("/change")))
		rc = cor_session_change(ctx, &visits, visit_schema, &(struct visit){ .user = 8 });
	else if (cor_str_equal(path, COR_STR("/end")))
		rc = cor_session_end(ctx, &visits);
	else if (cor_str_equal(path, COR_STR("/stray")))
		rc = cor_session_start(ctx, &strays, visit_schema, &(struct visit){ .user = 1 });
	if (rc == -ENOENT || rc == -EINVAL || rc == -COR_ETOOLARGE || rc == -COR_EINVALID)
		return cor_problem(ctx, 400, rc, "refused");
	visit = cor_session(ctx, &visits, visit_schema);
	const char *text = visit ? cor_printf(ctx, "%lld %s", (long long)visit->user,
					   visit->basket ? visit->basket : "-")
				 : "nobody";
	*out = cor_str(text);
	return rc;
}
COR_OPERATION(act_operation, act, COR_NONE, COR_TEXT, .problems = { 400, 403 });

/* The head is gone: it fails at once, and each time without memory, as a WebSocket might go on. */
static int act_late(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	const struct visit visit = { .user = 1 };
	int rc = cor_reply_start(reply, 200, "text/plain");
	const char *before = cor_alloc(ctx, 16);

	(void)in, (void)body;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(
			cor_session_start(ctx, &visits, visit_schema, &visit), -COR_ECLOSED);
		assert_int_equal(
			cor_session_change(ctx, &visits, visit_schema, &visit), -COR_ECLOSED);
		assert_int_equal(cor_session_end(ctx, &visits), -COR_ECLOSED);
	}
	assert_ptr_equal(cor_alloc(ctx, 16), before + 16);
	return rc < 0 ? rc : cor_reply_write(reply, "late", 4);
}
COR_STREAM_OPERATION(late_operation, act_late, COR_NONE, .content_type = "text/plain");

/* As a handler on an executor does: what it sets comes back as a line of the reply. */
static int leave(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	const struct visit *known = cor_session(ctx, &visits, visit_schema);

	(void)in;
	assert_true(!known || known->user == 7);
	assert_int_equal(cor_reply_header(ctx, "Set-Cookie", "session=; Path=/; Max-Age=0"), 0);
	assert_int_equal(cor_reply_header(ctx, "Vary", "Cookie"), 0);
	assert_null(cor_session(ctx, &visits, visit_schema));
	*out = COR_STR("gone");
	return cor_session_change(ctx, &visits, visit_schema, &(struct visit){ .user = 8 }) ==
			       -ENOENT
		       ? 0
		       : -EPERM;
}
COR_OPERATION(leave_operation, leave, COR_NONE, COR_TEXT);

struct user {
	int64_t id;
};
static const struct cor_field user_fields[] = { COR_FIELD(struct user, id) };
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

static int check_visit(struct cor_ctx *ctx, const struct visit *visit, struct user *user)
{
	user->id = visit->user;
	return visit->user == 8 ? cor_deny(ctx, "eight may not") : cor_grant(ctx, "use");
}
COR_SESSION_SCHEME(visit_scheme, check_visit, visits, visit_schema, user_schema);

static int member(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	const struct user *user = cor_principal(ctx, user_schema);

	(void)in;
	*out = cor_str(cor_printf(ctx, "%lld", user ? (long long)user->id : -1));
	return 0;
}
COR_OPERATION(member_operation, member, COR_NONE, COR_TEXT);

static const struct cor_cors for_app = { .origins = COR_ORIGINS("https://app.example"),
	.credentials = true };

static const struct cor_resource rows = {
	.path = "/rows", .get = &echo_operation, .post = &set_operation
};
static const struct cor_resource hand = { .path = "/hand", .post = &hand_operation };
static const struct cor_resource start = { .path = "/start", .post = &act_operation };
static const struct cor_resource trusting = {
	.path = "/trusting/start", .get = &act_operation, .post = &act_operation, .cors = &for_app
};
static const struct cor_resource late = { .path = "/late", .get = &late_operation };
static const struct cor_resource posting = { .path = "/posted", .post = &act_operation };
static const struct cor_resource change = { .path = "/change", .post = &act_operation };
static const struct cor_resource end = { .path = "/end", .post = &act_operation };
static const struct cor_resource leaving = { .path = "/leave", .post = &leave_operation };
static const struct cor_resource look = { .path = "/look", .get = &act_operation };
static const struct cor_resource stray = { .path = "/stray", .post = &act_operation };
static const struct cor_resource members = { .path = "/members",
	.get = &member_operation,
	.post = &member_operation,
	.cors = &for_app,
	.security = COR_SECURITY({ &visit_scheme }) };
const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(&rows, &hand, &start, &trusting, &posting, &late, &change, &end,
		&leaving, &look, &stray, &members),
	.sessions = COR_SESSIONS(&visits, &posted),
	.caches = COR_CACHES(&kept_sessions),
	.sealing = &cor_sealing,
};

struct cor_dispatcher *dispatcher;
struct fake_reply got;

const char *ask(const char *method, const char *target, const char *headers)
{
	fake_serve(dispatcher,
		&(struct fake_request){ .method = method, .target = target, .headers = headers },
		&got);
	return fake_body(&got);
}

const char *kept(const char *name)
{
	static char line[8192];
	char line_start[64];

	snprintf(line_start, sizeof line_start, "Set-Cookie: %s=", name);
	const char *at = strstr(got.headers, line_start);
	if (!at)
		return NULL;
	at += strlen("Set-Cookie: ");
	snprintf(line, sizeof line, "Cookie: %.*s\n", (int)strcspn(at, ";\n"), at);
	return line;
}

/* --- mounted: paths of cookies stand behind the prefix --- */

static struct cor_session outer_visits = { .keeps = COR_KEEPS(visit_schema),
	.cookie = { .name = "outer", .path = "/in" } };
static struct cor_session inner_visits = { .keeps = COR_KEEPS(visit_schema),
	.cookie = { .name = "inner", .path = "/visits" } };
static const struct cor_cookie shelf_cookie = { .name = "shelf", .path = "/shelf" };
static const struct cor_cookie whole_cookie = { .name = "whole", .path = "/" };

struct crumbs {
	const char *crumb;
};
static const struct cor_cookie crumb_cookie = { .path = "/crumbs" };
static const struct cor_field crumbs_fields[] = {
	COR_FIELD(struct crumbs, crumb, .to = COR_TO_COOKIE, .cookie = &crumb_cookie),
};
COR_LOCAL_SCHEMA(crumbs_schema, struct crumbs, crumbs_fields);

static int bake(struct cor_ctx *ctx, const struct cor_none *in, struct crumbs *out)
{
	int rc = cor_session_start(ctx, &outer_visits, visit_schema, &(struct visit){ .user = 1 });

	(void)in;
	if (rc == 0)
		rc = cor_session_start(
			ctx, &inner_visits, visit_schema, &(struct visit){ .user = 1 });
	if (rc == 0)
		rc = cor_cookie_set(ctx, &shelf_cookie, COR_STR("x"));
	if (rc == 0)
		rc = cor_cookie_set(ctx, &whole_cookie, COR_STR("x"));
	out->crumb = "x";
	return rc;
}
COR_OPERATION(bake_operation, bake, COR_NONE, crumbs_schema);

static int clean(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	int rc = cor_session_end(ctx, &outer_visits);

	(void)in, (void)out;
	if (rc == 0)
		rc = cor_session_end(ctx, &inner_visits);
	return rc < 0 ? rc : cor_cookie_clear(ctx, &shelf_cookie);
}
COR_OPERATION(clean_operation, clean, COR_NONE, COR_NONE);

static const struct cor_resource baking = {
	.path = "/bake", .post = &bake_operation, .delete = &clean_operation
};
static const struct cor_service bakery = {
	.name = "bakery",
	.resources = COR_RESOURCES(&baking),
	.sessions = COR_SESSIONS(&inner_visits),
};
const struct cor_service street = {
	.name = "street",
	.resources = COR_RESOURCES(&baking),
	.sessions = COR_SESSIONS(&outer_visits, &inner_visits),
	.caches = COR_CACHES(&kept_sessions),
	.sealing = &cor_sealing,
	.mounts = (const struct cor_mount[]){ { .prefix = "/in", .service = &bakery }, { 0 } },
};

int open_service(void **state)
{
	const struct cor_caches_options options = { .caches = COR_CACHES(&kept_sessions) };
	const struct cor_cache *failed;

	(void)state;
	moment_begin(&moment, NULL, 1000000, 0);
	assert_int_equal(cor_caches_create(&options, &caches, &failed), 0);
	if (is_cached)
		visits.cache = posted.cache = outer_visits.cache = inner_visits
									   .cache = &kept_sessions;
	dispatcher = fake_dispatcher_with(&service, caches);
	return 0;
}

int close_service(void **state)
{
	(void)state;
	fake_finish(&got);
	cor_dispatcher_destroy(dispatcher);
	cor_caches_destroy(caches);
	moment_end(&moment);
	return 0;
}
