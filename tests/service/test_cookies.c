/* SPDX-License-Identifier: MIT */
/* Cookies of rows and of handlers, and sessions. */
#include "fake.h"
#include "cache/caches.h"
#include "world/moment.h"

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

static struct moment moment;

/* All of it again with sessions that are in a cache. */
static bool is_cached;
static struct cor_caches *caches;
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

struct set {
	cor_opt(int64_t) number;
	const char *text;
	const char *sealed;
	const char *secret;
	const char *lasting;
	const char *embedded;
	const char *host;
	const char *gone;
	const char *done;
};
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

static struct set to_set;

static int set(struct cor_ctx *ctx, const struct cor_none *in, struct set *out)
{
	(void)ctx, (void)in;
	*out = to_set;
	return 0;
}
COR_OPERATION(set_operation, set, COR_NONE, set_schema);

/* --- handlers --- */

static const struct cor_cookie own_cookie = { .name = "own" };
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

struct visit {
	int64_t user;
	const char *basket;
};
static const struct cor_field visit_fields[] = {
	COR_FIELD(struct visit, user),
	COR_FIELD(struct visit, basket, .presence = COR_OPTIONAL, .min_length = 1),
};
COR_LOCAL_SCHEMA(visit_schema, struct visit, visit_fields);
static struct cor_session visits = {
	.keeps = COR_KEEPS(visit_schema), .idle_s = 800, .life_s = 2000
};
static const struct cor_session strays = { .keeps = COR_KEEPS(visit_schema) };

static const char *big;

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
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(&rows, &hand, &start, &trusting, &posting, &late, &change, &end,
		&leaving, &look, &stray, &members),
	.sessions = COR_SESSIONS(&visits, &posted),
	.caches = COR_CACHES(&kept_sessions),
	.sealing = &cor_sealing,
};

static struct cor_dispatcher *dispatcher;
static struct fake_reply reply;

static const char *ask(const char *method, const char *target, const char *headers)
{
	fake_serve(dispatcher,
		&(struct fake_request){ .method = method, .target = target, .headers = headers },
		&reply);
	return fake_body(&reply);
}

