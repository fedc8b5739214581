/* SPDX-License-Identifier: MIT */
/* What fan-out costs, in one process: a child alone, fifty at the same time, an array. */
#include <stdio.h>
#include <stdlib.h>

#include <coracle/coracle.h>

#define ROUNDS   100000
#define CHILDREN 50

static int64_t began_ns;

static void begin(void)
{
	began_ns = cor_monotonic_ns();
}

static void report(const char *what, int64_t count)
{
	double ns = (double)(cor_monotonic_ns() - began_ns) / (double)count;

	printf("%-44s %9.1f ns\n", what, ns);
}

static int do_nothing(struct cor_ctx *ctx, int *argument)
{
	(void)ctx;
	++*argument;
	return 0;
}

static int yield_once(struct cor_ctx *ctx, int *argument)
{
	(void)ctx;
	++*argument;
	return cor_yield();
}

/* Each round has a ctx, as each request has. */
static void fan_out(int (*child)(struct cor_ctx *ctx, int *argument), int children, int rounds)
{
	int argument = 0;

	for (int i = 0; i < rounds; i++) {
		struct cor_ctx *ctx;
		struct cor_group group;
		if (cor_ctx_create(&(struct cor_ctx_options){ 0 }, &ctx) < 0)
			abort();
		cor_group_begin(&group, ctx, COR_ALL);
		for (int j = 0; j < children; j++)
			cor_group_start(&group, child, &argument);
		if (cor_group_wait(&group) < 0)
			abort();
		cor_ctx_destroy(ctx);
	}
	if (argument != children * rounds)
		abort();
}

static void map(int rounds)
{
	static int items[CHILDREN];

	for (int i = 0; i < rounds; i++) {
		struct cor_ctx *ctx;
		if (cor_ctx_create(&(struct cor_ctx_options){ 0 }, &ctx) < 0 ||
			cor_map(ctx, do_nothing, items, CHILDREN,
				&(struct cor_map_options){ .at_once = 8 }) < 0)
			abort();
		cor_ctx_destroy(ctx);
	}
}

static int measure(void *arg)
{
	(void)arg;
	fan_out(do_nothing, CHILDREN, 1000); /* maps the stacks */
	begin();
	fan_out(do_nothing, 0, ROUNDS);
	report("a ctx and a group of nobody", ROUNDS);
	begin();
	fan_out(do_nothing, 1, ROUNDS);
	report("the same with one child", ROUNDS);
	begin();
	fan_out(do_nothing, CHILDREN, ROUNDS / CHILDREN);
	report("the same with 50, for each of them", ROUNDS);
	begin();
	fan_out(yield_once, CHILDREN, ROUNDS / CHILDREN);
	report("the same where each yields once", ROUNDS);
	begin();
	map(ROUNDS / CHILDREN);
	report("an array of 50, at most 8 at the same time", ROUNDS);
	return 0;
}

int main(void)
{
	struct cor_scheduler *scheduler;

	if (cor_scheduler_create(NULL, &scheduler) < 0 ||
		cor_fiber_start(scheduler, measure, NULL, NULL, NULL) < 0)
		return 1;
	cor_scheduler_stop(scheduler);
	int rc = cor_scheduler_run(scheduler);
	cor_scheduler_destroy(scheduler);
	return rc < 0;
}
