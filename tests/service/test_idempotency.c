/* SPDX-License-Identifier: MIT */
/* Requests that are sent again with their key: what is done once, and what is answered. */
#include "fake.h"
#include "tables.h"

#include <errno.h>
#include <stdio.h>

#include <coracle/caching.h>
#include <coracle/error.h>
#include <coracle/idempotency.h>
#include <coracle/memcached.h>
#include <coracle/mount.h>
#include <coracle/request.h>
#include <coracle/response.h>
#include <coracle/security.h>

#include "../cache/fake.h"
#include "cache/caches.h"
#include "context/context.h"

static const struct cor_cache keys = { .name = "keys", .store = &fake_common_store };

struct payment {
	int64_t cents;
	const char *note;
};
static const struct cor_field payment_fields[] = {
	COR_FIELD(struct payment, cents),
	COR_FIELD(struct payment, note, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(payment_schema, struct payment, payment_fields);

struct receipt {
	int64_t number;
	const char *where;
};
static const struct cor_field receipt_fields[] = {
	COR_FIELD(struct receipt, number),
	COR_FIELD(struct receipt, where, .to = COR_TO_HEADER, .key = "Location",
		.presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(receipt_schema, struct receipt, receipt_fields);

static int done;
static int (*instead)(struct cor_ctx *ctx); /* NULL: it goes well */

static int pay(struct cor_ctx *ctx, const struct payment *in, struct receipt *out)
{
	(void)in;
	*out = (struct receipt){ ++done, "/receipts" };
	int rc = cor_reply_header(ctx, "X-Own", "yes");

	return rc < 0 || !instead ? rc : instead(ctx);
}
COR_OPERATION(pay_operation, pay, payment_schema, receipt_schema, .status = 201, .also = { 202 },
	.problems = { 402, 429, 503, 504 },
	.responses = COR_RESPONSES(
		{ .status = 203, .schema = COR_ANSWERS(receipt_schema) }, { .status = 205 }),
	.idempotency = &(const struct cor_idempotency){ .cache = &keys, .is_required = true });
COR_OPERATION(try_operation, pay, payment_schema, receipt_schema,
	.idempotency = &(const struct cor_idempotency){ .cache = &keys });

struct user {
	const char *name;
	const char *tenant;
};
static const struct cor_field user_fields[] = {
	COR_FIELD(struct user, name),
	COR_FIELD(struct user, tenant, .presence = COR_OPTIONAL, .fallback = "\"home\""),
};
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	user->name = cor_strdup(ctx, token);
	user->tenant = strcmp(token, "nowhere") == 0 ? NULL : "home";
	return strcmp(token, "no") == 0 ? cor_deny(ctx, "no") : 0;
}
COR_BEARER(token_scheme, check_token, user_schema);
COR_OPERATION(own_operation, pay, payment_schema, receipt_schema,
	.security = COR_SECURITY({ &token_scheme }),
	.idempotency = &(const struct cor_idempotency){ .cache = &keys });

static const struct cor_resource payments = { .path = "/payments", .post = &pay_operation };
static const struct cor_resource tries = {
	.path = "/tries", .post = &try_operation, .patch = &try_operation
};
static const struct cor_resource own = { .path = "/own", .post = &own_operation };
/* What a handler says again replaces it, whether it is done or replayed. */
static int say_for_all(struct cor_ctx *ctx, struct cor_next *next)
{
	static const char *const lines[][2] = { { "X-Frame-Options", "SAMEORIGIN" },
		{ "Set-Cookie", "seen=1; Path=/" }, { "Vary", "X-Own" } };
	int rc = 0;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0] && rc == 0; i++)
		rc = cor_reply_header(ctx, lines[i][0], lines[i][1]);
	return rc < 0 ? rc : cor_next(next);
}
static const struct cor_middleware for_all = { .name = "for-all", .around = say_for_all };

static const struct cor_service bank = {
	.name = "bank",
	.version = "1",
	.middleware = COR_MIDDLEWARE(&for_all),
	.resources = COR_RESOURCES(&payments, &tries, &own),
	.caches = COR_CACHES(&keys),
};

static struct cor_dispatcher *dispatcher;
static struct cor_caches *caches;
static struct cor_arena arena;
static struct fake_reply got;

static void begin_of(const struct cor_service *service)
{
	const struct cor_cache *failed;

	done = 0;
	instead = NULL;
	fake_reset();
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_caches_create(&(struct cor_caches_options){ .caches = bank.caches },
				 &caches, &failed),
		0);
	assert_int_equal(cor_dispatcher_create(&(struct cor_dispatcher_options){ .service = service,
						       .caches = caches },
				 &arena, NULL, &dispatcher),
		0);
}

