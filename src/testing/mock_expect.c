/* SPDX-License-Identifier: MIT */
/* What is expected of the calls of mocks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing/expect.h"
#include "testing/mock.h"
#include "testing/print_value.h"

#define SHOWN_MAX 20

/* --- arguments --- */

static int64_t read_signed(const char *bytes, size_t len)
{
	int64_t wide = 0;

	memcpy(&wide, bytes, len); /* little-endian, as each machine of the library */
	return len < sizeof wide && wide >> (len * 8 - 1) ? wide | (int64_t)(~0ULL << (len * 8))
							  : wide;
}

/* As an operand of expectations: what compares and prints those does it for arguments, too. */
static struct cor_test_value value_of(const struct cor_mock_argument *argument, const char *bytes)
{
	uint64_t wide = 0;
	double real = 0;
	float narrow;

	switch (argument->kind) {
	case COR_MOCK_BOOL:
		return cor_test_bool(*bytes != 0);
	case COR_MOCK_CHAR:
		return cor_test_char(*bytes);
	case COR_MOCK_SIGNED:
		return cor_test_signed(read_signed(bytes, argument->bytes));
	case COR_MOCK_UNSIGNED:
		memcpy(&wide, bytes, argument->bytes);
		return cor_test_unsigned(wide);
	case COR_MOCK_FLOAT:
		memcpy(&narrow, bytes, sizeof narrow);
		return cor_test_double((double)narrow);
	case COR_MOCK_DOUBLE:
		memcpy(&real, bytes, sizeof real);
		return cor_test_double(real);
	default:
		return cor_mock_text(argument, bytes).data
			       ? cor_test_str(cor_mock_text(argument, bytes))
		       : argument->kind == COR_MOCK_STR ? cor_test_text("")
							: cor_test_text(NULL);
	}
}

static bool is_same(const struct cor_mock_argument *argument, const char *call, const void *wanted)
{
	const char *value = (const char *)wanted + argument->wanted_at;

	if (!*(const bool *)((const char *)wanted + argument->is_wanted_at))
		return true;
	if (argument->kind == COR_MOCK_BYTES)
		return memcmp(call + argument->at, value, argument->bytes) == 0;
	struct cor_test_value got = value_of(argument, call + argument->at);
	struct cor_test_value other = value_of(argument, value);
	return cor_expect_values_equal(&got, &other);
}

static bool fits(const struct cor_mock_record *record, const struct cor_mock_wanted *wanted)
{
	for (const struct cor_mock_argument *a = wanted->mock->arguments(); a->name; a++)
		if (!is_same(a, record->arguments, wanted->arguments))
			return false;
	return true;
}

/* --- printing --- */

static void print_argument(
	struct cor_outcome *outcome, const struct cor_mock_argument *argument, const char *bytes)
{
	const void *pointer;

	if (argument->kind != COR_MOCK_BYTES) {
		struct cor_test_value value = value_of(argument, bytes);
		cor_outcome_print_value(outcome, &value, false);
	} else if (argument->bytes == sizeof pointer) {
		memcpy(&pointer, bytes, sizeof pointer);
		struct cor_test_value value = cor_test_pointer(pointer);
		cor_outcome_print_value(outcome, &value, false);
	} else {
		cor_outcome_say(outcome, "(%zu bytes)", argument->bytes);
	}
}

static void print_call(struct cor_outcome *outcome, const struct cor_mock *mock,
	const struct cor_mock_record *record)
{
	const char *before = "";

	cor_outcome_say(outcome, "%s(", mock->name);
	for (const struct cor_mock_argument *a = mock->arguments(); a->name; a++) {
		cor_outcome_say(outcome, "%s%s = ", before, a->name);
		print_argument(outcome, a, record->arguments + a->at);
		before = ", ";
	}
	cor_outcome_say(outcome, ")");
}

static void print_wanted(struct cor_outcome *outcome, const struct cor_mock_wanted *wanted)
{
	const char *before = "";

	cor_outcome_say(outcome, "%s(", wanted->mock->name);
	for (const struct cor_mock_argument *a = wanted->mock->arguments(); a->name; a++) {
		if (!*(const bool *)((const char *)wanted->arguments + a->is_wanted_at))
			continue;
		cor_outcome_say(outcome, "%s%s = ", before, a->name);
		print_argument(outcome, a, (const char *)wanted->arguments + a->wanted_at);
		before = ", ";
	}
	cor_outcome_say(outcome, ")");
}

/* A call of one of several mocks. */
struct call {
	const struct cor_mock *mock;
	const struct cor_mock_record *record;
};

static void print_calls(struct cor_outcome *outcome, const struct call *calls, size_t len)
{
	if (len == 0)
		cor_outcome_say(outcome, "\n    there was no call");
	for (size_t i = 0; i < len && i < SHOWN_MAX; i++) {
		cor_outcome_say(outcome, "\n    %-7s ", i == 0 ? "calls" : "");
		print_call(outcome, calls[i].mock, calls[i].record);
	}
	if (len > SHOWN_MAX)
		cor_outcome_say(outcome, "\n    and %zu more", len - SHOWN_MAX);
}

/* --- calls in their order --- */

static int compare_calls(const void *a, const void *b)
{
	uint64_t left = ((const struct call *)a)->record->at;
	uint64_t right = ((const struct call *)b)->record->at;

	return (left > right) - (left < right);
}

static bool is_named_before(const struct cor_mock_wanted *wanted, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (wanted[i].mock == wanted[at].mock)
			return true;
	return false;
}

