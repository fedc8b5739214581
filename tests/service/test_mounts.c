/* SPDX-License-Identifier: MIT */
/* Services in services: whose paths, state, middleware and rules a request meets. */
#include "fake.h"
#include "tables.h"

#include <errno.h>
#include <stdio.h>

#include <coracle/cors.h>
#include <coracle/error.h>
#include <coracle/error_shape.h>
#include <coracle/limit.h>
#include <coracle/mount.h>
#include <coracle/request.h>
#include <coracle/response.h>
#include <coracle/security.h>

#include "service/composition.h"

static char trace[256];

/* Whose state the code finds that runs. */
static const char *whose(struct cor_ctx *ctx)
{
	const char *state = cor_state(ctx);

	return state ? state : "nobody";
}

static int note(struct cor_ctx *ctx, struct cor_next *next, const char *name)
{
	size_t len = strlen(trace);

	snprintf(trace + len, sizeof trace - len, "%s(%s) ", name, whose(ctx));
	int rc = cor_next(next);
	len = strlen(trace);
	snprintf(trace + len, sizeof trace - len, "%s:%d(%s) ", name, cor_reply_status(ctx, rc),
		whose(ctx));
	return rc;
}

static int around_shop(struct cor_ctx *ctx, struct cor_next *next)
{
	return note(ctx, next, "shop");
}
static int around_v1(struct cor_ctx *ctx, struct cor_next *next)
{
	return note(ctx, next, "v1");
}
static int around_books(struct cor_ctx *ctx, struct cor_next *next)
{
	return note(ctx, next, "books");
}
static const struct cor_middleware of_shop = { .name = "shop", .around = around_shop };
static const struct cor_middleware of_v1 = { .name = "v1", .around = around_v1 };
static const struct cor_middleware of_books = { .name = "books", .around = around_books };

struct user {
	const char *name;
};
static const struct cor_field user_fields[] = { COR_FIELD(struct user, name) };
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

/* Middleware of a service around asks before the gate does: the scheme's own state counts. */
static int ask_first(struct cor_ctx *ctx, struct cor_next *next)
{
	const struct user *user = cor_principal(ctx, user_schema);
	int rc = user ? cor_reply_header(ctx, "X-User", user->name) : 0;

	return rc < 0 ? rc : cor_next(next);
}
static const struct cor_middleware asking = { .name = "asking", .around = ask_first };

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	user->name = whose(ctx);
	return strcmp(token, whose(ctx)) == 0 ? 0 : cor_deny(ctx, "no");
}
COR_BEARER(token_scheme, check_token, user_schema);

