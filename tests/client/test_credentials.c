/* SPDX-License-Identifier: MIT */
/* What calls show of themselves, and to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/credentials.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/group.h>

#include "client/upstreams.h"
#include "stage.h"

struct secrets {
	const char *token;
	const char *password;
};
static const struct cor_field secrets_fields[] = {
	COR_FIELD(struct secrets, token, .access = COR_WRITE_ONLY, .presence = COR_OPTIONAL),
	COR_FIELD(struct secrets, password, .access = COR_WRITE_ONLY, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(secrets_schema, struct secrets, secrets_fields);
COR_SECRET_SETTING(get_token, secrets_schema, token)
COR_SECRET_SETTING(get_password, secrets_schema, password)

static const char *get_user(struct cor_ctx *ctx)
{
	return cor_printf(ctx, "%s", "Aladdin");
}

/* Signs with what it is given. */
static int sign(struct cor_ctx *ctx, struct cor_signing *signing)
{
	const struct cor_signed_request *it = cor_signing_request(signing);
	const char *type = "";

	for (const struct cor_http_field *at = it->headers; at->name; at++)
		if (strcmp(at->name, "Content-Type") == 0)
			type = at->value;
	if (strcmp(it->path, "/refused") == 0)
		return cor_problem(ctx, 507, 0, "no key");
	assert_int_equal(cor_signing_header(signing, "Content-Length", "1"), -COR_EINVALID);
	assert_int_equal(cor_signing_header(signing, "X-Y", "a\r\nb"), -COR_EINVALID);
	return cor_signing_header(signing, "X-Signed",
		cor_printf(ctx, "%s %s://%s%s?%s %s %.*s %d", it->method, it->scheme, it->authority,
			it->path, it->query, type, (int)it->body.len,
			it->body.data ? it->body.data : "", (int)it->body_bytes));
}

#define AT(name_) .name = name_, .base_url = "http://" name_, .retries = 1

static const struct cor_upstream basic = { AT("basic"),
	.credentials = COR_CREDENTIALS(.basic = { "shop", .password = get_password }) };
static const struct cor_upstream user_of = { AT("user-of"),
	.credentials = COR_CREDENTIALS(.basic = {
					       .user_of = get_user, .password = get_password }) };
static const struct cor_upstream bearer = { AT("bearer"),
	.credentials = COR_CREDENTIALS(.bearer = get_token) };
static const struct cor_upstream header = { AT("header"),
	.credentials = COR_CREDENTIALS(.header = { "X-Api-Key", get_token }) };
static const struct cor_upstream query = { AT("query"),
	.credentials = COR_CREDENTIALS(.query = { "a key", get_token }) };
static const struct cor_upstream signer = { AT("signer"),
	.credentials = COR_CREDENTIALS(.sign = sign) };

static const struct cor_upstream tokens = { AT("tokens") };
#define TOKEN .upstream = &tokens, .path = "/t", .client_secret = get_password
static const struct cor_upstream token = {
	AT("token"), .deadline_header = "X-Left-Ms",
	.credentials = COR_CREDENTIALS(.token = { TOKEN, .client_id = "a:b", .scope = "x y",
					       .parameters = COR_HTTP_FIELDS({ "audience", "z" }) })
};
static const struct cor_upstream by_form = { AT("by-form"),
	.credentials = COR_CREDENTIALS(.token = { TOKEN, .client_id_of = get_user,
					       .client_by = COR_CLIENT_BY_FORM }) };

static const struct cor_service service = {
	.name = "stage",
	.settings = &secrets_schema.schema,
	.upstreams = COR_UPSTREAMS(
		&basic, &user_of, &bearer, &header, &query, &signer, &tokens, &token, &by_form),
};

static struct secrets secrets;

static int64_t still_ns(const struct cor_clock *clock)
{
	return ((const struct stage *)clock)->now_ns; /* its first member */
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	struct stage *stage = (struct stage *)(uintptr_t)clock;

	if (stage->now_ns < due_ns)
		stage->now_ns = due_ns;
}

static void pass_s(struct stage *stage, int64_t seconds)
{
	stage->now_ns += seconds * INT64_C(1000000000);
}

static int open_by(void **state, bool has_clock)
{
	struct stage *stage = calloc(1, sizeof *stage);

	assert_non_null(stage);
	stage->clock = (struct cor_clock){ still_ns, still_ns, sleep_until };
	stage->now_ns = INT64_C(1795000000000000000);
	secrets = (struct secrets){ "t/0&k", "open sesame" };
	assert_int_equal(cor_script_create(&stage->script), 0);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service,
						.script = stage->script,
						.settings = &secrets,
						.clock = has_clock ? &stage->clock : NULL },
				 &stage->ctx),
		0);
	*state = stage;
	return 0;
}

