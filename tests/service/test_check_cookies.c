/* SPDX-License-Identifier: MIT */
/* Cookies and sessions that cannot be, and what is said of each. */
#include "fake.h"
#include "tables.h"

#include <coracle/cache.h>
#include <coracle/caching.h>
#include <coracle/cookie.h>
#include <coracle/error.h>
#include <coracle/sealing.h>
#include <coracle/security.h>
#include <coracle/memcached.h>
#include <coracle/session.h>

struct crumb {
	const char *a;
};
#define CRUMB(symbol, ...)                                                                         \
	static const struct cor_field symbol##_fields[] = { COR_FIELD(                             \
		struct crumb, a, .from = COR_FROM_COOKIE, .to = COR_TO_COOKIE, __VA_ARGS__) };     \
	COR_LOCAL_SCHEMA(symbol, struct crumb, symbol##_fields)

#define COOKIE(...) (&(const struct cor_cookie){ __VA_ARGS__ })

CRUMB(fine_schema, .key = "fine");
CRUMB(bent_schema, .key = "a b");
CRUMB(pathless_schema, .cookie = COOKIE(.path = "x"));
CRUMB(split_schema, .cookie = COOKIE(.path = "/a;b"));
CRUMB(wide_schema, .cookie = COOKIE(.domain = ".shop.example"));
CRUMB(joined_schema, .cookie = COOKIE(.domain = "shop.example;Path=/a"));
CRUMB(eternal_schema, .cookie = COOKIE(.max_age_s = COR_COOKIE_MAX_AGE_S + 1));
CRUMB(early_schema, .cookie = COOKIE(.max_age_s = -1));
CRUMB(hosted_schema, .key = "__Host-a", .cookie = COOKIE(.domain = "shop.example"));
CRUMB(deep_schema, .key = "__host-a", .cookie = COOKIE(.path = "/a"));
CRUMB(named_schema, .cookie = COOKIE(.name = "b"));
CRUMB(sealed_schema, .cookie = COOKIE(.seal = COR_SIGNED));
CRUMB(odd_schema, .cookie = COOKIE(.seal = (enum cor_cookie_seal)9));
CRUMB(far_schema, .cookie = COOKIE(.same_site = (enum cor_same_site)9));

static const struct {
	const struct cor_schema *schema;
	const char *says;
} rows[] = {
	{ &bent_schema.schema, "cannot be a cookie's name" },
	{ &pathless_schema.schema, "does not begin with '/'" },
	{ &split_schema.schema, "holds ';'" },
	{ &wide_schema.schema, "not the name of a host" },
	{ &joined_schema.schema, "not the name of a host" },
	{ &eternal_schema.schema, "400 days" },
	{ &early_schema.schema, "is negative" },
	{ &hosted_schema.schema, "begins with __Host-" },
	{ &deep_schema.schema, "begins with __Host-" },
	{ &named_schema.schema, "leave out the .name" },
	{ &sealed_schema.schema, "needs .sealing = &cor_sealing" },
	{ &odd_schema.schema, "has a .seal that is none" },
	{ &far_schema.schema, "has a .same_site that is none" },
};

static bool is_said_anywhere(const struct cor_violations *why, const char *says)
{
	for (const struct cor_violation *v = why->first; v; v = v->next)
		if (strstr(v->detail, says))
			return true;
	return false;
}

static int call(struct cor_ctx *ctx, const struct crumb *in, struct crumb *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(fine_operation, call, fine_schema, fine_schema);

static void expect(const struct cor_service *service, const char *says)
{
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	assert_int_equal(create(service, &arena, &why), says ? -COR_ETABLE : 0);
	if (says && !is_said_anywhere(&why, says))
		fail_msg("not \"%s\" but %s: %s", says, why.first->where, why.first->detail);
	cor_arena_finish(&arena);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cor_operation operation = fine_operation;
		operation.in = operation.out = rows[i].schema;
		const struct cor_resource place = { .path = "/p", .get = &operation };
		const struct cor_service service = { .name = "s",
			.resources = COR_RESOURCES(&place) };
		expect(&service, rows[i].says);
	}
}

COR_OPERATION(kept_operation, call, fine_schema, fine_schema,
	.caching = &(const struct cor_caching){ .control = "public, max-age=60" });

static void test_caching(void **state)
{
	const struct cor_resource kept = { .path = "/p", .get = &kept_operation };
	const struct cor_service service = { .name = "s", .resources = COR_RESOURCES(&kept) };

	(void)state;
	expect(&service, "sets a cookie, which caches would give to everybody");
}

/* --- sessions --- */

#define SESSION(...) (&(const struct cor_session){ __VA_ARGS__ })
#define KEEPS        .keeps = COR_KEEPS(fine_schema)

static const struct {
	const struct cor_session *first, *second;
	const char *says;
} sessions[] = {
	{ SESSION(KEEPS), NULL, NULL },
	{ SESSION(KEEPS), SESSION(KEEPS, .cookie = { .name = "other" }), NULL },
	{ SESSION(KEEPS), SESSION(KEEPS), "two sessions have that cookie" },
	{ SESSION(KEEPS, .cookie = { .name = "fine" }), NULL, "row a has the cookie of a session" },
	{ SESSION(.idle_s = 1), NULL, "keeps no struct" },
	{ SESSION(.keeps = COR_KEEPS(COR_TEXT)), NULL, "keeps no struct" },
	{ SESSION(KEEPS, .cookie = { .name = "a;" }), NULL, "cannot be the name of a cookie" },
	{ SESSION(KEEPS, .cookie = { .max_age_s = 1 }), NULL, "follows from .idle_s" },
	{ SESSION(KEEPS, .idle_s = -1), NULL, "below 0" },
	{ SESSION(KEEPS, .idle_s = 10, .life_s = 9), NULL, "before its .idle_s" },
};

static const struct cor_resource place = { .path = "/p", .get = &fine_operation };

static void test_sessions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
		const struct cor_service service = { .name = "s",
			.resources = COR_RESOURCES(&place),
			.sealing = &cor_sealing,
			.sessions = COR_SESSIONS(sessions[i].first, sessions[i].second) };
		expect(&service, sessions[i].says);
	}
}

