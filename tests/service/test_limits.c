/* SPDX-License-Identifier: MIT */
/* Who is refused by which limit, what every answer says of it, and in what order. */
#include "fake.h"
#include "tables.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/cache.h>
#include <coracle/error.h>
#include <coracle/files.h>
#include <coracle/limit.h>
#include <coracle/request.h>
#include <coracle/security.h>

#include "context/context.h"
#include "limit/pass.h"
#include "segment/counter.h"

struct user {
	const char *name;
};
static const struct cor_field user_fields[] = { COR_FIELD(struct user, name) };
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

static int checks;

static int nest_wrong(struct cor_ctx *ctx, int more);

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	checks++;
	if (strncmp(token, "wrong-", 6) == 0 && nest_wrong(ctx, token[6] - '0') < 0)
		return -EIO;
	user->name = cor_strdup(ctx, token);
	return strncmp(token, "good", 4) == 0 ? 0 : cor_deny(ctx, "no");
}
COR_BEARER(token_scheme, check_token, user_schema);
COR_API_KEY(key_scheme, check_token, user_schema);

/* Answers itself who is nobody. */
static int send_home(struct cor_ctx *ctx, struct cor_next *next)
{
	return cor_principal(ctx, user_schema) ? cor_next(next) : cor_problem(ctx, 403, 0, "home");
}
static const struct cor_middleware doorman = { .name = "doorman", .around = send_home };

static int by_header(struct cor_ctx *ctx, struct cor_str *ret)
{
	*ret = cor_request_header(ctx, "X-Tenant");
	if (cor_str_equal(*ret, COR_STR("broken")))
		return 7;
	return cor_str_equal(*ret, COR_STR("away")) ? -ETIMEDOUT : 0;
}

/* An hour is longer than a test: what is used up stays so. */
static const struct cor_limit per_client = { .name = "client", .count = 3, .per_s = 3600 };
static const struct cor_limit per_user = {
	.name = "user", .count = 2, .per_s = 7200, .by = COR_BY_PRINCIPAL
};
static const struct cor_limit per_tenant = {
	.name = "tenant", .count = 1, .per_s = 3600, .key = by_header
};
static const struct cor_limit bursty = {
	.name = "bursty", .count = 1, .per_s = 3600, .burst = 2, .by = COR_BY_NOBODY
};
static const struct cor_limit one_at_a_time = {
	.name = "alone", .count = 100, .per_s = 60, .in_progress = 1, .by = COR_BY_NOBODY
};

static struct cor_dispatcher *dispatcher;

static int work(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

/* Asks for itself while it runs. */
static int nest(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	struct fake_reply inner = { 0 };

	(void)in;
	fake_serve(dispatcher, &(struct fake_request){ .target = "/alone" }, &inner);
	*out = cor_str(cor_printf(ctx, "%u %s%s", inner.status, inner.headers,
		strstr(fake_body(&inner), "1 are in progress, and no more may be") ? "told" : ""));
	fake_finish(&inner);
	return 0;
}
static int clash(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_problem(ctx, 409, 0, "always");
}

COR_OPERATION(work_operation, work, COR_NONE, COR_NONE);
COR_OPERATION(user_operation, work, COR_NONE, COR_NONE, .limits = COR_LIMITS(&per_user),
	.security = COR_SECURITY({ &token_scheme }, { &cor_anonymous }));
COR_OPERATION(tenant_operation, work, COR_NONE, COR_NONE, .limits = COR_LIMITS(&per_tenant));
COR_OPERATION(bursty_operation, work, COR_NONE, COR_NONE, .limits = COR_LIMITS(&bursty));
COR_OPERATION(nest_operation, nest, COR_NONE, COR_TEXT, .limits = COR_LIMITS(&one_at_a_time));
COR_OPERATION(clash_operation, clash, COR_NONE, COR_NONE, .limits = COR_LIMITS(&one_at_a_time),
	.problems = { 409 });
COR_OPERATION(
	guarded_operation, work, COR_NONE, COR_NONE, .security = COR_SECURITY({ &token_scheme }));

/* Two ways, of which one may be refused. */
COR_OPERATION(either_operation, work, COR_NONE, COR_NONE,
	.security = COR_SECURITY({ &token_scheme }, { &key_scheme }));

/* Two kinds of token in one place: what the first does not know the second may. */
static int check_machine(struct cor_ctx *ctx, const char *token, struct user *machine)
{
	(void)machine;
	return strcmp(token, "robot") == 0 ? 0 : cor_deny(ctx, "no machine");
}
COR_BEARER(machine_scheme, check_machine, user_schema);
COR_OPERATION(tokens_operation, work, COR_NONE, COR_NONE, .limits = COR_LIMITS(&per_client),
	.security = COR_SECURITY({ &token_scheme }, { &machine_scheme }));

static const struct cor_resource client = {
	.path = "/client",
	.get = &work_operation,
	.put = &work_operation,
	.limits = COR_LIMITS(&per_client),
};
static const struct cor_resource user = { .path = "/user", .get = &user_operation };
static const struct cor_resource tenant = { .path = "/tenant", .get = &tenant_operation };
static const struct cor_resource bursts = { .path = "/bursty", .get = &bursty_operation };
static const struct cor_resource alone = {
	.path = "/alone",
	.get = &nest_operation,
	.put = &clash_operation,
};
static const struct cor_resource guarded = { .path = "/guarded", .get = &guarded_operation };
static const struct cor_resource home = {
	.path = "/home", .get = &guarded_operation, .middleware = COR_MIDDLEWARE(&doorman)
};
static const struct cor_resource either = { .path = "/either", .get = &either_operation };
static const struct cor_resource tokens = { .path = "/tokens", .get = &tokens_operation };
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(
		&client, &user, &tenant, &bursts, &alone, &guarded, &home, &either, &tokens),
	.failed_logins = &(const struct cor_limit){ .name = "failed", .count = 2, .per_s = 3600 },
};

