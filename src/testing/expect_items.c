/* SPDX-License-Identifier: MIT */
/* Items in any order: what is missing, and what is more. */
#include <stdlib.h>
#include <string.h>

#include "testing/expect.h"
#include "testing/print_value.h"

/* An array of C: its items are of one kind and size. */
struct items {
	enum cor_test_kind kind;
	size_t bytes;
	const void *first;
	size_t len;
};

static int64_t signed_at(const struct items *items, size_t i)
{
	switch (items->bytes) {
	case 1:
		return ((const int8_t *)items->first)[i];
	case 2:
		return ((const int16_t *)items->first)[i];
	case 4:
		return ((const int32_t *)items->first)[i];
	default:
		return ((const int64_t *)items->first)[i];
	}
}

static uint64_t unsigned_at(const struct items *items, size_t i)
{
	switch (items->bytes) {
	case 1:
		return ((const uint8_t *)items->first)[i];
	case 2:
		return ((const uint16_t *)items->first)[i];
	case 4:
		return ((const uint32_t *)items->first)[i];
	default:
		return ((const uint64_t *)items->first)[i];
	}
}

static struct cor_test_value value_at(const struct items *items, size_t i)
{
	switch (items->kind) {
	case COR_TEST_BOOL:
		return cor_test_bool(((const bool *)items->first)[i]);
	case COR_TEST_CHAR:
		return cor_test_char(((const char *)items->first)[i]);
	case COR_TEST_SIGNED:
		return cor_test_signed(signed_at(items, i));
	case COR_TEST_UNSIGNED:
		return cor_test_unsigned(unsigned_at(items, i));
	case COR_TEST_DOUBLE:
		return cor_test_double(items->bytes == sizeof(float)
					       ? (double)((const float *)items->first)[i]
					       : ((const double *)items->first)[i]);
	case COR_TEST_TEXT:
		if (items->bytes == sizeof(struct cor_str))
			return cor_test_str(((const struct cor_str *)items->first)[i]);
		return cor_test_text(((const char *const *)items->first)[i]);
	default:
		return cor_test_pointer(((const void *const *)items->first)[i]);
	}
}

/* Pair equal ones off: what stays unmarked has no partner. */
static size_t pair(
	const struct items *got, bool *got_paired, const struct items *wanted, bool *wanted_paired)
{
	size_t pairs = 0;

	for (size_t i = 0; i < got->len; i++) {
		const struct cor_test_value value = value_at(got, i);
		for (size_t j = 0; j < wanted->len && !got_paired[i]; j++) {
			const struct cor_test_value other = value_at(wanted, j);
			if (wanted_paired[j] || !cor_expect_values_equal(&value, &other))
				continue;
			got_paired[i] = wanted_paired[j] = true;
			pairs++;
		}
	}
	return pairs;
}

static void tell(struct cor_outcome *outcome, const char *what, const struct items *items,
	const bool *paired)
{
	for (size_t i = 0; i < items->len; i++) {
		const struct cor_test_value value = value_at(items, i);
		if (paired[i])
			continue;
		cor_outcome_say(outcome, "    %-7s ", what);
		cor_outcome_print_value(outcome, &value, items->kind == COR_TEST_BOOL);
		cor_outcome_say(outcome, "\n");
	}
}

static bool are_same(struct cor_test *t, const struct cor_test_place *place,
	const struct items *got, const struct items *wanted, bool *paired)
{
	bool *wanted_paired = paired + got->len;
	size_t pairs = pair(got, paired, wanted, wanted_paired);

	if (pairs == got->len && pairs == wanted->len)
		return true;
	cor_run_note(t->run, place->file, place->line);
	cor_outcome_say(t->run->outcome, "%s has not the items %s, in any order\n", place->got,
		place->wanted);
	tell(t->run->outcome, "missing", wanted, wanted_paired);
	tell(t->run->outcome, "more", got, paired);
	cor_run_noted(t->run);
	return false;
}

bool cor_test_items(struct cor_test *t, const struct cor_test_place *place, enum cor_test_kind kind,
	size_t bytes, const void *got, size_t len, const void *wanted, size_t wanted_len)
{
	const struct items is = { kind, bytes, got, len };
	const struct items should = { kind, bytes, wanted, wanted_len };
	bool *paired = calloc(len + wanted_len + 1, sizeof *paired), result = false;

	if (kind == COR_TEST_POINTER && bytes != sizeof(void *))
		cor_test_fail_at(t, place->file, place->line,
			"%s are structs: compare a member of each, or use cor_expect_same()",
			place->got);
	else if (!paired)
		cor_test_fail_at(
			t, place->file, place->line, "no memory to compare %s", place->got);
	else
		result = are_same(t, place, &is, &should, paired);
	free(paired);
	return cor_expect_result(t, place, result);
}