static const struct cor_session known = { KEEPS };

static int check(struct cor_ctx *ctx, const struct crumb *kept, struct cor_none *none)
{
	(void)ctx, (void)kept, (void)none;
	return 0;
}
COR_SESSION_SCHEME(known_scheme, check, known, fine_schema, COR_NONE);
COR_SESSION_SCHEME(other_scheme, check, known, sealed_schema, COR_NONE);

static void test_schemes(void **state)
{
	const struct cor_service unlisted = { .name = "s",
		.resources = COR_RESOURCES(&place),
		.security = COR_SECURITY({ &known_scheme }) };
	const struct cor_service another = { .name = "s",
		.resources = COR_RESOURCES(&place),
		.sealing = &cor_sealing,
		.sessions = COR_SESSIONS(&known),
		.security = COR_SECURITY({ &other_scheme }) };
	const struct cor_service unsealed = {
		.name = "s", .resources = COR_RESOURCES(&place), .sessions = COR_SESSIONS(&known)
	};
	const struct cor_service good = { .name = "s",
		.resources = COR_RESOURCES(&place),
		.sealing = &cor_sealing,
		.sessions = COR_SESSIONS(&known),
		.security = COR_SECURITY({ &known_scheme }) };

	(void)state;
	expect(&unlisted, "service s does not list its session \"session\"");
	expect(&another, "keeps another");
	expect(&unsealed, "sessions are sealed");
	expect(&good, NULL);
}

static const struct cor_cache kept_cache = { .name = "kept" };

/* In a cache they need no seal, but the cache. */
static void test_sessions_in_a_cache(void **state)
{
	static const struct cor_session kept = { .keeps = COR_KEEPS(fine_schema),
		.cache = &kept_cache };
	static const struct cor_session sealed = { .keeps = COR_KEEPS(fine_schema),
		.cache = &kept_cache,
		.cookie = { .name = "sealed", .seal = COR_SIGNED } };
	static const struct cor_session open = { .keeps = COR_KEEPS(fine_schema),
		.cookie = { .name = "open" } };
	const struct cor_service good = {
		.name = "s", .caches = COR_CACHES(&kept_cache), .sessions = COR_SESSIONS(&kept)
	};
	const struct cor_service mixed = { .name = "s",
		.caches = COR_CACHES(&kept_cache),
		.sessions = COR_SESSIONS(&kept, &open) };
	const struct cor_service unlisted = { .name = "s", .sessions = COR_SESSIONS(&kept) };
	static const struct cor_memcached moves = { .moves = true };
	static const struct cor_cache moving_cache = {
		.name = "moving", .store = &cor_memcached_store, .at = "a, b", .memcached = &moves
	};
	static const struct cor_session moved = { .keeps = COR_KEEPS(fine_schema),
		.cache = &moving_cache };
	const struct cor_service moving = {
		.name = "s", .caches = COR_CACHES(&moving_cache), .sessions = COR_SESSIONS(&moved)
	};
	const struct cor_service twice = {
		.name = "s", .caches = COR_CACHES(&kept_cache), .sessions = COR_SESSIONS(&sealed)
	};

	(void)state;
	expect(&good, NULL);
	expect(&mixed, "sessions are sealed");
	expect(&moving,
		"is kept in the cache moving, whose .memcached says .moves: a server that comes "
		"back would bring back sessions that were ended meanwhile: leave it out");
	expect(&unlisted, "is kept in the cache kept, which the service does not list");
	expect(&twice, "leave out the .seal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_caching),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_schemes),
		cmocka_unit_test(test_sessions_in_a_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
