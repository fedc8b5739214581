/* SPDX-License-Identifier: MIT */
/*
 * Each expectation, once so and once not: test_expectations.py knows what is said then.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/testing.h>

enum colour {
	RED,
	GREEN,
};

struct book {
	int64_t id;
	const char *title;
	cor_array(const char *) tags;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
	COR_FIELD(struct book, title),
	COR_ARRAY(struct book, tags),
};
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);

/* --- so --- */

static void integers(struct cor_test *t)
{
	cor_expect_equal(t, (int8_t)-1, (int64_t)-1);
	cor_expect_equal(t, (uint8_t)255, 255);
	cor_expect_equal(t, (int16_t)-300, -300L);
	cor_expect_equal(t, (uint16_t)65535, 65535ULL);
	cor_expect_equal(t, UINT64_MAX, ULLONG_MAX);
	cor_expect_equal(t, sizeof(int), 4);
	cor_expect_equal(t, GREEN, 1);
	cor_expect_equal(t, 'a', 97);
	cor_expect_equal(t, true, 1);
	cor_expect_equal(t, 1.0, 1);
	cor_expect_unequal(t, -1, UINT64_MAX);
	cor_expect_unequal(t, INT64_MAX, UINT64_MAX);
	cor_expect_unequal(t, 9007199254740993, 9007199254740992.0);
	cor_expect_less(t, -1, 0U);
	cor_expect_less(t, INT64_MIN, UINT64_MAX);
	cor_expect_at_most(t, 2, 2);
	cor_expect_more(t, UINT64_MAX, INT64_MAX);
	cor_expect_at_least(t, 0.5F, 0.5);
}

static void texts(struct cor_test *t)
{
	char title[8] = "Emma";
	struct cor_str nothing = { NULL, 0 };

	cor_expect_equal(t, title, "Emma");
	cor_expect_equal(t, cor_str(title), "Emma");
	cor_expect_equal(t, COR_STR("a\0b"), COR_STR("a\0b"));
	cor_expect_unequal(t, COR_STR("a\0b"), COR_STR("a\0c"));
	cor_expect_equal(t, nothing, "");
	cor_expect_equal(t, (const char *)NULL, NULL);
	cor_expect_unequal(t, nothing, (const char *)NULL);
	cor_expect_unequal(t, title, NULL);
	cor_expect_less(t, "ab", "abc");
	cor_expect_more(t, "b", "abc");
	cor_expect_contains(t, title, "mm");
	cor_expect_contains(t, COR_STR("a\0b"), "b");
	cor_expect_lacks(t, title, "x");
	cor_expect_matches(t, title, "^E[m]+a$");
	cor_require_equal(t, title, "Emma");
}

static void others(struct cor_test *t)
{
	struct book book = { 7, "Emma", { NULL, 0 } };
	const void *place = &book;

	cor_expect_equal(t, &book, place);
	cor_expect_unequal(t, &book, NULL);
	cor_expect_near(t, 0.1 + 0.2, 0.3, 1e-9);
	cor_expect_near(t, INFINITY, INFINITY, 0);
	cor_expect_ok(t, 0);
	cor_expect_code(t, -ETIMEDOUT, -ETIMEDOUT);
	cor_expect_memory(t, "abc", "abd", 2);
	cor_expect_json(t, "{\"a\":1.0,\"b\":[2]}", "{ \"b\": [2e0], \"a\": 1 }");
	cor_expect_same(t, book_schema, &book, &(struct book){ .id = 7, .title = "Emma" });
}

static int count;

static int next(void)
{
	return ++count;
}

static void once(struct cor_test *t)
{
	cor_expect_equal(t, next(), 1);
	cor_expect(t, next() == 2);
	cor_expect_equal(t, count, 2);
}

/* --- not so --- */

static void not_equal(struct cor_test *t)
{
	const bool is_sold = false;

	cor_expect_equal(t, is_sold, true);
	cor_expect_equal(t, UINT64_MAX, -1);
	cor_expect_equal(t, 0.1 + 0.2, 0.3);
	cor_expect_equal(t, "a \"b\"\t\x01", "");
	cor_expect_equal(t, (const char *)NULL, "x");
	cor_expect_unequal(t, 3, 3);
	cor_expect_equal(t, NAN, NAN);
	cor_expect_equal(t, 1, "1");
}

static void not_in_order(struct cor_test *t)
{
	cor_expect_less(t, 2, 2);
	cor_expect_at_most(t, "b", "a");
	cor_expect_more(t, NAN, 0);
	cor_expect_at_least(t, -1, 0U);
	cor_expect_less(t, t, t);
}

