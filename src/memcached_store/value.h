/* SPDX-License-Identifier: MIT */
/**
 * What is kept of a value: itself, or a head and itself, as its flags say.
 *
 * Flags 0: the value alone, which any other program reads. The bits to which pymemcache and others
 * give a meaning stay 0. The upper 24 bits, where they are not 0, say when the value ends, in
 * hundredths of a second: of a time to live that is no whole number of seconds.
 */
#ifndef CORACLE_MEMCACHED_STORE_VALUE_H
#define CORACLE_MEMCACHED_STORE_VALUE_H

#include <coracle/api.h>

#include "memcached/key.h"
#include "memcached_store/link.h"
#include "memcached_store/state.h"

enum {
	COR_MEMCACHED_HAS_KEY = 0x20, /* the whole key, since what it is kept under is a hash */
	COR_MEMCACHED_IS_COMPRESSED = 0x40,
	COR_MEMCACHED_IS_CUT = 0x80, /* it says where the pieces are */
};

/** What precedes a value: a mark, the key, the length of what was compressed and by what. */
#define COR_MEMCACHED_HEAD_BYTES (4 + 2 + COR_CACHE_PREFIX_BYTES + COR_CACHE_KEY_BYTES + 5)

/** Where pieces are: their id, the bytes of all together, and of each but the last. */
#define COR_MEMCACHED_MANIFEST_BYTES (COR_MEMCACHED_ID_BYTES + 8)

/** A value on its way out. */
struct cor_memcached_outgoing {
	uint32_t flags;
	struct cor_str head, body;
	char *owned; /* NULL, or what body is in */
	char manifest[COR_MEMCACHED_MANIFEST_BYTES];
	char room[COR_MEMCACHED_HEAD_BYTES];
};

/**
 * What is sent for a value. `whole` is its key with its prefix, `form` that of the key; `extra` are
 * flags besides. Returns 0 or -ENOMEM; cor_memcached_outgoing_finish() frees it.
 */
int cor_memcached_pack(const struct cor_memcached_state *state, struct cor_str whole,
	enum cor_memcached_form form, struct cor_str value,
	struct cor_memcached_outgoing *ret) COR_CHECKED;

/** It was cut: of its body this remains, which `out` keeps a copy of. */
void cor_memcached_outgoing_cut(
	struct cor_memcached_outgoing *out, const char manifest[COR_MEMCACHED_MANIFEST_BYTES]);

void cor_memcached_outgoing_finish(struct cor_memcached_outgoing *out);

/** Flags that say when it ends; 0: the server's seconds are exact. */
uint32_t cor_memcached_end_flags(int64_t ttl_ms, int64_t realtime_ns);

/**
 * What is left of the time of a value that has been got, 1 at least, in *ret_ms. Returns 0, or
 * -ENOENT: it is over.
 */
int cor_memcached_left(
	const struct cor_memcached_ask *ask, int64_t realtime_ns, int64_t *ret_ms) COR_CHECKED;

/** What stands behind the head of a value. */
struct cor_memcached_incoming {
	struct cor_str data; /* of one that was cut, where its pieces are */
	bool is_compressed;
	uint32_t plain_bytes; /* before it was compressed */
};

/**
 * Take the head off what has been got. Returns 0, or -ENOENT: it is of another key, or nothing that
 * we have put.
 */
int cor_memcached_open(const struct cor_memcached_state *state, struct cor_str whole,
	const struct cor_memcached_ask *ask, struct cor_memcached_incoming *ret) COR_CHECKED;

/** The value, in the arena where it has to be decompressed. Returns 0, -ENOENT or -ENOMEM. */
int cor_memcached_unpack(const struct cor_memcached_state *state, struct cor_arena *arena,
	const struct cor_memcached_incoming *in, struct cor_str *ret) COR_CHECKED;

#endif
