/* SPDX-License-Identifier: MIT */
/* Results of all shapes come back as they were, or are made again: kinds, unions, cor_opt. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/coracle.h>

#include "context/context.h"

struct money {
	int64_t cents;
};
static int money_read(struct cor_conversion *conversion, struct cor_str text, struct money *ret)
{
	char *end;

	ret->cents = strtoll(text.data, &end, 10);
	return end == text.data + text.len ? 0 : cor_refuse(conversion, "must be a number");
}
static int money_write(
	struct cor_conversion *conversion, const struct money *money, struct cor_str *ret)
{
	const char *text = cor_arena_printf(conversion->arena, "%" PRId64, money->cents);

	*ret = cor_str(text);
	return text ? 0 : -ENOMEM;
}
COR_LOCAL_TEXT_KIND(money_kind, struct money, money_read, money_write, .pattern = "^-?[0-9]+$",
	.example = "\"1990\"");

struct circle {
	int64_t radius;
};
static const struct cor_field circle_fields[] = { COR_FIELD(struct circle, radius) };
COR_LOCAL_SCHEMA(circle_schema, struct circle, circle_fields);

struct label {
	const char *text;
};
static const struct cor_field label_fields[] = { COR_FIELD(struct label, text) };
COR_LOCAL_SCHEMA(label_schema, struct label, label_fields);

enum shape_kind { SHAPE_CIRCLE = 1, SHAPE_LABEL };
struct shape {
	enum shape_kind kind;
	union {
		struct circle circle;
		struct label label;
	};
};
static const struct cor_branch shape_branches[] = {
	COR_BRANCH(struct shape, circle, circle_schema, SHAPE_CIRCLE, "circle"),
	COR_BRANCH(struct shape, label, label_schema, SHAPE_LABEL, "label"),
};
COR_LOCAL_UNION_SCHEMA(shape_schema, struct shape, kind, shape_branches, .discriminator = "type");

struct article {
	struct money price;
	struct shape shape;
	cor_opt(int64_t) stock;
	const char *unit;
};
static const struct cor_field article_fields[] = {
	COR_OBJECT(struct article, price, money_kind),
	COR_OBJECT(struct article, shape, shape_schema),
	COR_OPT_FIELD(struct article, stock, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_FIELD(struct article, unit, .fallback = "\"piece\""),
};
COR_LOCAL_SCHEMA(article_schema, struct article, article_fields);

struct article_ref {
	int64_t id;
};
static const struct cor_field article_ref_fields[] = { COR_FIELD(struct article_ref, id) };
COR_LOCAL_SCHEMA(article_ref_schema, struct article_ref, article_ref_fields);

static const struct cor_cache articles = { .name = "articles", .entries = 100 };
static const struct cor_service shop = {
	.name = "shop",
	.caches = COR_CACHES(&articles),
	.schemas = COR_SCHEMAS(article_schema, article_ref_schema),
};

static struct article source;
static unsigned calls;

static int find_article(struct cor_ctx *ctx, const struct article_ref *ref, struct article *ret)
{
	(void)ctx;
	(void)ref;
	calls++;
	*ret = source;
	return 0;
}
COR_CACHED(get_article, find_article, &articles, article_ref_schema, article_schema);

/* Ask twice, and say what the second one gets. */
static struct article ask_twice(struct cor_ctx *ctx, int64_t id)
{
	struct article article;

	calls = 0;
	for (int i = 0; i < 2; i++) {
		memset(&article, 0, sizeof article);
		assert_int_equal(get_article(ctx, &(struct article_ref){ id }, &article), 0);
	}
	return article;
}

static struct cor_ctx *make_ctx(void)
{
	struct cor_ctx *ctx;

	assert_int_equal(
		cor_ctx_create(&(const struct cor_ctx_options){ .service = &shop }, &ctx), 0);
	return ctx;
}

static void test_kinds_and_unions(void **state)
{
	struct cor_ctx *ctx = make_ctx();

	(void)state;
	source = (struct article){ .price = { -1990 },
		.shape = { .kind = SHAPE_LABEL, .label = { "wide" } },
		.unit = "box" };
	struct article got = ask_twice(ctx, 1);
	assert_int_equal(calls, 1);
	assert_int_equal(got.price.cents, -1990);
	assert_int_equal(got.shape.kind, SHAPE_LABEL);
	assert_string_equal(got.shape.label.text, "wide");
	assert_string_equal(got.unit, "box");
	source.shape = (struct shape){ .kind = SHAPE_CIRCLE, .circle = { 7 } };
	got = ask_twice(ctx, 2);
	assert_int_equal(calls, 1);
	assert_int_equal(got.shape.circle.radius, 7);
	cor_ctx_destroy(ctx);
}

/* Absent, null and a number are three things. */
static void test_opts(void **state)
{
	struct cor_ctx *ctx = make_ctx();

	(void)state;
	source = (struct article){
		.shape = { .kind = SHAPE_CIRCLE }, .unit = "box", .stock = { .state = COR_ABSENT }
	};
	assert_int_equal(ask_twice(ctx, 1).stock.state, COR_ABSENT);
	assert_int_equal(calls, 1);
	source.stock.state = COR_NULL;
	assert_int_equal(ask_twice(ctx, 2).stock.state, COR_NULL);
	assert_int_equal(calls, 1);
	source.stock.state = COR_SET;
	source.stock.value = 5;
	assert_int_equal(ask_twice(ctx, 3).stock.value, 5);
	assert_int_equal(calls, 1);
	cor_ctx_destroy(ctx);
}

/* It would come back as the fallback: so it is not kept. */
static void test_null_is_no_fallback(void **state)
{
	struct cor_ctx *ctx = make_ctx();

	(void)state;
	source = (struct article){ .shape = { .kind = SHAPE_CIRCLE } };
	assert_null(ask_twice(ctx, 1).unit);
	assert_int_equal(calls, 2);
	assert_int_equal(cor_cache_put(ctx, &articles, article_schema, &source, COR_KEY("by hand")),
		-COR_EINVALID);
	cor_ctx_destroy(ctx);
}

/* A result that there is no memory for is no result. */
static void test_memory_of_the_request(void **state)
{
	struct cor_ctx *ctx = make_ctx();
	struct article article;
	static char large[200000];

	(void)state;
	memset(large, 'x', sizeof large - 1);
	source = (struct article){ .shape = { .kind = SHAPE_CIRCLE }, .unit = large };
	ask_twice(ctx, 1);
	assert_int_equal(calls, 1);
	ctx->arena.limit_bytes = ctx->arena.heap_bytes + 1000;
	assert_int_equal(get_article(ctx, &(struct article_ref){ 1 }, &article), -ENOMEM);
	cor_ctx_destroy(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_and_unions),
		cmocka_unit_test(test_opts),
		cmocka_unit_test(test_null_is_no_fallback),
		cmocka_unit_test(test_memory_of_the_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
