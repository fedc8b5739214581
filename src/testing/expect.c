/* SPDX-License-Identifier: MIT */
#include "testing/expect.h"

#include <inttypes.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "testing/expect_json.h"
#include "testing/print_value.h"
#include "testing/text_difference.h"

bool cor_expect_result(struct cor_test *t, const struct cor_test_place *place, bool is_so)
{
	if (!is_so && place->ends)
		cor_test_end(t);
	return is_so;
}

bool cor_test_check(struct cor_test *t, const struct cor_test_place *place, bool condition)
{
	if (!condition)
		cor_test_fail_at(t, place->file, place->line, "not so: %s", place->got);
	return cor_expect_result(t, place, condition);
}

/* --- relations --- */

static bool is_number(const struct cor_test_value *value)
{
	return value->kind <= COR_TEST_DOUBLE;
}

/* Exact for all integers: long double has 64 bits or more on each machine of the library. */
static long double number_of(const struct cor_test_value *value)
{
	return value->kind == COR_TEST_DOUBLE     ? (long double)value->real
	       : value->kind == COR_TEST_UNSIGNED ? (long double)value->large
						  : (long double)value->number;
}

static bool are_texts(const struct cor_test_value *a, const struct cor_test_value *b)
{
	return a->kind == COR_TEST_TEXT && b->kind == COR_TEST_TEXT;
}

bool cor_expect_values_equal(const struct cor_test_value *a, const struct cor_test_value *b)
{
	if (is_number(a))
		return number_of(a) == number_of(b);
	if (are_texts(a, b) && a->pointer && b->pointer)
		return cor_str_equal(a->text, b->text);
	return a->pointer == b->pointer;
}

