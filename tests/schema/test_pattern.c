/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <time.h>

#include "schema/names.h"
#include "schema/path.h"
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

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One match of a pattern on n times `unit` and then `end`, with a fresh budget. */
static int match_repeated(const char *pattern_text, const char *unit, size_t n, const char *end)
{
	struct cor_pattern_room *room;
	struct cor_pattern *pattern;
	char why[200];
	size_t bytes = strlen(unit);
	char *text = malloc(n * bytes + strlen(end) + 1);
	unsigned work = 0;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * bytes, unit, bytes);
	memcpy(text + n * bytes, end, strlen(end) + 1);
	assert_int_equal(cor_pattern_room_create(&room), 0);
	assert_int_equal(cor_pattern_compile(room, pattern_text, &pattern, why, sizeof why), 0);
	int rc = cor_pattern_match(pattern, cor_str(text), &work);
	cor_pattern_room_destroy(room);
	free(text);
	return rc;
}

/*
 * What PCRE2's own limit does not count: the places where a search begins, scans in lookarounds,
 * repetitions and backreferences, and the minimum of a repetition.
 */
static const struct scan_case {
	const char *pattern, *unit, *end;
} scan_cases[] = {
	{ "x(?!.*z)", "x", "z" },
	{ "(?=.*[A-Z])(?=.*\\d).{8,}", "A", "a" },
	{ "(?=.*[A-Z])(?=.*\\d)(?!.*\\s).{8,}", "A1", " " },
	{ ",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", ",", "\"" },
	{ "(?!.*\\s).{8,}$", "a", " " },
	{ "a(?=.*b)c", "a", "b" },
	{ "(?!.*  )\\w{3}$", "a", "  " },
	{ "[^x]+x", "a", "" },
	{ "a{30000}b", "a", "" },
	{ "(a+)\\1b", "a", "c" },
	{ "(a*)\\1{2,}b", "a", "c" },
	{ "(?<=a{200})b?c", "a", "" },
	{ "(?:a|b.*c)*d", "a", "" },
	{ "(?:ab)*c", "ab", "" },
	{ "(?:.*q|.*z)*!", "a", "" },
	{ "^(?:(?=.*x)a|a)*$", "a", "!" },
	{ "^(?:(?!.*x)a)*$", "a", "!" },
	{ "^(?:a.*x|a)*$", "a", "!" },
	{ "^(?:a+b?)+$", "a", "!" },
	{ "^.*.*.*x$", "a", "" },
	{ "^(.*)\\1\\1x", "a", "" },
	{ "^(?:a|a)*$", "a", "!" },
	{ "^(?:a|aa){20,300}?b", "a", "c" },
	{ "(?:a|aa){50}b", "a", "b!" },
	{ "[^x]+x", "a", "\nyx" },
	{ "a{30000}b", "ac", "b" },
	{ "a{30000}b", "a", "cb" },
	{ "(a+)\\1b", "a", "cb" },
	{ "(a*)\\1{2,}b", "a", "cb" },
	{ "(?<=a{200})b?c", "a", "dc" },
	{ "(?:a|b.*c)*d", "ab", "dc" },
	{ "(?:ab)*c", "ab", "dcx" },
	{ "(?:.*q|.*z)*!", "a", "q" },
	{ "^(?=(?:.*x|a)*b)", "a", "b" },
	{ "^a*(?:b|(?=a*c))a*x", "a", "x" },
	{ "(?=a*b)(?:a|c)?d", "a", "cd" },
};

/* Before these, 190 times `a`, so that there are as many places to begin a long scan from. */
static const struct scan_case late_scan_cases[] = {
	{ "^.*a(?=.*b|.*c|.*d|.*e|.*f)z", "x", "" },
	{ "^.*a(?!.*b)(?!.*c)(?!.*d)(?!.*e)z", "x", "" },
	{ "^.*?a(?=.*b)z", "x", "" },
	{ "^(?=.*?a.*b|.*a.*c|.*a.*d|.*a.*e)", "x", "" },
	{ "^(a.*)(?:\\1|.*a.*y|.*a.*z)", "x", "" },
	{ "^.*a.*b", "x", "" },
	{ "^.*a[^b]*b", "x", "" },
	{ "^.+a.+\\..+$", "@", "" },
	{ "a{0,13}a{0,13}b", "a", "" },
	{ "[ab]{16}[ab]{16}[ab]{16}[ab]{16}[ab]{16}[ab]{16}[ab]{16}[ab]{16}c", "a", "" },
};