static int open_stage(void **state)
{
	return open_by(state, true);
}

/* For fibers, whose waits are real. */
static int open_real(void **state)
{
	return open_by(state, false);
}

static int get(struct stage *stage, const struct cor_upstream *upstream)
{
	return cor_http_get(stage->ctx, upstream, COR_NONE, NULL, COR_PATH("/x?a=1"));
}

static const char *sent(struct stage *stage, const char *name)
{
	return cor_script_header(stage_call(stage, cor_script_len(stage->script) - 1), name);
}

static void test_each_kind(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	assert_int_equal(get(stage, &basic), 0);
	assert_string_equal(sent(stage, "Authorization"), "Basic c2hvcDpvcGVuIHNlc2FtZQ==");
	assert_int_equal(get(stage, &user_of), 0); /* the example of RFC 7617 section 2 */
	assert_string_equal(sent(stage, "Authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	assert_int_equal(get(stage, &bearer), 0);
	assert_string_equal(sent(stage, "Authorization"), "Bearer t/0&k");
	assert_int_equal(get(stage, &header), 0);
	assert_string_equal(sent(stage, "x-api-key"), "t/0&k");
	assert_null(sent(stage, "Authorization"));
	assert_int_equal(get(stage, &query), 0);
	assert_string_equal(stage_call(stage, 4)->path, "/x?a=1&a%20key=t%2F0%26k");
	assert_int_equal(cor_http_get(stage->ctx, &query, COR_NONE, NULL, COR_PATH("/y")), 0);
	assert_string_equal(stage_call(stage, 5)->path, "/y?a%20key=t%2F0%26k");
}

static void test_a_call_has_its_own(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	assert_int_equal(cor_http_get(stage->ctx, &bearer, COR_NONE, NULL, COR_PATH("/"),
				 .credentials = COR_CREDENTIALS(.header = { "X-K", get_password })),
		0);
	assert_string_equal(sent(stage, "X-K"), "open sesame");
	assert_null(sent(stage, "Authorization"));
	assert_int_equal(cor_http_get(stage->ctx, &bearer, COR_NONE, NULL, COR_PATH("/"),
				 .credentials = COR_NO_CREDENTIALS),
		0);
	assert_null(sent(stage, "Authorization"));
	assert_int_equal(cor_http_get(stage->ctx, &bearer, COR_NONE, NULL, COR_PATH("/"),
				 .headers = COR_HTTP_FIELDS({ "authorization", "Other" })),
		0);
	assert_string_equal(sent(stage, "Authorization"), "Other");
	assert_int_equal(
		cor_http_get(stage->ctx, &query, COR_NONE, NULL, COR_PATH("/?b=1&a%20key=mine")),
		0);
	assert_string_equal(stage_call(stage, 3)->path, "/?b=1&a%20key=mine");
	assert_int_equal(cor_http_get(stage->ctx, &bearer, COR_NONE, NULL, COR_PATH("/"),
				 .credentials = COR_CREDENTIALS(.bearer = get_token, .sign = sign)),
		-EINVAL);
	assert_int_equal(stage_failure(stage), COR_FAILED_CALL);
	assert_int_equal(cor_script_len(stage->script), 4);
}

static void test_they_stay_with_their_origin(void **state)
{
	static const struct cor_upstream *const all[] = { &basic, &bearer, &header, &query,
		&signer };
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		const char *hidden = all[i] == &header   ? "X-Api-Key"
				     : all[i] == &signer ? "X-Signed"
							 : "Authorization";
		stage_line(stage, &(struct cor_scripted){ .status = 307,
					  .headers = COR_HTTP_FIELDS({ "Location", "/here" }) });
		stage_line(stage,
			&(struct cor_scripted){ .status = 307,
				.headers = COR_HTTP_FIELDS({ "Location", "http://elsewhere/x" }) });
		stage_line(stage, &(struct cor_scripted){ 0 });
		assert_int_equal(get(stage, all[i]), 0);
		const struct cor_script_call *here = stage_call(stage, 3 * i + 1);
		if (all[i] == &query)
			assert_string_equal(here->path, "/here?a%20key=t%2F0%26k");
		else
			assert_non_null(cor_script_header(here, hidden));
		const struct cor_script_call *there = stage_call(stage, 3 * i + 2);
		assert_null(cor_script_header(there, hidden));
		assert_string_equal(there->path, "/x");
	}
}

static void test_without_a_secret_nothing_is_sent(void **state)
{
	static const struct cor_upstream *const all[] = { &basic, &bearer, &header, &query };
	static const char *const bad[] = { NULL, "", "a\r\nX-Evil: 1" };
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
			/* an empty password is one, and base64 and queries take any byte */
			if (j > 0 && (all[i] == &basic || (j == 2 && all[i] == &query)))
				continue;
			secrets = (struct secrets){ bad[j], bad[j] };
			assert_int_equal(get(stage, all[i]), -EINVAL);
			assert_int_equal(stage_failure(stage), COR_FAILED_CREDENTIALS);
			assert_null(strstr(cor_http_failure(stage->ctx)->text, "Evil"));
		}
	assert_int_equal(cor_script_len(stage->script), 0);
}

