/* SPDX-License-Identifier: MIT */
/** A store that tests look into, and that fails as they say. Its time is the scheduler's. */
#ifndef CORACLE_TESTS_CACHE_FAKE_H
#define CORACLE_TESTS_CACHE_FAKE_H

#include <coracle/store.h>

/** One that other processes use, too: two stores of the same name have the same entries. */
extern const struct cor_store_kind fake_common_store;
extern const struct cor_store_kind fake_store;

/** Drop all entries of all stores, and fail no more. */
void fake_reset(void);

/** All calls fail with that code; 0: no more. */
void fake_fail(int code);

/** Puts alone do. */
void fake_fail_puts(int code);

/** What is put is there, but nobody is told: a server answers too late. */
void fake_lose_answers(int code);

/** So many calls of get() and put() there were. */
unsigned fake_gets(void);
unsigned fake_puts(void);

/** What is kept under a key; empty: nothing. */
struct cor_str fake_at(const char *key);

/** Change what is kept under a key: as another program would. */
void fake_set(const char *key, struct cor_str value);

/** The key of the i-th entry that there is, from 0; NULL: there are not so many. */
const char *fake_key(size_t i);

/** How many entries there are. */
size_t fake_len(void);

#endif
