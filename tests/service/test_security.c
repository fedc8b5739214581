/* SPDX-License-Identifier: MIT */
/* Every scheme with its right, wrong, broken and missing credential; scopes, places, middleware. */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/request.h>
#include <coracle/security.h>

struct user {
	const char *name;
	bool is_admin;
};
static const struct cor_field user_fields[] = {
	COR_FIELD(struct user, name),
	COR_FIELD(struct user, is_admin),
};
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

struct machine {
	int64_t number;
};
static const struct cor_field machine_fields[] = {
	COR_FIELD(struct machine, number),
};
COR_LOCAL_SCHEMA(machine_schema, struct machine, machine_fields);

static int checks; /* how often a scheme was asked */

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	checks++;
	if (strcmp(token, "slow") == 0)
		return cor_problem(ctx, 503, 0, "the sessions are away");
	if (strcmp(token, "broken") == 0)
		return 7;
	if (strcmp(token, "gone") == 0)
		return -ETIMEDOUT;
	if (strcmp(token, "good") != 0 && strcmp(token, "writer") != 0)
		return cor_deny(ctx, "nobody has it");
	user->name = cor_strdup(ctx, token);
	int rc = cor_grant(ctx, "notes:read");
	return rc == 0 && token[0] == 'w' ? cor_grant(ctx, "notes:write") : rc;
}
COR_BEARER(token_scheme, check_token, user_schema, .doc = "From /sessions", .format = "opaque",
	.scopes = COR_SCOPES({ "notes:read", "See notes" }, { "notes:write" }, { "notes:admin" }));

static int check_login(struct cor_ctx *ctx, const struct cor_login *login, struct user *user)
{
	if (strcmp(login->name, "alice") != 0 || strcmp(login->password, "a:b") != 0)
		return -EACCES;
	user->name = cor_strdup(ctx, login->name);
	return 0;
}
COR_BEARER(machine_scheme, check_token, user_schema);
COR_BASIC(login_scheme, check_login, user_schema, .realm = "the desk");

static int check_key(struct cor_ctx *ctx, const char *key, struct machine *machine)
{
	machine->number = 5;
	if (key[0] == '\0')
		return 0; /* a check that compares with a secret that nobody has set */
	return strcmp(key, "k 1") == 0 ? 0 : cor_deny(ctx, "no machine has it");
}
COR_API_KEY(key_scheme, check_key, machine_schema);
COR_API_KEY(query_scheme, check_key, machine_schema, .in = COR_FROM_QUERY, .key = "api_key");
COR_API_KEY(cookie_scheme, check_key, machine_schema, .in = COR_FROM_COOKIE, .key = "sid");

static int check_signature(struct cor_ctx *ctx, const char *text, struct user *user)
{
	user->name = cor_strdup(ctx, text);
	if (strstr(text, ", Signature"))
		return 0; /* one that takes what stands first */
	return strcmp(text, "x=\"1\", y=2") == 0 ? 0 : -EACCES;
}
COR_CUSTOM_SCHEME(signature_scheme, check_signature, user_schema, .http_scheme = "Signature");

static int check_any(struct cor_ctx *ctx, const char *text, struct user *user)
{
	struct cor_str who = cor_request_header(ctx, "X-Who");

	(void)text;
	if (cor_request_header(ctx, "X-Lost").data && cor_grant(ctx, "notes:write") == 0)
		return -ENOENT;
	if (!who.data)
		return -ENOENT;
	user->name = cor_printf(ctx, "%.*s", (int)who.len, who.data);
	return cor_str_equal(who, COR_STR("eve")) ? -EACCES : 0;
}
COR_CUSTOM_SCHEME(any_scheme, check_any, user_schema);

/* Says who it is. */
static int whoami(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	const struct user *user = cor_principal(ctx, user_schema);
	const struct machine *machine = cor_principal(ctx, machine_schema);
	const char *scheme = cor_principal_scheme(ctx);
	const char *text = cor_printf(ctx, "%s %s %d%s", scheme ? scheme : "-",
		user ? user->name : "-", machine ? (int)machine->number : 0,
		cor_has_scope(ctx, "notes:write") ? " writes" : "");

	(void)in;
	*out = cor_str(text);
	return 0;
}