static void test_failures_keep_secrets(void **state)
{
	static const struct cor_upstream *const all[] = { &basic, &bearer, &header, &query };
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS, .status = 400 });
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		assert_int_equal(get(stage, all[i]), -COR_ESTATUS);
		const char *text = cor_http_failure(stage->ctx)->text;
		assert_null(strstr(text, "t/0"));
		assert_null(strstr(text, "t%2F0"));
		assert_null(strstr(text, "sesame"));
	}
}

static void test_signer(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .status = 503 });
	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(
		cor_http_put(stage->ctx, &signer, COR_NONE, NULL, COR_PATH("/{}?c=d", "a b"),
			.body = COR_STR("xyz"), .content_type = "text/x"),
		0);
	for (size_t i = 0; i < 2; i++) /* each try */
		assert_string_equal(cor_script_header(stage_call(stage, i), "X-Signed"),
			"PUT http://signer/a%20b?c=d text/x xyz 3");
	assert_int_equal(cor_http_get(stage->ctx, &signer, COR_NONE, NULL, COR_PATH("/refused")),
		-COR_EPROBLEM);
	assert_int_equal(stage_failure(stage), COR_FAILED_CREDENTIALS);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 507);
	assert_int_equal(cor_script_len(stage->script), 2);
}

/* --- tokens: RFC 6749 section 4.4 --- */

static void give(struct stage *stage, const char *answer)
{
	stage_line(stage, &(struct cor_scripted){ .upstream = "tokens", .body = answer });
}

static void answer_all(struct stage *stage)
{
	stage_line(
		stage, &(struct cor_scripted){ .upstream = "token", .times = COR_SCRIPT_ALWAYS });
}

#define TOKEN_OF(name)                                                                             \
	"{\"access_token\":\"" name "\",\"token_type\":\"bearer\",\"expires_in\":100}"

static void test_token(void **state)
{
	struct stage *stage = *state;

	answer_all(stage);
	give(stage, TOKEN_OF("one"));
	assert_int_equal(get(stage, &token), 0);
	const struct cor_script_call *asked = stage_call(stage, 0);
	assert_string_equal(asked->method, "POST");
	assert_string_equal(asked->path, "/t");
	assert_string_equal(
		asked->body.data, "grant_type=client_credentials&scope=x%20y&audience=z");
	assert_string_equal(/* a%3Ab:open%20sesame */
		cor_script_header(asked, "Authorization"), "Basic YSUzQWI6b3BlbiUyMHNlc2FtZQ==");
	assert_string_equal(sent(stage, "Authorization"), "Bearer one");
	pass_s(stage, 89);
	assert_int_equal(get(stage, &token), 0); /* kept */
	assert_int_equal(cor_script_len(stage->script), 3);
	pass_s(stage, 1);
	give(stage, TOKEN_OF("two"));
	assert_int_equal(get(stage, &token), 0); /* renewed a tenth before its end */
	assert_string_equal(sent(stage, "Authorization"), "Bearer two");
	assert_int_equal(cor_script_len(stage->script), 5);
}

/* The time that a token takes is not left to the call. */
static void test_a_token_takes_its_time(void **state)
{
	struct stage *stage = *state;

	answer_all(stage);
	stage_line(stage, &(struct cor_scripted){
				  .upstream = "tokens", .head_ms = 300, .body = TOKEN_OF("one") });
	assert_int_equal(get(stage, &token), 0);
	assert_string_equal(sent(stage, "Authorization"), "Bearer one");
	assert_int_equal(strtol(sent(stage, "X-Left-Ms"), NULL, 10), COR_UPSTREAM_TIMEOUT_MS - 300);
}