static void begin(void)
{
	begin_of(&bank);
}

static void end(void)
{
	fake_finish(&got);
	cor_dispatcher_destroy(dispatcher);
	cor_caches_destroy(caches);
	cor_arena_finish(&arena);
}

static int post(const char *target, const char *headers, const char *body)
{
	char all[512];
	const struct fake_request request = { .method = "POST",
		.target = target,
		.headers = all,
		.body = { body, strlen(body) },
		.client = "192.0.2.1" };

	snprintf(all, sizeof all, "Content-Type: application/json\n%s", headers);
	fake_serve(dispatcher, &request, &got);
	assert_int_equal(got.replies, 1);
	return got.status;
}

static bool says(const char *line)
{
	return strstr(got.headers, line) != NULL;
}

#define ONE "{\"cents\":1}"
#define KEY "Idempotency-Key: \"8e03978e\"\n"

static void test_the_same_is_done_once(void **state)
{
	(void)state;
	begin();
	assert_int_equal(post("/payments", KEY, ONE), 201);
	assert_false(says("Idempotency-Replayed"));
	for (int i = 0; i < 3; i++) {
		/* other text of the same input */
		assert_int_equal(post("/payments", KEY, "{ \"cents\": 1 }"), 201);
		assert_string_equal(fake_body(&got), "{\"number\":1}");
		assert_true(says("Location: /receipts\n") && says("X-Own: yes\n"));
		assert_true(says("Idempotency-Replayed: true\n"));
		assert_string_equal(got.content_type, "application/json");
	}
	assert_int_equal(done, 1);
	assert_int_equal(post("/payments", "Idempotency-Key: \"another\"\n", ONE), 201);
	assert_int_equal(post("/tries", KEY, ONE), 200); /* another operation */
	assert_int_equal(done, 3);
	assert_int_equal(post("/payments", KEY, "{\"cents\":2}"), 422);
	assert_non_null(strstr(fake_body(&got), "was sent with another request"));
	assert_int_equal(done, 3);
	end();
}

static void test_keys_are_strings(void **state)
{
	static const char *const wrong[] = { "", "Idempotency-Key: a b\n", "Idempotency-Key: a;b\n",
		"Idempotency-Key: a, b\n", "Idempotency-Key: a\\b\n", "Idempotency-Key: \"\n",
		"Idempotency-Key: \"\"\n", "Idempotency-Key: \"a\n", "Idempotency-Key: a\"\n",
		"Idempotency-Key: \"a\"b\"\n", "Idempotency-Key: \"a\\b\"\n",
		"Idempotency-Key: \"a\"\nIdempotency-Key: \"b\"\n" };
	char key[300];

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (post("/payments", wrong[i], ONE) != 400)
			fail_msg("%s is taken", wrong[i]);
	for (int len = COR_IDEMPOTENCY_KEY_BYTES; len < COR_IDEMPOTENCY_KEY_BYTES + 2; len++) {
		snprintf(key, sizeof key, "Idempotency-Key: \"%0*d\"\n", len, 1);
		assert_int_equal(
			post("/payments", key, ONE), len == COR_IDEMPOTENCY_KEY_BYTES ? 201 : 400);
	}
	assert_int_equal(post("/tries", "", ONE), 200); /* where none is needed */
	assert_int_equal(post("/tries", "", ONE), 200);
	assert_int_equal(post("/tries", "Idempotency-Key: a b\n", ONE), 400);
	assert_int_equal(done, 3);
	end();
}

