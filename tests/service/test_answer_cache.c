/* SPDX-License-Identifier: MIT */
/* Answers that are kept: what they are kept under, what is never kept, what clients are told. */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <coracle/answer_cache.h>
#include <coracle/caching.h>
#include <coracle/cookie.h>
#include <coracle/error.h>
#include <coracle/language.h>
#include <coracle/mount.h>
#include <coracle/request.h>
#include <coracle/security.h>

#include "base/compiler.h"
#include "cache/caches.h"
#include "runtime/seams.h"
#include "service/answer_record.h"

/* --- time --- */

static int64_t ms;

static int64_t monotonic_ns(const struct cor_clock *clock)
{
	(void)clock;
	return (1000 + ms) * 1000000;
}
static int64_t realtime_ns(const struct cor_clock *clock)
{
	(void)clock;
	return (1000000000 + ms) * 1000000;
}
static const struct cor_clock hand = { .monotonic_ns = monotonic_ns, .realtime_ns = realtime_ns };

/* --- the service --- */

static const struct cor_cache answers = { .name = "answers", .ttl_ms = 30000 };
static const struct cor_cache results = { .name = "results", .ttl_ms = 30000 };

struct asked {
	int64_t id;
	const char *q;
	const char *tenant;
	const char *crumb;
};
static const struct cor_field asked_fields[] = {
	COR_FIELD(struct asked, id, .from = COR_FROM_PATH),
	COR_FIELD(struct asked, q, .presence = COR_OPTIONAL),
	COR_FIELD(struct asked, tenant, .from = COR_FROM_HEADER, .key = "X-Tenant",
		.presence = COR_OPTIONAL),
	COR_FIELD(struct asked, crumb, .from = COR_FROM_COOKIE, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(asked_schema, struct asked, asked_fields);

struct thing {
	int64_t made; /* the how-manieth call has made it */
	int64_t id;
	const char *note; /* to a header */
};
static const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, made),
	COR_FIELD(struct thing, id),
	COR_FIELD(
		struct thing, note, .to = COR_TO_HEADER, .key = "X-Note", .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(thing_schema, struct thing, thing_fields);

static int made;
static int (*instead)(struct cor_ctx *ctx, struct thing *out); /* NULL: nothing else */

static int get_thing(struct cor_ctx *ctx, const struct asked *in, struct thing *out)
{
	*out = (struct thing){ ++made, in->id, "n" };
	return instead ? instead(ctx, out) : 0;
}
COR_OPERATION(get_operation, get_thing, asked_schema, thing_schema, .cache = &answers,
	.problems = { 404, 403, 503 }, .also = { 203 }, .selected_by = COR_BY_QUERY | COR_BY_HEADER,
	.cache_rules = &(const struct cor_answer_rules){
		.stale_ms = 20000, .missing_ms = 5000, .says_status = true });

static int get_fixed(struct cor_ctx *ctx, const struct cor_none *in, struct thing *out)
{
	(void)ctx, (void)in;
	*out = (struct thing){ .made = ++made };
	return 0;
}
COR_OPERATION(get_fixed_operation, get_fixed, COR_NONE, thing_schema, .cache = &answers,
	.caching = &(const struct cor_caching){ .control = "no-cache", .version = "made" });

static int get_word(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	*out = cor_str(cor_printf(ctx, "%s %d", cor_ctx_language(ctx), ++made));
	return 0;
}
COR_OPERATION(get_word_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers);

static int get_page(struct cor_ctx *ctx, const struct asked *in, struct cor_str *out)
{
	struct cor_str path = cor_request_path(ctx), query = cor_request_query(ctx);

	(void)in;
	*out = cor_str(cor_printf(
		ctx, "%.*s?%.*s %d", (int)path.len, path.data, (int)query.len, query.data, ++made));
	return 0;
}
COR_OPERATION(get_page_operation, get_page, asked_schema, COR_TEXT, .cache = &answers,
	.cache_rules = &(const struct cor_answer_rules){ .by_target = true });

/* --- who asks --- */

struct user {
	const char *name;
};
static const struct cor_field user_fields[] = { COR_FIELD(struct user, name) };
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	if (strcmp(token, "no") == 0)
		return cor_deny(ctx, "no");
	user->name = token[0] == 'a' ? "ann" : "bob";
	return strstr(token, "writes") ? cor_grant(ctx, "writes") : 0;
}
COR_BEARER(token_scheme, check_token, user_schema, .scopes = COR_SCOPES({ "writes" }));

static int get_mine(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	const struct user *user = cor_principal(ctx, user_schema);

	(void)in;
	*out = cor_str(cor_printf(
		ctx, "%s%s %d", user->name, cor_has_scope(ctx, "writes") ? " writes" : "", ++made));
	return 0;
}
static int get_ours(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	*out = cor_str(cor_printf(ctx, "ours %d", ++made));
	return 0;
}
COR_OPERATION(mine_operation, get_mine, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }),
	.cache_rules = &(const struct cor_answer_rules){ .answers_for = COR_FOR_EACH_PRINCIPAL });
