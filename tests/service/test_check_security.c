/* SPDX-License-Identifier: MIT */
/* Security schemes that cannot be, and what is said of each. */
#include "fake.h"
#include "tables.h"

#include <coracle/error.h>
#include <coracle/security.h>

static int check(struct cor_ctx *ctx, const char *text, struct cor_none *none)
{
	(void)ctx, (void)text, (void)none;
	return 0;
}

static int check_certificate(
	struct cor_ctx *ctx, const struct cor_certificate *certificate, struct cor_none *none)
{
	(void)ctx, (void)certificate, (void)none;
	return 0;
}

COR_BEARER(fine_scheme, check, COR_NONE, .name = "fine",
	.scopes = COR_SCOPES({ "a" }, { "b", "What b is" }));
COR_BEARER(twin_scheme, check, COR_NONE, .name = "fine");
COR_BEARER(odd_scheme, check, COR_NONE, .name = "an odd name", .realm = "a \"quote\"");
COR_BEARER(spaced_scheme, check, COR_NONE, .scopes = COR_SCOPES({ "a b" }));
COR_BEARER(both_scheme, check, COR_NONE, .openid_url = "/o",
	.oauth2 = &(const struct cor_oauth2){ .token_url = "/t" });
COR_BEARER(flowless_scheme, check, COR_NONE,
	.oauth2 = &(const struct cor_oauth2){ .authorization_url = "/a" });
COR_BEARER(keyed_scheme, check, COR_NONE, .key = "X-Key");
COR_API_KEY(pathy_scheme, check, COR_NONE, .in = COR_FROM_PATH);
COR_API_KEY(bent_scheme, check, COR_NONE, .key = "X Key");
COR_API_KEY(crumb_scheme, check, COR_NONE, .in = COR_FROM_COOKIE, .key = "a=b");
COR_API_KEY(shown_scheme, check, COR_NONE, .in = COR_FROM_QUERY, .key = "who");
COR_CUSTOM_SCHEME(wordy_scheme, check, COR_NONE, .http_scheme = "Two words");
COR_CLIENT_CERTIFICATE(certified_scheme, check_certificate, COR_NONE, .format = "JWT");
static const struct cor_security_scheme bare_scheme = { .name = "bare" };

static const struct {
	const struct cor_security *ways;
	const char *where, *says;
} cases[] = {
	{ COR_SECURITY({ &odd_scheme }), "an odd name", "has letters, digits" },
	{ COR_SECURITY({ &odd_scheme }), "an odd name", "its .realm has a quote" },
	{ COR_SECURITY({ &fine_scheme }, { &twin_scheme }), "fine", "two schemes have that name" },
	{ COR_SECURITY({ &spaced_scheme }), "spaced_scheme", "the scope \"a b\" has a blank" },
	{ COR_SECURITY({ &both_scheme }), "both_scheme", ".oauth2 and .openid_url: use one" },
	{ COR_SECURITY({ &flowless_scheme }), "flowless_scheme", "has no .token_url" },
	{ COR_SECURITY({ &keyed_scheme }), "keyed_scheme", ".in and .key are of COR_API_KEY" },
	{ COR_SECURITY({ &certified_scheme }), "certified_scheme", ".format, .oauth2" },
	{ COR_SECURITY({ &pathy_scheme }), "pathy_scheme", "its .in is none of" },
	{ COR_SECURITY({ &bent_scheme }), "bent_scheme", "cannot be the name of a header" },
	{ COR_SECURITY({ &crumb_scheme }), "crumb_scheme", "cannot be the name of a cookie" },
	{ COR_SECURITY({ &shown_scheme }), "shown_scheme", "the access log would show" },
	{ COR_SECURITY({ &wordy_scheme }), "wordy_scheme", "not one word" },
	{ COR_SECURITY({ &bare_scheme }), "bare", "not written by a macro" },
	{ COR_SECURITY({ &fine_scheme, .scopes = "a c" }), "/place", "fine has no scope c" },
	{ COR_SECURITY({ &twin_scheme, .scopes = "a \"" }), "/place", "a scope has a quote" },
	{ COR_SECURITY({ &cor_anonymous }), "/place", "use COR_PUBLIC" },
	{ COR_SECURITY({ &fine_scheme }, { &cor_anonymous, .scopes = "a" }), "/place",
		"nobody has scopes as cor_anonymous" },
};

static int call(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(operation, call, COR_NONE, COR_NONE);

static void test_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct cor_resource place = {
			.path = "/place", .get = &operation, .security = cases[i].ways
		};
		const struct cor_service service = { .name = "s",
			.resources = COR_RESOURCES(&place) };
		struct cor_violations why = { 0 };
		struct cor_arena arena;

		assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, cases[i].where, cases[i].says))
			print_error("%s: %s\n", why.first->where, why.first->detail);
		assert_true(is_said(&why, cases[i].where, cases[i].says));
		cor_arena_finish(&arena);
	}
}

/* Wherever the list stands. */
static void test_places(void **state)
{
	const struct cor_operation own = { .handler = "own",
		.call = operation.call,
		.in = operation.in,
		.out = operation.out,
		.security = COR_SECURITY({ &bent_scheme }) };
	const struct cor_resource place = { .path = "/place", .get = &own };
	const struct cor_service service = { .name = "s",
		.resources = COR_RESOURCES(&place),
		.security = COR_SECURITY({ &crumb_scheme }),
		.docs_security = COR_SECURITY({ &shown_scheme }) };
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "bent_scheme", "header"));
	assert_true(is_said(&why, "crumb_scheme", "cookie"));
	assert_true(is_said(&why, "shown_scheme", "access log"));
	assert_int_equal(why.count, 3);
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
