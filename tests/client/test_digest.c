/* SPDX-License-Identifier: MIT */
/* Digest credentials: the vectors of RFC 7616, and what calls do with challenges. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/cookie_jar.h>
#include <coracle/credentials.h>
#include <coracle/error.h>

#include "client/digest.h"
#include "http/challenge.h"
#include "stage.h"

/* --- challenges: RFC 9110 section 11.6.1 --- */

static const struct {
	const char *text;
	const char *found; /* scheme(realm) of each */
} challenges[] = {
	{ "Basic realm=\"a\"", "Basic(a)" },
	{ "Digest realm=\"a, b\", nonce=x, Basic realm = \"c\"", "Digest(a, b)Basic(c)" },
	{ "Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
		"Newauth(apps)Basic(simple)" },
	{ "Negotiate, Digest REALM=a", "Negotiate()Digest(a)" },
	{ "Negotiate YII==, Basic realm=a", "Negotiate()Basic(a)" },
	{ ",, Basic realm=a ,,", "Basic(a)" },
	{ "Basic realm=\"a", "Basic()" },
	{ "Basic realm=a b, Digest realm=c", "Basic()" },
	{ "=", "" },
	{ "", "" },
};

static void test_challenges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof challenges / sizeof challenges[0]; i++) {
		struct cor_str rest = cor_str(challenges[i].text), scheme, parameters;
		char found[200] = "";
		while (cor_challenge_next(&rest, &scheme, &parameters)) {
			struct cor_str realm = cor_challenge_parameter(parameters, "realm");
			snprintf(found + strlen(found), 50, "%.*s(%.*s)", (int)scheme.len,
				scheme.data, (int)realm.len, realm.len ? realm.data : "");
		}
		print_message("# %s\n", challenges[i].text);
		assert_string_equal(found, challenges[i].found);
	}
}

/* --- vectors --- */

#define RFC_7616                                                                                   \
	"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "                         \
	"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "                                 \
	"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
#define RFC_2617                                                                                   \
	"Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "      \
	"opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""

