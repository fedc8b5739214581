/* SPDX-License-Identifier: MIT */
/* What patterns may cost: hostile ones end, long texts and large patterns pass. */
#include <time.h>

#include "schema/pattern.h"

#include "trial.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_patterns_end),
		cmocka_unit_test(many_slow_matches_have_one_budget),
		cmocka_unit_test(every_scan_ends),
		cmocka_unit_test(late_scans_end),
		cmocka_unit_test(many_choices_end),
		cmocka_unit_test(large_patterns_match_or_are_refused),
		cmocka_unit_test(long_texts_match),
	};

	return cmocka_run_group_tests_name("schema/pattern_cost", tests, NULL, NULL);
}
