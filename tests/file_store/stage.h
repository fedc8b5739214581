/* SPDX-License-Identifier: MIT */
/** A directory of the test's own, a store in it, and clocks that stand where the test says. */
#ifndef CORACLE_TESTS_FILE_STORE_STAGE_H
#define CORACLE_TESTS_FILE_STORE_STAGE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <coracle/store.h>

#include "runtime/seams.h"

#define SECOND INT64_C(1000000000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)
#define YEAR   (365 * DAY)

struct stage {
	struct cor_clock clock;
	int64_t real_ns;
	int64_t mono_ns;
	struct cor_thread_seams seams;
	char at[64];     /* a directory that goes with the stage */
	char files[160]; /* where entries are */
	struct cor_cache cache;
	struct cor_store *store;
	struct cor_arena arena;
};

/** A stage with a store of 120 s; in /tmp, or where the environment's STAGE says. */
int stage_open(void **state);
int stage_close(void **state);

/** Close the store and open it again, as stage->cache says now. */
void stage_reopen(struct stage *stage);

/** Both clocks go on. */
void stage_pass(struct stage *stage, int64_t ns);

/* What the calls return. */
int stage_put(struct stage *stage, const char *key, const char *value);
int stage_put_for(struct stage *stage, const char *key, const char *value, int64_t ttl_ms);

/** Whether that value is under the key; NULL: nothing is. */
bool stage_has(struct stage *stage, const char *key, const char *value);

/** The path of the only file of an entry; good until the next call. */
const char *stage_file(struct stage *stage);
/** How many there are. */
size_t stage_files(struct stage *stage);

struct cor_store_figures stage_figures(struct stage *stage);

#endif