COR_OPERATION(ours_operation, get_ours, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }),
	.cache_rules = &(const struct cor_answer_rules){ .answers_for = COR_FOR_ALL_LET_IN });
COR_OPERATION(wrong_operation, get_mine, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }),
	.cache_rules = &(const struct cor_answer_rules){ .answers_for = COR_FOR_ALL_LET_IN });

/* Each says how long others may keep it, and not that they are few. */
static int get_said(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	*out = cor_str(cor_printf(ctx, "said %d", ++made));
	return cor_reply_header(ctx, "Cache-Control", "max-age=5");
}
COR_OPERATION(said_operation, get_said, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }),
	.cache_rules = &(const struct cor_answer_rules){ .answers_for = COR_FOR_ALL_LET_IN });

/* --- middleware --- */

static int stamps;

static int stamp(struct cor_ctx *ctx, struct cor_next *next)
{
	int rc = cor_ctx_set(ctx, user_schema, &(struct user){ .name = "of middleware" });

	if (rc == 0)
		rc = cor_reply_header(ctx, "X-Frame-Options", "SAMEORIGIN");

	if (rc == 0)
		rc = cor_reply_header(ctx, "X-Stamp", cor_printf(ctx, "%d", ++stamps));
	return rc < 0 ? rc : cor_next(next);
}
static const struct cor_middleware stamping = { .name = "stamping", .around = stamp };

/* --- where --- */

static const struct cor_resource page = { .path = "/pages/{id}", .get = &get_page_operation };
static const struct cor_resource thing = { .path = "/things/{id}", .get = &get_operation };
static const struct cor_resource stamped = {
	.path = "/stamped/{id}", .get = &get_operation, .middleware = COR_MIDDLEWARE(&stamping)
};
static const struct cor_resource fixed = { .path = "/fixed", .get = &get_fixed_operation };
static const struct cor_resource word = { .path = "/word", .get = &get_word_operation };
static const struct cor_resource mine = { .path = "/mine", .get = &mine_operation };
static const struct cor_resource ours = { .path = "/ours", .get = &ours_operation };
static const struct cor_resource wrong = { .path = "/wrong", .get = &wrong_operation };

static const struct cor_resource said = { .path = "/said", .get = &said_operation };

static const struct cor_language german = { .tag = "de" };
static const struct cor_service part = { .name = "part",
	.version = "1",
	.resources = COR_RESOURCES(&fixed),
	.caches = COR_CACHES(&answers) };
