/* SPDX-License-Identifier: MIT */
/** Settings of the service's caches: some rows for each. Private to the app folder. */
#ifndef CORACLE_APP_CACHE_SETTINGS_H
#define CORACLE_APP_CACHE_SETTINGS_H

#include "app/setup.h"

/** What is said of a cache, in place of what it says itself. */
struct cor_cache_settings {
	const char *store; /* "file:/var/cache/shop": the kind, and where it is */
	int64_t ttl_ms;
	uint64_t bytes;
	uint32_t entries;
	int64_t near_ttl_ms;
	uint64_t near_bytes;
};

/**
 * Fill in the group of rows, --cache-NAME-store and so on; its schema stays NULL if there is no
 * cache. Its values become setup->cache_settings. Returns 0 or -ENOMEM.
 */
int cor_cache_settings_offer(struct cor_setup *setup, struct cor_config_group *ret) COR_CHECKED;

/** Add the words of their rows to those of the options. Returns 0 or -ENOMEM. */
int cor_cache_settings_words(
	struct cor_setup *setup, struct cor_config_options *options) COR_CHECKED;

/**
 * Print what is to be said of a cached function whose cache the service does not list: its calls
 * fail. It may belong to another service of the program, so it is a warning. Returns false if there
 * is none.
 */
bool cor_cache_settings_warn(const struct cor_setup *setup, char *ret, size_t room);

/** Make setup->caches of them, and report what is wrong. */
enum cor_exit cor_cache_settings_apply(struct cor_setup *setup);

#endif
