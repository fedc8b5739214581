/* SPDX-License-Identifier: MIT */
/**
 * An entry as it stands in its file: a head, the key with its prefix, the value. ADR 0072.
 *
 * Numbers are the machine's own: where they are another machine's, the magic does not fit, and the
 * entry is none. Bytes in, bytes out; nothing here calls the system.
 */
#ifndef CORACLE_FILE_STORE_ENTRY_H
#define CORACLE_FILE_STORE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/store.h>

#define COR_ENTRY_MAGIC      UINT64_C(0x63616f726f43000a) /* no text begins so */
#define COR_ENTRY_FORMAT     1
#define COR_ENTRY_KEY_BYTES  (COR_CACHE_PREFIX_BYTES + COR_CACHE_KEY_BYTES)
#define COR_ENTRY_NAME_BYTES 40 /* of a file, with its NUL */
#define COR_STRIPES          64 /* of locks and counts: a power of two */

/** A point in time, on both clocks. */
struct cor_file_moment {
	int64_t real_ns; /* since 1970; it jumps when somebody sets the clock */
	int64_t mono_ns; /* since the system was started; it never jumps */
};

struct cor_entry_head {
	uint64_t check; /* XXH3 over what follows, seeded with that over the value */
	uint64_t magic;
	uint32_t format;
	uint32_t key_bytes;
	uint64_t value_bytes;
	struct cor_file_moment created;
	int64_t ttl_ns;   /* COR_FOREVER: until it must go */
	uint64_t boot;    /* which start of the system created.mono_ns counts from */
	uint64_t version; /* random */
};

/** A key, and where its entry is. */
struct cor_entry_key {
	struct {
		struct cor_entry_head head; /* room for it, so that both are written at once */
		char key[COR_ENTRY_KEY_BYTES];
	} front;
	uint32_t key_bytes; /* with the prefix */
	uint32_t prefix_bytes;
	uint32_t stripe;
	char name[COR_ENTRY_NAME_BYTES];
};

/** Fill it in. `seed` is the directory's secret, so that nobody can choose keys that collide. */
void cor_entry_key_init(
	struct cor_entry_key *key, const char *prefix, struct cor_str text, uint64_t seed);

/** Whether that is the name of an entry's file; *ret is then its stripe. */
bool cor_entry_is_name(const char *name, uint32_t *ret);

/** Fill in the lengths and the checksum of front.head. */
void cor_entry_seal(struct cor_entry_key *key, struct cor_str value);

/** Whether a file of that length may begin so. `len` bytes of it are here. */
bool cor_entry_begins(const struct cor_entry_head *head, size_t len, int64_t file_bytes);

/** Whether head and key, which follows it in memory, and value are those that were sealed. */
bool cor_entry_is_whole(const struct cor_entry_head *head, const char *value);

/**
 * How long it has left to live, in nanoseconds; COR_FOREVER; 0 or less: its time is over. It is
 * over by either clock, and before its time has begun: whoever has set a clock makes entries live
 * shorter, but never longer. `boot` is this start of the system.
 */
int64_t cor_entry_left_ns(
	const struct cor_entry_head *head, const struct cor_file_moment *now, uint64_t boot);

/** What a file of that length counts for: whole pages, as file systems have them. */
int64_t cor_entry_cost(int64_t file_bytes);

/** How long that value's file is. */
static inline int64_t cor_entry_file_bytes(const struct cor_entry_key *key, size_t value_bytes)
{
	return (int64_t)(sizeof key->front.head + key->key_bytes + value_bytes);
}

#endif