static int text_order(struct cor_str a, struct cor_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Of NaN nothing is so. */
static bool is_ordered(const struct cor_test_value *a, enum cor_test_relation relation,
	const struct cor_test_value *b)
{
	long double left = is_number(a) ? number_of(a) : text_order(a->text, b->text);
	long double right = is_number(a) ? number_of(b) : 0;

	switch (relation) {
	case COR_TEST_LESS:
		return left < right;
	case COR_TEST_AT_MOST:
		return left <= right;
	case COR_TEST_MORE:
		return left > right;
	default:
		return left >= right;
	}
}

static bool contains(struct cor_str text, struct cor_str part)
{
	return part.len == 0 ||
	       (text.len > 0 && memmem(text.data, text.len, part.data, part.len) != NULL);
}

/* 1, 0, or -1: the pattern is none. */
static int matches(struct cor_str text, struct cor_str pattern)
{
	char *subject = strndup(text.len > 0 ? text.data : "", text.len);
	char *source = strndup(pattern.len > 0 ? pattern.data : "", pattern.len);
	regex_t regex;
	int ret = -1;

	if (subject && source && regcomp(&regex, source, REG_EXTENDED | REG_NOSUB) == 0) {
		ret = regexec(&regex, subject, 0, NULL, 0) == 0;
		regfree(&regex);
	}
	free(subject);
	free(source);
	return ret;
}

/* --- whether it can be asked --- */

/* What is wrong with the question; NULL: nothing. */
static const char *fault_of(const struct cor_test_value *got, enum cor_test_relation relation,
	const struct cor_test_value *wanted)
{
	if (relation == COR_TEST_EQUAL || relation == COR_TEST_UNEQUAL)
		return is_number(got) == is_number(wanted)
			       ? NULL
			       : "a number and a text or pointer are never equal";
	if (relation <= COR_TEST_AT_LEAST && is_number(got) && is_number(wanted))
		return NULL;
	if (!are_texts(got, wanted))
		return relation <= COR_TEST_AT_LEAST ? "only two numbers or two texts have an order"
						     : "both operands must be texts";
	if (!got->pointer || !wanted->pointer)
		return got->pointer ? "the second operand is NULL" : "the text is NULL";
	return relation == COR_TEST_MATCHES && matches(got->text, wanted->text) < 0
		       ? "the pattern is no extended regular expression"
		       : NULL;
}

static bool is_so(const struct cor_test_value *got, enum cor_test_relation relation,
	const struct cor_test_value *wanted)
{
	switch (relation) {
	case COR_TEST_EQUAL:
		return cor_expect_values_equal(got, wanted);
	case COR_TEST_UNEQUAL:
		return !cor_expect_values_equal(got, wanted);
	case COR_TEST_CONTAINS:
		return contains(got->text, wanted->text);
	case COR_TEST_LACKS:
		return !contains(got->text, wanted->text);
	case COR_TEST_MATCHES:
		return matches(got->text, wanted->text) == 1;
	default:
		return is_ordered(got, relation, wanted);
	}
}

/* --- failures --- */

static const char *const sayings[] = {
	[COR_TEST_EQUAL] = "is not",
	[COR_TEST_UNEQUAL] = "is",
	[COR_TEST_LESS] = "is not less than",
	[COR_TEST_AT_MOST] = "is more than",
	[COR_TEST_MORE] = "is not more than",
	[COR_TEST_AT_LEAST] = "is less than",
	[COR_TEST_CONTAINS] = "does not contain",
	[COR_TEST_LACKS] = "contains",
	[COR_TEST_MATCHES] = "does not match",
};

static const char *const names_of_second[] = {
	[COR_TEST_EQUAL] = "wanted",
	[COR_TEST_UNEQUAL] = "not",
	[COR_TEST_LESS] = "bound",
	[COR_TEST_AT_MOST] = "bound",
	[COR_TEST_MORE] = "bound",
	[COR_TEST_AT_LEAST] = "bound",
	[COR_TEST_CONTAINS] = "part",
	[COR_TEST_LACKS] = "part",
	[COR_TEST_MATCHES] = "pattern",
};

static bool has_lines(const struct cor_test_value *value)
{
	return value->text.len > 0 && memchr(value->text.data, '\n', value->text.len) != NULL;
}

static void print_operands(struct cor_outcome *outcome, const struct cor_test_value *got,
	enum cor_test_relation relation, const struct cor_test_value *wanted)
{
	bool as_bool = got->kind == COR_TEST_BOOL || wanted->kind == COR_TEST_BOOL;

	cor_outcome_say(outcome, "    %-7s ", "is");
	cor_outcome_print_value(outcome, got, as_bool);
	cor_outcome_say(outcome, "\n    %-7s ", names_of_second[relation]);
	cor_outcome_print_value(outcome, wanted, as_bool);
}

static void tell(struct cor_test *t, const struct cor_test_place *place,
	const struct cor_test_value *got, enum cor_test_relation relation,
	const struct cor_test_value *wanted)
{
	struct cor_outcome *outcome = t->run->outcome;
	const char *fault = fault_of(got, relation, wanted);

	cor_run_note(t->run, place->file, place->line);
	cor_outcome_say(outcome, "%s %s %s\n", place->got, sayings[relation], place->wanted);
	if (fault)
		cor_outcome_say(outcome, "    %s\n", fault);
	if (!fault && relation == COR_TEST_EQUAL && are_texts(got, wanted) && got->pointer &&
		wanted->pointer && (has_lines(got) || has_lines(wanted)))
		cor_text_difference(outcome, got->text, wanted->text);
	else
		print_operands(outcome, got, relation, wanted);
	cor_run_noted(t->run);
}

bool cor_test_compare(struct cor_test *t, const struct cor_test_place *place,
	enum cor_test_relation relation, struct cor_test_value got, struct cor_test_value wanted)
{
	if (relation == COR_TEST_JSON)
		return cor_expect_result(t, place, cor_expect_json_text(t, place, &got, &wanted));
	bool result = !fault_of(&got, relation, &wanted) && is_so(&got, relation, &wanted);
	if (!result)
		tell(t, place, &got, relation, &wanted);
	return cor_expect_result(t, place, result);
}

bool cor_test_near(struct cor_test *t, const struct cor_test_place *place, double got,
	double wanted, double tolerance)
{
	bool is_near = got == wanted || fabs(got - wanted) <= tolerance;

	if (!is_near)
		cor_test_fail_at(t, place->file, place->line,
			"%s is not near %s\n    is      %.17g\n    wanted  %.17g\n"
			"    apart   %.17g, allowed are %.17g",
			place->got, place->wanted, got, wanted, fabs(got - wanted), tolerance);
	return cor_expect_result(t, place, is_near);
}

static const char *code_name(int64_t code)
{
	return code == 0                       ? "OK"
	       : code >= INT32_MIN && code < 0 ? cor_errname((int)code)
					       : "no code";
}

bool cor_test_code(
	struct cor_test *t, const struct cor_test_place *place, int64_t got, int64_t wanted)
{
	if (got != wanted)
		cor_test_fail_at(t, place->file, place->line,
			"%s is not %s\n    is      %" PRId64 " (%s)\n    wanted  %" PRId64 " (%s)",
			place->got, place->wanted, got, code_name(got), wanted, code_name(wanted));
	return cor_expect_result(t, place, got == wanted);
}