struct book_ref {
	int id;
};
static const struct cor_field book_ref_fields[] = {
	COR_FIELD(struct book_ref, id, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(book_ref_schema, struct book_ref, book_ref_fields);

static int tell(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	struct cor_str path = cor_request_path(ctx);

	(void)in;
	*out = cor_str(cor_printf(ctx, "%s of %s at %.*s", whose(ctx), cor_ctx_service(ctx)->name,
		(int)path.len, path.data));
	return 0;
}
COR_OPERATION(tell_operation, tell, COR_NONE, COR_TEXT);
COR_OPERATION(public_operation, tell, COR_NONE, COR_TEXT, .security = COR_PUBLIC);

static int tell_book(struct cor_ctx *ctx, const struct book_ref *ref, struct cor_str *out)
{
	if (ref->id == 409)
		return cor_problem(ctx, 409, 0, "taken");
	if (ref->id == 410)
		return cor_problem(ctx, 410, 0, "gone");
	*out = cor_str(cor_printf(ctx, "%d of %s", ref->id, whose(ctx)));
	return 0;
}
COR_OPERATION(book_operation, tell_book, book_ref_schema, COR_TEXT);

static const struct cor_limit of_each = { .name = "each", .count = 3, .per_s = 3600 };
static const struct cor_limit of_all = { .name = "all", .count = 100, .per_s = 3600 };

/* Counts by whoever's state it finds: "fortress" is its own. */
static int by_state(struct cor_ctx *ctx, struct cor_str *ret)
{
	*ret = cor_str(whose(ctx));
	return strcmp(whose(ctx), "fortress") == 0 ? 0 : -EIO;
}
static const struct cor_limit of_fortress = {
	.name = "fortress", .count = 100, .per_s = 3600, .key = by_state
};

struct failure {
	const char *of;
};
static const struct cor_field failure_fields[] = { COR_FIELD(struct failure, of) };
COR_LOCAL_SCHEMA(failure_schema, struct failure, failure_fields);

static int fill(struct cor_ctx *ctx, const struct cor_error_answer *error, struct failure *out)
{
	(void)error;
	out->of = whose(ctx);
	return 0;
}
COR_ERROR_SHAPE(failures, fill, failure_schema);

static const struct cor_resource root = { .path = "/", .get = &tell_operation };
static const struct cor_resource health = { .path = "/health", .get = &tell_operation };
static const struct cor_resource books = {
	.path = "/books", .get = &tell_operation, .middleware = COR_MIDDLEWARE(&of_books)
};
static const struct cor_resource book = { .path = "/books/{id}", .get = &book_operation };
static const struct cor_resource users = { .path = "/users", .get = &tell_operation };
static const struct cor_resource version = { .path = "/version", .get = &public_operation };
static const struct cor_resource limited = {
	.path = "/limited", .get = &tell_operation, .limits = COR_LIMITS(&of_each)
};

static const struct cor_service admin = {
	.name = "admin",
	.resources = COR_RESOURCES(&root, &users, &version),
	.security = COR_SECURITY({ &token_scheme }),
	.problems = COR_RESPONSES({ 410, .type = "urn:x:here", .title = "Gone from here" }),
};
static const struct cor_service v1 = {
	.name = "v1",
	.resources = COR_RESOURCES(&books, &book),
	.middleware = COR_MIDDLEWARE(&of_v1),
	.errors = &cor_restx_errors,
	.problems = COR_RESPONSES({ 409, .type = "urn:x:taken", .title = "Taken" }),
	.mounts = (const struct cor_mount[]){ { .prefix = "/admin", .service = &admin }, { 0 } },
};
static const struct cor_cors cors = { .origins = COR_ORIGINS("https://app.example") };
static const struct cor_service v2 = {
	.name = "v2",
	.resources = COR_RESOURCES(&root, &book, &limited),
	.limits = COR_LIMITS(&of_all),
	.cors = &cors,
};
/* Closed by the service around it, whose code looks at the token. */
static const struct cor_service open_one = { .name = "open",
	.resources = COR_RESOURCES(&users, &version) };
static const struct cor_service fortress = {
	.name = "fortress",
	.mounts = (const struct cor_mount[]){ { .prefix = "/open", .service = &open_one }, { 0 } },
	.security = COR_SECURITY({ &token_scheme }),
	.limits = COR_LIMITS(&of_fortress),
	.errors = &failures,
};

static const struct cor_service shop = {
	.name = "shop",
	.resources = COR_RESOURCES(&health),
	.middleware = COR_MIDDLEWARE(&of_shop, &asking),
	.problems = COR_RESPONSES({ 409, .type = "urn:x:other", .title = "Elsewhere" },
		{ 410, .type = "urn:x:gone", .title = "Gone" }),
	.mounts =
		(const struct cor_mount[]){
			{ .prefix = "/v1", .service = &v1 },
			{ .prefix = "/v2", .service = &v2 },
			{ .prefix = "/internal/deep", .service = &v2, .hidden = true },
			{ .prefix = "/fortress", .service = &fortress },
			{ 0 },
		},
};

/* The state of each service is its name. */
static struct cor_dispatcher *with_states(const struct cor_service *service)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(service);
	const struct cor_composition *composition = cor_dispatcher_composition(dispatcher);

	for (size_t m = 0; m < composition->members_len; m++) {
		char *name = (char *)(uintptr_t)composition->members[m]->name;
		cor_dispatcher_set_state(dispatcher, m, name);
	}
	return dispatcher;
}

static const struct {
	const char *target, *headers;
	int status;
	const char *body;  /* NULL: not compared */
	const char *trace; /* of middleware */
} requests[] = {
	{ "/health", NULL, 200, "shop of shop at /health", "shop(shop) shop:200(shop) " },
	{ "/v1/books", NULL, 200, "v1 of v1 at /v1/books",
		"shop(shop) v1(v1) books(v1) books:200(v1) v1:200(v1) shop:200(shop) " },
	{ "/v1/books/7", NULL, 200, "7 of v1", "shop(shop) v1(v1) v1:200(v1) shop:200(shop) " },
	{ "/v2/books/7", NULL, 200, "7 of v2", "shop(shop) shop:200(shop) " },
	{ "/internal/deep/books/7", NULL, 200, "7 of v2", "shop(shop) shop:200(shop) " },
	{ "/internal/deep/", NULL, 200, "v2 of v2 at /internal/deep/", NULL },
	{ "/v2/", NULL, 200, "v2 of v2 at /v2/", NULL },
	{ "/v1/admin/", "Authorization: Bearer admin\n", 200, "admin of admin at /v1/admin/",
		"shop(shop) v1(v1) v1:200(v1) shop:200(shop) " },
	{ "/v1/admin/users", NULL, 401, NULL, "shop(shop) v1(v1) v1:401(v1) shop:401(shop) " },
	{ "/v1/admin/users", "Authorization: Bearer shop\n", 401, NULL, NULL },
	{ "/v1/admin/version", NULL, 200, "admin of admin at /v1/admin/version", NULL },
	{ "/fortress/open/users", NULL, 401, NULL, NULL },
	{ "/fortress/open/users", "Authorization: Bearer open\n", 401, NULL, NULL },
	{ "/fortress/open/users", "Authorization: Bearer fortress\n", 200,
		"open of open at /fortress/open/users", NULL },
	{ "/fortress/open/version", NULL, 200, NULL, NULL },
	{ "/fortress/open/nothing", NULL, 401, NULL, NULL },
	/* the text of a segment is compared as it is meant */
	{ "/%76%31/books/8", NULL, 200, "8 of v1", NULL },
	/* what is not there is not there of the service that it would be of */
	{ "/nothing", NULL, 404, NULL, "shop(shop) shop:404(shop) " },
	{ "/v1", NULL, 404, NULL, "shop(shop) v1(v1) v1:404(v1) shop:404(shop) " },
	{ "/v1/nothing", NULL, 404, NULL, "shop(shop) v1(v1) v1:404(v1) shop:404(shop) " },
	{ "/v1x", NULL, 404, NULL, "shop(shop) shop:404(shop) " },
	{ "/v1/admin/nothing", NULL, 401, NULL, NULL },
	{ "/v1/admin", NULL, 401, NULL, NULL },
	{ "/v1/admin/nothing", "Authorization: Bearer admin\n", 404, NULL, NULL },
	{ "/v1/../health", NULL, 400, NULL, NULL },
	{ "/v1/%zz", NULL, 400, NULL, "shop(shop) v1(v1) v1:400(v1) shop:400(shop) " },
	{ "//v1/books", NULL, 404, NULL, NULL },
	{ "/v1//books", NULL, 404, NULL, NULL },
	/* problems: the nearest says what a status means, in the nearest shape */
	{ "/v1/books/409", NULL, 409, NULL, NULL },
	{ "/v1/books/x", NULL, 400, NULL, NULL },
	{ "/v2/books/x", NULL, 422, NULL, NULL },
	{ "/health", "Origin: https://app.example\n", 200, NULL, NULL },
};

static void test_requests(void **state)
{
	struct cor_dispatcher *dispatcher = with_states(&shop);

	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		const struct fake_request request = { .target = requests[i].target,
			.headers = requests[i].headers };
		struct fake_reply reply = { 0 };
		trace[0] = '\0';
		fake_serve(dispatcher, &request, &reply);
		if (reply.status != requests[i].status)
			fail_msg("%s: %d, not %d: %s", requests[i].target, reply.status,
				requests[i].status, fake_body(&reply));
		if (requests[i].body && strcmp(fake_body(&reply), requests[i].body) != 0)
			fail_msg("%s: %s", requests[i].target, fake_body(&reply));
		if (requests[i].trace && strcmp(trace, requests[i].trace) != 0)
			fail_msg("%s: %s", requests[i].target, trace);
		fake_finish(&reply);
	}
	cor_dispatcher_destroy(dispatcher);
}

