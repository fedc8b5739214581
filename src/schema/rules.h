/* SPDX-License-Identifier: MIT */
/**
 * Rules that are checked once a value is stored. Private to the schema folder.
 *
 * Few rows have one, so the ways that all values go know nothing of them. A broken rule is
 * reported. The functions return 0 or -ENOMEM.
 */
#ifndef CORACLE_SCHEMA_RULES_H
#define CORACLE_SCHEMA_RULES_H

#include "schema/path.h"
#include "schema/plan.h"
#include "schema/value.h"

/** The rules of the member or item *at, which was read without violation. */
int cor_rules_check(const struct cor_report *report, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step) COR_CHECKED;

/** Whether there is a rule of all items together. */
static inline bool cor_rules_has_items(const struct cor_row *row)
{
	return row->field->unique_items || row->contained;
}

/**
 * The rules of all items together, which were read without violation: how many obey .contains, and
 * that no two are equal. They are sorted as JSON, so that no client can make it take long.
 */
int cor_rules_check_items(const struct cor_report *report, const struct cor_row *row,
	const struct cor_array_value *array, const struct cor_step *step) COR_CHECKED;

#endif