static double seconds_of_late_scan(const struct scan_case *c)
{
	char *text = malloc(1000190);
	struct cor_pattern_room *room;
	struct cor_pattern *pattern;
	unsigned work = 0;
	char why[200];

	assert_non_null(text);
	memset(text, 'a', 190);
	memset(text + 190, c->unit[0], 1000000);
	assert_int_equal(cor_pattern_room_create(&room), 0);
	assert_int_equal(cor_pattern_compile(room, c->pattern, &pattern, why, sizeof why), 0);
	double begin = cpu_seconds();
	(void)!cor_pattern_match(pattern, (struct cor_str){ text, 1000190 }, &work);
	double took = cpu_seconds() - begin;
	cor_pattern_room_destroy(room);
	free(text);
	return took;
}

/* What is not counted must not take long either. */
static void late_scans_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof late_scan_cases / sizeof late_scan_cases[0]; i++) {
		double took = seconds_of_late_scan(&late_scan_cases[i]);
		if (took > 1.5)
			fail_msg("%s: %.3f s", late_scan_cases[i].pattern, took);
	}
}

/* `first`, `n` times a choice that begins with a's and differs only late, and `last`. */
static const char *with_choices(const char *first, unsigned n, const char *last)
{
	static char text[40000];
	size_t len = (size_t)snprintf(text, sizeof text, "%s", first);

	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "aaa%c%c%c|", 'b' + i % 24,
			'b' + i / 24 % 24, 'b' + i / 576);
	snprintf(text + len, sizeof text - len, "%s", last);
	return text;
}

/* Each choice is tried at each place, in each turn of a group, and after each character. */
static void many_choices_end(void **state)
{
	static const struct {
		const char *first, *last;
	} cases[] = {
		{ "(?:", "b)" },
		{ "^(?:", "a)*$" },
		{ "^.*(?:", "b)z" },
		{ "^(?=[^]*(?:", "b))z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *text = with_choices(cases[i].first, 2000, cases[i].last);
		double begin = cpu_seconds();
		(void)match_repeated(text, "a", 1000000, "");
		double took = cpu_seconds() - begin;
		if (took > 1.5)
			fail_msg("%s...%s: %.3f s", cases[i].first, cases[i].last, took);
	}
	/* a list of codes is searched once */
	assert_int_equal(match_repeated(with_choices("^(?:(?:", 200, "aaaa),)*$"),
				 "aaazbb,aaabcb,aaaa,", 20000, ""),
		0);
	assert_int_equal(match_repeated(with_choices("^(?:(?:", 200, "aaaa),)*$"),
				 "aaabbb,aaabcb,aaaa,", 20000, ""),
		1);
}

/* What is compiled at start is all that is needed: no pattern turns out to be too large later. */
static void large_patterns_match_or_are_refused(void **state)
{
	static const struct {
		const char *before, *after, *subject;
	} cases[] = {
		{ "(?:[a-z0-9]+-?)", "$", "ab" },
		{ "^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)", "[a-z]+$", "ab.ab.ab.com" },
		{ "^(?:a(?:b|c)?)", "$", "abac" },
	};
	struct cor_pattern_room *room;
	unsigned refused = 0;

	(void)state;
	assert_int_equal(cor_pattern_room_create(&room), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (unsigned n = 100; n <= 2000; n += 100) {
			char text[80], why[200] = "";
			struct cor_pattern *pattern;
			unsigned work = 0;
			snprintf(text, sizeof text, "%s{1,%u}%s", cases[i].before, n,
				cases[i].after);
			int rc = cor_pattern_compile(room, text, &pattern, why, sizeof why);
			assert_int_equal(cor_pattern_check(text, why, sizeof why), rc);
			if (rc != 0) {
				assert_non_null(strstr(why, "too large"));
				refused++;
			} else if (cor_pattern_match(pattern, cor_str(cases[i].subject), &work) !=
				   1) {
				fail_msg("%s", text);
			}
		}
	assert_true(refused > 0);
	cor_pattern_room_destroy(room);
}

static void every_scan_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scan_cases / sizeof scan_cases[0]; i++) {
		const struct scan_case *c = &scan_cases[i];
		double begin = cpu_seconds();
		int rc = match_repeated(c->pattern, c->unit, 100000, c->end);
		double took = cpu_seconds() - begin;
		if (took > 3) /* a second without the JIT */
			fail_msg("%s: %d, %.3f s", c->pattern, rc, took);
	}
}