/* Those of all mocks that are named; free it. NULL: no memory. */
static struct call *collect(const struct cor_mock_wanted *wanted, size_t len, size_t *ret_len)
{
	size_t count = 0;
	struct call *calls;

	for (size_t i = 0; i < len; i++)
		count += is_named_before(wanted, i) ? 0 : wanted[i].mock->len;
	calls = calloc(count + 1, sizeof *calls);
	*ret_len = 0;
	for (size_t i = 0; calls && i < len; i++)
		for (size_t j = 0; !is_named_before(wanted, i) && j < wanted[i].mock->len; j++)
			calls[(*ret_len)++] = (struct call){ wanted[i].mock,
				&wanted[i].mock->records[j] };
	if (calls)
		qsort(calls, *ret_len, sizeof *calls, compare_calls);
	return calls;
}

static bool is_it(const struct call *call, const struct cor_mock_wanted *wanted)
{
	return call->mock == wanted->mock && fits(call->record, wanted);
}

static bool are_there_in_order(
	const struct call *calls, size_t count, const struct cor_mock_wanted *wanted, size_t len)
{
	for (size_t from = 0; from + len <= count; from++) {
		size_t i = 0;
		while (i < len && is_it(&calls[from + i], &wanted[i]))
			i++;
		if (i == len)
			return true;
	}
	return false;
}

/* Each call counts once: what it was taken for leaves it without a mock. */
static bool are_there(
	const struct call *calls, size_t count, const struct cor_mock_wanted *wanted, size_t len)
{
	bool *is_taken = calloc(count + 1, sizeof *is_taken);
	size_t found = 0;

	for (size_t i = 0; is_taken && i < len; i++)
		for (size_t j = 0; j < count; j++)
			if (!is_taken[j] && is_it(&calls[j], &wanted[i])) {
				is_taken[j] = true;
				found++;
				break;
			}
	free(is_taken);
	return found == len;
}

/* --- expectations --- */

/* A mock that does nothing yet has noted nothing, so that nothing can be said of it. */
static bool is_used(
	struct cor_test *t, const struct cor_test_place *place, const struct cor_mock *mock)
{
	if (!mock->test)
		cor_test_fail_at(t, place->file, place->line,
			"%s is not used in this test yet: cor_mock_spy(t, %s), or what else it does",
			mock->name, mock->name);
	return mock->test != NULL;
}

static void tell(struct cor_test *t, const struct cor_test_place *place, const char *what,
	const struct cor_mock_wanted *wanted, size_t len)
{
	size_t count;
	struct call *calls = collect(wanted, len, &count);
	struct cor_outcome *outcome = t->run->outcome;

	cor_run_note(t->run, place->file, place->line);
	cor_outcome_say(outcome, "%s", what);
	for (size_t i = 0; i < len && wanted[i].arguments; i++) {
		cor_outcome_say(outcome, "\n    %-7s ", i == 0 ? "wanted" : "");
		print_wanted(outcome, &wanted[i]);
	}
	if (calls)
		print_calls(outcome, calls, count);
	cor_run_noted(t->run);
	free(calls);
}

bool cor_mock_expect_count(struct cor_test *t, const struct cor_test_place *place,
	struct cor_mock *mock, size_t min, size_t max)
{
	struct cor_mock_wanted all = { mock, NULL };
	char what[160];

	if (!is_used(t, place, mock))
		return false;
	if (mock->len >= min && mock->len <= max)
		return true;
	if (max == SIZE_MAX)
		snprintf(what, sizeof what, "%s was not called", mock->name);
	else
		snprintf(what, sizeof what, "%s was called %zu time%s, wanted %zu", mock->name,
			mock->len, mock->len == 1 ? "" : "s", max);
	tell(t, place, what, &all, 1);
	return false;
}

static bool has_call(enum cor_mock_which which, const struct cor_mock_wanted *wanted)
{
	const struct cor_mock *mock = wanted->mock;

	if (mock->len == 0 || (which == COR_MOCK_ONLY && mock->len != 1))
		return false;
	if (which != COR_MOCK_ANY)
		return fits(&mock->records[mock->len - 1], wanted);
	for (size_t i = 0; i < mock->len; i++)
		if (fits(&mock->records[i], wanted))
			return true;
	return false;
}

bool cor_mock_expect_call(struct cor_test *t, const struct cor_test_place *place,
	enum cor_mock_which which, const struct cor_mock_wanted *wanted)
{
	static const char *const faults[] = {
		[COR_MOCK_LAST] = "the last call was another, or there was none",
		[COR_MOCK_ONLY] = "this was not the only call",
		[COR_MOCK_ANY] = "there was no such call",
	};

	if (!is_used(t, place, wanted->mock))
		return false;
	bool result = has_call(which, wanted);
	if (!result)
		tell(t, place, faults[which], wanted, 1);
	return result;
}

bool cor_mock_expect_calls(struct cor_test *t, const struct cor_test_place *place,
	const struct cor_mock_wanted *wanted, size_t len, bool in_any_order)
{
	size_t count;

	for (size_t i = 0; i < len; i++)
		if (!is_used(t, place, wanted[i].mock))
			return false;
	struct call *calls = collect(wanted, len, &count);
	bool result = calls &&
		      (in_any_order ? are_there : are_there_in_order)(calls, count, wanted, len);
	free(calls);
	if (!result)
		tell(t, place,
			in_any_order ? "not all of these calls were made"
				     : "there were no such calls, one right after the other",
			wanted, len);
	return result;
}
