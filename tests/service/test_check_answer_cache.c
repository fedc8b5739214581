/* SPDX-License-Identifier: MIT */
/* What the start refuses of .cache and .cache_rules, and what it says to do instead. */
#include "tables.h"

#include <coracle/answer_cache.h>
#include <coracle/caching.h>
#include <coracle/error.h>
#include <coracle/executor.h>
#include <coracle/security.h>
#include <coracle/stream.h>

static struct cor_arena arena;
static const struct cor_cache answers = { .name = "answers" };

struct user {
	const char *name;
};
static const struct cor_field user_fields[] = { COR_FIELD(struct user, name) };
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	(void)ctx;
	user->name = token;
	return 0;
}
COR_BEARER(token_scheme, check_token, user_schema);

static int get_word(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in;
	*out = COR_STR("word");
	return 0;
}
static int post(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
static int stream(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *out)
{
	(void)ctx, (void)in, (void)body, (void)out;
	return 0;
}
static const struct cor_cache unlisted = { .name = "unlisted" };
struct crumbs {
	const char *crumb;
};
static const struct cor_field crumbs_fields[] = { COR_FIELD(
	struct crumbs, crumb, .to = COR_TO_COOKIE, .presence = COR_OPTIONAL) };
COR_LOCAL_SCHEMA(crumbs_schema, struct crumbs, crumbs_fields);
static int get_crumbs(struct cor_ctx *ctx, const struct cor_none *in, struct crumbs *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
#define RULES(...)                                                                                 \
	.cache_rules = &(const struct cor_answer_rules)                                            \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
COR_OPERATION(post_operation, post, COR_NONE, COR_NONE, .cache = &answers);
COR_STREAM_OPERATION(
	stream_operation, stream, COR_NONE, .content_type = "text/plain", .cache = &answers);
COR_OPERATION(unlisted_operation, get_word, COR_NONE, COR_TEXT, .cache = &unlisted);
COR_OPERATION(cookie_operation, get_crumbs, COR_NONE, crumbs_schema, .cache = &answers);
COR_OPERATION(stored_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers,
	.caching = &(const struct cor_caching){ .control = "no-store" });
COR_OPERATION(
	below_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers, RULES(.stale_ms = -1));
COR_OPERATION(endless_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers,
	RULES(.stale_ms = COR_FOREVER));
COR_OPERATION(alone_operation, get_word, COR_NONE, COR_TEXT, RULES(.stale_ms = 1));
COR_OPERATION(unsaid_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }));
COR_OPERATION(open_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers,
	RULES(.answers_for = COR_FOR_EACH_PRINCIPAL));
COR_OPERATION(public_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers,
	.security = COR_SECURITY({ &token_scheme }),
	.caching = &(const struct cor_caching){ .control = "max-age=60" },
	RULES(.answers_for = COR_FOR_ALL_LET_IN));

static const struct cor_executor jobs = { .name = "jobs" };
COR_OPERATION(
	elsewhere_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers, .executor = &jobs);

static const struct {
	const struct cor_operation *operation;
	const char *says;
} refused[] = {
	{ &elsewhere_operation, "let the handler cor_offload() what blocks" },
	{ &public_operation, "says neither private nor no-cache" },
	{ &stream_operation, "let the handler of a stream keep what it reads" },
	{ &unlisted_operation, "does not list the cache \"unlisted\" in .caches" },
	{ &cookie_operation, "the output sets a cookie" },
	{ &stored_operation, "says no-store: to keep it here alone say \"no-cache\"" },
	{ &below_operation, ".stale_ms or .missing_ms below 0" },
	{ &endless_operation, ".stale_ms of more than a year" },
	{ &alone_operation, ".cache_rules without .cache" },
	{ &unsaid_operation, "say in .cache_rules whom an answer is for" },
	{ &open_operation, "no .security lets anybody in" },
};

static void test_what_cannot_be_is_refused_at_start(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		const struct cor_resource place = { .path = "/", .get = refused[i].operation };
		const struct cor_service service = { .name = "s",
			.version = "1",
			.resources = COR_RESOURCES(&place),
			.executors = COR_EXECUTORS(&jobs),
			.caches = COR_CACHES(&answers) };
		struct cor_violations why = { 0 };
		assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, "GET /", refused[i].says))
			fail_msg("not said: %s", refused[i].says);
		cor_arena_finish(&arena);
	}
	const struct cor_resource place = { .path = "/", .post = &post_operation };
	const struct cor_service service = { .name = "s",
		.version = "1",
		.resources = COR_RESOURCES(&place),
		.caches = COR_CACHES(&answers) };
	struct cor_violations why = { 0 };
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "POST /", ".cache is of a GET"));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_cannot_be_is_refused_at_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