static void test_token_by_form(void **state)
{
	struct stage *stage = *state;

	stage_line(
		stage, &(struct cor_scripted){ .upstream = "by-form", .times = COR_SCRIPT_ALWAYS });
	give(stage, "{\"access_token\":\"one\",\"token_type\":\"Bearer\"}");
	assert_int_equal(get(stage, &by_form), 0);
	assert_string_equal(stage_call(stage, 0)->body.data,
		"grant_type=client_credentials&client_id=Aladdin&client_secret=open%20sesame");
	assert_null(cor_script_header(stage_call(stage, 0), "Authorization"));
}

/* While the old one holds, a failure to renew it does no harm, and is not repeated for 5 s. */
static void test_an_old_token_outlasts_a_failure(void **state)
{
	struct stage *stage = *state;

	answer_all(stage);
	give(stage, TOKEN_OF("one"));
	assert_int_equal(get(stage, &token), 0);
	pass_s(stage, 95);
	stage_line(stage, &(struct cor_scripted){ .upstream = "tokens", .status = 400 });
	assert_int_equal(get(stage, &token), 0);
	assert_int_equal(get(stage, &token), 0);
	assert_string_equal(sent(stage, "Authorization"), "Bearer one");
	assert_int_equal(cor_script_len(stage->script), 5);
	pass_s(stage, 5); /* its end */
	stage_line(stage, &(struct cor_scripted){ .upstream = "tokens", .status = 400 });
	assert_int_equal(get(stage, &token), -COR_ESTATUS);
	assert_string_equal(cor_http_failure(stage->ctx)->upstream, "tokens");
	assert_int_equal(cor_problem_of(stage->ctx)->status, 502);
	assert_int_equal(cor_script_len(stage->script), 6);
}

static void test_401_renews_once(void **state)
{
	struct stage *stage = *state;

	give(stage, TOKEN_OF("one"));
	stage_line(stage, &(struct cor_scripted){ .upstream = "token", .status = 401 });
	give(stage, TOKEN_OF("two"));
	stage_line(stage, &(struct cor_scripted){ .upstream = "token" });
	assert_int_equal(cor_http_post(stage->ctx, &token, COR_NONE, NULL, COR_PATH("/"),
				 .body = COR_STR("xyz")),
		0);
	assert_string_equal(sent(stage, "Authorization"), "Bearer two");
	assert_string_equal(stage_call(stage, 3)->body.data, "xyz");
	stage_line(stage, &(struct cor_scripted){ .upstream = "token", .status = 401, .times = 2 });
	give(stage, TOKEN_OF("three"));
	assert_int_equal(get(stage, &token), -COR_ESTATUS);
	assert_int_equal(cor_http_failure(stage->ctx)->status, 401);
	assert_int_equal(cor_script_len(stage->script), 7);
}

static void test_answers_that_are_no_token(void **state)
{
	static const char *const answers[] = { "", "[]", "{}", "{\"access_token\":\"hidden\"}",
		"{\"access_token\":\"hidden\",\"token_type\":\"mac\"}",
		"{\"access_token\":\"hid\\nden\",\"token_type\":\"bearer\"}",
		"{\"access_token\":\"hidden\",\"token_type\":\"bearer\",\"expires_in\":0}" };
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		give(stage, answers[i]);
		assert_int_equal(get(stage, &token), -EBADMSG);
		assert_string_equal(cor_http_failure(stage->ctx)->upstream, "tokens");
		assert_null(strstr(cor_http_failure(stage->ctx)->text, "hid"));
	}
	/* the secret is for nobody else */
	stage_line(stage, &(struct cor_scripted){ .upstream = "tokens",
				  .status = 307,
				  .headers = COR_HTTP_FIELDS({ "Location", "http://x/" }) });
	assert_int_equal(get(stage, &token), -COR_ESTATUS);
	assert_int_equal(cor_script_len(stage->script), 8);
	secrets.password = NULL;
	assert_int_equal(get(stage, &token), -EINVAL);
	assert_string_equal(cor_http_failure(stage->ctx)->upstream, "token");
}

/* RFC 6749 section 5.2: the code says what to mend. */
static void test_a_refused_client(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .upstream = "tokens",
				  .status = 401,
				  .body = "{\"error\":\"invalid_client\"}" });
	assert_int_equal(get(stage, &token), -COR_ESTATUS);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text,
		"it answered 401 Unauthorized: invalid_client ("));
	stage_line(stage,
		&(struct cor_scripted){ .upstream = "tokens",
			.status = 400,
			.body = "{\"error\":\"invalid_scope\",\"error_description\":\"no y\"}" });
	assert_int_equal(get(stage, &token), -COR_ESTATUS);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text, ": invalid_scope: no y ("));
}