static void test_quotes_make_no_other_key(void **state)
{
	(void)state;
	begin();
	assert_int_equal(post("/payments", KEY, ONE), 201);
	assert_int_equal(post("/payments", "Idempotency-Key: 8e03978e\n", ONE), 201);
	assert_true(says("Idempotency-Replayed: true\n"));
	assert_int_equal(post("/payments", "Idempotency-Key: a/b:c+d=_~!\n", ONE), 201);
	assert_int_equal(post("/payments", "Idempotency-Key: \"a/b:c+d=_~!\"\n", ONE), 201);
	assert_true(says("Idempotency-Replayed: true\n"));
	assert_int_equal(done, 2);
	end();
}

static void test_keys_are_a_principals(void **state)
{
	(void)state;
	begin();
	assert_int_equal(post("/own", KEY "Authorization: Bearer ann\n", ONE), 200);
	assert_int_equal(post("/own", KEY "Authorization: Bearer bob\n", ONE), 200);
	assert_string_equal(fake_body(&got), "{\"number\":2}");
	assert_int_equal(post("/own", KEY "Authorization: Bearer ann\n", ONE), 200);
	assert_string_equal(fake_body(&got), "{\"number\":1}");
	assert_int_equal(post("/own", KEY "Authorization: Bearer no\n", ONE), 401);
	/* which would be the same as "home" */
	assert_int_equal(post("/own", KEY "Authorization: Bearer nowhere\n", ONE), 500);
	assert_int_equal(done, 2);
	end();
}

/* Below a name each may be another's. */
static void test_keys_are_of_a_host(void **state)
{
	static const struct cor_mount mounts[] = { { .host = ".example.com", .service = &bank },
		{ 0 } };
	static const struct cor_service banks = {
		.name = "banks", .version = "1", .mounts = mounts
	};
	static const struct {
		const char *host;
		int done;
	} asked[] = { { "a.example.com", 1 }, { "b.example.com", 2 }, { "A.Example.com.:80", 2 } };

	(void)state;
	begin_of(&banks);
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		char headers[128];
		snprintf(headers, sizeof headers, KEY "Host: %s\n", asked[i].host);
		assert_int_equal(post("/payments", headers, ONE), 201);
		assert_int_equal(done, asked[i].done);
	}
	end();
}

/* --- what else is answered --- */

static int choose(struct cor_ctx *ctx)
{
	return cor_reply_status_set(ctx, 202);
}
static int respond(struct cor_ctx *ctx)
{
	return cor_respond(ctx, 203, receipt_schema, &(struct receipt){ 70, NULL });
}
static int respond_with_nothing(struct cor_ctx *ctx)
{
	return cor_respond(ctx, 205, COR_NONE, &(struct cor_none){ 0 });
}
static int refuse(struct cor_ctx *ctx)
{
	return cor_problem(ctx, 402, 0, "no money");
}
static int miss(struct cor_ctx *ctx)
{
	(void)ctx;
	return -ENOENT;
}
static int break_rule(struct cor_ctx *ctx)
{
	return cor_invalid(ctx, "body", "/cents", "is odd");
}
static int limit(struct cor_ctx *ctx)
{
	return cor_problem(ctx, 429, 0, "later");
}
static int fail_at_it(struct cor_ctx *ctx)
{
	return cor_problem(ctx, 503, 0, "later");
}
static int fail_where_others_have_answered(struct cor_ctx *ctx)
{
	/* what a worker's next request finds there: nobody clears it */
	ctx->reply = (const struct cor_reply_text *)(uintptr_t)8;
	return -EIO;
}
static int be_cancelled(struct cor_ctx *ctx)
{
	(void)ctx;
	return -ECANCELED;
}

static const struct {
	int (*instead)(struct cor_ctx *ctx);
	int status;
	bool is_kept;
} ends[] = {
	{ choose, 202, true },
	{ respond, 203, true },
	{ respond_with_nothing, 205, true },
	{ refuse, 402, true },
	{ miss, 500, false }, /* a bare code is a failure of the service */
	{ break_rule, 422, true },
	{ limit, 429, false },
	{ fail_at_it, 503, false },
	{ fail_where_others_have_answered, 500, false },
	{ be_cancelled, 499, false },
};

