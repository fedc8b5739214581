/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <coracle/test.h>

#include "testing/outcome.h"
#include "testing/run.h"

struct part {
	void (*run)(struct cor_test *t, const void *arg);
	const void *arg;
};

/* What is called finds its argument where the row of the test was. */
static void call_part(struct cor_test *t)
{
	const struct part *part = t->row;

	t->row = t->run->row;
	part->run(t, part->arg);
}

/* Labels of nested ones stand one behind the other, as unittest has it. */
void cor_subtest(struct cor_test *t, void (*run)(struct cor_test *t, const void *arg),
	const void *arg, const char *label, ...)
{
	struct cor_test_run *its = t->run;
	struct part part = { run, arg };
	size_t len = strlen(its->label);
	uint32_t failures = its->outcome->failures[its->outcome->phase];
	uint32_t inner = its->outcome->failed_subtests;
	va_list args;

	if (len > 0 && len < sizeof its->label - 2)
		memcpy(its->label + len, ", ", 3);
	size_t end = strlen(its->label);
	va_start(args, label);
	vsnprintf(its->label + end, sizeof its->label - end, label, args);
	va_end(args);
	t->row = &part;
	(void)cor_run_part(its, call_part);
	t->row = its->row;
	its->label[len] = '\0';
	if (its->outcome->failures[its->outcome->phase] > failures &&
		its->outcome->failed_subtests == inner)
		its->outcome->failed_subtests++;
}
