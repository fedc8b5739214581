/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "schema/pattern.h"
#include "schema/fixed_pattern.h"

#include "trial.h"

/* What ECMA-262 says about each, also where it differs from Perl. */
static const struct match_case {
	const char *pattern, *subject;
	bool matches;
} match_cases[] = {
	{ "b", "abc", true },
	{ "^b", "abc", false },
	{ "^abc$", "abc", true },
	{ "^abc$", "abc\n", false },
	{ "^.$", "\u00e9", true },
	{ "^.$", "\xf0\x9f\x98\x80", true },
	{ "^.$", "\n", false },
	{ "^\\d$", "\xd9\xa3", false },
	{ "^\\u00e9$", "\u00e9", true },
	{ "^\\u{1F600}$", "\xf0\x9f\x98\x80", true },
	{ "^[]$", "", false },
	{ "^[^]$", "\n", true },
	{ "^\\p{L}+$", "\u00e9t\u00e9", true },
	{ "^(?=.*a)(?=.*b)", "xbxa", true },
	{ "", "", true },
	{ "^$", "", true },
	{ "^.$", "\u2028", false },
	{ "^\\s$", "\u00a0", true },
	{ "^\\s$", "\ufeff", true },
	{ "^\\s$", "\xc2\x85", false },
	{ "^\\S$", "\u2003", false },
	{ "^\\S$", "\u3042", true },
	{ "^[\\s\\d]+$", "1\u3000", true },
	{ "^[^\\s]$", "\u3000", false },
	{ "^[^\\S]$", "\u3000", true },
	{ "^\\v$", "\v", true },
	{ "^\\v$", "\n", false },
	{ "^\\w$", "\u00e9", false },
	{ "^\\W$", "\u00e9", true },
	{ "^[\\b]$", "\b", true },
	{ "^\\ud83d\\ude00$", "\xf0\x9f\x98\x80", true },
	{ "^\\cJ\\x41\\0?$", "\nA", true },
	{ "^[[:alph]$", "[", true },
	{ "^(?<year>\\d)-\\1$", "1-1", true },
	{ "^(a)?b\\1$", "b", true },
	{ "^(?!ab)(?<=^)a.{0,3}?$", "axx", true },
	{ "^\\p{Script=SignWriting}$", "\xf0\x9d\xa0\x80", true },
	{ "^(a?)\\1$", "a", false },
	{ "^(a)*\\1$", "aa", true },
	{ "^(a|b)+\\1$", "abb", true },
	{ "^a$|^(b)$|^\\1{20,}$", "", true },
	{ "^\\p{Script=Greek}\\P{Lu}\\p{LC}$", "\u03b1\u03b2\u03b3", true },
};

/* What PCRE2 accepts, but no reader of the document can. */
static const struct refused_case {
	const char *pattern;
	size_t at;
	bool is_ecma; /* but not for PCRE2 */
} refused_cases[] = {
	{ "a{", 2 },
	{ "a{,3}", 2 },
	{ "a}", 2 },
	{ "a]", 2 },
	{ "x{3", 2 },
	{ "a++", 3 },
	{ "a?+", 3 },
	{ "a**", 3 },
	{ "^*", 2 },
	{ "(?=a)*", 6 },
	{ "\\b+", 3 },
	{ "a|*", 3 },
	{ "(*)", 2 },
	{ "(?>a)", 1 },
	{ "(?i)a", 1 },
	{ "(?i:a)", 1 },
	{ "(?#a)", 1 },
	{ "(?|a)", 1 },
	{ "(?P<a>b)", 1 },
	{ "(?'a'b)", 1 },
	{ "(?R)", 1 },
	{ "(?1)", 1 },
	{ "(?&a)", 1 },
	{ "(*ACCEPT)", 2 },
	{ "\\A", 1 },
	{ "\\z", 1 },
	{ "a\\Z", 2 },
	{ "\\G", 1 },
	{ "\\Qa\\E", 1 },
	{ "\\K", 1 },
	{ "\\R", 1 },
	{ "\\X", 1 },
	{ "\\h", 1 },
	{ "\\H", 1 },
	{ "\\N", 1 },
	{ "\\a", 1 },
	{ "\\e", 1 },
	{ "\\o{101}", 1 },
	{ "\\g1", 1 },
	{ "\\x{41}", 1 },
	{ "\\x4", 1 },
	{ "\\u12", 1 },
	{ "\\u{110000}", 1 },
	{ "\\ud83d", 1, true },
	{ "\\-", 1 },
	{ "\\_", 1 },
	{ "\\\xc3\xa9", 1 },
	{ "\\", 1 },
	{ "\\07", 1 },
	{ "\\8", 1, true },
	{ "\\1(a)", 1, true },
	{ "(a\\1)", 3, true },
	{ "(?:(a)|b)*\\1", 11, true },
	{ "[[:alpha:]]", 11 },
	{ "[\\w-z]", 2 },
	{ "[a-\\d]", 2 },
	{ "[z-a]", 2 },
	{ "[a", 1 },
	{ "(a", 3 },
	{ "a)", 2 },
	{ "a{2,1}", 2 },
	{ "a{65536}", 2, true },
	{ "\\p{Greek}", 1, true },
	{ "\\p{Xan}", 1, true },
	{ "\\p{letter}", 1, true },
	{ "\\pL", 1 },
	{ "\\p{^L}", 1, true },
	{ "\\p{sc=greek}", 1, true },
	{ "[\\R]", 2 },
	{ "[\\Qa\\E]", 2 },
	{ "(?<a", 1 },
	{ "(?<1>a)", 1 },
	{ "(?<n>a)(?<n>b)", 8 },
	{ "(?<n>a)|(?<n>b)", 9 },
	{ "(?<\u00e9>a)", 1, true },
	{ "(?<\\u0061>a)", 1, true },
	{ "(?<a>x)\\k<a>", 8, true },
	{ "[^\\ud800]", 3, true },
	{ "\\p{Alpha}", 1, true },
	{ "^(a?)*\\1$", 7, true },
	{ "^(a|)+\\1$", 7, true },
	{ "^(a*?b?){2,}\\1$", 13, true },
	{ "\\k<a>", 1, true },
	{ "a\\", 2 },
	{ "\u00e9\u00e9{", 3 },
};