static void not_in_text(struct cor_test *t)
{
	cor_expect_contains(t, "Emma", "x");
	cor_expect_lacks(t, "Emma", "mm");
	cor_expect_matches(t, "Emma", "^m");
	cor_expect_matches(t, "Emma", "(");
	cor_expect_contains(t, (const char *)NULL, "x");
}

static void not_so(struct cor_test *t)
{
	cor_expect(t, count > 100);
	cor_expect_near(t, 1.5, 1.0, 0.25);
	cor_expect_ok(t, -ETIMEDOUT);
	cor_expect_code(t, 0, -COR_EPROBLEM);
}

static void other_lines(struct cor_test *t)
{
	cor_expect_equal(t, "a\nb\nc\nd\ne\nf\n", "a\nb\nc\nX\ne\nf\n");
	cor_expect_equal(t, "a\nb\n", "a\nb");
	cor_expect_equal(t, "1\n2\n3\n", "1\n3\n4\n");
}

static void other_bytes(struct cor_test *t)
{
	cor_expect_memory(t, "0123456789abcdefX", "0123456789abcdefY", 17);
	cor_expect_memory(t, NULL, "x", 1);
}

static void other_json(struct cor_test *t)
{
	cor_expect_json(t, "{\"a\":1,\"more\":[1],\"l\":[1,2,3],\"a/b\":{\"x\":\"y\"}}",
		"{\"a\":2,\"missing\":null,\"l\":[1,5],\"a/b\":{\"x\":[]}}");
	cor_expect_json(t, "[1,", "[1]");
	cor_expect_json(t, (const char *)NULL, "[1]");
}

static void other_struct(struct cor_test *t)
{
	const char *tags[] = { "old", "green" };
	struct book got = { 8, "Emma", { tags, 2 } };

	cor_expect_same(t, book_schema, &got,
		&(struct book){ .id = 7, .title = "Emma", .tags = { tags, 1 } });
	cor_require_same(t, book_schema, &got, &(struct book){ .id = 7 });
	cor_test_fail(t, "not reached");
}

static void requires(struct cor_test *t)
{
	const char *part = t->row;

	if (strcmp(part, "json") == 0)
		cor_require_json(t, "1", "2");
	else if (strcmp(part, "memory") == 0)
		cor_require_memory(t, "1", "2", 1);
	else if (strcmp(part, "near") == 0)
		cor_require_near(t, 1, 2, 0);
	else if (strcmp(part, "code") == 0)
		cor_require_ok(t, -1);
	else
		cor_require(t, count == 100);
	cor_test_fail(t, "not reached");
}

static const char requirements[][8] = { "json", "memory", "near", "code", "so" };

static const struct cor_case so[] = {
	COR_CASE(integers),
	COR_CASE(texts),
	COR_CASE(others),
	COR_CASE(once),
};
static void not_the_items(struct cor_test *t)
{
	const int numbers[] = { 3, 1, 3 };
	const char *const titles[] = { "Emma", "Persuasion" };
	const struct cor_str texts[] = { COR_STR("a"), COR_STR("b") };
	const double reals[] = { 0.5, NAN };
	const uint16_t small[] = { 65535 };
	const bool flags[] = { true, false };

	cor_expect_items(t, numbers, 3, 1, 3, 3);
	cor_expect_items(t, titles, 2, "Persuasion", "Emma");
	cor_expect_items(t, texts, 2, COR_STR("b"), COR_STR("a"));
	cor_expect_items(t, small, 1, 65535);
	cor_expect_items(t, flags, 2, false, true);
	cor_expect_items(t, numbers, 3, 1, 1, 3);
	cor_expect_items(t, titles, 1, "Persuasion", "Emma");
	cor_expect_items(t, reals, 2, 0.5, NAN);
}

static const struct cor_case not [] = {
	COR_CASE(not_the_items),
	COR_CASE(not_equal),
	COR_CASE(not_in_order),
	COR_CASE(not_in_text),
	COR_CASE(not_so),
	COR_CASE(other_lines),
	COR_CASE(other_bytes),
	COR_CASE(other_json),
	COR_CASE(other_struct),
	COR_CASE(requires, COR_ROWS(requirements)),
};
static const struct cor_case_group groups[] = {
	{ .name = "so", COR_CASES(so) },
	{ .name = "not", COR_CASES(not ) },
};

int main(int argc, char **argv)
{
	return cor_test_main(argc, argv, &(struct cor_suite){ COR_GROUPS(groups) });
}
