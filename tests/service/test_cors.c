/* SPDX-License-Identifier: MIT */
/* What answers, of all sorts, say to a page of another origin. */
#include "fake.h"
#include "tables.h"

#include <coracle/caching.h>
#include <coracle/compression.h>
#include <coracle/cors.h>
#include <coracle/error.h>
#include <coracle/limit.h>
#include <coracle/request.h>
#include <coracle/response.h>
#include <coracle/security.h>

#include "compress/coding.h"

static int check_token(struct cor_ctx *ctx, const char *token, struct cor_none *principal)
{
	(void)principal;
	return strcmp(token, "good") == 0 ? 0 : cor_deny(ctx, "no");
}
COR_BEARER(token_scheme, check_token, COR_NONE);
COR_API_KEY(key_scheme, check_token, COR_NONE);

struct ask {
	const char *trace;
	const char *if_match;
};
static const struct cor_field ask_fields[] = {
	COR_FIELD(struct ask, trace, .from = COR_FROM_HEADER, .key = "X-Trace",
		.presence = COR_OPTIONAL),
	COR_FIELD(struct ask, if_match, .from = COR_FROM_HEADER, .key = "If-Match",
		.presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(ask_schema, struct ask, ask_fields);

struct told {
	const char *text;
	const char *etag;
};
static const struct cor_field told_fields[] = {
	COR_FIELD(struct told, text),
	COR_FIELD(struct told, etag, .to = COR_TO_HEADER, .key = "ETag"),
};
COR_LOCAL_SCHEMA(told_schema, struct told, told_fields);

static int handled;

static int tell(struct cor_ctx *ctx, const struct ask *ask, struct told *told)
{
	handled++;
	if (ask->trace && strcmp(ask->trace, "fail") == 0)
		return cor_problem(ctx, 404, 0, "nothing");
	*told = (struct told){ .text = "x", .etag = "\"1\"" };
	return 0;
}
COR_OPERATION(tell_operation, tell, ask_schema, told_schema,
	.security = COR_SECURITY({ &token_scheme }, { &key_scheme }, { &cor_anonymous }));
COR_OPERATION(guarded_operation, tell, ask_schema, told_schema,
	.security = COR_SECURITY({ &token_scheme }));

static const struct cor_coding coding = { .interface = COR_CODING_INTERFACE, .name = "gzip" };

/* What a page sends and reads of limits, versions and bodies that are compressed. */
static const struct cor_limit rate = { .name = "rate", .count = 100, .per_s = 1 };
static const struct cor_limit entry = { .name = "entry", .in_progress = 100 };

struct dated {
	int64_t version;
	struct timespec changed;
	const char *text;
};
static const struct cor_field dated_fields[] = {
	COR_FIELD(struct dated, version, .access = COR_READ_ONLY),
	COR_FIELD(struct dated, changed, .access = COR_READ_ONLY),
	COR_FIELD(struct dated, text),
};
COR_LOCAL_SCHEMA(dated_schema, struct dated, dated_fields);

static int date(struct cor_ctx *ctx, const struct dated *in, struct dated *out)
{
	(void)ctx;
	handled++;
	*out = *in;
	return 0;
}
COR_OPERATION(date_operation, date, dated_schema, dated_schema,
	.accepts_encoded = COR_CODINGS(&coding), .limits = COR_LIMITS(&rate),
	.caching = &(const struct cor_caching){ .version = "version", .modified = "changed" });
COR_OPERATION(entry_operation, tell, ask_schema, told_schema, .limits = COR_LIMITS(&entry));

static int around(struct cor_ctx *ctx, struct cor_next *next)
{
	int rc = cor_reply_header(ctx, "X-Around", "1");

	return rc < 0 ? rc : cor_next(next);
}
static const struct cor_middleware layer = { .name = "layer", .around = around };

static const struct cor_cors of_app = {
	.origins = COR_ORIGINS("https://app.example", "https://.lab.example"),
	.credentials = true,
	.headers = COR_HEADERS("X-More", "x-trace"),
	.exposes = COR_HEADERS("X-Around", "ETag"),
	.max_age_s = 60,
};
static const struct cor_cors of_all = {
	.origins = COR_ORIGINS("*"),
	.headers = COR_HEADERS("*"),
};

static const struct cor_resource told = {
	.path = "/told",
	.get = &tell_operation,
	.put = &guarded_operation,
};
static const struct cor_resource open_to_all = {
	.path = "/all",
	.get = &tell_operation,
	.cors = &of_all,
};
static const struct cor_resource dated = { .path = "/dated", .put = &date_operation };
static const struct cor_resource entered = { .path = "/entered", .get = &entry_operation };
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(&told, &open_to_all, &dated, &entered),
	.middleware = COR_MIDDLEWARE(&layer),
	.cors = &of_app,
};

#define APP         "Origin: https://app.example\n"
#define LAB         "Origin: https://a.lab.example\n"
#define EVIL        "Origin: https://evil.example\n"
#define ASKS        "Access-Control-Request-Method: PUT\n"
#define WISH        "Access-Control-Request-Headers: x-a, x-b\n"
#define VARY        "Vary: Origin\n"
#define ALLOW       "Access-Control-Allow-Origin: "
#define CREDENTIALS "Access-Control-Allow-Credentials: true\n"
#define EXPOSE      "Access-Control-Expose-Headers: X-Around, ETag, WWW-Authenticate, Retry-After\n"
#define EXPOSE_NONE "Access-Control-Expose-Headers: X-Around, ETag\n"
#define VARY_ASKED  "Vary: Access-Control-Request-Method, Access-Control-Request-Headers\n"
#define MAY(methods, headers, age)                                                                 \
	"Access-Control-Allow-Methods: " methods "\nAccess-Control-Allow-Headers: " headers        \
	"\nAccess-Control-Max-Age: " age "\n"

static const struct {
	const char *method, *target, *headers;
	int status;
	const char *said;
} cases[] = {
	{ "GET", "/told", NULL, 200, VARY "X-Around: 1\nETag: \"1\"\n" },
	{ "GET", "/told", APP, 200,
		VARY ALLOW "https://app.example\n" CREDENTIALS EXPOSE
			   "X-Around: 1\nETag: \"1\"\n" },
	{ "GET", "/told", LAB, 200,
		VARY ALLOW "https://a.lab.example\n" CREDENTIALS EXPOSE
			   "X-Around: 1\nETag: \"1\"\n" },
	{ "GET", "/told", EVIL, 200, VARY "X-Around: 1\nETag: \"1\"\n" },
	{ "GET", "/told", APP "X-Trace: fail\n", 404,
		VARY ALLOW "https://app.example\n" CREDENTIALS EXPOSE "X-Around: 1\n" },
	{ "PUT", "/told", APP, 401,
		VARY ALLOW "https://app.example\n" CREDENTIALS EXPOSE
			   "X-Around: 1\nWWW-Authenticate: Bearer realm=\"s\"\n" },
	{ "POST", "/told", APP, 405,
		VARY ALLOW "https://app.example\n" CREDENTIALS EXPOSE
			   "X-Around: 1\nAllow: GET, HEAD, PUT, OPTIONS\n" },
	{ "GET", "/nowhere", APP, 404,
		VARY ALLOW "https://app.example\n" CREDENTIALS EXPOSE_NONE "X-Around: 1\n" },
	{ "OPTIONS", "/told", APP ASKS, 204,
		VARY ALLOW "https://app.example\n" CREDENTIALS MAY("GET, HEAD, PUT, OPTIONS",
			"Content-Type, X-More, x-trace, If-Match, Authorization, X-API-Key", "60")
			VARY_ASKED },
	{ "OPTIONS", "/told", EVIL ASKS, 204, VARY VARY_ASKED },
	{ "OPTIONS", "/told", APP, 204,
		VARY ALLOW "https://app.example\n" CREDENTIALS EXPOSE
			   "X-Around: 1\nAllow: GET, HEAD, PUT, OPTIONS\n" },
	{ "GET", "/told", APP ASKS, 200,
		VARY ALLOW "https://app.example\n" CREDENTIALS EXPOSE
			   "X-Around: 1\nETag: \"1\"\n" },
	{ "GET", "/all", NULL, 200,
		ALLOW "*\n"
		      "Access-Control-Expose-Headers: WWW-Authenticate, Retry-After, ETag\n"
		      "X-Around: 1\nETag: \"1\"\n" },
	{ "OPTIONS", "/dated", APP ASKS, 204,
		VARY ALLOW "https://app.example\n" CREDENTIALS MAY("PUT, OPTIONS",
			"Content-Type, X-More, x-trace, Content-Encoding, If-Match, If-None-Match, "
			"If-Modified-Since, If-Unmodified-Since",
			"60") VARY_ASKED },
	{ "GET", "/dated", APP, 405,
		VARY ALLOW "https://app.example\n" CREDENTIALS
			   "Access-Control-Expose-Headers: X-Around, ETag, Retry-After, "
			   "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
			   "RateLimit-Policy\nX-Around: 1\nAllow: PUT, OPTIONS\n" },
	{ "GET", "/entered", APP, 200,
		VARY ALLOW "https://app.example\n" CREDENTIALS
			   "Access-Control-Expose-Headers: X-Around, ETag, Retry-After\n"
			   "X-Around: 1\nETag: \"1\"\n" },
	{ "OPTIONS", "/all", EVIL ASKS WISH, 204,
		ALLOW "*\n" MAY("GET, HEAD, OPTIONS", "x-a, x-b", "600") VARY_ASKED },
};

static void test_each(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		handled = 0;
		fake_serve(dispatcher,
			&(struct fake_request){ .method = cases[i].method,
				.target = cases[i].target,
				.headers = cases[i].headers },
			&reply);
		if (strcmp(reply.headers, cases[i].said) != 0)
			print_error(
				"%s %s %s\n", cases[i].method, cases[i].target, cases[i].headers);
		assert_int_equal(reply.status, cases[i].status);
		assert_string_equal(reply.headers, cases[i].said);
		assert_int_equal(
			handled, cases[i].status == 200 || strstr(cases[i].headers, "fail"));
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static const struct {
	struct cor_cors cors;
	const char *says;
} contradictions[] = {
	{ { .origins = NULL }, "no .origins" },
	{ { .origins = COR_ORIGINS("https://a.example/") },
		"\"https://a.example/\": an origin has" },
	{ { .origins = COR_ORIGINS("*"), .credentials = true }, "every page act for whoever" },
	{ { .origins = COR_ORIGINS("null"), .credentials = true }, "\"null\" with .credentials" },
	{ { .origins = COR_ORIGINS("*"), .headers = COR_HEADERS("a b") }, "\"a b\" in .headers" },
	{ { .origins = COR_ORIGINS("*"), .exposes = COR_HEADERS("") }, "\"\" in .exposes" },
};

static void test_contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
		const struct cor_resource place = {
			.path = "/told", .get = &tell_operation, .cors = &contradictions[i].cors
		};
		const struct cor_service wrong = { .name = "s",
			.resources = COR_RESOURCES(&place) };
		struct cor_violations why = { 0 };
		struct cor_arena arena;

		assert_int_equal(create(&wrong, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, "/told", contradictions[i].says))
			print_error("%s: %s\n", why.first->where, why.first->detail);
		assert_true(is_said(&why, "/told", contradictions[i].says));
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
