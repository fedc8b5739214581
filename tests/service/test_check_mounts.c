/* SPDX-License-Identifier: MIT */
/* What services that are mounted together cannot be: told at start, with the names of both. */
#include "fake.h"
#include "tables.h"

#include <stdio.h>

#include <coracle/error.h>
#include <coracle/limit.h>
#include <coracle/mount.h>
#include <coracle/sealing.h>
#include <coracle/security.h>
#include <coracle/session.h>
#include <coracle/topic.h>

static int work(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(work_operation, work, COR_NONE, COR_NONE);

struct what {
	const char *what;
};
static const struct cor_field what_fields[] = {
	COR_FIELD(struct what, what, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(what_schema, struct what, what_fields);

static int name(struct cor_ctx *ctx, const struct what *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(name_operation, name, what_schema, COR_NONE);

static int check_token(struct cor_ctx *ctx, const char *token, struct cor_none *principal)
{
	(void)ctx, (void)token, (void)principal;
	return 0;
}
COR_BEARER(bearer_scheme, check_token, COR_NONE, .name = "token");
COR_BEARER(same_scheme, check_token, COR_NONE, .name = "token");
COR_API_KEY(key_scheme, check_token, COR_NONE, .name = "token");

static int is_ready(struct cor_ctx *ctx, void *state)
{
	(void)ctx, (void)state;
	return 0;
}

static const struct cor_limit limit = { .name = "each", .count = 1, .per_s = 1 };
static const struct cor_limit other_limit = { .name = "each", .count = 2, .per_s = 1 };
static const struct cor_topic topic = { .name = "prices" };
static const struct cor_topic other_topic = { .name = "prices" };
static const struct cor_executor executor = { .name = "pool" };
static const struct cor_executor other_executor = { .name = "pool" };
static const struct cor_readiness readiness = { .name = "db", .check = is_ready };
static const struct cor_readiness other_readiness = { .name = "db", .check = is_ready };
static const struct cor_counter orders = COR_COUNTER("orders", .doc = "Orders.");
static const struct cor_counter other_orders = COR_COUNTER("orders", .doc = "Other orders.");

static const struct cor_resource books = { .path = "/books", .get = &work_operation };
static const struct cor_resource whole_books = { .path = "/v1/books", .get = &work_operation };
static const struct cor_resource named = { .path = "/v1/{what}", .get = &name_operation };
static const struct cor_resource docs = { .path = "/v1/docs", .get = &work_operation };
static const struct cor_resource own_docs = { .path = "/openapi.json", .get = &work_operation };
static const struct cor_resource bad = { .path = "books", .get = &work_operation };
static const struct cor_resource hollow = { .path = "/hollow" };
static const struct cor_resource guarded = {
	.path = "/books", .get = &work_operation, .limits = COR_LIMITS(&limit)
};

#define MOUNTS(...)                                                                                \
	.mounts = (const struct cor_mount[])                                                       \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static const struct cor_service v1 = {
	.name = "v1",
	.resources = COR_RESOURCES(&guarded),
	.limits = COR_LIMITS(&other_limit),
};
static const struct cor_service full = {
	.name = "full",
	.resources = COR_RESOURCES(&books),
	.topics = COR_TOPICS(&topic),
	.executors = COR_EXECUTORS(&executor),
	.readiness = COR_READINESS(&readiness),
	.metrics = COR_METRICS(&orders.metric),
	.limits = COR_LIMITS(&limit),
	.security = COR_SECURITY({ &bearer_scheme }),
};
static const struct cor_service same = {
	.name = "same",
	.resources = COR_RESOURCES(&books),
	.topics = COR_TOPICS(&topic),
	.executors = COR_EXECUTORS(&executor),
	.readiness = COR_READINESS(&readiness),
	.metrics = COR_METRICS(&orders.metric),
	.limits = COR_LIMITS(&limit),
	.security = COR_SECURITY({ &same_scheme }),
};
static const struct cor_service other = {
	.name = "other",
	.resources = COR_RESOURCES(&books),
	.topics = COR_TOPICS(&other_topic),
	.executors = COR_EXECUTORS(&other_executor),
	.readiness = COR_READINESS(&other_readiness),
	.metrics = COR_METRICS(&other_orders.metric),
	.limits = COR_LIMITS(&other_limit),
	.security = COR_SECURITY({ &key_scheme }),
};
static const struct cor_service plain = { .name = "plain", .resources = COR_RESOURCES(&books) };
static const struct cor_service documented = { .name = "documented",
	.resources = COR_RESOURCES(&own_docs) };
#define HOST(host_)                                                                                \
	{                                                                                          \
		.host = host_, .service = &plain                                                   \
	}
static const struct cor_service hosted = { .name = "hosted", MOUNTS(HOST("a.example")) };
static const struct cor_service faulty = { .name = "faulty", .resources = COR_RESOURCES(&hollow) };
static const struct cor_service pathless = { .name = "pathless", .resources = COR_RESOURCES(&bad) };
extern const struct cor_service circle;
static const struct cor_service inside_circle = { .name = "inside",
	.resources = COR_RESOURCES(&books),
	MOUNTS({ .prefix = "/c", .service = &circle }) };
const struct cor_service circle = { .name = "circle",
	.resources = COR_RESOURCES(&books),
	MOUNTS({ .prefix = "/i", .service = &inside_circle }) };
static const struct cor_service deep4 = { .name = "deep4",
	MOUNTS({ .prefix = "/d", .service = &plain }) };
static const struct cor_service deep3 = { .name = "deep3",
	MOUNTS({ .prefix = "/d", .service = &deep4 }) };
static const struct cor_service deep2 = { .name = "deep2",
	MOUNTS({ .prefix = "/d", .service = &deep3 }) };
static const struct cor_service deep1 = { .name = "deep1",
	MOUNTS({ .prefix = "/d", .service = &deep2 }) };

static const struct cor_resource users = { .path = "/users", .get = &work_operation };
static const struct cor_service other_paths = { .name = "other_paths",
	.resources = COR_RESOURCES(&users) };
static const struct cor_service nest = { .name = "nest",
	MOUNTS({ .prefix = "/b", .service = &full }) };

/* --- sessions: what one service lists and seals with counts for all --- */

struct visit {
	int id;
};
static const struct cor_field visit_fields[] = { COR_FIELD(struct visit, id) };
COR_LOCAL_SCHEMA(visit_schema, struct visit, visit_fields);
static const struct cor_session login = { .keeps = COR_KEEPS(visit_schema),
	.cookie = { .name = "login" } };
static const struct cor_session cart = { .keeps = COR_KEEPS(visit_schema),
	.cookie = { .name = "cart" } };

static int check_visit(struct cor_ctx *ctx, const struct visit *visit, struct cor_none *principal)
{
	(void)ctx, (void)visit, (void)principal;
	return 0;
}
COR_SESSION_SCHEME(login_scheme, check_visit, login, visit_schema, COR_NONE, .name = "login");
COR_OPERATION(
	closed_operation, work, COR_NONE, COR_NONE, .security = COR_SECURITY({ &login_scheme }));

struct crumb {
	const char *login;
};
static const struct cor_cookie sealed = { .seal = COR_ENCRYPTED };
static const struct cor_field crumb_fields[] = {
	COR_FIELD(struct crumb, login, .from = COR_FROM_COOKIE, .cookie = &sealed),
};
COR_LOCAL_SCHEMA(crumb_schema, struct crumb, crumb_fields);

static int eat(struct cor_ctx *ctx, const struct crumb *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(eat_operation, eat, crumb_schema, COR_NONE);

static const struct cor_resource closed = { .path = "/closed", .get = &closed_operation };
static const struct cor_resource eating = { .path = "/eat", .get = &eat_operation };
static const struct cor_service shopping = {
	.name = "shopping",
	.resources = COR_RESOURCES(&closed),
	.sessions = COR_SESSIONS(&cart),
};
static const struct cor_service hungry = { .name = "hungry", .resources = COR_RESOURCES(&eating) };
static const struct cor_service sated = {
	.name = "sated",
	.resources = COR_RESOURCES(&eating),
	.sessions = COR_SESSIONS(&cart),
};

static const struct {
	struct cor_service service;
	const char *where, *why; /* NULL: it can be */
} cases[] = {
	{ { .name = "s", MOUNTS({ .prefix = "/v1", .service = &plain }) }, NULL, NULL },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/v1", .service = &plain },
			  { .prefix = "/v2", .service = &plain }) },
		NULL, NULL },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/v1", .service = &full },
			  { .prefix = "/v2", .service = &same }) },
		NULL, NULL },
	{ { .name = "s",
		  .resources = COR_RESOURCES(&named),
		  MOUNTS({ .prefix = "/v1", .service = &plain }) },
		NULL, NULL },
	{ { .name = "s", MOUNTS({ NULL, .service = &plain }) }, "plain",
		"its mount has neither .prefix nor .host" },
	{ { .name = "s", MOUNTS(HOST("a.example"), HOST(".a.example"), HOST("[::1]")) }, NULL,
		NULL },
	{ { .name = "s", MOUNTS(HOST("a.example"), HOST("a.example")) }, "a.example",
		"plain and plain are both mounted here" },
	{ { .name = "s", MOUNTS(HOST("A.example")) }, "A.example", "in lower case" },
	{ { .name = "s", MOUNTS(HOST("a.example:80")) }, "a.example:80", "without a port" },
	{ { .name = "s", MOUNTS(HOST("*.a.example")) }, "*.a.example", "with a dot: .example.com" },
	{ { .name = "s", MOUNTS(HOST("")) }, "", "is a name or an address" },
	{ { .name = "s", MOUNTS(HOST(".")) }, ".", "is a name or an address" },
	{ { .name = "s", MOUNTS(HOST("..a")) }, "..a", "is a name or an address" },
	{ { .name = "s", MOUNTS(HOST("a.")) }, "a.", "is a name or an address" },
	{ { .name = "s", MOUNTS(HOST(".[::1]")) }, ".[::1]", "is a name or an address" },
	{ { .name = "s", MOUNTS(HOST("a/b")) }, "a/b", "is a name or an address" },
	{ { .name = "s", MOUNTS({ .prefix = "/h", .service = &hosted }) }, "plain",
		"only mounts of the outermost service" },
	{ { .name = "s", MOUNTS({ .prefix = "", .service = &plain }) }, "",
		"does not begin with '/'" },
	{ { .name = "s", MOUNTS({ .prefix = "v1", .service = &plain }) }, "v1",
		"does not begin with '/'" },
	{ { .name = "s", MOUNTS({ .prefix = "/", .service = &plain }) }, "/",
		"no slash at its end: the paths of plain begin with one" },
	{ { .name = "s", MOUNTS({ .prefix = "/v1/", .service = &plain }) }, "/v1/",
		"no slash at its end" },
	{ { .name = "s", MOUNTS({ .prefix = "/{v}", .service = &plain }) }, "/{v}",
		"no {names}: no operation of plain would know them" },
	{ { .name = "s", MOUNTS({ .prefix = "/a b", .service = &plain }) }, "/a b",
		"a path cannot have such a byte" },
	{ { .name = "s", MOUNTS({ .prefix = "/v1/..", .service = &plain }) }, "/v1/..",
		"\"..\" segment" },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/v1", .service = &plain },
			  { .prefix = "/v1", .service = &full }) },
		"/v1", "plain and full are both mounted here" },
	/* the same place by another way */
	{ { .name = "s",
		  MOUNTS({ .prefix = "/a", .service = &nest },
			  { .prefix = "/a/b", .service = &other_paths }) },
		"/a/b", "full and other_paths are both mounted here" },
	{ { .name = "s", .resources = COR_RESOURCES(&books), MOUNTS({ .prefix = "/v1" }) }, "/v1",
		"its mount has no .service" },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/v1", .service = &plain }, { .host = "a.example" },
			  { .prefix = "/v2", .service = &plain }) },
		"a.example", "its mount has no .service" },
	/* sessions and what seals them are of the program */
	{ { .name = "s",
		  .sessions = COR_SESSIONS(&login),
		  .sealing = &cor_sealing,
		  MOUNTS({ .prefix = "/v1", .service = &shopping }) },
		NULL, NULL },
	{ { .name = "s",
		  .resources = COR_RESOURCES(&books),
		  .sessions = COR_SESSIONS(&login),
		  MOUNTS({ .prefix = "/v1", .service = &shopping }) },
		"s", "the service needs .sealing" },
	{ { .name = "s",
		  .sessions = COR_SESSIONS(&login),
		  .sealing = &cor_sealing,
		  MOUNTS({ .prefix = "/v1", .service = &hungry }) },
		"crumb_schema", "has the cookie of a session, \"login\"" },
	{ { .name = "s",
		  .sessions = COR_SESSIONS(&login),
		  .sealing = &cor_sealing,
		  MOUNTS({ .prefix = "/v1", .service = &sated }) },
		"crumb_schema", "has the cookie of a session, \"login\"" },
	{ { .name = "s",
		  .resources = COR_RESOURCES(&books),
		  .sealing = &cor_sealing,
		  MOUNTS({ .prefix = "/v1", .service = &shopping }) },
		"login", "does not list its session \"login\"" },
	{ { .name = "s",
		  .resources = COR_RESOURCES(&whole_books),
		  MOUNTS({ .prefix = "/v1", .service = &plain }) },
		"/v1/books", "the path, of plain, collides with /v1/books of s" },
	{ { .name = "s",
		  .resources = COR_RESOURCES(&docs),
		  MOUNTS({ .prefix = "/v1", .service = &plain }) },
		"/v1/docs", "the path is that of the docs" },
	{ { .name = "s", MOUNTS({ .prefix = "/v1", .service = &documented }) }, "/v1/openapi.json",
		"the path is that of the docs" },
	{ { .name = "s", MOUNTS({ .prefix = "/v1", .service = &faulty }) }, "/v1/hollow",
		"has no operations" },
	{ { .name = "s", MOUNTS({ .prefix = "/v1", .service = &pathless }) }, "books",
		"does not begin with '/'" },
	{ { .name = "s", MOUNTS({ .prefix = "/c", .service = &circle }) }, "circle",
		"it is mounted in itself" },
	{ { .name = "s", MOUNTS({ .prefix = "/d", .service = &deep1 }) }, "plain",
		"it is mounted too deep" },
	{ { .name = "s", MOUNTS({ .prefix = "/1", .service = &deep3 }) }, NULL, NULL },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/1", .service = &full },
			  { .prefix = "/2", .service = &other }) },
		"prices",
		"other and full, which are mounted together, each have a topic of that name" },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/1", .service = &full },
			  { .prefix = "/2", .service = &other }) },
		"pool", "an executor" },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/1", .service = &full },
			  { .prefix = "/2", .service = &other }) },
		"db", "a readiness check" },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/1", .service = &full },
			  { .prefix = "/2", .service = &other }) },
		"orders", "a metric" },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/1", .service = &full },
			  { .prefix = "/2", .service = &other }) },
		"each", "a limit" },
	{ { .name = "s",
		  MOUNTS({ .prefix = "/1", .service = &full },
			  { .prefix = "/2", .service = &other }) },
		"token", "a security scheme" },
	/* its limits and those around it count together */
	{ { .name = "s", .limits = COR_LIMITS(&limit), MOUNTS({ .prefix = "/1", .service = &v1 }) },
		"GET /1/books", "limit each counts twice" },
};

static void test_cases(void **state)
{
	static const char *const reserved[] = { "/openapi.json", "/docs", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct cor_dispatcher_options options = { .service = &cases[i].service,
			.reserved = reserved,
			.reserved_for = "the docs" };
		struct cor_dispatcher *dispatcher = NULL;
		struct cor_violations why = { 0 };
		struct cor_arena arena;

		cor_arena_init(&arena, NULL, 0, 0);
		int rc = cor_dispatcher_create(&options, &arena, &why, &dispatcher);
		const char *first = why.first ? why.first->detail : "";
		if (rc != (cases[i].why ? -COR_ETABLE : 0))
			fail_msg("%zu: %d: %s", i, rc, first);
		if (cases[i].why && !is_said(&why, cases[i].where, cases[i].why))
			fail_msg("%zu: %s: %s is not said, but %s: %s", i, cases[i].where,
				cases[i].why, why.first->where, first);
		cor_dispatcher_destroy(dispatcher);
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