static const struct cor_service shop = {
	.name = "shop",
	.version = "1",
	.resources = COR_RESOURCES(
		&page, &thing, &stamped, &fixed, &word, &mine, &ours, &wrong, &said),
	.caches = COR_CACHES(&answers, &results),
	.languages = COR_LANGUAGES(&german),
	.mounts = (const struct cor_mount[]){ { .prefix = "/one", .service = &part },
		{ .prefix = "/two", .service = &part },
		{ .host = "other.example", .prefix = "/one", .service = &part }, { 0 } },
};

/* --- asking --- */

static struct cor_dispatcher *dispatcher;
static struct cor_caches *caches;
static struct fake_reply got;
static struct cor_arena arena;

static void begin(void)
{
	const struct cor_cache *failed;
	struct cor_violations why = { 0 };

	ms = made = stamps = 0;
	instead = NULL;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_caches_create(&(struct cor_caches_options){ .caches = shop.caches },
				 &caches, &failed),
		0);
	int rc = cor_dispatcher_create(
		&(struct cor_dispatcher_options){ .service = &shop, .caches = caches }, &arena,
		&why, &dispatcher);
	for (const struct cor_violation *v = why.first; v; v = v->next)
		print_message("# %s: %s\n", v->where, v->detail);
	assert_int_equal(rc, 0);
}

static void end(void)
{
	fake_finish(&got);
	cor_dispatcher_destroy(dispatcher);
	cor_caches_destroy(caches);
	cor_arena_finish(&arena);
}

static const char *ask_as(const char *method, const char *target, const char *headers)
{
	const struct fake_request request = {
		.method = method, .target = target, .headers = headers, .client = "192.0.2.1"
	};
	struct cor_thread_seams seams;

	cor_seams_enter(&seams, &(struct cor_seams){ .clock = &hand });
	fake_serve(dispatcher, &request, &got);
	cor_seams_leave(&seams);
	assert_int_equal(got.replies, 1);
	return fake_body(&got);
}

static const char *ask(const char *target, const char *headers)
{
	return ask_as("GET", target, headers);
}

static bool says(const char *line)
{
	return strstr(got.headers, line) != NULL;
}

/* Whether a request meets an answer that was made for others. */
static bool is_hit(const char *target, const char *headers)
{
	int before = made;

	ask(target, headers);
	assert_in_range(got.status, 200, 299);
	return made == before;
}

/* --- tests --- */

static void test_a_second_request_gets_the_same_bytes(void **state)
{
	char first[2048];

	(void)state;
	begin();
	assert_string_equal(ask("/things/7", ""), "{\"made\":1,\"id\":7}");
	assert_true(says("X-Note: n\n") || says("x-note: n\n"));
	assert_true(says("ETag: \""));
	assert_true(says("Cache-Control: max-age=30\n"));
	assert_true(says("Cache-Status: answers; fwd=miss; stored\n"));
	assert_false(says("Age:"));
	snprintf(first, sizeof first, "%s", strstr(got.headers, "ETag: "));
	*strchr(first, '\n') = '\0';
	ms = 5600;
	assert_string_equal(ask("/things/7", ""), "{\"made\":1,\"id\":7}");
	assert_true(says("Age: 5\n"));
	assert_true(says("X-Note: n\n"));
	assert_true(says(first));
	assert_true(says("Cache-Control: max-age=30\n"));
	assert_true(says("Cache-Status: answers; hit\n"));
	assert_string_equal(got.content_type, "application/json");
	char headers[2200];
	snprintf(headers, sizeof headers, "If-None-Match: %s\n", first + strlen("ETag: "));
	assert_string_equal(ask("/things/7", headers), "");
	assert_int_equal(got.status, 304);
	assert_true(says(first) && says("Age: 5\n") && says("Vary:"));
	ask_as("HEAD", "/things/7", "");
	assert_int_equal(got.status, 200);
	assert_true(says("Age: 5\n"));
	assert_int_equal(made, 1);
	ms = 30000; /* its time is over; the new one is made before the answer */
	assert_string_equal(ask("/things/7", ""), "{\"made\":2,\"id\":7}");
	end();
}