/* "name=value" of what was set, as a header of the next request. */
static const char *kept(const char *name)
{
	static char line[8192];
	char line_start[64];

	snprintf(line_start, sizeof line_start, "Set-Cookie: %s=", name);
	const char *at = strstr(reply.headers, line_start);
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
static const struct cor_service street = {
	.name = "street",
	.resources = COR_RESOURCES(&baking),
	.sessions = COR_SESSIONS(&outer_visits, &inner_visits),
	.caches = COR_CACHES(&kept_sessions),
	.sealing = &cor_sealing,
	.mounts = (const struct cor_mount[]){ { .prefix = "/in", .service = &bakery }, { 0 } },
};

static int begin(void **state)
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

static int finish(void **state)
{
	(void)state;
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
	cor_caches_destroy(caches);
	moment_end(&moment);
	return 0;
}

static void expect_path(const char *name, const char *path)
{
	char set[32], wanted[64];

	snprintf(set, sizeof set, "Set-Cookie: %s=", name);
	snprintf(wanted, sizeof wanted, "; Path=%s; ", path);
	const char *line = strstr(reply.headers, set);
	const char *found = line ? strstr(line, "; Path=") : NULL;
	if (!found || strncmp(found, wanted, strlen(wanted)) != 0)
		fail_msg("%s: %s", wanted, reply.headers);
}

static void test_mounted_paths(void **state)
{
	static const char *const methods[] = { "POST", "DELETE" };
	struct cor_dispatcher *alone = dispatcher;

	(void)state;
	dispatcher = fake_dispatcher_with(&street, caches);
	for (size_t i = 0; i < 2; i++) {
		ask(methods[i], "/in/bake", NULL);
		expect_path("outer", "/in");
		expect_path("inner", "/in/visits");
		expect_path("shelf", "/in/shelf");
		if (i == 0)
			expect_path("crumb", "/in/crumbs");
		if (i == 0)
			expect_path("whole", "/");
		ask(methods[i], "/bake", NULL);
		expect_path("inner", "/visits");
		expect_path("shelf", "/shelf");
	}
	cor_dispatcher_destroy(dispatcher);
	dispatcher = alone;
}

static void test_rows_in(void **state)
{
	static const struct {
		const char *headers, *body;
		int status;
	} cases[] = {
		{ NULL, "1|-|-|-", 200 },
		{ "Cookie: number=3; text=a%20b\n", "3|a b|-|-", 200 },
		{ "Cookie: number=3\nCookie: text=\"quoted\"\n", "3|quoted|-|-", 200 },
		{ "Cookie: number=3; number=4; other=5\n", "3|-|-|-", 200 },
		{ "Cookie: sealed=forged; secret=forged\n", "1|-|-|-", 200 },
		{ "Cookie: number=ten\n", "\"in\":\"cookie\",\"parameter\":\"number\"", 422 },
		{ "Cookie: number=10\n", "at most 9", 422 },
		{ "Cookie: text=%ff\n", "UTF-8", 422 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *body = ask("GET", "/rows", cases[i].headers);
		assert_int_equal(reply.status, cases[i].status);
		if (!strstr(body, cases[i].body))
			fail_msg("%s: %s", cases[i].headers ? cases[i].headers : "", body);
		assert_non_null(strstr(reply.headers, "Vary: Cookie\n"));
		assert_null(strstr(strstr(reply.headers, "Vary: Cookie\n") + 5, "Vary: Cookie\n"));
	}
}

static void test_rows_out(void **state)
{
	static const struct {
		struct set set;
		const char *headers;
	} cases[] = {
		{ { .gone = "x" }, "Set-Cookie: gone=x; Path=/; HttpOnly; SameSite=Lax\n" },
		{ { .gone = NULL },
			"Set-Cookie: gone=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\n" },
		{ { .gone = "x", .number = { .state = COR_SET, .value = 5 } },
			"Set-Cookie: number=5; Path=/; HttpOnly; SameSite=Lax\n" },
		{ { .gone = "x", .number = { .state = COR_NULL } },
			"Set-Cookie: number=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\n" },
		{ { .gone = "x", .text = "a b;" },
			"Set-Cookie: text=a%20b%3B; Path=/; HttpOnly; SameSite=Lax\n" },
		{ { .gone = "x", .lasting = "y" },
			"Set-Cookie: lasting=y; Path=/rows; Domain=shop.example; SameSite=Strict; Max-Age=3600\n" },
		{ { .gone = "x", .embedded = "y" },
			"Set-Cookie: embedded=y; Path=/; Secure; HttpOnly; SameSite=None; Partitioned\n" },
		{ { .gone = "x", .host = "y" },
			"Set-Cookie: __Host-id=y; Path=/; Secure; HttpOnly; SameSite=Lax\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		to_set = cases[i].set;
		ask("POST", "/rows", NULL);
		assert_int_equal(reply.status, 200);
		if (!strstr(reply.headers, cases[i].headers))
			fail_msg("%s\nnot in\n%s", cases[i].headers, reply.headers);
	}
	assert_null(strstr(reply.headers, "text="));
}

static void test_sealed_rows(void **state)
{
	char sealed[512], secret[512], both[1024];

	(void)state;
	to_set = (struct set){ .gone = "x", .sealed = "s p", .secret = "hidden" };
	ask("POST", "/rows", NULL);
	assert_non_null(kept("sealed"));
	snprintf(sealed, sizeof sealed, "%s", kept("sealed"));
	snprintf(secret, sizeof secret, "%s", kept("secret"));
	snprintf(both, sizeof both, "%s%s", sealed, secret);
	assert_string_equal(ask("GET", "/rows", both), "1|-|s p|hidden");

	char tossed[2048]; /* by another host of the domain */
	snprintf(tossed, sizeof tossed, "Cookie: sealed=x; sealed=; %s",
		sealed + strlen("Cookie: "));
	assert_string_equal(ask("GET", "/rows", tossed), "1|-|s p|-");
	sealed[strlen(sealed) - 2] ^= 1; /* a byte of the tag */
	assert_string_equal(ask("GET", "/rows", sealed), "1|-|-|-");
	memcpy(secret, "Cookie: sealed", strlen("Cookie: sealed"));
	assert_string_equal(ask("GET", "/rows", secret), "1|-|-|-"); /* of another cookie */
	moment.now_s += 61;
	assert_string_equal(ask("GET", "/rows", both), "1|-|s p|-");
	moment.now_s -= 61;
}

static void test_too_large(void **state)
{
	static char text[COR_COOKIE_BYTES + 1];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	to_set = (struct set){ .gone = text };
	assert_non_null(strstr(ask("POST", "/rows", NULL), "500"));
	assert_null(strstr(reply.headers, "gone="));
	text[COR_COOKIE_BYTES - strlen("gone")] = '\0';
	ask("POST", "/rows", NULL);
	assert_int_equal(reply.status, 200);
}

static void test_by_hand(void **state)
{
	(void)state;
	ask("POST", "/hand", NULL);
	assert_int_equal(reply.status, 204);
	assert_string_equal(reply.headers,
		"Vary: Cookie\nSet-Cookie: own=a%20b; Path=/; HttpOnly; SameSite=Lax\n");
	ask("POST", "/hand", kept("own"));
	assert_int_equal(reply.status, 204);
	assert_string_equal(reply.headers,
		"Vary: Cookie\nSet-Cookie: own=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\n"
		"Set-Cookie: own=x; Path=/other\n");
}

/* --- sessions --- */

static void test_session(void **state)
{
	char cookie[1024], changed[1024];

	(void)state;
	assert_string_equal(ask("GET", "/look", NULL), "nobody");
	assert_string_equal(reply.headers, "Vary: Cookie\n");
	assert_string_equal(ask("POST", "/start", NULL), "7 a;b");
	assert_non_null(strstr(reply.headers, "; Path=/; HttpOnly; SameSite=Lax; Max-Age=800\n"));
	assert_null(strstr(reply.headers, "a;b"));
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	assert_string_equal(ask("GET", "/look", cookie), "7 a;b");
	assert_null(kept("session")); /* it is new enough */
	assert_string_equal(ask("POST", "/change", cookie), "8 -");
	snprintf(changed, sizeof changed, "%s", kept("session"));
	assert_string_equal(ask("GET", "/look", changed), "8 -");
	assert_string_equal(ask("POST", "/end", changed), "nobody");
	assert_non_null(
		strstr(reply.headers, "session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\n"));
	assert_non_null(strstr(ask("POST", "/change", NULL), "refused"));
	assert_non_null(strstr(ask("POST", "/stray", NULL), "refused"));
}

/* It ends 800 s after the last request, and 2000 s after it has begun. */
static void test_session_ends(void **state)
{
	char cookie[1024], renewed[1024];
	int64_t began_s = moment.now_s;

	(void)state;
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	moment.now_s = began_s + 801;
	assert_string_equal(ask("GET", "/look", cookie), "nobody");
	moment.now_s = began_s + 700;
	assert_string_equal(ask("GET", "/look", cookie), "7 a;b");
	snprintf(renewed, sizeof renewed, "%s", kept("session"));
	assert_true((strcmp(cookie, renewed) == 0) == is_cached); /* its id stays */
	moment.now_s = began_s + 1400;
	assert_string_equal(ask("GET", "/look", renewed), "7 a;b");
	assert_non_null(strstr(reply.headers, "; Max-Age=600\n")); /* of its life */
	snprintf(renewed, sizeof renewed, "%s", kept("session"));
	assert_string_equal(ask("POST", "/change", renewed), "8 -"); /* its time goes on */
	snprintf(renewed, sizeof renewed, "%s", kept("session"));
	moment.now_s = began_s + 1999;
	assert_string_equal(ask("GET", "/look", renewed), "8 -");
	moment.now_s = began_s + 2000;
	assert_string_equal(ask("GET", "/look", renewed), "nobody");
	moment.now_s = began_s;
}

static void test_session_too_large(void **state)
{
	static char text[4000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	big = text;
	assert_non_null(strstr(ask("POST", "/start", NULL), "refused"));
	assert_null(kept("session"));
	text[2900] = '\0';
	ask("POST", "/start", NULL);
	assert_int_equal(reply.status, 200);
	big = NULL;
}

static void test_session_ended_elsewhere(void **state)
{
	char cookie[1024];
	int64_t began_s = moment.now_s;

	(void)state;
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	for (int age_s = 0; age_s <= 700; age_s += 700) { /* with and without a renewal before */
		moment.now_s = began_s + age_s;
		assert_string_equal(ask("POST", "/leave", cookie), "gone");
		assert_string_equal(kept("session"), "Cookie: session=\n");
		assert_null(strstr(strstr(reply.headers, "Vary") + 1, "Vary"));
	}
	moment.now_s = began_s;
}

/* It would be no session when it comes back. */
static void test_session_that_breaks_a_rule(void **state)
{
	(void)state;
	big = "";
	assert_non_null(strstr(ask("POST", "/start", NULL), "refused"));
	assert_null(kept("session"));
	big = NULL;
}

/* --- let in by a session --- */

#define OWN        "Host: s.example\nOrigin: http://s.example\n"
#define APP        "Host: s.example\nOrigin: https://app.example\n"
#define EVIL       "Host: s.example\nOrigin: https://evil.example\n"
#define SITE(site) "Sec-Fetch-Site: " site "\n"

static void test_scheme(void **state)
{
	static const struct {
		const char *method, *more;
		int status;
	} cases[] = {
		{ "GET", "", 200 },
		{ "POST", "", 200 },
		{ "POST", OWN, 200 },
		{ "POST", "Host: s.example:80\nOrigin: http://s.example\n", 200 },
		{ "POST", "Host: s.example\nOrigin: http://s.example:81\n", 403 },
		{ "POST", APP, 200 },
		{ "POST", APP SITE("cross-site"), 200 },
		{ "POST", EVIL, 403 },
		{ "GET", EVIL, 200 },
		{ "GET", SITE("cross-site"), 200 },
		{ "POST", SITE("cross-site"), 403 },
		{ "POST", SITE("same-site"), 403 },
		{ "POST", SITE("same-origin"), 200 },
		{ "POST", SITE("none"), 200 },
		{ "POST", OWN SITE("cross-site"), 403 },
		{ "POST", EVIL SITE("same-origin"), 200 }, /* what the browser says of itself */
		{ "POST", "Origin: null\n", 403 },
	};
	char cookie[1024], headers[2048];

	(void)state;
	ask("GET", "/members", NULL);
	assert_int_equal(reply.status, 401);
	assert_non_null(strstr(reply.headers, "WWW-Authenticate: Session realm=\"s\"\n"));
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(headers, sizeof headers, "%s%s", cookie, cases[i].more);
		const char *body = ask(cases[i].method, "/members", headers);
		if (reply.status != cases[i].status)
			fail_msg("%s %s: %d", cases[i].method, cases[i].more, reply.status);
		if (cases[i].status == 200)
			assert_string_equal(body, "7");
	}
	ask("POST", "/members", EVIL); /* without the cookie it is as anybody's */
	assert_int_equal(reply.status, 401);
	ask("POST", "/change", cookie);
	ask("GET", "/members", kept("session"));
	assert_int_equal(reply.status, 401);
}

/* Nor does a page of another origin log anybody in, or out. */
static void test_other_pages(void **state)
{
	static const struct {
		const char *method, *target, *more;
		int status;
	} cases[] = {
		{ "POST", "/start", EVIL, 403 },
		{ "POST", "/start", "Origin: null\n", 403 },
		{ "POST", "/start", SITE("cross-site"), 403 },
		{ "POST", "/start", SITE("same-site"), 403 },
		{ "POST", "/start", SITE("same-origin"), 200 },
		{ "POST", "/start", OWN, 200 },
		{ "POST", "/start", APP, 403 },
		{ "POST", "/trusting/start", APP, 200 },
		{ "POST", "/trusting/start", APP SITE("cross-site"), 200 },
		{ "POST", "/trusting/start", EVIL, 403 },
		{ "GET", "/trusting/start", EVIL, 200 }, /* a link */
		{ "POST", "/change", EVIL, 403 },
		{ "POST", "/change", OWN, 200 },
		{ "POST", "/end", EVIL, 403 },
		{ "POST", "/end", OWN, 200 },
		{ "POST", "/posted", EVIL, 200 }, /* .of_any_page */
		{ "POST", "/posted", "Origin: null\n", 200 },
		{ "GET", "/look", EVIL, 200 },
	};
	char cookie[1024], headers[2048];

	(void)state;
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(headers, sizeof headers, "%s%s", cookie, cases[i].more);
		const char *body = ask(cases[i].method, cases[i].target, headers);
		if (reply.status != cases[i].status)
			fail_msg("%s %s: %d: %s", cases[i].target, cases[i].more, reply.status,
				body);
		if (kept("session"))
			snprintf(cookie, sizeof cookie, "%s", kept("session"));
		if (reply.status != 403)
			continue;
		assert_null(strstr(reply.headers, "Set-Cookie"));
		assert_non_null(strstr(body, "a page of another origin has sent this"));
	}
}

static void test_late(void **state)
{
	char cookie[1024];

	(void)state;
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	assert_string_equal(ask("GET", "/late", cookie), "late");
	assert_int_equal(reply.status, 200);
}

/* A handler that is called by a test. */
static void test_without_request(void **state)
{
	struct moment alone;
	const struct visit *visit;

	(void)state;
	moment_begin(&alone, &service, 1000, 0);
	assert_null(cor_session(alone.ctx, &visits, visit_schema));
	assert_int_equal(
		cor_session_start(alone.ctx, &visits, visit_schema, &(struct visit){ .user = 3 }),
		0);
	visit = cor_session(alone.ctx, &visits, visit_schema);
	assert_int_equal(visit->user, 3);
	assert_int_equal(cor_session_end(alone.ctx, &visits), 0);
	assert_null(cor_session(alone.ctx, &visits, visit_schema));
	assert_int_equal(cor_cookie_set(alone.ctx, &own_cookie, COR_STR("x")), 0);
	moment_end(&alone);
}

int main(int argc, char **argv)
{
	(void)argv;
	is_cached = argc > 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mounted_paths),
		cmocka_unit_test(test_rows_in),
		cmocka_unit_test(test_rows_out),
		cmocka_unit_test(test_sealed_rows),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_session_ends),
		cmocka_unit_test(test_session_too_large),
		cmocka_unit_test(test_session_ended_elsewhere),
		cmocka_unit_test(test_session_that_breaks_a_rule),
		cmocka_unit_test(test_scheme),
		cmocka_unit_test(test_other_pages),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_without_request),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