static void test_what_is_kept(void **state)
{
	char body[512];

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		begin();
		instead = ends[i].instead;
		int status = post("/payments", KEY, ONE);
		if (ends[i].status != 499)
			assert_int_equal(status, ends[i].status);
		snprintf(body, sizeof body, "%s", fake_body(&got));
		instead = NULL;
		int again = post("/payments", KEY, ONE);
		assert_int_equal(again, ends[i].is_kept ? status : 201);
		assert_int_equal(done, ends[i].is_kept ? 1 : 2);
		assert_int_equal(says("Idempotency-Replayed: true\n"), ends[i].is_kept);
		assert_true(says("X-Own: yes\n"));
		if (ends[i].is_kept && status < 400)
			assert_string_equal(fake_body(&got), body);
		else if (ends[i].instead == refuse)
			assert_non_null(strstr(fake_body(&got), "no money"));
		end();
	}
}

static int say_own(struct cor_ctx *ctx)
{
	int rc = cor_reply_header(ctx, "X-Frame-Options", "DENY");

	if (rc == 0)
		rc = cor_reply_header(ctx, "Set-Cookie", "seen=2; Path=/");
	return rc < 0 ? rc : cor_reply_header(ctx, "Vary", "X-Own");
}
static int say_own_and_refuse(struct cor_ctx *ctx)
{
	int rc = say_own(ctx);

	return rc < 0 ? rc : refuse(ctx);
}
static int say_own_and_respond(struct cor_ctx *ctx)
{
	int rc = say_own(ctx);

	return rc < 0 ? rc : respond(ctx);
}

static void test_what_the_handler_says_replaces_what_middleware_has_said(void **state)
{
	int (*const ways[])(
		struct cor_ctx *) = { say_own, say_own_and_refuse, say_own_and_respond };

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		begin();
		instead = ways[i];
		for (int sent = 1; sent <= 2; sent++) {
			post("/payments", KEY, ONE);
			assert_int_equal(says("Idempotency-Replayed"), sent == 2);
			assert_true(says("X-Frame-Options: DENY\n"));
			assert_false(says("SAMEORIGIN"));
			assert_true(says("Set-Cookie: seen=2; Path=/\n"));
			assert_false(says("seen=1"));
			const char *vary = strstr(got.headers, "Vary: X-Own\n");
			assert_non_null(vary);
			assert_null(strstr(vary + 1, "Vary: X-Own\n"));
		}
		assert_int_equal(done, 1);
		end();
	}
}

/* The client asks again before the first request is over. */
static int ask_again(struct cor_ctx *ctx)
{
	struct fake_reply first = got;

	(void)ctx;
	got = (struct fake_reply){ 0 };
	assert_int_equal(post("/payments", KEY, ONE), 409);
	assert_true(says("Retry-After: 1\n"));
	assert_int_equal(post("/payments", KEY, "{\"cents\":2}"), 422);
	fake_finish(&got);
	got = first;
	return 0;
}

static void test_one_at_a_time(void **state)
{
	(void)state;
	begin();
	instead = ask_again;
	assert_int_equal(post("/payments", KEY, ONE), 201);
	assert_int_equal(done, 1);
	end();
}

/* Its lease ends, and somebody else has the key and an answer before it is done. */
static int outlive_the_lease(struct cor_ctx *ctx)
{
	struct fake_reply first = got;

	(void)ctx;
	instead = NULL;
	assert_int_equal(cor_store_clear(caches->items[0].store), 0);
	got = (struct fake_reply){ 0 };
	assert_int_equal(post("/payments", KEY, ONE), 201);
	fake_finish(&got);
	got = first;
	return 0;
}
static int outlive_and_fail(struct cor_ctx *ctx)
{
	outlive_the_lease(ctx);
	return cor_problem(ctx, 503, 0, "too late");
}

static void test_who_outlives_the_lease_changes_nothing(void **state)
{
	int (*const all[])(struct cor_ctx *) = { outlive_the_lease, outlive_and_fail };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin();
		instead = all[i];
		assert_int_equal(post("/payments", KEY, ONE), i == 0 ? 201 : 503);
		assert_int_equal(post("/payments", KEY, ONE), 201);
		assert_string_equal(fake_body(&got), "{\"number\":2}");
		assert_int_equal(done, 2);
		end();
	}
}