/* Each of these must not have what another has. */
static const char *const different[][2] = {
	{ "/things/1", "" },
	{ "/things/2", "" },
	{ "/stamped/1", "" },
	{ "/things/1?q=a", "" },
	{ "/things/1?q=", "" },
	{ "/things/1?q=%22a%22", "" },
	{ "/things/1", "X-Tenant: t\n" },
	{ "/things/1", "X-Tenant: u\n" },
	{ "/things/1", "Cookie: crumb=t\n" },
	{ "/things/1?q=t", "" },
	{ "/things/1?fields=id", "" },
	{ "/things/1?fields=made", "" },
	{ "/things/1", "X-Fields: made,id\n" },
	{ "/things/1", "Accept-Language: de\n" },
	{ "/pages/1", "" },
	{ "/pages/1?q=a", "" },
	{ "/pages/1?q=%61", "" },
	{ "/pages/%31", "" },
	{ "/word", "" },
	{ "/word", "Accept-Language: de\n" },
	{ "/fixed", "" },
	{ "/one/fixed", "" },
	{ "/two/fixed", "" },
	{ "/one/fixed", "Host: other.example\n" },
	{ "/mine", "Authorization: Bearer ann\n" },
	{ "/mine", "Authorization: Bearer bob\n" },
	{ "/mine", "Authorization: Bearer a-writes\n" },
	{ "/ours", "Authorization: Bearer ann\n" },
};
#define LEN (sizeof different / sizeof different[0])

static void test_what_must_differ_differs(void **state)
{
	char bodies[LEN][64];

	(void)state;
	begin();
	for (size_t i = 0; i < LEN; i++) {
		if (is_hit(different[i][0], different[i][1]))
			fail_msg("%s %s shares", different[i][0], different[i][1]);
		snprintf(bodies[i], sizeof bodies[i], "%s", fake_body(&got));
	}
	for (size_t i = 0; i < LEN; i++) {
		if (!is_hit(different[i][0], different[i][1]))
			fail_msg("%s %s was not kept", different[i][0], different[i][1]);
		assert_string_equal(fake_body(&got), bodies[i]);
	}
	end();
}

static void test_it_says_what_it_varies_with(void **state)
{
	(void)state;
	begin();
	ask("/things/7", "");
	assert_true(says("Vary: X-Tenant, Accept-Language\n"));
	assert_true(says("Vary: Cookie\n") && says("Vary: X-Fields\n"));
	ask("/things/7", "");
	assert_true(says("Vary: X-Tenant, Accept-Language\n"));
	assert_true(says("Vary: Cookie\n") && says("Vary: X-Fields\n"));
	ask("/fixed", "");
	assert_true(says("Cache-Control: no-cache\n"));
	assert_false(says("X-Tenant"));
	end();
}

static void test_principals(void **state)
{
	(void)state;
	begin();
	assert_string_equal(ask("/mine", "Authorization: Bearer ann\n"), "ann 1");
	assert_true(says("Cache-Control: private, max-age=30\n"));
	/* a browser must not give what it keeps to who logs in next */
	assert_true(says("Vary: Authorization, Accept-Language\n"));
	assert_string_equal(ask("/mine", "Authorization: Bearer a-second-of-ann\n"), "ann 1");
	assert_string_equal(ask("/mine", "Authorization: Bearer bob\n"), "bob 2");
	assert_string_equal(ask("/mine", "Authorization: Bearer a-writes\n"), "ann writes 3");
	ask("/mine", "Authorization: Bearer no\n");
	assert_int_equal(got.status, 401);
	assert_string_equal(ask("/ours", "Authorization: Bearer ann\n"), "ours 4");
	assert_string_equal(ask("/ours", "Authorization: Bearer bob\n"), "ours 4");
	assert_true(says("Cache-Control: private, max-age=30\n"));
	ask("/ours", "");
	assert_int_equal(got.status, 401);
	/* that is said to be for all, and is not */
	assert_string_equal(ask("/wrong", "Authorization: Bearer ann\n"), "ann 5");
	assert_true(says("Cache-Control: no-store\n"));
	assert_string_equal(ask("/wrong", "Authorization: Bearer bob\n"), "bob 6");
	for (int i = 0; i < 2; i++) {
		assert_string_equal(ask("/said", "Authorization: Bearer bob\n"), "said 7");
		assert_true(says("Cache-Control: max-age=5\n"));
		assert_true(says("Cache-Control: private\n"));
	}
	end();
}

