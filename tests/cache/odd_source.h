/* SPDX-License-Identifier: MIT */
/** The function whose results are kept in test_odd.c and beside it. */
#ifndef CORACLE_TESTS_CACHE_ODD_SOURCE_H
#define CORACLE_TESTS_CACHE_ODD_SOURCE_H

#include "stage.h"

/** What the function does, and how often it was called. */
extern struct source {
	int64_t takes_ms;
	int rc;
	unsigned calls;
} source;

/** Nothing was called yet; it takes so long. */
void begin(int64_t takes_ms);

/** A price of 100 cents and one for each call. Yields. */
int load(struct cor_ctx *ctx, const void *arg, void *ret);
int get_price(struct cor_ctx *ctx, const struct pair *in, struct price *out);

/** The test name() is act() in a fiber. */
#define IN_FIBER(name, act)                                                                        \
	void name(void **state);                                                                   \
	void name(void **state)                                                                    \
	{                                                                                          \
		(void)state;                                                                       \
		stage_run(act);                                                                    \
	}

#endif