static const struct {
	const char *target, *headers;
	const char *body, *header; /* a part of it; NULL: not looked at */
	const char *not_header;    /* not there */
} answers[] = {
	{ "/v1/books/409", NULL, "{\"message\":\"taken\"", NULL, NULL },
	{ "/v1/admin/users", NULL, "{\"message\":", "realm=\"admin\"", NULL },
	{ "/v1/admin/users", "Authorization: Bearer admin\n", NULL, "X-User: admin", NULL },
	{ "/v1/admin/users", "Authorization: Bearer shop\n", NULL, NULL, "X-User" },
	{ "/fortress/open/users", "Authorization: Bearer fortress\n", NULL, "X-User: fortress",
		NULL },
	{ "/fortress/open/users", NULL, "{\"of\":\"fortress\"}", "realm=\"fortress\"", NULL },
	{ "/fortress/open/users", "Authorization: Bearer fortress\n", NULL, "RateLimit-Limit: 100",
		NULL },
	{ "/v2/books/409", NULL, "\"title\":\"Elsewhere\"", NULL, NULL },
	{ "/v2/books/410", NULL, "\"title\":\"Gone\"", NULL, NULL },
	{ "/v2/books/1", "Origin: https://app.example\n", NULL,
		"Access-Control-Allow-Origin: https://app.example", NULL },
	{ "/v2/nothing", "Origin: https://app.example\n", NULL,
		"Access-Control-Allow-Origin: https://app.example", NULL },
	{ "/v1/books/1", "Origin: https://app.example\n", NULL, NULL, "Access-Control" },
	{ "/v2/limited", NULL, NULL, "RateLimit-Limit: 3", NULL },
	{ "/v2/books/1", NULL, NULL, "RateLimit-Limit: 100", NULL },
	{ "/v1/books/1", NULL, NULL, NULL, "RateLimit" },
};

