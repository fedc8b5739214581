/* SPDX-License-Identifier: MIT */
/* Link fields: RFC 8288, and what requests makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <coracle/link.h>

static const struct {
	const char *field;
	const char *found; /* target(rel, title) of each */
} fields[] = {
	/* section 3.5 */
	{ "<http://example.com/TheBook/chapter2>; rel=\"previous\"; title=\"previous chapter\"",
		"http://example.com/TheBook/chapter2(previous,previous chapter)" },
	{ "</>; rel=\"http://example.net/foo\"", "/(http://example.net/foo,-)" },
	{ "</terms>; rel=\"copyright\"; anchor=\"#foo\"", "/terms(copyright,-)" },
	{ "</TheBook/chapter2>; rel=\"previous\"; title*=UTF-8'de'letztes%20Kapitel, "
	  "</TheBook/chapter4>; rel=\"next\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel",
		"/TheBook/chapter2(previous,-)/TheBook/chapter4(next,-)" },
	{ "<http://example.org/>; rel=\"start http://example.net/relation/other\"",
		"http://example.org/(start http://example.net/relation/other,-)" },
	/* what separates is data where it is quoted, or in a target */
	{ "<a,b;c>; rel=\"x\"; title=\"1, <2>; \\\"3\\\"\",<d>;rel=y",
		"a,b;c(x,1, <2>; \\\"3\\\")d(y,-)" },
	/* as it may not be, but is */
	{ ",, <a> ; REL = next ,, <b>;rel", "a(next,-)b(,-)" },
	{ "<a>; rel=\"n", "a(n,-)" },
	{ "<a>; rel=\"n\\", "a(n\\,-)" },
	{ "<a>; title=1; title=2; rel=x; rel=y", "a(x,1)" },
	{ "<>", "(-,-)" },
	{ "<a>;;rel=x;", "a(x,-)" },
	{ "<a> rel=x, <b>", "a(-,-)" },
	{ "<a", "" },
	{ "a; rel=x", "" },
	{ "", "" },
};

static int width(struct cor_str text)
{
	return text.data ? (int)text.len : 1;
}

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct cor_str rest = cor_str(fields[i].field);
		struct cor_link link;
		char found[300] = "";
		print_message("# %s\n", fields[i].field);
		while (cor_link_next(&rest, &link)) {
			struct cor_str rel = cor_link_parameter(&link, "rel"),
				       title = cor_link_parameter(&link, "Title");
			snprintf(found + strlen(found), sizeof found - strlen(found),
				"%.*s(%.*s,%.*s)", (int)link.target.len, link.target.data,
				width(rel), rel.data ? rel.data : "-", width(title),
				title.data ? title.data : "-");
		}
		assert_string_equal(found, fields[i].found);
	}
}

static bool is(const char *field, const char *relation)
{
	struct cor_str rest = cor_str(field);
	struct cor_link link;

	assert_true(cor_link_next(&rest, &link));
	return cor_link_is(&link, relation);
}

static void test_relations(void **state)
{
	(void)state;
	assert_true(is("<a>; rel=next", "next"));
	assert_true(is("<a>; rel=\"start  NEXT\"", "next"));
	assert_true(is("<a>; rel=\"http://a/b next\"", "http://a/b"));
	assert_false(is("<a>; rel=\"nextest\"", "next"));
	assert_false(is("<a>; rel=x; rel=next", "next"));
	assert_false(is("<a>; rel=next; anchor=\"#b\"", "next"));
	assert_false(is("<a>; rev=next", "next"));
	assert_false(is("<a>; rel=\"\"", ""));
	assert_false(is("<a>", "next"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_relations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