static const struct {
	const char *challenge;
	const char *user;
	const char *password;
	const char *uri;
	const char *cnonce;
	const char *parts[3]; /* of the answer */
} vectors[] = {
	/* RFC 7616 section 3.9.1 */
	{ RFC_7616 ", algorithm=MD5", "Mufasa", "Circle of Life", "/dir/index.html",
		"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
		{ "response=\"8ca523f5e9506fed4657c9700eebdbec\"", "algorithm=MD5, ",
			"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
			"uri=\"/dir/index.html\"" } },
	{ RFC_7616 ", algorithm=SHA-256", "Mufasa", "Circle of Life", "/dir/index.html",
		"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
		{ "response=\""
		  "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"",
			"nc=00000001, qop=auth, ",
			"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"" } },
	/* section 3.9.2, whose own hashes are of another function: its erratum 4897 */
	{ "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, "
	  "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
	  "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, "
	  "userhash=true",
		"J\xc3\xa4s\xc3\xb8n Doe", "Secret, or not?", "/doe.json",
		"NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm",
		{ "username=\""
		  "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\"",
			"response=\""
			"7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c\"",
			"userhash=true" } },
	/* RFC 2617 section 3.5, and as RFC 2069 has it */
	{ RFC_2617 ", qop=\"auth,auth-int\"", "Mufasa", "Circle Of Life", "/dir/index.html",
		"0a4f113b",
		{ "response=\"6629fae49393a05397450978507c4ef1\"", "cnonce=\"0a4f113b\"",
			"opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"" } },
	{ RFC_2617, "Mufasa", "Circle Of Life", "/dir/index.html", "0a4f113b",
		{ "response=\"670fd8c2df070c60b045671b8b24ff02\"" } },
	/* how names are written */
	{ "Digest realm=\"a \\\"b\\\"\", nonce=n, qop=auth, charset=utf-8",
		"J\xc3\xa4s\xc3\xb8n Doe", "x", "/", "c",
		{ "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm=\"a \\\"b\\\"\"" } },
	{ "Digest realm=, nonce=n", "a", "x", "/", "c", { NULL } },
	{ "Digest realm=\"\", nonce=n, algorithm=MD5-sess", "a\"b\\", "x", "/", "c",
		{ "username=\"a\\\"b\\\\\", realm=\"\"", "cnonce=\"c\"" } },
	/* what cannot be met */
	{ "Digest realm=a", "a", "x", "/", "c", { NULL } },
	{ "Digest nonce=a", "a", "x", "/", "c", { NULL } },
	{ "Digest realm=a, nonce=a, algorithm=SHA3", "a", "x", "/", "c", { NULL } },
	{ "Digest realm=a, nonce=a, qop=other", "a", "x", "/", "c", { NULL } },
	{ "Basic realm=a, nonce=a", "a", "x", "/", "c", { NULL } },
};

static void test_vectors(void **state)
{
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		const struct cor_http_field field = { "www-authenticate", vectors[i].challenge };
		const struct cor_digest_request request = { COR_STR("GET"), cor_str(vectors[i].uri),
			COR_STR(""), vectors[i].user, vectors[i].password };
		struct cor_digest digest = { 0 };
		struct cor_digest_proof proof;
		print_message("# %s\n", vectors[i].challenge);
		bool can = cor_digest_choose(&field, 1, true, &digest.challenge);
		assert_int_equal(can, vectors[i].parts[0] != NULL);
		if (!can)
			continue;
		digest.first_nonce = digest.challenge.nonce;
		snprintf(digest.cnonce, sizeof digest.cnonce, "%s", vectors[i].cnonce);
		assert_int_equal(cor_digest_write(&cor_hashing, &digest, &request,
					 cor_ctx_arena(stage->ctx), &proof),
			0);
		print_message("# %s\n", proof.authorization);
		for (size_t j = 0; j < 3 && vectors[i].parts[j]; j++)
			assert_non_null(strstr(proof.authorization, vectors[i].parts[j]));
	}
}

/* The strongest of several, in one field or in more. */
static void test_choice(void **state)
{
	static const struct cor_http_field fields[] = {
		{ "WWW-Authenticate", "Digest realm=a, nonce=1, algorithm=MD5, qop=auth" },
		{ "WWW-Authenticate", "Basic realm=a, digest realm=a, nonce=2, algorithm=SHA-256, "
				      "qop=\"auth\", Digest realm=a, nonce=3, qop=auth-int" },
	};
	struct cor_digest_challenge it;

	(void)state;
	assert_true(cor_digest_choose(fields, 2, true, &it));
	assert_true(cor_str_equal(it.nonce, COR_STR("2")));
	const struct cor_http_field integrity = { "WWW-Authenticate",
		"Digest realm=a, nonce=3, qop=\"auth-int\", stale=TRUE" };
	assert_true(cor_digest_choose(&integrity, 1, true, &it));
	assert_true(it.qop == COR_DIGEST_QOP_AUTH_INT && it.is_stale);
	assert_false(cor_digest_choose(&integrity, 1, false, &it));
}

/* --- calls --- */

static const char *get_password(struct cor_ctx *ctx)
{
	return cor_printf(ctx, "%s", "Circle of Life");
}

#define DIGEST()                                                                                   \
	.credentials = COR_CREDENTIALS(.digest = { &cor_hashing, .user = "Mufasa",                 \
					       .password = get_password })
#define GET(...) cor_http_get(stage->ctx, &safe, COR_NONE, NULL, __VA_ARGS__, DIGEST())
#define ASKS(text_)                                                                                \
	.status = 401, .headers = COR_HTTP_FIELDS({ "WWW-Authenticate", "Digest realm=r, " text_ })

static const char *sent(struct stage *stage, size_t i)
{
	const char *value = cor_script_header(stage_call(stage, i), "Authorization");

	return value ? value : "";
}

static void test_a_challenge_is_kept(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ ASKS("nonce=one, qop=auth"), .body = "no" });
	stage_line(stage, &(struct cor_scripted){ .times = 3 });
	assert_int_equal(GET(COR_PATH("/a?b=c")), 0);
	assert_string_equal(sent(stage, 0), "");
	assert_non_null(strstr(sent(stage, 1), "uri=\"/a?b=c\", nonce=\"one\", nc=00000001"));
	assert_int_equal(GET(COR_PATH("/")), 0);
	assert_non_null(strstr(sent(stage, 2), "nonce=\"one\", nc=00000002"));
	assert_int_equal(GET(COR_PATH("/")), 0);
	assert_non_null(strstr(sent(stage, 3), "nonce=\"one\", nc=00000003"));
	assert_int_equal(cor_script_len(stage->script), 4);
}

static void test_new_nonces(void **state)
{
	struct stage *stage = *state;

	stage_line(
		stage, &(struct cor_scripted){ ASKS("nonce=one, qop=auth, algorithm=MD5-sess") });
	stage_line(
		stage, &(struct cor_scripted){ .headers = COR_HTTP_FIELDS({ "Authentication-Info",
						       "qop=auth, nextnonce=\"two\"" }) });
	stage_line(stage, &(struct cor_scripted){ ASKS("nonce=three, stale=true, qop=auth") });
	stage_line(stage, &(struct cor_scripted){ ASKS("nonce=four, stale=true, qop=auth") });
	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(GET(COR_PATH("/")), 0);
	assert_int_equal(cor_http_post(stage->ctx, &safe, COR_NONE, NULL, COR_PATH("/"),
				 .body = COR_STR("body"), DIGEST()),
		0);
	assert_non_null(strstr(sent(stage, 2), "nonce=\"two\", nc=00000001"));
	assert_non_null(strstr(sent(stage, 3), "nonce=\"three\", nc=00000001"));
	assert_non_null(strstr(sent(stage, 4), "nonce=\"four\", nc=00000001"));
	assert_string_equal(stage_call(stage, 4)->body.data, "body");
}

/* Section 3.5: whoever answers shows that it knows the password, too. */
static void test_a_server_that_proves_itself(void **state)
{
	struct stage *stage = *state;
	const struct cor_digest_request asked = { COR_STR("GET"), COR_STR("/"), COR_STR(""),
		"Mufasa", "Circle of Life" };
	const struct cor_http_field field = { "WWW-Authenticate",
		"Digest realm=r, nonce=one, qop=auth, algorithm=SHA-256" };
	struct cor_digest digest = { .cnonce = "c" };
	struct cor_digest_proof proof;
	struct cor_cookie_jar *jar;

	/* by Python's hashlib: H(H(user:realm:password):one:00000001:c:auth:H(:/)) */
	assert_true(cor_digest_choose(&field, 1, true, &digest.challenge));
	assert_int_equal(
		cor_digest_write(&cor_hashing, &digest, &asked, cor_ctx_arena(stage->ctx), &proof),
		0);
	assert_string_equal(
		proof.rspauth, "985ab1597d3bd08d6e520e5675ceca551d4f92bb8112db4b000552bbf5e3547a");

	stage_line(stage, &(struct cor_scripted){ ASKS("nonce=one, qop=auth") });
	stage_line(stage, &(struct cor_scripted){
				  .headers = COR_HTTP_FIELDS(
					  { "Authentication-Info", "qop=auth, rspauth=\"0123\"" },
					  { "Set-Cookie", "a=1" }) });
	assert_int_equal(cor_cookie_jar_create(&jar), 0);
	assert_int_equal(GET(COR_PATH("/"), .jar = jar), -EBADMSG);
	assert_null(cor_cookie_jar_list(stage->ctx, jar)->name);
	cor_cookie_jar_destroy(jar);
	assert_int_equal(stage_failure(stage), COR_FAILED_PROTOCOL);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text,
		"its rspauth does not prove that it knows the password"));
	assert_null(strstr(cor_http_failure(stage->ctx)->text, "Mufasa"));
}