static void test_rules(void **state)
{
	struct cor_dispatcher *dispatcher = with_states(&shop);

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		const struct fake_request request = { .target = answers[i].target,
			.headers = answers[i].headers };
		struct fake_reply reply = { 0 };
		fake_serve(dispatcher, &request, &reply);
		if (answers[i].body && !strstr(fake_body(&reply), answers[i].body))
			fail_msg("%s: %s", answers[i].target, fake_body(&reply));
		if (answers[i].header && !strstr(reply.headers, answers[i].header))
			fail_msg("%s: %s", answers[i].target, reply.headers);
		if (answers[i].not_header && strstr(reply.headers, answers[i].not_header))
			fail_msg("%s: %s", answers[i].target, reply.headers);
		fake_finish(&reply);
	}
	cor_dispatcher_destroy(dispatcher);
}

/* Versions without a start hook, with the state of the nearest service around that has one. */
static int start_nothing(struct cor_ctx *ctx, void **ret_state)
{
	(void)ctx;
	*ret_state = NULL;
	return 0;
}
static const struct cor_service inner = { .name = "inner", .resources = COR_RESOURCES(&users) };
static const struct cor_service middle = {
	.name = "middle",
	.resources = COR_RESOURCES(&root),
	.mounts = (const struct cor_mount[]){ { .prefix = "/inner", .service = &inner }, { 0 } },
};
static const struct cor_service starter = {
	.name = "starter",
	.resources = COR_RESOURCES(&root),
	.start = start_nothing,
	.mounts = (const struct cor_mount[]){ { .prefix = "/middle", .service = &middle }, { 0 } },
};
static const struct cor_service outermost = {
	.name = "outermost",
	.resources = COR_RESOURCES(&root),
	.start = start_nothing,
	.mounts =
		(const struct cor_mount[]){
			{ .prefix = "/starter", .service = &starter },
			{ .prefix = "/inner", .service = &inner }, /* elsewhere, too */
			{ 0 },
		},
};