static int look_at_header(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return (int)cor_request_header(ctx, "X-Other").len * 0;
}
static int look_at_query(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return (int)cor_request_query(ctx).len * 0;
}
static int look_at_client(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_request_client(ctx) ? 0 : -ENOMEM;
}
static int look_at_value(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_ctx_get(ctx, user_schema) ? 0 : 0;
}
static int set_cookie(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Set-Cookie", "a=b");
}
static int forbid(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Cache-Control", "max-age=5, No-Store");
}
static int keep_private(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Cache-Control", "private");
}
static int vary_by_all(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Vary", "*");
}
/* A proxy may have a prefix for this client, which goes before it. */
static int say_where(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Content-Location", "/things/7");
}

static void test_what_is_one_requests_alone_is_not_kept(void **state)
{
	static int (*const all[])(struct cor_ctx *, struct thing *) = { look_at_header,
		look_at_query, look_at_client, look_at_value, set_cookie, forbid, keep_private,
		vary_by_all, say_where };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		begin();
		instead = all[i];
		assert_false(is_hit("/stamped/7", ""));
		if (is_hit("/stamped/7", ""))
			fail_msg("%zu is kept", i);
		assert_false(says("stored"));
		end();
	}
}

/* What the log has of an answer that a handler has made. */
static void expect_logged(int (*handler)(struct cor_ctx *, struct thing *), const char *expected)
{
	char text[2000] = "";
	int ends[2], saved = dup(STDERR_FILENO);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	begin();
	instead = handler;
	assert_false(is_hit("/stamped/7", ""));
	end();
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof text - 1) >= 0);
	close(ends[0]);
	if (!strstr(text, expected))
		fail_msg("%s: not in %s", expected, text);
}

static void test_the_log_names_what_it_is_for(void **state)
{
	(void)state;
	expect_logged(set_cookie, "an answer is not kept: it has the header Set-Cookie, which");
	expect_logged(look_at_header, "an answer is not kept: cor_request_header(), which its");
	expect_logged(look_at_query, "an answer is not kept: cor_request_query(), which its");
	expect_logged(look_at_client, "an answer is not kept: cor_request_client(), which its");
	expect_logged(look_at_value, "an answer is not kept: cor_ctx_get(), which its handler");
	expect_logged(say_where, "an answer is not kept: cor_reply_header(), which its handler");
}

static int say_more(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	int rc = cor_reply_header(ctx, "Link", "</a>; rel=next");

	if (rc == 0)
		rc = cor_reply_header(ctx, "Cache-Control", "max-age=3");
	if (rc == 0)
		rc = cor_reply_header(ctx, "X-Frame-Options", "DENY");
	return rc < 0 ? rc : cor_reply_status_set(ctx, 203);
}

static void test_headers_and_status_are_kept(void **state)
{
	(void)state;
	begin();
	instead = say_more;
	for (int i = 1; i <= 2; i++) {
		ask("/stamped/7", "");
		assert_int_equal(got.status, 203);
		assert_true(says("Link: </a>; rel=next\n"));
		assert_true(says("Cache-Control: max-age=3\n"));
		assert_false(says("max-age=30"));
		/* as it would be without a cache: what the handler says comes last */
		assert_true(says("X-Frame-Options: DENY\n"));
		assert_false(says("SAMEORIGIN"));
		/* what middleware says is said of each request */
		assert_true(says(i == 1 ? "X-Stamp: 1\n" : "X-Stamp: 2\n"));
		assert_int_equal(made, 1);
	}
	end();
}