static const struct {
	const char *method, *target, *headers;
	int status;
	const char *said;
} steps[] = {
	{ "GET", "/client", NULL, 204,
		"RateLimit-Limit: 3\nRateLimit-Remaining: 2\nRateLimit-Reset: 1200\n"
		"RateLimit-Policy: 3;w=3600\n" },
	{ "PUT", "/client", NULL, 204, "RateLimit-Remaining: 1\n" }, /* one limit for all of it */
	{ "OPTIONS", "/client", NULL, 204, "Allow: GET, HEAD, PUT, OPTIONS\n" },
	{ "DELETE", "/client", NULL, 405, "RateLimit-Remaining: 0\n" },
	{ "GET", "/client", NULL, 429, "Retry-After: 1200\nRateLimit-Limit: 3\n" },
	{ "HEAD", "/client", NULL, 429, "RateLimit-Remaining: 0\nRateLimit-Reset: 1200\n" },
	{ "GET", "/user", "Authorization: Bearer good1\n", 204, "RateLimit-Remaining: 1\n" },
	{ "GET", "/user", "Authorization: Bearer good2\n", 204, "RateLimit-Remaining: 1\n" },
	{ "GET", "/user", "Authorization: Bearer good1\n", 204, "RateLimit-Remaining: 0\n" },
	{ "GET", "/user", "Authorization: Bearer good1\n", 429, "Retry-After: 3600\n" },
	{ "GET", "/user", NULL, 204, "RateLimit-Remaining: 1\n" }, /* the address */
	{ "GET", "/tenant", "X-Tenant: a\n", 204, "RateLimit-Remaining: 0\n" },
	{ "GET", "/tenant", "X-Tenant: a\n", 429, "Retry-After: 3600\n" },
	{ "GET", "/tenant", "X-Tenant: b\n", 204, "RateLimit-Remaining: 0\n" },
	{ "GET", "/tenant", NULL, 204, "" }, /* nobody's */
	{ "GET", "/tenant", NULL, 204, "" },
	{ "GET", "/tenant", "X-Tenant: away\n", 504, "" },
	{ "GET", "/tenant", "X-Tenant: broken\n", 500, "" },
	{ "GET", "/bursty", NULL, 204, "RateLimit-Limit: 2\nRateLimit-Remaining: 1\n" },
	{ "GET", "/bursty", NULL, 204, "RateLimit-Policy: 1;w=3600\n" },
	{ "GET", "/bursty", NULL, 429, "Retry-After: 3600\n" },
	{ "PUT", "/alone", NULL, 409, "" }, /* it is left after problems, too */
	{ "PUT", "/alone", NULL, 409, "" },
};

static uint64_t counted(const struct cor_limit_tally *tally, const char *name)
{
	size_t i = 0;

	while (i < tally->len && strcmp(tally->names[i], name) != 0)
		i++;
	assert_in_range(i, 0, tally->len - 1);
	return cor_counter_read(&tally->cells[i]);
}