static void what_is_not_ecma_is_refused(void **state)
{
	struct cor_pattern_room *room;
	char why[200], place[80];

	(void)state;
	assert_int_equal(cor_pattern_room_create(&room), 0);
	for (size_t i = 0; i < sizeof refused_cases / sizeof refused_cases[0]; i++) {
		const struct refused_case *c = &refused_cases[i];
		struct cor_pattern *pattern;
		why[0] = '\0';
		int rc = cor_pattern_compile(room, c->pattern, &pattern, why, sizeof why);
		snprintf(place, sizeof place, "%s: at character %zu ",
			c->is_ecma ? "is not supported here"
				   : "is not a regular expression of ECMA-262",
			c->at);
		if (rc != -COR_EINVALID || strncmp(why, place, strlen(place)) != 0)
			fail_msg("%s: %d %s", c->pattern, rc, why);
	}
	cor_pattern_room_destroy(room);
}

static void a_lookbehind_of_any_length_is_not_supported(void **state)
{
	char why[200];

	(void)state;
	assert_int_equal(cor_pattern_check("(?<=a*)b", why, sizeof why), -COR_EINVALID);
	assert_memory_equal(why, "is not supported here: ", 23);
}

static void matching(void **state)
{
	struct cor_pattern_room *room;
	unsigned work = 0;
	char why[200];

	(void)state;
	assert_int_equal(cor_pattern_room_create(&room), 0);
	for (size_t i = 0; i < sizeof match_cases / sizeof match_cases[0]; i++) {
		const struct match_case *c = &match_cases[i];
		struct cor_pattern *pattern;
		if (cor_pattern_compile(room, c->pattern, &pattern, why, sizeof why) != 0)
			fail_msg("%s: %s", c->pattern, why);
		if (cor_pattern_match(pattern, cor_str(c->subject), &work) != c->matches)
			fail_msg("%s on %s", c->pattern, c->subject);
	}
	cor_pattern_room_destroy(room);
}

/* Plain patterns, and some that must not be taken for fixed: PCRE2 decides those. */
static const struct fixed_case {
	const char *pattern;
	bool is_fixed;
} fixed_cases[] = {
	{ "^SKU-[0-9]{4}$", true },
	{ "^[a-z][a-z0-9_]*$", false },
	{ "^\\d{2,3}-\\w+$", false },
	{ "^a?b?c$", false },
	{ "^[a-]+$", false },
	{ "^[\\-a]b{0}c{2,}$", false },
	{ "^a{0,2}b*$", false },
	{ "^\\.\\/x$", true },
	{ "^$", true },
	{ "^[a-][\\-z]b{0}$", true },
	{ "^[a-z]{64}$", true },
	{ "^[a-z]{65}$", false },
	{ "^a{}$", false },
	{ "^a{9999999999}$", false },
	{ "^[a-z]*z$", false },
	{ "^a?b?a$", false },
	{ "^\\d+\\w$", false },
	{ "^[^a]$", false },
	{ "^(a)$", false },
	{ "^a|b$", false },
	{ "^a.$", false },
	{ "^\\s$", false },
	{ "^a+?$", false },
	{ "^a++$", false },
	{ "^a{1}{2}$", false },
	{ "^[[:alpha:]]$", false },
	{ "^[\\w-z]$", false },
	{ "a$", false },
	{ "^a", false },
	{ "^a$b", false },
	{ "^\u00e9$", false },
};