static int miss(struct cor_ctx *ctx, struct thing *out)
{
	return cor_problem(ctx, 404, 0, "no thing %d", (int)out->id);
}
static int refuse(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_problem(ctx, 403, 0, "not today");
}
static int fail_later(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_problem(ctx, 503, 0, "later");
}

static void test_problems(void **state)
{
	(void)state;
	begin();
	instead = miss;
	ask("/things/7", "");
	assert_int_equal(got.status, 404);
	assert_non_null(strstr(ask("/things/7", ""), "no thing 7"));
	assert_int_equal(got.status, 404);
	assert_int_equal(made, 1);
	ms = 5000;
	ask("/things/7", "");
	assert_int_equal(made, 2);
	instead = refuse;
	ask("/things/8", "");
	ask("/things/8", "");
	assert_int_equal(got.status, 403);
	assert_int_equal(made, 4);
	end();
}

static void test_an_old_one_stands_for_a_failure_of_the_service_alone(void **state)
{
	(void)state;
	begin();
	ask("/things/7", "");
	ms = 31000;
	instead = fail_later;
	assert_string_equal(ask("/things/7", ""), "{\"made\":1,\"id\":7}");
	assert_int_equal(got.status, 200);
	assert_true(says("Age: 31\n") && says("hit; ttl=0; detail=stale\n"));
	instead = refuse;
	ask("/things/7", "");
	assert_int_equal(got.status, 403);
	ms = 51000;
	instead = fail_later;
	ask("/things/7", "");
	assert_int_equal(got.status, 503);
	end();
}

static int say_and_fail(struct cor_ctx *ctx, struct thing *out)
{
	int rc = cor_reply_header(ctx, "X-Failed", "yes");

	if (rc == 0)
		rc = cor_reply_header(ctx, "ETag", "\"of the failure\"");
	return rc < 0 ? rc : fail_later(ctx, out);
}

static void test_an_old_one_has_nothing_of_the_failure(void **state)
{
	(void)state;
	begin();
	ask("/stamped/7", "");
	ms = 31000;
	instead = say_and_fail;
	assert_string_equal(ask("/stamped/7", ""), "{\"made\":1,\"id\":7}");
	assert_int_equal(got.status, 200);
	assert_true(says("X-Stamp: 2\n"));
	assert_false(says("X-Failed"));
	assert_false(says("of the failure"));
	ask("/stamped/8", ""); /* where it is told, it is told with that */
	assert_int_equal(got.status, 503);
	assert_true(says("X-Stamp: 3\n") && says("X-Failed: yes\n"));
	end();
}

/* A store may give back what nobody has put there. */
static void test_a_time_that_cannot_be_is_no_record(void **state)
{
	static const struct {
		int64_t made_ms;
		int rc;
	} cases[] = { { 0, 0 }, { 1000000000000, 0 }, { -1, -EBADMSG }, { INT64_MIN, -EBADMSG },
		{ INT64_MAX, -EBADMSG } };
	static const struct cor_exchange nothing;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_buffer bytes = { 0 };
		struct cor_answer_record record;
		cor_answer_record_write(
			&nothing, 200, cases[i].made_ms, 0, COR_STR("body"), &bytes);
		int rc = cor_answer_record_read((struct cor_str){ bytes.data, bytes.len }, &record);
		assert_int_equal(rc, cases[i].rc);
		cor_buffer_finish(&bytes);
	}
}

/* --- another version of the program, with the same store --- */

