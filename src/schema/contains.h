/* SPDX-License-Identifier: MIT */
/** .contains of a row: how many items obey one more rule. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_CONTAINS_H
#define CORACLE_SCHEMA_CONTAINS_H

#include "schema/path.h"
#include "schema/plan.h"
#include "schema/value.h"

/**
 * Count the items, which were read without violation, that obey the row's .contains, and report a
 * wrong number of them. Returns 0 or -ENOMEM.
 */
int cor_contains_check(const struct cor_report *report, const struct cor_row *row,
	const struct cor_array_value *array, const struct cor_step *step) COR_CHECKED;

#endif
