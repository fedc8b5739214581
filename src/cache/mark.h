/* SPDX-License-Identifier: MIT */
/**
 * What stands in front of each value that is kept: who may read it, and how fresh it is.
 *
 * Machines share it where they share memcached, so its numbers are little-endian; nothing else is
 * built for others.
 */
#ifndef CORACLE_CACHE_MARK_H
#define CORACLE_CACHE_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/store.h>

enum cor_mark_kind {
	COR_MARK_STRUCT = 1, /* JSON, of the table of .fingerprint */
	COR_MARK_BYTES,
	COR_MARK_MISSING,       /* there is nothing, as outcome.h has it */
	COR_MARK_ANSWER,        /* of an operation: service/answer_record.h */
	COR_MARK_IDEMPOTENT,    /* what became of a request: service/idempotency.c */
	COR_MARK_UPSTREAM = 16, /* an answer of another server, as client/kept.h has it */
};

struct cor_mark {
	uint32_t magic;
	uint32_t kind;
	uint64_t fingerprint; /* of the table; 0: it has none */
	int64_t stale_ms;     /* the last of its time, in which it is stale */
	uint32_t made_us;     /* how long it took to make it; 0: nobody knows */
	uint32_t tags_bytes;  /* of its tags, which stand in front of the value: tags.h */
};

#define COR_MARK_MAGIC 0x31524f43u /* "COR1" */

/** A mark for a value. Never yields. */
static inline struct cor_mark cor_mark(enum cor_mark_kind kind, uint64_t fingerprint)
{
	return (struct cor_mark){
		.magic = COR_MARK_MAGIC, .kind = kind, .fingerprint = fingerprint
	};
}

/** Take the mark off an item's value. False: it has none, or not that one. */
static inline bool cor_mark_take(struct cor_item *item, struct cor_mark *ret)
{
	if (item->value.len < sizeof *ret)
		return false;
	memcpy(ret, item->value.data, sizeof *ret);
	item->value.data += sizeof *ret;
	item->value.len -= sizeof *ret;
	return ret->magic == COR_MARK_MAGIC && ret->stale_ms >= 0;
}

/** How long an item is fresh yet; 0 or less: it is stale. */
static inline int64_t cor_mark_fresh_ms(const struct cor_mark *mark, const struct cor_item *item)
{
	return item->ttl_ms == COR_FOREVER ? COR_FOREVER : item->ttl_ms - mark->stale_ms;
}

#endif