/* As cor_offload() does at a deadline. */
static int leave_a_job(struct cor_ctx *ctx)
{
	ctx->environment->leaves_job(ctx);
	return cor_problem(ctx, 504, -ETIMEDOUT, "too slow");
}

static void test_a_job_that_goes_on_keeps_its_key_busy(void **state)
{
	(void)state;
	begin();
	instead = leave_a_job;
	assert_int_equal(post("/payments", KEY, ONE), 504);
	instead = NULL;
	assert_int_equal(post("/payments", KEY, ONE), 409);
	assert_int_equal(done, 1);
	end();
}

static void test_a_cache_that_fails(void **state)
{
	(void)state;
	begin();
	fake_fail(-ECONNREFUSED);
	assert_int_equal(post("/payments", KEY, ONE), 503);
	assert_true(says("Retry-After: 1\n"));
	assert_int_equal(done, 0);
	assert_int_equal(post("/tries", KEY, ONE), 200);
	assert_int_equal(done, 1);
	fake_fail(0);
	assert_int_equal(post("/payments", KEY, ONE), 201);
	assert_int_equal(done, 2);
	end();
}

/* --- start --- */

static int get(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
static const struct cor_cache moving = { .name = "moving",
	.memcached = &(const struct cor_memcached){ .moves = true } };
static const struct cor_cache unlisted = { .name = "unlisted" };
#define KEYS(...)                                                                                  \
	.idempotency = &(const struct cor_idempotency)                                             \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
COR_OPERATION(get_operation, get, COR_NONE, COR_NONE, KEYS(.cache = &keys));
COR_OPERATION(bare_operation, get, COR_NONE, COR_NONE, KEYS(.is_required = true));
COR_OPERATION(unlisted_operation, get, COR_NONE, COR_NONE, KEYS(.cache = &unlisted));
COR_OPERATION(below_operation, get, COR_NONE, COR_NONE, KEYS(.cache = &keys, .keep_ms = -1));
COR_OPERATION(moving_operation, get, COR_NONE, COR_NONE, KEYS(.cache = &moving));
COR_OPERATION(slow_operation, get, COR_NONE, COR_NONE, .timeout_ms = 70000, KEYS(.cache = &keys));

static const struct {
	const struct cor_operation *operation;
	const char *says;
} refused[] = {
	{ &bare_operation, ".idempotency has no .cache" },
	{ &unlisted_operation, "does not list the cache \"unlisted\"" },
	{ &below_operation, ".keep_ms or .lease_ms below 0" },
	{ &moving_operation, "says .moves" },
	{ &slow_operation, "let .lease_ms be .timeout_ms (70000) or more" },
};

static void test_what_cannot_be_is_refused_at_start(void **state)
{
	(void)state;
	for (size_t i = 0; i <= sizeof refused / sizeof refused[0]; i++) {
		bool is_get = i == sizeof refused / sizeof refused[0];
		const struct cor_resource place = { .path = "/",
			.get = is_get ? &get_operation : NULL,
			.post = is_get ? NULL : refused[i].operation };
		const struct cor_service service = { .name = "s",
			.version = "1",
			.resources = COR_RESOURCES(&place),
			.caches = COR_CACHES(&keys, &moving) };
		struct cor_violations why = { 0 };
		assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, is_get ? "GET /" : "POST /",
			    is_get ? "a GET may be sent again anyway" : refused[i].says))
			fail_msg("not said: %zu", i);
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_is_done_once),
		cmocka_unit_test(test_keys_are_strings),
		cmocka_unit_test(test_quotes_make_no_other_key),
		cmocka_unit_test(test_keys_are_a_principals),
		cmocka_unit_test(test_keys_are_of_a_host),
		cmocka_unit_test(test_what_is_kept),
		cmocka_unit_test(test_what_the_handler_says_replaces_what_middleware_has_said),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_who_outlives_the_lease_changes_nothing),
		cmocka_unit_test(test_a_job_that_goes_on_keeps_its_key_busy),
		cmocka_unit_test(test_a_cache_that_fails),
		cmocka_unit_test(test_what_cannot_be_is_refused_at_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