static void test_state_is_of_the_nearest_that_starts(void **state)
{
	static const char *const targets[][2] = {
		{ "/", "outermost of outermost at /" },
		{ "/starter/", "starter of starter at /starter/" },
		{ "/starter/middle/", "starter of middle at /starter/middle/" },
		{ "/starter/middle/inner/users",
			"starter of inner at /starter/middle/inner/users" },
		{ "/inner/users", "outermost of inner at /inner/users" },
	};
	struct cor_dispatcher *dispatcher = with_states(&outermost);

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		struct fake_reply reply = { 0 };
		fake_serve(dispatcher, &(struct fake_request){ .target = targets[i][0] }, &reply);
		assert_string_equal(fake_body(&reply), targets[i][1]);
		fake_finish(&reply);
	}
	cor_dispatcher_destroy(dispatcher);
}

/* One limit, wherever the service is mounted. */
static void test_limit_is_shared(void **state)
{
	struct cor_dispatcher *dispatcher = with_states(&shop);
	static const char *const targets[] = { "/v2/limited", "/internal/deep/limited" };

	(void)state;
	for (int i = 0; i < 4; i++)
		fake_expect(dispatcher, &(struct fake_request){ .target = targets[i % 2] },
			i < 3 ? 200 : 429, NULL);
	cor_dispatcher_destroy(dispatcher);
}

/* A mounted service is what it is, for whoever runs it alone. */
static void test_alone(void **state)
{
	struct cor_dispatcher *dispatcher = with_states(&v1);

	(void)state;
	fake_expect(dispatcher, &(struct fake_request){ .target = "/books" }, 200,
		"v1 of v1 at /books");
	fake_expect(dispatcher,
		&(struct fake_request){
			.target = "/admin/users", .headers = "Authorization: Bearer admin\n" },
		200, "admin of admin at /admin/users");
	fake_expect(dispatcher, &(struct fake_request){ .target = "/v1/books" }, 404, NULL);
	cor_dispatcher_destroy(dispatcher);
}

static void test_order(void **state)
{
	static const struct cor_service *const members[] = { &admin, &v1, &v2, &open_one, &fortress,
		&shop };
	struct cor_composition composition;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_compose(&shop, &arena, NULL, &composition), 0);
	assert_int_equal(composition.len, 7);
	assert_int_equal(composition.members_len, 6);
	for (size_t i = 0; i < 6; i++)
		assert_ptr_equal(composition.members[i], members[i]);
	assert_string_equal(composition.units[2].prefix, "/v1/admin");
	assert_ptr_equal(composition.units[2].outer, &composition.units[1]);
	cor_arena_finish(&arena);
}

/* --- hosts --- */

static const struct cor_resource slashed = { .path = "/slashed/", .get = &tell_operation };
static const struct cor_resource put_one = { .path = "/items/{id}", .get = &book_operation };
static const struct cor_service of_host = { .name = "host", .resources = COR_RESOURCES(&books) };
static const struct cor_service below = { .name = "below",
	.resources = COR_RESOURCES(&books, &version) };
static const struct cor_service deeper = { .name = "deeper", .resources = COR_RESOURCES(&books) };
static const struct cor_service part = { .name = "part", .resources = COR_RESOURCES(&users) };

#define HOSTS                                                                                      \
	{ .host = "admin.example.com", .service = &of_host },                                      \
		{ .host = ".example.com", .service = &below },                                     \
		{ .host = ".deep.example.com", .service = &deeper },                               \
		{ .host = "[::1]", .service = &deeper },                                           \
	{                                                                                          \
		.host = "part.org", .prefix = "/p", .service = &part                               \
	}

static const struct cor_service with_default = {
	.name = "default",
	.resources = COR_RESOURCES(&health),
	.mounts = (const struct cor_mount[]){ HOSTS, { 0 } },
};
static const struct cor_service without_default = {
	.name = "none",
	.security = COR_SECURITY({ &token_scheme }),
	.mounts = (const struct cor_mount[]){ HOSTS, { 0 } },
};