static bool is_wanted(struct cor_ctx *ctx, const void *owner)
{
	(void)ctx, (void)owner;
	return true;
}
static const struct cor_field guarded_fields[] = {
	COR_FIELD(struct thing, made),
	COR_FIELD(struct thing, id, .when = is_wanted),
	COR_FIELD(
		struct thing, note, .to = COR_TO_HEADER, .key = "X-Note", .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(guarded_schema, struct thing, guarded_fields, .name = "thing");
static const struct cor_field moved_fields[] = {
	COR_FIELD(struct thing, made),
	COR_FIELD(struct thing, id),
	COR_FIELD(struct thing, note, .key = "X-Note", .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(moved_schema, struct thing, moved_fields, .name = "thing");
COR_LOCAL_SCHEMA(same_schema, struct thing, thing_fields, .name = "thing");

COR_OPERATION(guarded_operation, get_thing, asked_schema, guarded_schema, .cache = &answers);
COR_OPERATION(moved_operation, get_thing, asked_schema, moved_schema, .cache = &answers);
COR_OPERATION(same_operation, get_thing, asked_schema, same_schema, .cache = &answers);
COR_OPERATION(plain_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers);
COR_OPERATION(html_operation, get_word, COR_NONE, COR_TEXT, .content_type = "text/html",
	.cache = &answers);

/* Whether a version with one operation at a place gets what the one with another has left there. */
static bool is_left(const struct cor_operation *before, const struct cor_operation *now,
	const char *path, const char *target)
{
	const struct cor_operation *versions[] = { before, now };
	const struct cor_cache *failed;
	int made_by[2];

	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_caches_create(&(struct cor_caches_options){ .caches = shop.caches },
				 &caches, &failed),
		0);
	for (size_t i = 0; i < 2; i++) {
		const struct cor_resource place = { .path = path, .get = versions[i] };
		const struct cor_service service = { .name = "s",
			.version = "1",
			.resources = COR_RESOURCES(&place),
			.caches = COR_CACHES(&answers) };
		const struct cor_dispatcher_options options = { .service = &service,
			.caches = caches };
		struct cor_violations why = { 0 };
		assert_int_equal(cor_dispatcher_create(&options, &arena, &why, &dispatcher), 0);
		made = 0;
		ask(target, "");
		assert_int_equal(got.status, 200);
		made_by[i] = made;
		cor_dispatcher_destroy(dispatcher);
	}
	fake_finish(&got);
	cor_caches_destroy(caches);
	cor_arena_finish(&arena);
	assert_int_equal(made_by[0], 1);
	return made_by[1] == 0;
}

static void test_a_new_version_is_not_given_what_it_would_say_otherwise(void **state)
{
	(void)state;
	ms = 0;
	instead = NULL;
	assert_true(is_left(&same_operation, &same_operation, "/a/{id}", "/a/1"));
	assert_false(is_left(&same_operation, &guarded_operation, "/a/{id}", "/a/1"));
	assert_false(is_left(&moved_operation, &same_operation, "/a/{id}", "/a/1"));
	assert_true(is_left(&plain_operation, &plain_operation, "/b", "/b"));
	assert_false(is_left(&plain_operation, &html_operation, "/b", "/b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_second_request_gets_the_same_bytes),
		cmocka_unit_test(test_what_must_differ_differs),
		cmocka_unit_test(test_it_says_what_it_varies_with),
		cmocka_unit_test(test_principals),
		cmocka_unit_test(test_what_is_one_requests_alone_is_not_kept),
		cmocka_unit_test(test_the_log_names_what_it_is_for),
		cmocka_unit_test(test_headers_and_status_are_kept),
		cmocka_unit_test(test_problems),
		cmocka_unit_test(test_an_old_one_stands_for_a_failure_of_the_service_alone),
		cmocka_unit_test(test_an_old_one_has_nothing_of_the_failure),
		cmocka_unit_test(test_a_time_that_cannot_be_is_no_record),
		cmocka_unit_test(test_a_new_version_is_not_given_what_it_would_say_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