static uint64_t refused(const char *limit)
{
	return counted(&cor_dispatcher_environment(dispatcher)->limits->refused, limit);
}

static uint64_t failed(const char *scheme)
{
	return counted(&cor_dispatcher_environment(dispatcher)->limits->failed, scheme);
}

static void test_steps(void **state)
{
	struct fake_reply reply = { 0 };

	(void)state;
	dispatcher = fake_dispatcher(&service);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		fake_serve(dispatcher,
			&(struct fake_request){ .method = steps[i].method,
				.target = steps[i].target,
				.headers = steps[i].headers },
			&reply);
		if (reply.status != steps[i].status || !strstr(reply.headers, steps[i].said))
			print_error("%zu: %s %s: %u %s\n", i, steps[i].method, steps[i].target,
				reply.status, reply.headers);
		assert_int_equal(reply.status, steps[i].status);
		assert_non_null(strstr(reply.headers, steps[i].said));
	}
	assert_int_equal(refused("client"), 2);
	assert_int_equal(refused("user"), 1);
	assert_int_equal(refused("tenant"), 1);
	assert_int_equal(refused("bursty"), 1);
	assert_int_equal(refused("alone"), 0);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void test_in_progress(void **state)
{
	struct fake_reply reply = { 0 };

	(void)state;
	dispatcher = fake_dispatcher(&service);
	for (int i = 0; i < 2; i++) {
		fake_serve(dispatcher, &(struct fake_request){ .target = "/alone" }, &reply);
		assert_int_equal(reply.status, 200);
		assert_string_equal(fake_body(&reply), "429 Retry-After: 1\ntold");
	}
	assert_int_equal(refused("alone"), 2);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* Two tries, and then not even the right one is looked at. */
static void test_failed_logins(void **state)
{
	static const struct {
		const char *headers;
		int status, checks;
	} tries[] = {
		{ "Authorization: Bearer bad\n", 401, 1 },
		{ NULL, 401, 0 }, /* none is no try */
		{ "Authorization: Bearer good\n", 204, 1 },
		{ "Authorization: Bearer bad\n", 401, 1 },
		{ "Authorization: Bearer bad\n", 429, 0 },
		{ "Authorization: Bearer good\n", 429, 0 },
	};
	struct fake_reply reply = { 0 };

	(void)state;
	dispatcher = fake_dispatcher(&service);
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		checks = 0;
		fake_serve(dispatcher,
			&(struct fake_request){ .target = "/guarded", .headers = tries[i].headers },
			&reply);
		assert_int_equal(reply.status, tries[i].status);
		assert_int_equal(checks, tries[i].checks);
	}
	assert_int_equal(failed("token_scheme"), 2);
	assert_int_equal(failed("key_scheme"), 0);
	assert_int_equal(refused("failed"), 2);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* Files alone are worth a guess, too. */
static const struct cor_files secret_files = {
	.path = "/files",
	.folder = ".",
	.security = COR_SECURITY({ &token_scheme }),
};
static const struct cor_service only_files = {
	.name = "files",
	.files = COR_FILES(&secret_files),
	.failed_logins = &(const struct cor_limit){ .name = "failed", .count = 1, .per_s = 3600 },
};

static void test_failed_logins_for_files(void **state)
{
	const struct fake_request bad = { .target = "/files/a",
		.headers = "Authorization: Bearer bad\n" };

	(void)state;
	dispatcher = fake_dispatcher(&only_files);
	fake_expect(dispatcher, &bad, 401, NULL);
	struct fake_reply reply = { 0 };
	fake_serve(dispatcher, &bad, &reply);
	assert_int_equal(reply.status, 429);
	assert_non_null(strstr(fake_body(&reply), "there may be 1 failed login in 3600 s"));
	fake_finish(&reply);
	assert_int_equal(failed("token_scheme"), 1);
	assert_int_equal(refused("failed"), 1);
	cor_dispatcher_destroy(dispatcher);
}

static void test_tokens_of_two_kinds(void **state)
{
	static const struct {
		const char *headers, *client;
		int status;
	} tries[] = {
		{ "Authorization: Bearer robot\n", "192.0.2.1", 204 },
		{ "Authorization: Bearer robot\n", "192.0.2.2", 204 },
		{ "Authorization: Bearer robot\n", "192.0.2.1", 204 },
		{ "Authorization: Bearer robot\n", "192.0.2.1", 204 },
		{ "Authorization: Bearer bad\n", "192.0.2.3", 401 },
		{ "Authorization: Bearer bad\n", "192.0.2.3", 401 },
		{ "Authorization: Bearer robot\n", "192.0.2.3", 429 },
	};
	struct fake_reply reply = { 0 };

	(void)state;
	dispatcher = fake_dispatcher(&service);
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		fake_serve(dispatcher,
			&(struct fake_request){ .target = "/tokens",
				.headers = tries[i].headers,
				.client = tries[i].client },
			&reply);
		assert_int_equal(reply.status, tries[i].status);
	}
	assert_non_null(strstr(fake_body(&reply), "there may be 2 failed logins in 3600 s"));
	assert_null(strstr(reply.headers, "RateLimit-")); /* of the other limit */
	assert_int_equal(failed("token_scheme"), 2);      /* not of the machine's token */
	assert_int_equal(failed("machine_scheme"), 2);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* An address is one, however it is written; of IPv6 the first half of it. */
static void test_clients(void **state)
{
	static const struct {
		const char *client;
		int status;
	} clients[] = {
		{ "192.0.2.7", 204 },
		{ "::ffff:192.0.2.7", 204 },
		{ "::FFFF:c000:207", 204 },
		{ "192.0.2.7", 429 },
		{ "192.0.2.8", 204 },
		{ "2001:db8:1:2::1", 204 },
		{ "2001:0DB8:1:2:ffff::9", 204 },
		{ "2001:db8:1:2:aaaa::", 204 },
		{ "2001:db8:1:2::1", 429 },
		{ "2001:db8:1:3::1", 204 },
		{ "fe80::1%eth0", 204 },
		{ "", 204 },
	};

	(void)state;
	dispatcher = fake_dispatcher(&service);
	for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++)
		fake_expect(dispatcher,
			&(struct fake_request){ .target = "/client", .client = clients[i].client },
			clients[i].status, NULL);
	cor_dispatcher_destroy(dispatcher);
}