static const struct {
	const char *host, *target; /* NULL: none */
	int status;                /* without a service for other hosts, 421 where it is 0 */
	const char *of;            /* NULL: an answer of nobody */
} hosts[] = {
	{ "admin.example.com", "/books", 200, "host" },
	{ "ADMIN.Example.COM", "/books", 200, "host" },
	{ "admin.example.com:8080", "/books", 200, "host" },
	{ "admin.example.com.", "/books", 200, "host" },
	{ "admin.example.com.:443", "/books", 200, "host" },
	{ "www.example.com", "/books", 200, "below" },
	{ "a.b.example.com", "/books", 200, "below" },
	{ "x.deep.example.com", "/books", 200, "deeper" },
	{ "deep.example.com", "/books", 200, "below" },
	{ "[::1]", "/books", 200, "deeper" },
	{ "[::1]:8080", "/books", 200, "deeper" },
	{ "part.org", "/p/users", 200, "part" },
	{ "www.example.com", "/health", 404, NULL },
	{ "admin.example.com", "/version", 404, NULL },
	{ "part.org", "/p/nothing", 404, NULL },
	/* nobody's */
	{ "example.com", "/health", 0, "default" },
	{ "evilexample.com", "/health", 0, "default" },
	{ "admin.example.com.evil.org", "/health", 0, "default" },
	{ "admin.example.com@evil.org", "/health", 400, NULL },
	{ "127.0.0.1:80", "/health", 0, "default" },
	{ "[::2]", "/health", 0, "default" },
	{ "", "/health", 0, "default" },
	{ NULL, "/health", 0, "default" },
};

static void ask(struct cor_dispatcher *dispatcher, size_t i, int status, const char *of)
{
	char headers[128] = "";
	char wanted[64];
	struct fake_reply reply = { 0 };

	if (hosts[i].host)
		snprintf(headers, sizeof headers, "Host: %s\n", hosts[i].host);
	fake_serve(dispatcher,
		&(struct fake_request){ .target = hosts[i].target, .headers = headers }, &reply);
	snprintf(wanted, sizeof wanted, " of %s at ", of ? of : "");
	if (reply.status != status || (of && !strstr(fake_body(&reply), wanted)))
		fail_msg("%s: %u, not %d: %s", hosts[i].host, reply.status, status,
			fake_body(&reply));
	fake_finish(&reply);
}

static void test_hosts(void **state)
{
	struct cor_dispatcher *with = with_states(&with_default);
	struct cor_dispatcher *without = with_states(&without_default);

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		bool is_others = hosts[i].status == 0;
		if (hosts[i].status == 400)
			continue; /* the server refuses it before */
		ask(with, i, is_others ? 200 : hosts[i].status, hosts[i].of);
		if (is_others)
			ask(without, i, 421, NULL);
	}
	cor_dispatcher_destroy(with);
	cor_dispatcher_destroy(without);
}

/* A host whose mounts all have prefixes is there: the rest of it is the outermost service's. */
static const struct cor_resource of_docs = { .path = "/docs", .get = &public_operation };
static const struct cor_service by_prefix = {
	.name = "by-prefix",
	.resources = COR_RESOURCES(&books),
	.slashes = COR_SLASHES_REDIRECT,
	.mounts = (const struct cor_mount[]){ { .host = "part.org",
						      .prefix = "/p",
						      .service = &below },
		{ .host = ".other.org", .service = &below }, { 0 } },
};

static void expect_of(
	struct cor_dispatcher *dispatcher, const char *host, const char *target, int status)
{
	char headers[64];

	snprintf(headers, sizeof headers, "Host: %s\n", host);
	fake_expect(dispatcher, &(struct fake_request){ .target = target, .headers = headers },
		status, NULL);
}

static void test_host_of_prefixes(void **state)
{
	struct cor_dispatcher *dispatcher = with_states(&by_prefix);
	struct cor_dispatcher *closed = with_states(&without_default);

	(void)state;
	expect_of(dispatcher, "part.org", "/p/books", 200);
	expect_of(dispatcher, "part.org", "/p/books/", 308);
	expect_of(dispatcher, "part.org", "/books", 404);
	expect_of(dispatcher, "part.org", "/books/", 404); /* nothing is there to lead to */
	expect_of(dispatcher, "part.org", "/a%00", 400);
	expect_of(dispatcher, "x.org", "/books/", 308);
	expect_of(closed, "part.org", "/nothing", 401); /* the outermost service's gate */
	cor_dispatcher_destroy(dispatcher);
	cor_dispatcher_destroy(closed);
}

