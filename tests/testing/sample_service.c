/* SPDX-License-Identifier: MIT */
/* Tests of a service that fail, each for a reason of its own: test_service_ends.py reads them. */
#include <coracle/testing.h>

#include "shop.h"

static void held(struct cor_test *t)
{
	cor_test_use(t, &(struct cor_test_setup){ .held_ms = 50 });
	cor_test_get(t, "/hold?ms=100", COR_NONE, NULL);
}

static void leak(struct cor_test *t)
{
	cor_test_call(t, .method = "POST", .path = COR_PATH("/leak"));
}

static void forgotten(struct cor_test *t)
{
	cor_test_start(t, .path = COR_PATH("/nap?ms=2000"));
}

static void wrong_status(struct cor_test *t)
{
	struct book book;

	cor_test_get(t, "/books/99", book_schema, &book);
}

static void violations(struct cor_test *t)
{
	const struct draft draft = { "", 0 };
	struct book book;

	cor_test_post(t, "/books", draft_schema, &draft, book_schema, &book);
}

static void wrong_schema(struct cor_test *t)
{
	struct draft draft;

	cor_test_get(t, "/work", draft_schema, &draft);
}

static void wrong_detail(struct cor_test *t)
{
	cor_test_get_problem(t, "/books/99", 404, "no such book");
}

static void never(struct cor_test *t)
{
	cor_test_use(t, &(struct cor_test_setup){ .patience_ms = 1000 });
	cor_test_get(t, "/nap?ms=2000", COR_NONE, NULL);
}

static void wrong_settings(struct cor_test *t)
{
	cor_test_use(t, &(struct cor_test_setup){ .settings = "--greting hi" });
	cor_test_get(t, "/hello", COR_NONE, NULL);
}

static void no_line(struct cor_test *t)
{
	cor_test_get(t, "/price?ms=7", COR_NONE, NULL);
}

static void skipped_before_it_asks(struct cor_test *t)
{
	cor_test_upstream(t, &(struct cor_scripted){ .path = "/prices/7" });
	cor_test_skip(t, "not today");
}

static void never_asked(struct cor_test *t)
{
	cor_test_upstream(t, &(struct cor_scripted){ .path = "/prices/7", .body = "{}" });
	cor_test_upstream(t, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	cor_test_get(t, "/hello", COR_NONE, NULL);
}

static struct cor_mutex forgotten_mutex;

static void locks(struct cor_test *t)
{
	struct cor_mutex other = { 0 };

	cor_expect_ok(t, cor_mutex_lock(&other));
	cor_mutex_unlock(&other);
	cor_expect_ok(t, cor_mutex_lock(&forgotten_mutex));
}

static void may_lock(struct cor_test *t)
{
	locks(t);
}

static void not_logged(struct cor_test *t)
{
	cor_expect_logged(t, "the shelf is empty");
}

static void no_figure(struct cor_test *t)
{
	cor_test_metric(t, "coracle_connections");
}

static void use_before(struct cor_test *t)
{
	cor_test_get(t, "/hello", COR_NONE, NULL);
}

static void in_a_before(struct cor_test *t)
{
	cor_test_get(t, "/hello", COR_NONE, NULL);
}

static const struct cor_case inner[] = { COR_CASE(in_a_before) };

static const struct cor_case cases[] = {
	COR_CASE(held),
	COR_CASE(leak),
	COR_CASE(forgotten),
	COR_CASE(wrong_status),
	COR_CASE(violations),
	COR_CASE(wrong_schema),
	COR_CASE(wrong_detail),
	COR_CASE(never),
	COR_CASE(wrong_settings),
	COR_CASE(no_line),
	COR_CASE(skipped_before_it_asks),
	COR_CASE(never_asked),
	COR_CASE(locks),
	COR_CASE(may_lock, .leaks = COR_LEAK_LOCKS),
	COR_CASE(not_logged),
	COR_CASE(no_figure),
};

static const struct cor_case_group groups[] = {
	{ .name = "group", .before = use_before, COR_CASES(inner) },
};

int main(int argc, char **argv)
{
	return cor_test_main(argc, argv,
		&(struct cor_suite){ .service = &shop, COR_CASES(cases), COR_GROUPS(groups) });
}