COR_OPERATION(by_service, whoami, COR_NONE, COR_TEXT);
COR_OPERATION(by_public, whoami, COR_NONE, COR_TEXT, .security = COR_PUBLIC);
COR_OPERATION(by_login, whoami, COR_NONE, COR_TEXT, .security = COR_SECURITY({ &login_scheme }));
COR_OPERATION(by_write, whoami, COR_NONE, COR_TEXT,
	.security = COR_SECURITY({ &token_scheme, .scopes = "notes:read notes:write" }));
COR_OPERATION(by_bearers, whoami, COR_NONE, COR_TEXT,
	.security = COR_SECURITY({ .scheme = &token_scheme }, { .scheme = &machine_scheme }));
COR_OPERATION(by_either, whoami, COR_NONE, COR_TEXT,
	.security = COR_SECURITY({ &token_scheme, .scopes = "notes:write" }, { &login_scheme }));
COR_OPERATION(by_anyone, whoami, COR_NONE, COR_TEXT,
	.security = COR_SECURITY({ &token_scheme }, { &cor_anonymous }));
COR_OPERATION(by_scopes, whoami, COR_NONE, COR_TEXT,
	.security = COR_SECURITY({ &token_scheme, .scopes = "notes:write" },
		{ &token_scheme, .scopes = "notes:admin" }));
/* Whose schemas are not one. */
COR_OPERATION(by_token_or_key, whoami, COR_NONE, COR_TEXT,
	.security = COR_SECURITY({ &token_scheme, .scopes = "notes:write" }, { &key_scheme }));
COR_OPERATION(by_key, whoami, COR_NONE, COR_TEXT, .security = COR_SECURITY({ &key_scheme }));
COR_OPERATION(by_query, whoami, COR_NONE, COR_TEXT, .security = COR_SECURITY({ &query_scheme }));
COR_OPERATION(by_cookie, whoami, COR_NONE, COR_TEXT, .security = COR_SECURITY({ &cookie_scheme }));
COR_OPERATION(
	by_signature, whoami, COR_NONE, COR_TEXT, .security = COR_SECURITY({ &signature_scheme }));
COR_OPERATION(by_any, whoami, COR_NONE, COR_TEXT,
	.security = COR_SECURITY({ &any_scheme }, { &cor_anonymous }));

