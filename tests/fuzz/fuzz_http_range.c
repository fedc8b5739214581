/* SPDX-License-Identifier: MIT */
/* Values of Range, and of the fields of conditional requests. */
#include <stdlib.h>
#include <string.h>

#include "http/precondition.h"
#include "http/range.h"
#include "target.h"

/* Each is in the whole, and no byte is in two of them. */
static void check_ranges(struct cor_str value, int64_t whole)
{
	struct cor_range ranges[COR_RANGES_MAX];
	int len = cor_ranges_parse(value, whole, ranges);

	if (len > COR_RANGES_MAX)
		abort();
	for (int i = 0; i < len; i++) {
		const struct cor_range *a = &ranges[i];
		if (a->first < 0 || a->bytes <= 0 || a->first > whole - a->bytes)
			abort();
		for (int k = 0; k < i; k++)
			if (a->first < ranges[k].first + ranges[k].bytes &&
				ranges[k].first < a->first + a->bytes)
				abort();
	}
}

/* The same tag in both fields: what If-Match takes, If-None-Match names. */
static void check_conditions(struct cor_str value)
{
	const struct cor_validators validators = { COR_STR("\"tag\""), 784111777 };
	const struct cor_conditions match = { .if_match = value };
	const struct cor_conditions none = { .if_none_match = value };
	const struct cor_conditions dates = { .if_unmodified_since = value,
		.if_modified_since = value };

	if (cor_precondition_check(&match, &validators, true, 0) == COR_PRECONDITION_HOLDS &&
		cor_precondition_check(&none, &validators, true, 0) != COR_NOT_MODIFIED)
		abort();
	(void)cor_precondition_check(&dates, &validators, true, 1700000000);
	(void)cor_if_range_holds(value, &validators, 1700000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	struct cor_str value = { copy, size };
	check_ranges(value, 0);
	check_ranges(value, 1000);
	check_ranges(value, INT64_MAX);
	check_conditions(value);
	free(copy);
	return 0;
}