static bool perl_matches(const char *text, struct cor_str subject)
{
	int code;
	size_t at;
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
		PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &code, &at, NULL);
	assert_non_null(compiled);
	pcre2_match_data *match = pcre2_match_data_create(1, NULL);
	int rc = pcre2_match(compiled, (PCRE2_SPTR)subject.data, subject.len, 0, 0, match, NULL);
	pcre2_match_data_free(match);
	pcre2_code_free(compiled);
	return rc >= 0;
}

/*
 * Each fixed pattern on all texts of up to five of the letters that matter: PCRE2 must agree.
 */
static void fixed_patterns_agree_with_perl(void **state)
{
	static const char letters[] = "az0-_.";
	struct cor_fixed_pattern fixed;

	(void)state;
	for (size_t i = 0; i < sizeof fixed_cases / sizeof fixed_cases[0]; i++) {
		if (cor_fixed_pattern_compile(fixed_cases[i].pattern, &fixed) !=
			fixed_cases[i].is_fixed)
			fail_msg("%s", fixed_cases[i].pattern);
		for (unsigned n = 0; fixed_cases[i].is_fixed && n < 9331; n++) {
			char text[8];
			size_t len = 0;
			for (unsigned rest = n; rest != 0; rest = (rest - 1) / 6)
				text[len++] = letters[(rest - 1) % 6];
			struct cor_str subject = { text, len };
			if (cor_fixed_pattern_match(&fixed, subject) !=
				perl_matches(fixed_cases[i].pattern, subject))
				fail_msg("%s on %.*s", fixed_cases[i].pattern, (int)len, text);
		}
	}
	assert_true(cor_fixed_pattern_compile("^SKU-[0-9]{4}$", &fixed));
	assert_true(cor_fixed_pattern_match(&fixed, COR_STR("SKU-0123")));
	assert_false(cor_fixed_pattern_match(&fixed, COR_STR("SKU-01234")));
	assert_false(cor_fixed_pattern_match(&fixed, COR_STR("SKU-012\xff")));
	assert_false(cor_fixed_pattern_match(&fixed, COR_STR("SKU-0123\n")));
}

/*
 * All lengths of a range in each place, and at each place the characters just inside and just
 * outside it.
 */
static void ranges_end_where_they_end(void **state)
{
	static const char probes[] = "/09:@AZ[`az{\x7f\x80\xaf\xb0\xb9\xff";
	struct cor_fixed_pattern fixed;
	char text[COR_FIXED_PLACES_MAX + 1];
	char pattern[32];

	(void)state;
	for (size_t len = 0; len <= COR_FIXED_PLACES_MAX; len++) {
		snprintf(pattern, sizeof pattern, "^[0-9]{%zu}$", len);
		assert_true(cor_fixed_pattern_compile(pattern, &fixed));
		memset(text, '5', sizeof text);
		assert_true(cor_fixed_pattern_match(&fixed, (struct cor_str){ text, len }));
		assert_false(cor_fixed_pattern_match(&fixed, (struct cor_str){ text, len + 1 }));
		for (size_t i = 0; i < len; i++) {
			for (size_t j = 0; j <= sizeof probes - 1; j++) { /* including the NUL */
				text[i] = probes[j];
				assert_int_equal(cor_fixed_pattern_match(
							 &fixed, (struct cor_str){ text, len }),
					probes[j] >= '0' && probes[j] <= '9');
			}
			text[i] = '5';
		}
	}
}

/* This once read past the table on machines where char is unsigned. */
static void bytes_after_a_backslash(void **state)
{
	struct cor_fixed_pattern fixed;

	(void)state;
	assert_false(cor_fixed_pattern_compile("^\\\xff$", &fixed));
	assert_false(cor_fixed_pattern_compile("^\\\x80$", &fixed));
	assert_false(cor_fixed_pattern_compile("^[\\\xff]$", &fixed));
	assert_false(cor_fixed_pattern_compile("^\\\x7f$", &fixed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matching),
		cmocka_unit_test(fixed_patterns_agree_with_perl),
		cmocka_unit_test(ranges_end_where_they_end),
		cmocka_unit_test(what_is_not_ecma_is_refused),
		cmocka_unit_test(a_lookbehind_of_any_length_is_not_supported),
		cmocka_unit_test(bytes_after_a_backslash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