/* A strict input: a parameter that is a credential is not among its own. */
struct page {
	int64_t limit;
};
static const struct cor_field page_fields[] = {
	COR_FIELD(struct page, limit, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(page_schema, struct page, page_fields);

static int list(struct cor_ctx *ctx, const struct page *in, struct cor_str *out)
{
	(void)in;
	return whoami(ctx, NULL, out);
}
COR_OPERATION(
	list_operation, list, page_schema, COR_TEXT, .security = COR_SECURITY({ &query_scheme }));

/* The middleware asks before the gate does. */
static int tell(struct cor_ctx *ctx, struct cor_next *next)
{
	const struct user *user = cor_principal(ctx, user_schema);
	int rc = cor_reply_header(ctx, "X-User", user ? user->name : "nobody");

	return rc < 0 ? rc : cor_next(next);
}
static const struct cor_middleware telling = { .name = "telling", .around = tell };

static const struct cor_resource resources[] = {
	{ .path = "/service", .get = &by_service },
	{ .path = "/public", .get = &by_public },
	{ .path = "/login", .get = &by_login },
	{ .path = "/write", .get = &by_write },
	{ .path = "/either", .get = &by_either },
	{ .path = "/bearers", .get = &by_bearers },
	{ .path = "/anyone", .get = &by_anyone },
	{ .path = "/key", .get = &by_key },
	{ .path = "/query", .get = &by_query },
	{ .path = "/list", .get = &list_operation },
	{ .path = "/cookie", .get = &by_cookie },
	{ .path = "/signature", .get = &by_signature },
	{ .path = "/any", .get = &by_any },
	{ .path = "/resource",
		.get = &by_service,
		.put = &by_public,
		.security = COR_SECURITY({ &login_scheme }) },
	{ .path = "/early", .get = &by_service, .middleware = COR_MIDDLEWARE(&telling) },
	{ .path = "/token-or-key", .get = &by_token_or_key },
	{ .path = "/scopes", .get = &by_scopes },
};
static const struct cor_service service = {
	.name = "desk",
	.resources = COR_RESOURCES(&resources[0], &resources[1], &resources[2], &resources[3],
		&resources[4], &resources[5], &resources[6], &resources[7], &resources[8],
		&resources[9], &resources[10], &resources[11], &resources[12], &resources[13],
		&resources[14], &resources[15], &resources[16]),
	.security = COR_SECURITY({ &token_scheme }),
};

#define GOOD   "Authorization: Bearer good\n"
#define WRITER "Authorization: bearer   writer\n"
#define LOGIN  "Authorization: Basic YWxpY2U6YTpi\n" /* alice:a:b */

#define BEARER      "WWW-Authenticate: Bearer realm=\"desk\"\n"
#define BAD_BEARER  "WWW-Authenticate: Bearer realm=\"desk\", error=\"invalid_token\"\n"
#define BASIC       "WWW-Authenticate: Basic realm=\"the desk\", charset=\"UTF-8\"\n"
#define KEY         "WWW-Authenticate: ApiKey realm=\"desk\"\n"
#define SIGNATURE   "WWW-Authenticate: Signature realm=\"desk\"\n"
#define LACKS_WRITE "WWW-Authenticate: Bearer realm=\"desk\", error=\"insufficient_scope\", "

static const struct {
	const char *target, *headers;
	int status;
	const char *body, *challenges;
} cases[] = {
	{ "/service", GOOD, 200, "token_scheme good 0", "" },
	{ "/service", NULL, 401, NULL, BEARER },
	{ "/service", "Authorization: Bearer bad\n", 401, NULL, BAD_BEARER },
	{ "/service", "Authorization: Bearer\n", 401, NULL, BAD_BEARER },
	{ "/service", "Authorization: Bearer good bad\n", 401, NULL, BAD_BEARER },
	{ "/service", "Authorization: Bearer g\xc3\xb6\n", 401, NULL, BAD_BEARER },
	{ "/service", "Authorization: Bearer =\n", 401, NULL, BAD_BEARER },
	{ "/service", GOOD GOOD, 401, NULL, BAD_BEARER },
	{ "/service", "Authorization: Bearers good\n", 401, NULL, BEARER },
	{ "/service", LOGIN, 401, NULL, BEARER },
	{ "/service", "Authorization: Bearer slow\n", 503, NULL, "" },
	{ "/service", "Authorization: Bearer gone\n", 504, NULL, "" },
	{ "/service", "Authorization: Bearer broken\n", 500, NULL, "" },
	{ "/public", NULL, 200, "- - 0", "" },
	{ "/public", "Authorization: Bearer bad\n", 200, "- - 0", "" },
	{ "/login", LOGIN, 200, "login_scheme alice 0", "" },
	{ "/login", GOOD, 401, NULL, BASIC },
	{ "/login", "Authorization: Basic YWxpY2U6YTpi=\n", 401, NULL, BASIC },
	{ "/login", "Authorization: Basic YWxpY2U6YQ==\n", 401, NULL, BASIC },     /* alice:a */
	{ "/login", "Authorization: Basic YWxpY2U=\n", 401, NULL, BASIC },         /* no colon */
	{ "/login", "Authorization: Basic YWxpY2U6YTpiAA==\n", 401, NULL, BASIC }, /* NUL */
	{ "/login", "Authorization: Basic YWxpY2U6/w==\n", 401, NULL, BASIC },     /* not UTF-8 */
	{ "/login", "Authorization: Basic\n", 401, NULL, BASIC },
	{ "/write", GOOD, 403, NULL, LACKS_WRITE "scope=\"notes:read notes:write\"\n" },
	{ "/write", WRITER, 200, "token_scheme writer 0 writes", "" },
	{ "/scopes", GOOD, 403,
		"{\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403,\"detail\":"
		"\"the scope notes:write is needed\"",
		LACKS_WRITE "scope=\"notes:write\"\n" },
	{ "/scopes", WRITER, 200, "token_scheme writer 0 writes", "" },
	{ "/bearers", NULL, 401, NULL, BEARER }, /* once, though two schemes say it */
	{ "/bearers", "Authorization: Bearer bad\n", 401, NULL, BAD_BEARER },
	{ "/either", GOOD, 403, NULL, LACKS_WRITE "scope=\"notes:write\"\n" },
	{ "/either", WRITER, 200, "token_scheme writer 0 writes", "" },
	{ "/either", LOGIN, 200, "login_scheme alice 0", "" },
	{ "/either", NULL, 401, NULL, BEARER BASIC },
	{ "/either", "Authorization: Bearer bad\n", 401, NULL, BAD_BEARER BASIC },
	{ "/token-or-key", GOOD, 403, NULL, LACKS_WRITE "scope=\"notes:write\"\n" },
	{ "/token-or-key", GOOD "X-API-Key: k 1\n", 200, "key_scheme - 5", "" },
	{ "/token-or-key", WRITER "X-API-Key: k 1\n", 200, "token_scheme writer 0 writes", "" },
	{ "/anyone", NULL, 200, "- - 0", "" },
	{ "/anyone", GOOD, 200, "token_scheme good 0", "" },
	{ "/anyone", "Authorization: Bearer bad\n", 401, NULL, BAD_BEARER },
	{ "/key", "x-api-key: k 1\n", 200, "key_scheme - 5", "" },
	{ "/key", "X-API-Key: k 2\n", 401, NULL, KEY },
	{ "/key", "X-API-Key: k 1\nX-API-Key: k 1\n", 401, NULL, KEY },
	{ "/key", "X-API-Key: \n", 401, NULL, KEY },
	{ "/key?api_key=k%201", NULL, 401, NULL, KEY },
	{ "/query?api_key=k%201", NULL, 200, "query_scheme - 5", "" },
	{ "/query?api_key=k+1", NULL, 200, "query_scheme - 5", "" },
	{ "/query?api_key=k", NULL, 401, NULL, KEY },
	{ "/query?api_key=k+1&api_key=k+1", NULL, 401, NULL, KEY },
	{ "/query?api_key=", NULL, 401, NULL, KEY },
	{ "/query?api_key", NULL, 401, NULL, KEY },
	{ "/query?api_key=%", NULL, 401, NULL, KEY },
	{ "/query", "X-API-Key: k 1\n", 401, NULL, KEY },
	{ "/list?limit=3&api_key=k+1", NULL, 200, "query_scheme - 5", "" },
	{ "/list?limits=3&api_key=k+1", NULL, 422, NULL, NULL },
	{ "/cookie", "Cookie: a=b; sid=k 1\n", 200, "cookie_scheme - 5", "" },
	{ "/cookie", "Cookie: a=b\nCookie: sid=k 1\n", 200, "cookie_scheme - 5", "" },
	{ "/cookie", "Cookie: SID=k 1\n", 401, NULL, KEY },
	{ "/cookie", "Cookie: sid=\n", 401, NULL, KEY },
	{ "/cookie", "Cookie: sid=k 1; a=b; sid=k 1\n", 401, NULL, KEY },
	{ "/cookie", "Cookie: sid\n", 401, NULL, KEY },
	{ "/cookie", "Cookie: =sid; ;; sid=\n", 401, NULL, KEY },
	{ "/signature", "Authorization: Signature x=\"1\", y=2\n", 200,
		"signature_scheme x=\"1\", y=2 0", "" },
	{ "/signature", "Authorization: Signature x\nAuthorization: Signature y\n", 401, NULL,
		SIGNATURE },
	{ "/signature", "Authorization: Signature x\n", 401, NULL, SIGNATURE },
	{ "/signature", NULL, 401, NULL, SIGNATURE },
	{ "/any", NULL, 200, "- - 0", "" },
	{ "/any", "X-Lost: 1\n", 200, "- - 0", "" },
	{ "/any", "X-Who: bob\n", 200, "any_scheme bob 0", "" },
	{ "/any", "X-Who: eve\n", 401, NULL, "WWW-Authenticate: any_scheme realm=\"desk\"\n" },
	{ "/resource", LOGIN, 200, "login_scheme alice 0", "" },
	{ "/resource", GOOD, 401, NULL, BASIC },
	{ "/nowhere", NULL, 401, NULL, BEARER },
	{ "/nowhere", GOOD, 404, NULL, "" },
	{ "/service/..", NULL, 401, NULL, BEARER },
	{ "/early", GOOD, 200, "token_scheme good 0", "" },
	{ "/early", NULL, 401, NULL, BEARER },
	{ "/early", "Authorization: Bearer slow\n", 503, NULL, "" },
	{ "/early", "Authorization: Bearer gone\n", 504, NULL, "" },
};

/* The challenges among the reply's headers, in their order. */
static void pick_challenges(const char *headers, char ret[512])
{
	ret[0] = '\0';
	while (*headers) {
		const char *end = strchr(headers, '\n') + 1;
		if (strncmp(headers, "WWW-", 4) == 0)
			snprintf(ret + strlen(ret), 512 - strlen(ret), "%.*s", (int)(end - headers),
				headers);
		headers = end;
	}
}

static void test_each(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };
	char challenges[512];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct fake_request request = { .target = cases[i].target,
			.headers = cases[i].headers };
		fake_serve(dispatcher, &request, &reply);
		bool is_right = reply.status == cases[i].status &&
				(!cases[i].body || strncmp(fake_body(&reply), cases[i].body,
							   strlen(cases[i].body)) == 0);
		if (!is_right)
			print_error("%s %s: %u %s\n", cases[i].target, cases[i].headers,
				reply.status, fake_body(&reply));
		wrong += !is_right;
		pick_challenges(reply.headers, challenges);
		assert_int_equal(strstr(reply.headers, "Vary: Cookie\n") != NULL,
			strcmp(cases[i].target, "/cookie") == 0);
		if (cases[i].challenges)
			assert_string_equal(challenges, cases[i].challenges);
	}
	assert_int_equal(wrong, 0);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* The other methods of what is guarded are guarded, too; OPTIONS asks nobody. */
static void test_methods(void **state)
{
	static const struct {
		const char *method, *target, *headers;
		int status;
	} methods[] = {
		{ "HEAD", "/service", NULL, 401 },
		{ "HEAD", "/service", GOOD, 200 },
		{ "POST", "/service", NULL, 401 },
		{ "POST", "/service", GOOD, 405 },
		{ "OPTIONS", "/service", NULL, 204 },
		{ "PUT", "/resource", NULL, 200 },
		{ "DELETE", "/resource", NULL, 401 },
		{ "DELETE", "/resource", LOGIN, 405 },
		{ "BREW", "/service", NULL, 401 },
	};
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);

	(void)state;
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		fake_expect(dispatcher,
			&(struct fake_request){ .method = methods[i].method,
				.target = methods[i].target,
				.headers = methods[i].headers },
			methods[i].status, NULL);
	cor_dispatcher_destroy(dispatcher);
}