/* These scan the text once: the document says that it is valid, however long it is. */
static const struct long_case {
	const char *pattern, *unit, *end;
} long_cases[] = {
	{ "^(a|b)*$", "ab", "" },
	{ "^[a-z]+(-[a-z]+)*$", "ab-", "ab" },
	{ "^(?:[a-z]|[0-9])+$", "a1", "" },
	{ "^(?:[a-z0-9]+,)*[a-z0-9]+$", "abc,", "x" },
	{ "^\\s*\\S.*$", " ", "x" },
	{ "foo$", "x", "foo" },
	{ "^[^]*end$", "y", "end" },
	{ "^(?!.*foo).*$", "x", "" },
	{ "(?=.*[A-Z])(?=.*\\d)(?!.*\\s).{8,}", "aB1", "" },
	{ "^(?:(?!--)[a-z-])*$", "a-", "" },
	{ "\\d+\\s\\w+", "ab ", "42 x" },
};

static void long_texts_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof long_cases / sizeof long_cases[0]; i++)
		for (size_t n = 100; n <= 100000; n = n * 3) {
			const struct long_case *c = &long_cases[i];
			int rc = match_repeated(c->pattern, c->unit, n, c->end);
			if (rc != 1)
				fail_msg("%s, %zu times: %d", c->pattern, n, rc);
		}
}

static void hostile_patterns_end(void **state)
{
	static const char *const patterns[] = { "^(a+)+$", "^(a|aa)+$", "(.*)*x", "^((a*)*)*$b" };
	struct cor_pattern_room *room;
	static char subject[20000];
	char why[200];
	unsigned work = 0;

	(void)state;
	memset(subject, 'a', sizeof subject - 2);
	subject[sizeof subject - 2] = '!';
	assert_int_equal(cor_pattern_room_create(&room), 0);
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		struct cor_pattern *pattern;
		assert_int_equal(
			cor_pattern_compile(room, patterns[i], &pattern, why, sizeof why), 0);
		assert_true(cor_pattern_match(pattern, cor_str(subject), &work) <= 0);
	}
	cor_pattern_room_destroy(room);
}

/*
 * A body full of strings that each take long: their sum has a limit, and so has the count of
 * reports.
 */
struct slow_list {
	cor_array(const char *) list;
};
static const struct cor_field slow_fields[] = {
	COR_ARRAY(struct slow_list, list, .pattern = "^(a+)+$"),
};
COR_LOCAL_SCHEMA(slow_schema, struct slow_list, slow_fields);