#define BAD  "Authorization: Bearer bad\n"
#define GOOD "Authorization: Bearer good\n"

/* Whoever asks, and whatever is answered: a wrong credential is one. */
static void test_every_failure(void **state)
{
	static const struct {
		const char *target, *headers;
		int status, checks;
	} tries[] = {
		{ "/home", BAD, 403, 1 },
		{ "/home", GOOD, 204, 1 },
		{ "/either", BAD "X-API-Key: good\n", 204, 2 },
		{ "/either", "X-API-Key: good\n", 429, 0 },
		{ "/home", GOOD, 403, 0 },
		{ "/guarded", GOOD, 429, 0 },
	};

	(void)state;
	dispatcher = fake_dispatcher(&service);
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		checks = 0;
		fake_expect(dispatcher,
			&(struct fake_request){
				.target = tries[i].target, .headers = tries[i].headers },
			tries[i].status, NULL);
		assert_int_equal(checks, tries[i].checks);
	}
	cor_dispatcher_destroy(dispatcher);
}

/* So many more tries of the same client while this one is checked. */
static int nest_wrong(struct cor_ctx *ctx, int more)
{
	struct fake_reply inner = { 0 };
	const char *headers = cor_printf(ctx, "Authorization: Bearer wrong-%d\n", more - 1);

	if (more <= 0 || !headers)
		return headers ? 0 : -ENOMEM;
	fake_serve(dispatcher, &(struct fake_request){ .target = "/guarded", .headers = headers },
		&inner);
	fake_finish(&inner);
	return 0;
}

