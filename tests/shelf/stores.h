/* SPDX-License-Identifier: MIT */
/** Stores in memory, with a clock that a test moves. */
#ifndef CORACLE_TESTS_SHELF_STORES_H
#define CORACLE_TESTS_SHELF_STORES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <coracle/error.h>
#include <coracle/store.h>

#include "runtime/seams.h"

#define MS INT64_C(1000000)

/* --- a clock --- */

static int64_t now_ns = 1000 * MS;
static int64_t date_ns = 1700000000000 * MS;

static int64_t test_monotonic(const struct cor_clock *clock)
{
	(void)clock;
	return now_ns;
}

static int64_t test_realtime(const struct cor_clock *clock)
{
	(void)clock;
	return date_ns;
}

static const struct cor_clock test_clock = { test_monotonic, test_realtime, NULL };
static struct cor_thread_seams test_seams;

static inline void enter_clock(void)
{
	cor_seams_enter(&test_seams, &(struct cor_seams){ .clock = &test_clock });
}

static inline void leave_clock(void)
{
	cor_seams_leave(&test_seams);
}

/* --- short calls --- */

static struct cor_store *store;
static struct cor_arena arena;

static inline void open_store(const struct cor_cache *cache)
{
	const char *fault = "";
	int rc = cor_store_open(cache, &store, &fault);

	if (rc < 0)
		fail_msg("%d: %s", rc, fault);
}

static inline void close_store(void)
{
	cor_store_close(store);
	store = NULL;
	cor_arena_finish(&arena);
}

static inline int put_for(const char *key, const char *value, int64_t ttl_ms)
{
	const struct cor_item item = { .value = cor_str(value), .ttl_ms = ttl_ms };

	return cor_store_put(store, cor_str(key), &item, COR_PUT_ALWAYS);
}

static inline int put(const char *key, const char *value)
{
	return put_for(key, value, 0);
}

/* What is there, or NULL; its other members in *ret. */
static inline const char *get_item(const char *key, struct cor_item *ret)
{
	*ret = (struct cor_item){ 0 };
	int rc = cor_store_get(store, cor_str(key), &arena, ret);

	assert_true(rc == 0 || rc == -ENOENT);
	return rc == 0 ? cor_arena_copy(&arena, ret->value.data, ret->value.len) : NULL;
}

static inline const char *get(const char *key)
{
	struct cor_item item;

	return get_item(key, &item);
}

static inline struct cor_store_figures figures(void)
{
	struct cor_store_figures ret;

	cor_store_figures(store, &ret);
	return ret;
}

#endif
