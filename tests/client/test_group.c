/* SPDX-License-Identifier: MIT */
/* Calls that are made at the same time: what becomes of those that nobody needs any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/group.h>

#include "stage.h"

struct asked {
	const struct cor_upstream *upstream;
	const char *path;
	int rc;
	struct cor_http_failure failure; /* kind 0: none */
};

static int ask(struct cor_ctx *ctx, struct asked *asked)
{
	asked->rc = cor_http_get(ctx, asked->upstream, COR_NONE, NULL, COR_PATH_AS_IS(asked->path));
	if (cor_http_failure(ctx))
		asked->failure = *cor_http_failure(ctx);
	return asked->rc;
}

static int ask_all(struct stage *stage, enum cor_group_rule rule, struct asked *asked, size_t len)
{
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, rule);
	for (size_t i = 0; i < len; i++)
		cor_group_start(&group, ask, &asked[i]);
	return cor_group_wait(&group);
}

/* What is written to standard error meanwhile. */
static void listen(struct stage *stage, void (*act)(struct stage *stage), char *ret, size_t size)
{
	FILE *file = tmpfile();
	int error = dup(STDERR_FILENO);

	assert_non_null(file);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	stage_in_fiber(stage, act);
	dup2(error, STDERR_FILENO);
	close(error);
	rewind(file);
	ret[fread(ret, 1, size - 1, file)] = '\0';
	fclose(file);
}

static void one_fails(struct stage *stage)
{
	struct asked asked[] = { { &safe, "/bad", 0, { 0 } }, { &safe, "/slow", 0, { 0 } },
		{ &safe, "/good", 0, { 0 } } };

	assert_int_equal(ask_all(stage, COR_ALL, asked, 3), -COR_ESTATUS);
	assert_int_equal(asked[0].failure.kind, COR_FAILED_STATUS);
	assert_int_equal(asked[1].rc, -ECANCELED);
	assert_int_equal(asked[1].failure.kind, COR_FAILED_UNNEEDED);
	assert_true(cor_failure_is(asked[1].failure.kind, COR_FAILED_HERE));
	assert_int_equal(asked[2].rc, 0);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 502);
}

/* The time of whoever asks is over before that of a place. */
static void no_time_for_a_place(struct stage *stage)
{
	struct asked asked = { &narrow, "/p", 0, { 0 } };
	struct cor_answer *first;
	struct cor_scope scope;

	assert_int_equal(cor_http_open(stage->ctx, &narrow, &first, COR_PATH("/good")), 0);
	cor_scope_enter(&scope, 50);
	assert_true(ask(stage->ctx, &asked) < 0);
	cor_scope_leave(&scope);
	cor_answer_close(first);
	assert_int_equal(asked.failure.kind, COR_FAILED_TOTAL_TIMEOUT);
}

static void one_is_enough(struct stage *stage)
{
	struct asked asked[] = { { &safe, "/good", 0, { 0 } }, { &safe, "/slow", 0, { 0 } } };

	assert_int_equal(ask_all(stage, COR_FIRST, asked, 2), 0);
	assert_int_equal(asked[1].failure.kind, COR_FAILED_UNNEEDED);
}

static int ask_two(struct cor_ctx *ctx, struct asked *asked)
{
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_start(&group, ask, &asked[0]);
	cor_group_start(&group, ask, &asked[1]);
	return cor_group_wait(&group);
}

static void a_group_of_the_child(struct stage *stage)
{
	struct asked bad = { &safe, "/bad", 0, { 0 } };
	struct asked asked[] = { { &safe, "/slow", 0, { 0 } }, { &safe, "/slow", 0, { 0 } } };
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, ask_two, asked);
	cor_group_start(&group, ask, &bad);
	assert_int_equal(cor_group_wait(&group), -COR_ESTATUS);
	assert_int_equal(asked[0].failure.kind, COR_FAILED_UNNEEDED);
	assert_int_equal(asked[1].failure.kind, COR_FAILED_UNNEEDED);
}