/* Of auth-int it is a hash of the answer's body, which is not read yet. */
static void test_a_proof_over_the_body_is_not_looked_at(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ ASKS("nonce=one, qop=auth-int") });
	stage_line(
		stage, &(struct cor_scripted){ .headers = COR_HTTP_FIELDS({ "Authentication-Info",
						       "qop=auth-int, rspauth=\"0123\"" }) });
	assert_int_equal(GET(COR_PATH("/")), 0);
}

static void test_refusals_end(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ ASKS("nonce=one, qop=auth"), .times = 2 });
	assert_int_equal(GET(COR_PATH("/")), -COR_ESTATUS); /* a wrong password */
	assert_int_equal(cor_script_len(stage->script), 2);
	assert_null(strstr(cor_http_failure(stage->ctx)->text, "Mufasa"));
	stage_line(stage, &(struct cor_scripted){ ASKS("nonce=two, qop=auth, stale=true"),
				  .times = COR_SCRIPT_ALWAYS });
	assert_int_equal(GET(COR_PATH("/")), -COR_ESTATUS);
	assert_int_equal(cor_script_len(stage->script), 5);
}

static void test_what_cannot_be_met_is_told(void **state)
{
	struct stage *stage = *state;

	stage_line(stage,
		&(struct cor_scripted){ .status = 401,
			.headers = COR_HTTP_FIELDS({ "WWW-Authenticate", "Basic realm=x" }) });
	assert_int_equal(GET(COR_PATH("/")), -COR_ESTATUS);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text,
		"it answered 401 Unauthorized: it asks for no Digest that can be met"));
	assert_int_equal(cor_script_len(stage->script), 1);
}