/* The documentation of a service that answers no host is nobody's. */
static void test_closed_documents(void **state)
{
	static const struct cor_resource *const docs[] = { &of_docs, NULL }, *const none[] = {
		NULL
	};
	static const struct cor_resource *const *const extra[] = { docs, none, none, none, none,
		none };
	const struct cor_service *services[] = { &without_default, &with_default };
	struct cor_violations why = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct cor_dispatcher_options options = { .service = services[i],
			.extra = extra };
		struct cor_dispatcher *dispatcher = NULL;
		struct cor_arena arena;

		cor_arena_init(&arena, NULL, 0, 0);
		assert_int_equal(cor_dispatcher_create(&options, &arena, &why, &dispatcher), 0);
		expect_of(dispatcher, "x.org", "/docs", i == 0 ? 421 : 200);
		cor_dispatcher_destroy(dispatcher);
		cor_arena_finish(&arena);
	}
}

/* --- slashes --- */

static const struct cor_service strict = { .name = "strict",
	.resources = COR_RESOURCES(&books, &slashed, &put_one) };
static const struct cor_service lenient = {
	.name = "lenient",
	.resources = COR_RESOURCES(&books, &slashed, &put_one, &root),
	.mounts = (const struct cor_mount[]){ { .prefix = "/v1", .service = &strict },
		{ .prefix = "/closed", .service = &admin }, { 0 } },
	.slashes = COR_SLASHES_REDIRECT,
};

static const struct {
	const char *target;
	int status;
	const char *location; /* NULL: none */
} slashes[] = {
	{ "/books", 200, NULL },
	{ "/books/", 308, "../books" },
	{ "/books/?a=b&c=%2f", 308, "../books?a=b&c=%2f" },
	{ "/books/?", 308, "../books?" },
	{ "/slashed", 308, "./slashed/" },
	{ "/slashed?x=//evil.example", 308, "./slashed/?x=//evil.example" },
	{ "/%73lashed", 308, "./%73lashed/" },
	{ "/items/7/", 308, "../7" },
	{ "/items/a:b/", 308, "../a:b" },
	{ "/items/%2f%2fevil.example/", 308, "../%2f%2fevil.example" },
	{ "/items/7//", 404, NULL },
	{ "/items//", 404, NULL },
	{ "//books/", 404, NULL },
	{ "//evil.example/", 404, NULL },
	{ "/nothing/", 404, NULL },
	{ "/nothing", 404, NULL },
	{ "/", 200, NULL },
	{ "//", 308, "../" },
	{ "/v1/books/", 308, "../books" },
	{ "/v1/slashed", 308, "./slashed/" },
	{ "/v1/nothing/", 404, NULL },
	/* who may not learn what is there does not */
	{ "/closed", 401, NULL },
	{ "/closed/users/", 401, NULL },
};

static void test_slashes(void **state)
{
	struct cor_dispatcher *dispatcher = with_states(&lenient);
	struct cor_dispatcher *plain = with_states(&strict);
	char wanted[80];

	(void)state;
	for (size_t i = 0; i < sizeof slashes / sizeof slashes[0]; i++) {
		struct fake_reply reply = { 0 };
		const struct fake_request request = { .target = slashes[i].target };
		fake_serve(dispatcher, &request, &reply);
		const char *found = strstr(reply.headers, "Location: ");
		snprintf(wanted, sizeof wanted, "Location: %s\n",
			slashes[i].location ? slashes[i].location : "");
		if (reply.status != slashes[i].status || !found != !slashes[i].location ||
			(found && strncmp(found, wanted, strlen(wanted)) != 0))
			fail_msg("%s: %u %s", slashes[i].target, reply.status, reply.headers);
		fake_finish(&reply);
	}
	fake_expect(dispatcher,
		&(struct fake_request){
			.method = "PUT", .target = "/books/", .body = COR_STR("x") },
		308, "");
	fake_expect(plain, &(struct fake_request){ .target = "/books/" }, 404, NULL);
	cor_dispatcher_destroy(dispatcher);
	cor_dispatcher_destroy(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_state_is_of_the_nearest_that_starts),
		cmocka_unit_test(test_limit_is_shared),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_host_of_prefixes),
		cmocka_unit_test(test_closed_documents),
		cmocka_unit_test(test_slashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
