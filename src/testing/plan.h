/* SPDX-License-Identifier: MIT */
/** Which tests there are, which of them are selected, and in which order they run. */
#ifndef CORACLE_TESTING_PLAN_H
#define CORACLE_TESTING_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/test.h>

#include "testing/options.h"

/** A case with one row of its table. */
struct cor_item {
	const struct cor_case_group *group;
	const struct cor_case *test;
	const void *row; /* NULL: the case has none */
	char *name;
};

struct cor_plan {
	const struct cor_suite *suite;
	struct cor_case_group own; /* the cases that stand in the suite itself; its name is NULL */
	struct cor_item *items;    /* those of a group stand together */
	size_t len;
};

/**
 * All tests of a suite. Returns 0, -ENOMEM, or -COR_ETABLE after lines on standard error that say
 * what is wrong with the tables.
 */
int cor_test_plan_init(struct cor_plan *plan, const struct cor_suite *suite);

/** Free what it has. */
void cor_test_plan_finish(struct cor_plan *plan);

/**
 * Leave those that the command line selects. Returns 0, or -EINVAL after a line on standard error.
 */
int cor_test_plan_select(struct cor_plan *plan, const struct cor_options *options);

/** The order that a seed gives: groups among groups, tests within their group. */
void cor_test_plan_shuffle(struct cor_plan *plan, uint32_t seed);

/** Where the group of items[at] ends. */
size_t cor_test_plan_group_end(const struct cor_plan *plan, size_t at);

#endif