/* Twenty at once, of which the first asks. */
static int get_one(struct cor_ctx *ctx, int64_t *number)
{
	(void)number;
	return cor_http_get(ctx, &token, COR_NONE, NULL, COR_PATH("/"));
}

static int get_many(void *arg)
{
	struct stage *stage = arg;
	int64_t numbers[20];
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	for (size_t i = 0; i < 20; i++)
		cor_group_start(&group, get_one, &numbers[i]);
	return cor_group_wait(&group);
}

static void test_one_flight(void **state)
{
	struct stage *stage = *state;
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;
	int result = 1;

	answer_all(stage);
	stage_line(stage, &(struct cor_scripted){
				  .upstream = "tokens", .body = TOKEN_OF("one"), .head_ms = 20 });
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, get_many, stage, NULL, &fiber), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_fiber_join(fiber, &result);
	cor_scheduler_destroy(scheduler);
	assert_int_equal(result, 0);
	assert_int_equal(cor_script_len(stage->script), 21);
}

/* --- what is told when the service starts --- */

#define WRONG(...)                                                                                 \
	{                                                                                          \
		AT("wrong"), .credentials = COR_CREDENTIALS(__VA_ARGS__)                           \
	}

static const struct {
	struct cor_upstream upstream;
	const char *text;
} wrong[] = {
	{ WRONG(.bearer = NULL), "are empty" },
	{ WRONG(.bearer = get_token, .sign = sign), "have more than one" },
	{ WRONG(.basic = { .password = get_password }), "need .basic.password" },
	{ WRONG(.basic = { "a", get_user, get_password }), "need .basic.password" },
	{ WRONG(.basic = { "a" }), "need .basic.password" },
	{ WRONG(.basic = { "a:b", NULL, get_password }), "have a ':'" },
	{ WRONG(.header = { "a b", get_token }), "the name of a header" },
	{ WRONG(.header = { "Host", get_token }), "the name of a header" },
	{ WRONG(.header = { "X-Key", NULL }), "a function that gives the key" },
	{ WRONG(.token = { .upstream = &tokens, .path = "/" }), "need .token.upstream" },
	{ WRONG(.token = { TOKEN, .client_id = "a", .client_id_of = get_user }),
		"need .token.upstream" },
	{ WRONG(.token = { .upstream = &tokens,
			.path = "t?x",
			.client_id = "a",
			.client_secret = get_token }),
		"need a .token.path" },
	{ WRONG(.token = { .upstream = &token,
			.path = "/",
			.client_id = "a",
			.client_secret = get_token }),
		"needs a token itself" },
	{ WRONG(.query = { NULL, get_token }), "the name of a parameter" },
	{ { AT("wrong"), .headers = COR_HTTP_FIELDS({ "AUTHORIZATION", "x" }),
		  .credentials = COR_CREDENTIALS(.bearer = get_token) },
		"has Authorization in .headers" },
	{ { .name = "wrong", .base_url = "http://me:secret@host" },
		"has a .base_url that has a user in it" },
};

static void test_contradictions(void **state)
{
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const char *fault = cor_upstream_fault(&arena, &wrong[i].upstream, NULL);
		assert_non_null(fault);
		print_message("# %s\n", fault);
		assert_non_null(strstr(fault, wrong[i].text));
		assert_null(strstr(fault, "me:secret"));
	}
	cor_arena_finish(&arena);
}

static const struct cor_service lacking = {
	.name = "stage", .settings = &secrets_schema.schema, .upstreams = COR_UPSTREAMS(&token)
};

/* Where tokens come from has to be listed, too. */
static void test_unlisted_tokens(void **state)
{
	struct cor_ctx *ctx = NULL;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &lacking,
						.settings = &secrets },
				 &ctx),
		-COR_ETABLE);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_stage, stage_close)
	const struct CMUnitTest tests[] = {
		TEST(test_each_kind),
		TEST(test_a_call_has_its_own),
		TEST(test_they_stay_with_their_origin),
		TEST(test_without_a_secret_nothing_is_sent),
		TEST(test_failures_keep_secrets),
		TEST(test_signer),
		TEST(test_token),
		TEST(test_a_token_takes_its_time),
		TEST(test_token_by_form),
		TEST(test_an_old_token_outlasts_a_failure),
		TEST(test_401_renews_once),
		TEST(test_answers_that_are_no_token),
		TEST(test_a_refused_client),
		cmocka_unit_test_setup_teardown(test_one_flight, open_real, stage_close),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_unlisted_tokens),
	};

	return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