static void many_slow_matches_have_one_budget(void **state)
{
	static char text[22000 * 40 + 100] = "{\"list\":[";
	struct slow_list value;
	struct trial trial;
	size_t len = strlen(text);

	(void)state;
	for (int i = 0; i < 22000; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
			"%s\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"", i ? "," : "");
	snprintf(text + len, sizeof text - len, "]}");
	assert_int_equal(trial_begin(&trial, &slow_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &slow_schema.schema, &value, text), -COR_EINVALID);
	assert_int_equal(trial.violations.count, COR_VIOLATIONS_MAX);
	assert_int_equal(trial.violations.pattern_work, COR_PATTERN_WORK_MAX);
	trial_end(&trial);
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

static void names_and_values(void **state)
{
	static const struct cor_enum_name table[] = {
		{ "zero", 0 },
		{ "minus", (uint32_t)-1 },
		{ "big", 1000000 },
		{ "one", 1 },
		{ "seven", 7 },
		{ "page", 8 },
		{ "title", 9 },
	};
	struct cor_enum_index index;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_enum_index_build(&index, &arena, table, 7), 0);
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(cor_key_index_find(&index.names, cor_str(table[i].name)), i);
		assert_ptr_equal(cor_enum_index_name(&index, table[i].value), &table[i]);
	}
	assert_int_equal(cor_key_index_find(&index.names, COR_STR("on")), -1);
	assert_null(cor_enum_index_name(&index, 2));
	assert_string_equal(index.list, "zero, minus, big, one, seven, page, title");
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("sevn")), 4);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("miuns")), 1);
	/* two swapped neighbours are one slip, and short names are forgiven only one */
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("pgae")), 5);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("apge")), 5);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("paeg")), 5);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("gape")), -1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("eno")), -1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("titel")), 6);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("ttiel")), 6);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("itltex")), -1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("unlike")), -1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("x")), -1);
	cor_arena_finish(&arena);
}

/* Keys of all lengths that begin alike, and each with one character changed. */
static void similar_keys_are_told_apart(void **state)
{
	char texts[40][40];
	struct cor_str keys[40];
	struct cor_key_index index;
	struct cor_arena arena;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		memset(texts[i], 'k', i);
		keys[i] = (struct cor_str){ texts[i], i };
	}
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_key_index_build(&index, &arena, keys, 40), 0);
	for (size_t i = 0; i < 40; i++) {
		assert_int_equal(cor_key_index_find(&index, keys[i]), i);
		for (size_t j = 0; j < i; j++) {
			char other[40];
			memcpy(other, texts[i], i);
			other[j] = 'l';
			assert_int_equal(
				cor_key_index_find(&index, (struct cor_str){ other, i }), -1);
		}
	}
	cor_arena_finish(&arena);
}

static void long_lists_are_cut(void **state)
{
	static char words[100][8];
	struct cor_enum_name table[100];
	struct cor_enum_index index;
	struct cor_arena arena;

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		snprintf(words[i], sizeof words[i], "name%u", i);
		table[i] = (struct cor_enum_name){ words[i], i };
	}
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_enum_index_build(&index, &arena, table, 100), 0);
	assert_true(strlen(index.list) < 200);
	assert_string_equal(index.list + strlen(index.list) - 5, ", ...");
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(cor_key_index_find(&index.names, cor_str(words[i])), i);
	cor_arena_finish(&arena);
}

/* A pointer that is too long is cut between characters. */
static void pointers_are_cut(void **state)
{
	const struct cor_step step = { .key = COR_STR("\u00e9\u00e9") };
	char text[16];

	(void)state;
	for (size_t bytes = 1; bytes <= 8; bytes++) {
		size_t len = cor_step_print(&step, false, text, bytes);
		assert_int_equal(len, strlen(text));
		size_t room = bytes - 1; /* for the slash and two characters of two bytes */
		assert_int_equal(len, room == 0 ? 0 : room > 5 ? 5 : (room - 1) / 2 * 2 + 1);
	}
	assert_int_equal(cor_step_print(NULL, false, text, sizeof text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matching),
		cmocka_unit_test(fixed_patterns_agree_with_perl),
		cmocka_unit_test(ranges_end_where_they_end),
		cmocka_unit_test(hostile_patterns_end),
		cmocka_unit_test(what_is_not_ecma_is_refused),
		cmocka_unit_test(many_slow_matches_have_one_budget),
		cmocka_unit_test(a_lookbehind_of_any_length_is_not_supported),
		cmocka_unit_test(every_scan_ends),
		cmocka_unit_test(late_scans_end),
		cmocka_unit_test(many_choices_end),
		cmocka_unit_test(large_patterns_match_or_are_refused),
		cmocka_unit_test(long_texts_match),
		cmocka_unit_test(bytes_after_a_backslash),
		cmocka_unit_test(names_and_values),
		cmocka_unit_test(similar_keys_are_told_apart),
		cmocka_unit_test(long_lists_are_cut),
		cmocka_unit_test(pointers_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
