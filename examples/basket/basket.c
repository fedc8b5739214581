/* SPDX-License-Identifier: MIT */
/**
 * A basket that a browser carries: a session in an encrypted cookie, and a preference in a plain
 * one. Sealing is in a library of its own, coracle-crypto:
 *
 *     cc basket.c main.c -o basket $(pkg-config --cflags --libs coracle-crypto)
 *
 * To try the one that the build has made:
 *
 *     build/examples/basket
 *     curl -b jar -c jar -X POST -d name=Ada http://127.0.0.1:8080/session
 *     curl -b jar -c jar -X POST -d title=Emma http://127.0.0.1:8080/basket
 *     curl -b jar -c jar http://127.0.0.1:8080/basket
 *
 * Nothing is kept here: any worker, and any machine with the same --cookie-keys, can answer.
 * test/test_basket.c tests it.
 */
#include "basket.h"

#include <coracle/sealing.h>

/* --- what is remembered, and who comes with it --- */

struct visit {
	const char *name;
	cor_array(const char *) titles;
};
static const struct cor_field visit_fields[] = {
	COR_FIELD(struct visit, name),
	COR_ARRAY(struct visit, titles),
};
COR_LOCAL_SCHEMA(visit_schema, struct visit, visit_fields);

static const struct cor_session visits = { .keeps = COR_KEEPS(visit_schema), .idle_s = 3600 };

static int check_visit(struct cor_ctx *ctx, const struct visit *visit, struct visit *customer)
{
	*customer = *visit;
	return cor_grant(ctx, "");
}
COR_SESSION_SCHEME(customer_scheme, check_visit, visits, visit_schema, visit_schema,
	.name = "customer", .doc = "From POST /session");

/* --- coming and going --- */

struct login {
	const char *name;
};
static const struct cor_field login_fields[] = {
	COR_FIELD(struct login, name, .min_length = 1, .max_length = 50),
};
COR_LOCAL_SCHEMA(login_schema, struct login, login_fields);

static int log_in(struct cor_ctx *ctx, const struct login *in, struct cor_none *out)
{
	(void)out;
	return cor_session_start(ctx, &visits, visit_schema, &(struct visit){ .name = in->name });
}
COR_OPERATION(session_post, log_in, login_schema, COR_NONE, .security = COR_PUBLIC,
	.problems = { 403 }, .summary = "Begin a session");

static int log_out(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_session_end(ctx, &visits);
}
COR_OPERATION(session_delete, log_out, COR_NONE, COR_NONE, .summary = "End it");

static const struct cor_resource session = {
	.path = "/session", .post = &session_post, .delete = &session_delete
};

/* --- the basket --- */

static const struct cor_field basket_fields[] = {
	COR_FIELD(struct basket, owner),
	COR_ARRAY(struct basket, titles),
};
COR_SCHEMA(basket_schema, basket_fields);

static int get_basket(struct cor_ctx *ctx, const struct cor_none *in, struct basket *out)
{
	const struct visit *visit = cor_principal(ctx, visit_schema);

	(void)in;
	out->owner = visit->name;
	out->titles.items = visit->titles.items;
	out->titles.len = visit->titles.len;
	return 0;
}
COR_OPERATION(basket_get, get_basket, COR_NONE, basket_schema, .summary = "What is in it");

struct item {
	const char *title;
};
static const struct cor_field item_fields[] = {
	COR_FIELD(struct item, title, .min_length = 1, .max_length = 100),
};
COR_LOCAL_SCHEMA(item_schema, struct item, item_fields);

static int add_title(struct cor_ctx *ctx, const struct item *item, struct cor_none *out)
{
	struct visit visit = *cor_principal(ctx, visit_schema);
	const char **titles = cor_alloc(ctx, (visit.titles.len + 1) * sizeof *titles);

	(void)out;
	if (visit.titles.len == TITLES_MAX)
		return cor_problem(ctx, 409, 0, "the basket is full: it holds %d", TITLES_MAX);
	if (!titles)
		return -ENOMEM;
	for (size_t i = 0; i < visit.titles.len; i++)
		titles[i] = visit.titles.items[i];
	titles[visit.titles.len++] = item->title;
	visit.titles.items = titles;
	return cor_session_change(ctx, &visits, visit_schema, &visit);
}
COR_OPERATION(basket_post, add_title, item_schema, COR_NONE, .problems = { 409 },
	.summary = "Put a book into it");

static const struct cor_resource basket = {
	.path = "/basket", .get = &basket_get, .post = &basket_post
};

/* --- a preference, which needs no session --- */

enum theme {
	THEME_LIGHT,
	THEME_DARK,
};
static const struct cor_enum_name themes[] = { { "light", THEME_LIGHT }, { "dark", THEME_DARK } };

struct seen {
	enum theme theme;
};
static const struct cor_field seen_fields[] = {
	COR_ENUM(struct seen, theme, themes, .from = COR_FROM_COOKIE, .fallback = "\"light\""),
};
COR_LOCAL_SCHEMA(seen_schema, struct seen, seen_fields);

struct page {
	enum theme theme;
};
static const struct cor_field page_fields[] = { COR_ENUM(struct page, theme, themes) };
COR_LOCAL_SCHEMA(page_schema, struct page, page_fields);

static int get_page(struct cor_ctx *ctx, const struct seen *seen, struct page *out)
{
	(void)ctx;
	out->theme = seen->theme;
	return 0;
}
COR_OPERATION(page_get, get_page, seen_schema, page_schema, .summary = "How it looks");

static const struct cor_cookie for_a_year = { .max_age_s = 31536000, .for_scripts = true };
struct choice {
	enum theme theme;
};
static const struct cor_field choice_fields[] = {
	COR_ENUM(struct choice, theme, themes, .to = COR_TO_COOKIE, .cookie = &for_a_year),
};
COR_LOCAL_SCHEMA(choice_schema, struct choice, choice_fields);

static int put_page(struct cor_ctx *ctx, const struct page *in, struct choice *out)
{
	(void)ctx;
	out->theme = in->theme;
	return 0;
}
COR_OPERATION(page_put, put_page, page_schema, choice_schema, .summary = "Choose how it looks");

static const struct cor_resource page = {
	.path = "/page", .get = &page_get, .put = &page_put, .security = COR_PUBLIC
};

const struct cor_service basket_service = {
	.name = "basket",
	.version = "1.0.0",
	.title = "A basket in a cookie",
	.resources = COR_RESOURCES(&session, &basket, &page),
	.security = COR_SECURITY({ .scheme = &customer_scheme }),
	.sessions = COR_SESSIONS(&visits),
	.sealing = &cor_sealing,
};