/* A middleware sees whom the gate lets in, and its header is on the refusal as well. */
static void test_middleware(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	checks = 0;
	fake_serve(
		dispatcher, &(struct fake_request){ .target = "/early", .headers = GOOD }, &reply);
	assert_non_null(strstr(reply.headers, "X-User: good\n"));
	assert_int_equal(checks, 1);
	fake_serve(dispatcher, &(struct fake_request){ .target = "/early" }, &reply);
	assert_non_null(strstr(reply.headers, "X-User: nobody\n"));
	assert_int_equal(reply.status, 401);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* A handler and a check that a test calls by itself. */
static void test_without_a_request(void **state)
{
	const struct user alice = { .name = "alice" };
	struct cor_str out;
	struct user user = { 0 };
	struct cor_ctx *ctx;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx), 0);
	assert_null(cor_principal(ctx, user_schema));
	assert_int_equal(cor_ctx_set(ctx, user_schema, &alice), 0);
	assert_int_equal(whoami(ctx, NULL, &out), 0);
	assert_string_equal(out.data, "- alice 0");
	assert_int_equal(cor_ctx_set(ctx, user_schema, &(struct user){ .name = "bob" }), 0);
	assert_string_equal(cor_ctx_get(ctx, user_schema)->name, "bob");
	assert_null(cor_ctx_get(ctx, machine_schema));
	assert_int_equal(check_token(ctx, "writer", &user), 0);
	assert_int_equal(check_token(ctx, "bad", &user), -EACCES);
	assert_false(cor_has_scope(ctx, "notes:read"));
	cor_ctx_destroy(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_middleware),
		cmocka_unit_test(test_without_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