static void time_is_up(struct stage *stage)
{
	struct asked asked[] = { { &safe, "/slow", 0, { 0 } }, { &safe, "/slow", 0, { 0 } } };
	struct cor_scope scope;

	cor_scope_enter(&scope, 20);
	assert_int_equal(ask_all(stage, COR_ALL, asked, 2), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(asked[0].failure.kind, COR_FAILED_TOTAL_TIMEOUT);
	assert_int_equal(asked[1].failure.kind, COR_FAILED_TOTAL_TIMEOUT);
}

/* They have done nothing wrong, and neither has the server: the log is for those who have. */
static void test_who_is_not_needed_has_not_failed(void **state)
{
	static void (*const acts[])(
		struct stage * stage) = { one_fails, one_is_enough, a_group_of_the_child };
	struct stage *stage = *state;
	char said[4096];

	stage_line(stage, &(struct cor_scripted){ .path = "/good", .head_ms = 5, .times = 9 });
	stage_line(stage,
		&(struct cor_scripted){ .path = "/bad", .status = 500, .head_ms = 10, .times = 9 });
	stage_line(stage, &(struct cor_scripted){ .path = "/slow", .head_ms = 1000, .times = 9 });
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
		listen(stage, acts[i], said, sizeof said);
		assert_non_null(strstr(said, "debug: upstream safe: the call was not needed any "
					     "more (GET http://safe/slow)\n"));
		assert_null(strstr(said, "warning: upstream safe: the call was"));
		assert_null(strstr(said, "info: "));
	}
	assert_string_equal(cor_failure_name(COR_FAILED_UNNEEDED), "unneeded");
	stage_in_fiber(stage, time_is_up);
	stage_in_fiber(stage, no_time_for_a_place);
}

static void breaker_opens(struct stage *stage)
{
	struct asked asked[] = { { &guarded, "/late", 0, { 0 } }, { &guarded, "/bad", 0, { 0 } },
		{ &guarded, "/bad", 0, { 0 } }, { &guarded, "/bad", 0, { 0 } },
		{ &guarded, "/bad", 0, { 0 } } };

	assert_int_equal(ask_all(stage, COR_BEST_EFFORT, asked, 5), 0);
	assert_int_equal(asked[0].rc, -COR_EUNTRIED);
	assert_int_equal(asked[0].failure.kind, COR_FAILED_OPEN);
	assert_int_equal(asked[0].failure.attempts, 0);
	assert_int_equal(asked[0].failure.retry_after_ms, 60000 - 90);
	for (size_t i = 1; i < 5; i++)
		assert_int_equal(asked[i].failure.status, 500);
}

/* It was let through, but has sent nothing when the others show that there is no use in it. */
static void test_who_waits_for_a_connection_hears_of_the_breaker(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .path = "/late", .connect_ms = 100 });
	stage_line(stage,
		&(struct cor_scripted){ .path = "/bad", .status = 500, .head_ms = 10, .times = 4 });
	stage_in_fiber(stage, breaker_opens);
}

static const struct cor_upstream brittle = {
	.name = "brittle",
	.base_url = "http://brittle",
	.breaker = &(const struct cor_breaker){ .calls_min = 1, .open_ms = 10, .probes = 1 },
};
static const struct cor_service with_brittle = {
	.name = "stage",
	.upstreams = COR_UPSTREAMS(&brittle),
};

static int ask_late(struct cor_ctx *ctx, struct asked *asked)
{
	cor_ignore(cor_sleep_ms(30));
	return ask(ctx, asked);
}

/* One probe is one request, whoever has waited for a connection since before. */
static void breaker_tries(struct stage *stage)
{
	struct asked asked[] = { { &brittle, "/late", 0, { 0 } }, { &brittle, "/bad", 0, { 0 } },
		{ &brittle, "/probe", 0, { 0 } } };
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_BEST_EFFORT);
	cor_group_start(&group, ask, &asked[0]);
	cor_group_start(&group, ask, &asked[1]);
	cor_group_start(&group, ask_late, &asked[2]);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(asked[0].failure.kind, COR_FAILED_OPEN);
	assert_int_equal(asked[0].failure.attempts, 0);
	assert_int_equal(asked[1].failure.status, 500);
	assert_int_equal(asked[2].rc, 0);
}

static void test_who_waits_for_a_connection_is_no_second_probe(void **state)
{
	struct stage *stage = *state;

	cor_ctx_destroy(stage->ctx);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &with_brittle,
						.script = stage->script,
						.clock = &stage->clock },
				 &stage->ctx),
		0);
	stage_line(stage, &(struct cor_scripted){ .path = "/late", .connect_ms = 100 });
	stage_line(stage, &(struct cor_scripted){ .path = "/bad", .status = 500, .head_ms = 10 });
	stage_line(stage, &(struct cor_scripted){ .path = "/probe", .head_ms = 200 });
	stage_in_fiber(stage, breaker_tries);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_who_is_not_needed_has_not_failed),
		TEST(test_who_waits_for_a_connection_hears_of_the_breaker),
		TEST(test_who_waits_for_a_connection_is_no_second_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