/* Tries at the same time are no way around it: what was too much is waited for. */
static void test_failures_at_once(void **state)
{
	struct fake_reply reply = { 0 };

	(void)state;
	dispatcher = fake_dispatcher(&service);
	checks = 0;
	fake_serve(dispatcher,
		&(struct fake_request){
			.target = "/guarded", .headers = "Authorization: Bearer wrong-5\n" },
		&reply);
	assert_int_equal(reply.status, 401);
	assert_int_equal(checks, 6);
	fake_serve(dispatcher, &(struct fake_request){ .target = "/guarded", .headers = GOOD },
		&reply);
	assert_int_equal(reply.status, 429);
	assert_non_null(strstr(reply.headers, "Retry-After: 9000\n")); /* 6 - 1 half hours */
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static const struct cor_limit nameless = { .count = 1, .per_s = 1 };
static const struct cor_limit odd = { .name = "Odd one", .count = 1, .per_s = 1 };
static const struct cor_limit half = { .name = "half", .count = 1 };
static const struct cor_limit empty = { .name = "empty" };
static const struct cor_limit sudden = { .name = "sudden", .in_progress = 1, .burst = 2 };
static const struct cor_limit flood = { .name = "flood", .count = 2000000000, .per_s = 1 };
static const struct cor_limit aeon = { .name = "aeon", .count = 1, .per_s = UINT32_MAX };
static const struct cor_limit aeons = {
	.name = "aeons", .count = 1, .per_s = 3600, .burst = UINT32_MAX
};
static const struct cor_limit torn = {
	.name = "torn", .in_progress = 1, .by = COR_BY_NOBODY, .key = by_header
};
static const struct cor_cache unlisted_cache = { .name = "unlisted" };
static const struct cor_limit strange = {
	.name = "strange", .count = 1, .per_s = 1, .cache = &unlisted_cache
};
static const struct cor_limit rateless = {
	.name = "rateless", .in_progress = 1, .cache = &unlisted_cache
};
static const struct cor_limit shut = {
	.name = "shut", .count = 1, .per_s = 1, .fails_closed = true
};
static const struct cor_limit long_name = {
	.name = "of-more-than-sixty-four-characters-which-would-make-its-key-too-long",
	.count = 1,
	.per_s = 1,
	.cache = &unlisted_cache
};
static const struct cor_limit logins = {
	.name = "logins", .in_progress = 1, .cache = &unlisted_cache
};
static const struct cor_limit twin = { .name = "client", .count = 1, .per_s = 1 };
static const struct cor_limit l1 = { .name = "l1", .in_progress = 1 },
			      l2 = { .name = "l2", .in_progress = 1 },
			      l3 = { .name = "l3", .in_progress = 1 },
			      l4 = { .name = "l4", .in_progress = 1 },
			      l5 = { .name = "l5", .in_progress = 1 },
			      l6 = { .name = "l6", .in_progress = 1 },
			      l7 = { .name = "l7", .in_progress = 1 },
			      l8 = { .name = "l8", .in_progress = 1 };

static const struct {
	const struct cor_limit *const *limits;
	const char *where, *says;
} contradictions[] = {
	{ COR_LIMITS(&nameless), "/place", "the name of a limit has small letters" },
	{ COR_LIMITS(&odd), "/place", "\"Odd one\"" },
	{ COR_LIMITS(&half), "/place", ".count and .per_s go together" },
	{ COR_LIMITS(&empty), "/place", "has neither .count and .per_s nor .in_progress" },
	{ COR_LIMITS(&flood), "/place", "more than 1000000 in a second" },
	{ COR_LIMITS(&aeon), "/place", "would take more than 10 years" },
	{ COR_LIMITS(&aeons), "/place", "would take more than 10 years" },
	{ COR_LIMITS(&sudden), "/place", "has a .burst without a .count" },
	{ COR_LIMITS(&strange), "/place", "is counted in the cache unlisted, which the service" },
	{ COR_LIMITS(&rateless), "/place", "has a .cache without a .count" },
	{ COR_LIMITS(&shut), "/place", "has .fails_closed without a .cache" },
	{ COR_LIMITS(&long_name), "/place", "64 characters at most" },
	{ COR_LIMITS(&torn), "/place", "has .by and .key" },
	{ COR_LIMITS(&per_client, &per_client), "GET /place", "limit client counts twice" },
	{ COR_LIMITS(&per_client, &twin), "GET /place", "two limits are called client" },
	{ COR_LIMITS(&l1, &l2, &l3, &l4, &l5, &l6, &l7, &l8, &twin), "GET /place", "more than 8" },
};

static void test_contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
		const struct cor_resource place = {
			.path = "/place", .get = &work_operation, .limits = contradictions[i].limits
		};
		const struct cor_service wrong = {
			.name = "s", .resources = COR_RESOURCES(&place), .failed_logins = &logins
		};
		struct cor_violations why = { 0 };
		struct cor_arena arena;

		assert_int_equal(create(&wrong, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, contradictions[i].where, contradictions[i].says))
			print_error("%s: %s\n", why.first->where, why.first->detail);
		assert_true(is_said(&why, contradictions[i].where, contradictions[i].says));
		assert_true(is_said(&why, "s", ".failed_logins counts by client"));
		assert_true(is_said(&why, "s", "leave out the .cache"));
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_in_progress),
		cmocka_unit_test(test_failed_logins),
		cmocka_unit_test(test_failed_logins_for_files),
		cmocka_unit_test(test_tokens_of_two_kinds),
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_every_failure),
		cmocka_unit_test(test_failures_at_once),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
