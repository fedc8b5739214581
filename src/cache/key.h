/* SPDX-License-Identifier: MIT */
/** The key that a template makes. */
#ifndef CORACLE_CACHE_KEY_H
#define CORACLE_CACHE_KEY_H

#include <coracle/store.h>
#include <coracle/template.h>

struct cor_ctx;

struct cor_cache_key {
	size_t len;
	char bytes[COR_CACHE_KEY_BYTES];
};

static inline struct cor_str cor_cache_key_str(const struct cor_cache_key *key)
{
	return (struct cor_str){ key->bytes, key->len };
}

/**
 * Make it. Two lists of arguments of one template never make the same key: text stands behind its
 * length, and where a digit or another argument follows a number, ';' ends it.
 *
 * Returns 0, -COR_ETOOLARGE, or -EINVAL: the template is NULL or empty, has more or fewer {} than
 * arguments, or one is a NULL pointer. Never yields.
 */
int cor_cache_key_make(struct cor_cache_key *ret, struct cor_template template) COR_CHECKED;

/**
 * Make the key of a call. Returns as that, and records -EINVAL with what is wrong as a problem.
 */
int cor_cache_key_of(
	struct cor_ctx *ctx, struct cor_template template, struct cor_cache_key *ret) COR_CHECKED;

/** Append to a key. Returns 0 or -COR_ETOOLARGE. */
int cor_cache_key_append(struct cor_cache_key *key, struct cor_str text) COR_CHECKED;

#endif