/* Another server learns nothing, and has no part in it. */
static void test_it_stays_with_its_origin(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ ASKS("nonce=one, qop=auth") });
	stage_line(stage, &(struct cor_scripted){ .status = 302,
				  .headers = COR_HTTP_FIELDS({ "Location", "http://other/" }) });
	stage_line(stage, &(struct cor_scripted){ ASKS("nonce=two, qop=auth") });
	assert_int_equal(GET(COR_PATH("/")), -COR_ESTATUS);
	assert_int_equal(cor_script_len(stage->script), 3);
	assert_string_equal(sent(stage, 2), "");
}

static void test_users_and_threads_of_their_own(void **state)
{
	struct stage *stage = *state;
	char name[] = "user-0";

	for (int i = 0; i < 10; i++) {
		name[5] = (char)('0' + i);
		stage_line(stage, &(struct cor_scripted){ ASKS("nonce=one, qop=auth") });
		stage_line(stage, &(struct cor_scripted){ 0 });
		assert_int_equal(
			cor_http_get(stage->ctx, &safe, COR_NONE, NULL, COR_PATH("/"),
				.credentials = COR_CREDENTIALS(.digest = { &cor_hashing,
								       .user = name,
								       .password = get_password })),
			0);
	}
	assert_int_equal(cor_script_len(stage->script), 20);
	stage_line(stage, &(struct cor_scripted){ 0 }); /* the last eight are known */
	assert_int_equal(
		cor_http_get(stage->ctx, &safe, COR_NONE, NULL, COR_PATH("/"),
			.credentials = COR_CREDENTIALS(.digest = { &cor_hashing, .user = "user-2",
							       .password = get_password })),
		0);
	assert_non_null(strstr(sent(stage, 20), "username=\"user-2\""));
}

/* A nonce is of one server: it is that one that is asked again. */
static void test_several_targets(void **state)
{
	struct stage *stage = *state;

	for (int i = 0; i < 3; i++) {
		stage_line(stage, &(struct cor_scripted){ ASKS("nonce=one, qop=auth") });
		stage_line(stage, &(struct cor_scripted){ 0 });
		assert_int_equal(
			cor_http_get(stage->ctx, &several, COR_NONE, NULL, COR_PATH("/"), DIGEST()),
			0);
		assert_string_equal(stage_call(stage, 2 * (size_t)i)->upstream,
			stage_call(stage, 2 * (size_t)i + 1)->upstream);
	}
	assert_int_equal(cor_script_len(stage->script), 6);
}

static void test_digests_that_contradict_themselves(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(
		cor_http_get(stage->ctx, &safe, COR_NONE, NULL, COR_PATH("/"),
			.credentials = COR_CREDENTIALS(.digest = { .user = "a",
							       .password = get_password })),
		-EINVAL);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text, "cor_hashing"));
	assert_int_equal(cor_http_get(stage->ctx, &safe, COR_NONE, NULL, COR_PATH("/"),
				 .credentials = COR_CREDENTIALS(.digest = { &cor_hashing, "a" })),
		-EINVAL);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text, ".digest.password"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_challenges),
		TEST(test_vectors),
		cmocka_unit_test(test_choice),
		TEST(test_a_challenge_is_kept),
		TEST(test_new_nonces),
		TEST(test_a_server_that_proves_itself),
		TEST(test_a_proof_over_the_body_is_not_looked_at),
		TEST(test_refusals_end),
		TEST(test_what_cannot_be_met_is_told),
		TEST(test_it_stays_with_its_origin),
		TEST(test_users_and_threads_of_their_own),
		TEST(test_several_targets),
		TEST(test_digests_that_contradict_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
